"""Which of what people have decided about replenishing applies to each stock point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from oms.replenishment.facts import Terms
from stock.models import ReplenishmentPolicy, StockPoint, StockPointGroup

NEEDING: Final = ("cover_days", "safety_days")
GIVING: Final = ("keeps", "sends_at_most", "gives_returned", "gives_slow")
SETTINGS: Final = "settings"


@dataclass(frozen=True, slots=True)
class Decided:
    """`said_by`: by name of what was decided, `(kind of scope, its code)`; what is not in it is as the settings say."""

    terms: Terms
    said_by: Mapping[str, tuple[str, str]]

    def figures(self, names: Iterable[str]) -> dict[str, list[Any]]:
        """`name: [value, kind of scope, code]`, as a proposal keeps it."""
        found = {}
        for name in names:
            value = getattr(self.terms, name)
            if name == "cover_days" and value is None:
                value = settings.REPLENISHMENT_COVER_DAYS
            found[name] = [value, *self.said_by.get(name, (SETTINGS, ""))]
        return found


def decided_for(points: Iterable[StockPoint]) -> dict[int, Decided]:
    """By stock point; three queries, however many there are.

    The most specific policy that says something of a value decides it: stock point, group (the first by code of
    several), banner, network.
    """
    points = list(points)
    policies = list(ReplenishmentPolicy.objects.select_related("stock_point", "group", "banner"))
    if not policies:
        return {point.pk: Decided(Terms(), {}) for point in points}
    groups = Prefetch("groups", StockPointGroup.objects.order_by("code"))
    members = {
        point.pk: point
        for point in StockPoint.objects.filter(pk__in=[point.pk for point in points]).prefetch_related(groups)
    }
    by_scope = {(each.stock_point_id, each.group_id, each.banner_id): each for each in policies}
    return {point.pk: _decided(members[point.pk], by_scope) for point in points}


def _decided(
    point: StockPoint, policies: Mapping[tuple[int | None, int | None, int | None], ReplenishmentPolicy]
) -> Decided:
    scopes: list[tuple[tuple[int | None, int | None, int | None], tuple[str, str]]] = [
        ((point.pk, None, None), ("stock_point", point.code)),
        *(((None, group.pk, None), ("group", group.code)) for group in point.groups.all()),
        ((None, None, None), ("network", "")),
    ]
    if point.banner_id is not None:
        scopes.insert(-1, ((None, None, point.banner_id), ("banner", "")))
    values: dict[str, Any] = {}
    said_by: dict[str, tuple[str, str]] = {}
    for key, who in scopes:
        policy = policies.get(key)
        if policy is None:
            continue
        if policy.banner is not None:
            who = (who[0], policy.banner.code)
        for name in (*NEEDING, *GIVING):
            value = getattr(policy, name)
            if value is not None and name not in values:
                values[name], said_by[name] = value, who
    return Decided(Terms(**values), said_by)


def told(figures: Mapping[str, list[Any]]) -> list[str]:
    """What was decided, a line for each value, with who said it; in the language of who asks."""
    names = {
        "cover_days": _("days of cover wanted"),
        "safety_days": _("safety days"),
        "keeps": _("least to keep"),
        "sends_at_most": _("most to send"),
        "gives_returned": _("gives what customers brought back"),
        "gives_slow": _("gives slow stock"),
    }
    scopes = {
        "stock_point": _("stock point %(code)s"),
        "group": _("group %(code)s"),
        "banner": _("banner %(code)s"),
        "network": _("the whole network"),
        SETTINGS: _("settings"),
    }
    # In this order: the database keeps what was written down in none.
    said = [(words, *figures[name]) for name, words in names.items() if name in figures]
    return [
        _("%(name)s: %(value)s (%(scope)s)")
        % {"name": words, "value": _in_words(value), "scope": scopes[scope] % {"code": code}}
        for words, value, scope, code in said
    ]


def _in_words(value: Any) -> str:
    if value is None:
        return _("not said")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
