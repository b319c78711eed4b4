"""Roles are Django groups. Each app's `roles.py` adds what a role may do with the app's models.

    allow("merchandiser", "stock.view_stocklevel", "stock.change_protectionrule")

`sync_roles` makes the groups say exactly that, so that a permission taken out of the code is gone.
"""

from collections import defaultdict
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: Final[dict[str, str | Promise]] = {
    "head_office": _("head office"),
    "merchandiser": _("merchandiser"),
    "store_manager": _("store manager"),
    "store_staff": _("store staff"),
    "customer_service": _("customer service"),
}
"""By the name of its group: what people call it."""

REGISTRY: dict[str, set[str]] = defaultdict(set)


def allow(role: str, *permissions: str) -> None:
    """Let a role do something: `app_label.codename`."""
    if role not in ROLES:
        raise ValueError(f"There is no role {role}.")
    REGISTRY[role].update(permissions)


def role_name(group: str) -> str:
    """In words; a group that is no role of the product by its own name."""
    return str(ROLES.get(group, group))


def may(app_label: str, model: str, *verbs: str) -> list[str]:
    """`may("stock", "stocklevel", "view")` → `["stock.view_stocklevel"]`; no verbs mean all four."""
    return [f"{app_label}.{verb}_{model}" for verb in verbs or ("view", "add", "change", "delete")]


allow(
    "head_office",
    *may("core", "user", "view", "add", "change"),
    *may("core", "apiclient", "view", "add", "change"),
    *may("core", "webhooksecret", "view"),
    *may("core", "outboxevent", "view"),
    *may("core", "eventdelivery", "view", "change"),
    *may("core", "auditentry", "view"),
    *may("core", "idempotencyrecord", "view"),
)
