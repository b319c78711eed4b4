"""Every protection rule that covers one level, in the order in which they are judged, and which of them wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from oms.core.access import Access
from stock.models import ProtectionRule, StockLevel


class Outcome(StrEnum):
    WINS = "wins"
    OVERRULED = "overruled"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Link:
    """A rule of the chain. Between equals the larger figure counts, so several may win together."""

    rule: ProtectionRule
    outcome: Outcome
    score: int

    def is_told(self, access: Access) -> bool:
        """Whether it is for all channels, or for one the access covers."""
        return self.rule.channel_id is None or access.sees_channel(self.rule.channel_id)


def protection_chain(level: StockLevel, *, at: datetime) -> list[Link]:
    """The strongest first, channel by channel: rules for one channel are judged beside those for all."""
    rules = list(_covering(level))
    in_force = [rule for rule in rules if _is_in_force(rule, at)]
    best = {channel: max(map(_score, _of(channel, in_force))) for channel in {rule.channel_id for rule in in_force}}
    general = best.get(None, 0)
    links = [Link(rule, _outcome(rule, in_force, best, general), _score(rule)) for rule in rules]
    return sorted(links, key=lambda link: (link.rule.channel_id is not None, -link.score, link.rule.code))


def _covering(level: StockLevel) -> QuerySet[ProtectionRule]:
    point, variant = level.stock_point, level.variant
    everywhere = Q(stock_point=None, group=None, kind="")
    here = Q(stock_point=point) | Q(group__in=point.groups.all()) | Q(kind=point.kind)
    everything = Q(variant=None, product=None, category="")
    this = Q(variant=variant) | Q(product_id=variant.product_id)
    if variant.product.category:
        this |= Q(category=variant.product.category)
    rules = ProtectionRule.objects.filter(everywhere | here, everything | this)
    return rules.select_related("stock_point", "group", "variant", "product", "channel")


def _score(rule: ProtectionRule) -> int:
    """The article before the place, as the levels are worked out."""
    article = 3 if rule.variant_id else 2 if rule.product_id else 1 if rule.category else 0
    place = 3 if rule.stock_point_id else 2 if rule.group_id else 1 if rule.kind else 0
    return article * 4 + place


def _is_in_force(rule: ProtectionRule, at: datetime) -> bool:
    return (rule.starts_at is None or rule.starts_at <= at) and (rule.ends_at is None or rule.ends_at > at)


def _of(channel_id: int | None, rules: Sequence[ProtectionRule]) -> list[ProtectionRule]:
    return [rule for rule in rules if rule.channel_id == channel_id]


def _outcome(
    rule: ProtectionRule, in_force: Sequence[ProtectionRule], best: dict[int | None, int], general: int
) -> Outcome:
    if rule not in in_force:
        return Outcome.NOT_NOW
    wins = _score(rule) == best[rule.channel_id] and (rule.channel_id is None or _score(rule) >= general)
    return Outcome.WINS if wins else Outcome.OVERRULED
