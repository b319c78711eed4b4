"""The way through the admin: grouped by what people do, and what waits for them on its first page.

Each app's `navigation.py` says where its pages stand and what is worth counting:

    show("stock.StockLevel", group=Group.STOCK, icon="inventory_2")
    count("held-orders", group=Group.ORDERS, title=_("On hold"), link=…, permission=…, counted=…)

A page that nobody placed still stands in the last group, so that none is out of reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access, access_for
from oms.core.models import EventDelivery, User

COUNTED_AT_MOST: Final = 1_000


class Group(TextChoices):
    """What people come to do, in the order of the menu."""

    ORDERS = "orders", _("Orders")
    STOCK = "stock", _("Stock")
    MERCHANDISING = "merchandising", _("Merchandising")
    ORCHESTRATION = "orchestration", _("Orchestration")
    NETWORK = "network", _("Network")
    SYSTEM = "system", _("System")


@dataclass(frozen=True, slots=True)
class Entry:
    """A model's list in the menu."""

    group: Group
    icon: str


@dataclass(frozen=True, slots=True)
class Link:
    """Another page in the menu, for whoever `allows` lets in."""

    group: Group
    icon: str
    title: Any
    url_name: str
    allows: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Count:
    """Something that waits. `counted` answers rows the person may see; `link` is a list's name and its filter."""

    group: Group
    title: Any
    link: tuple[str, str]
    permission: str
    counted: Callable[[Access], QuerySet[Any]]
    is_urgent: bool = False


ENTRIES: dict[str, Entry] = {}
LINKS: dict[str, Link] = {}
COUNTS: dict[str, Count] = {}


def show(label: str, *, group: Group, icon: str) -> None:
    """Give a model (`app_label.Model`) its place in the menu, after those shown before it."""
    ENTRIES[label.lower()] = Entry(group, icon)


def link(url_name: str, *, group: Group, icon: str, title: Any, allows: Callable[[Any], bool]) -> None:
    """Give a page that is no model's list its place in the menu, before the lists."""
    LINKS[url_name] = Link(group, icon, title, url_name, allows)


def count(
    name: str,
    *,
    group: Group,
    title: Any,
    link: tuple[str, str],
    permission: str,
    counted: Callable[[Access], QuerySet[Any]],
    is_urgent: bool = False,
) -> None:
    """Have something counted on the first page; its rows must be found by an index."""
    COUNTS[name] = Count(group, title, link, permission, counted, is_urgent)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu, in the shape the admin's theme reads. Empty groups are left out."""
    items: dict[Group, list[dict[str, Any]]] = {group: [] for group in Group}
    pages = [reverse(each.url_name) for each in LINKS.values()]
    for page, each in zip(pages, LINKS.values(), strict=True):
        if each.allows(request.user):
            here = request.path.startswith(page)
            items[each.group].append({"title": each.title, "icon": each.icon, "link": page, "active": here})
    # Such a page lies below a list's address: it is the page that is marked as the present one, not the list.
    is_page = request.path.startswith(tuple(pages))
    known = [label for label in ENTRIES if label in _registered()]
    for label in [*known, *sorted(_registered().keys() - ENTRIES.keys())]:
        model_admin = _registered()[label]
        if model_admin.has_module_permission(request) and model_admin.has_view_permission(request):
            entry = ENTRIES.get(label, Entry(Group.SYSTEM, "folder"))
            item = _item(model_admin, entry.icon)
            item["active"] = request.path.startswith(item["link"]) and not is_page
            items[entry.group].append(item)
    home = {"title": None, "items": [{"title": _("Home"), "icon": "home", "link": reverse_lazy("admin:index")}]}
    return [home, *({"title": group.label, "items": found} for group, found in items.items() if found)]


def waiting(request: HttpRequest) -> list[tuple[str, list[dict[str, Any]]]]:
    """Group → what waits in it for this person: one query for each count, however much there is."""
    user, access = request.user, access_for(request)
    groups: dict[Group, list[dict[str, Any]]] = {group: [] for group in Group}
    for each in COUNTS.values():
        if not user.has_perm(each.permission):
            continue
        number = each.counted(access).order_by()[: COUNTED_AT_MOST + 1].count()
        name, filtered = each.link
        groups[each.group].append(
            {
                "title": each.title,
                "number": min(number, COUNTED_AT_MOST),
                "is_more": number > COUNTED_AT_MOST,
                "is_urgent": each.is_urgent and number > 0,
                "url": f"{reverse(name)}{filtered}",
            }
        )
    return [(str(group.label), found) for group, found in groups.items() if found]


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows."""
    return {**context, "waiting": waiting(request), "person": _name(request.user)}


def _registered() -> dict[str, Any]:
    return {model._meta.label_lower: model_admin for model, model_admin in admin.site._registry.items()}


def _item(model_admin: Any, icon: str) -> dict[str, Any]:
    meta = model_admin.model._meta
    return {
        "title": capfirst(str(meta.verbose_name_plural)),
        "icon": icon,
        "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
    }


def _name(user: User | AnonymousUser) -> str:
    return user.get_short_name() or user.get_username() if isinstance(user, User) else ""


show("core.User", group=Group.SYSTEM, icon="person")
show("auth.Group", group=Group.SYSTEM, icon="badge")
show("core.ApiClient", group=Group.SYSTEM, icon="key")
show("core.WebhookSecret", group=Group.SYSTEM, icon="lock")
show("core.AuditEntry", group=Group.SYSTEM, icon="history")
show("core.OutboxEvent", group=Group.SYSTEM, icon="outbox")
show("core.EventDelivery", group=Group.SYSTEM, icon="local_shipping")
show("core.IdempotencyRecord", group=Group.SYSTEM, icon="repeat_one")


def _dead_letters(access: Access) -> QuerySet[EventDelivery]:
    return EventDelivery.objects.dead()


count(
    "dead-letters",
    group=Group.SYSTEM,
    title=_("Dead letters"),
    link=("admin:core_eventdelivery_changelist", "?state__exact=dead"),
    permission="core.view_eventdelivery",
    counted=_dead_letters,
    is_urgent=True,
)
