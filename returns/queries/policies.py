"""The rules that hold for a banner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from returns.models import ReturnPolicy, ReturnReason


@dataclass(frozen=True, slots=True)
class Reason:
    """`is_retailers_fault`: the customer never pays for sending it back."""

    code: str
    label: str
    is_retailers_fault: bool


# Offered where a policy names none of its own; any other code is then taken, too.
_SHIPPED = (
    ("too_small", _("Too small"), False),
    ("too_large", _("Too large"), False),
    ("changed_mind", _("Changed my mind"), False),
    ("not_as_expected", _("Not as expected"), False),
    ("not_as_described", _("Not as described"), True),
    ("damaged", _("Damaged"), True),
    ("faulty", _("Does not work"), True),
    ("wrong_article", _("Wrong article"), True),
    ("too_late", _("Came too late"), True),
    ("other", _("Another reason"), False),
)


def policy_for(banner_id: int | None) -> ReturnPolicy:
    """The banner's own policy, else the one of all banners, else the defaults (not saved)."""
    found = ReturnPolicy.objects.filter(Q(banner_id=banner_id) | Q(banner=None))
    policy = found.select_related("banner", "postal_stock_point").order_by(F("banner_id").asc(nulls_last=True)).first()
    return policy or ReturnPolicy()


def reasons_of(policy: ReturnPolicy, *, language: str) -> Sequence[Reason]:
    """What customers may give as a reason, labelled in the language."""
    own = _own_reasons(policy)
    if own:
        return [Reason(each.code, each.label_in(language), each.is_retailers_fault) for each in own]
    with override(language):
        return [Reason(code, str(label), is_fault) for code, label, is_fault in _SHIPPED]


def takes_any_reason(policy: ReturnPolicy) -> bool:
    """Whether codes beyond those offered are taken: a banner that wrote its own takes only these."""
    return not _own_reasons(policy)


def _own_reasons(policy: ReturnPolicy) -> Sequence[ReturnReason]:
    if policy.pk is None:
        return []
    return list(ReturnReason.objects.filter(policy=policy, is_active=True).order_by("position", "code"))
