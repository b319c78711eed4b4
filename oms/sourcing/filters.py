"""Which stock points one rule may look at, with the first reason against each of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing import calendars, reasons
from oms.sourcing.facts import StockPointFacts
from oms.sourcing.rules import Filters, Rule, RuleCalendar
from oms.sourcing.situation import Situation
from oms.sourcing.verdicts import Verdicts
from oms.sourcing.worth import cover_days

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Field:
    """The rows that remain: `rows` those that fit, `usable[row, line]` for every row of the network."""

    verdicts: Verdicts
    rows: NDArray[np.intp]
    usable: NDArray[np.int64]


def is_in_force(calendar: RuleCalendar, now: datetime, timezone: str) -> bool:
    """Whether a rule's calendar lets it act now, in the settings' zone."""
    local = now.astimezone(calendars.zone(timezone))
    minutes = local.hour * 60 + local.minute
    return local.isoweekday() in calendar.weekdays and calendar.start <= minutes < calendar.end


def field_of(rule: Rule, situation: Situation) -> Field:
    verdicts = situation.verdicts.copy()
    _apply_filters(rule.filters, situation, verdicts)
    usable = situation.available
    verdicts.reject(usable.max(axis=1) == 0, reasons.NO_STOCK)
    if rule.filters.min_units_left:
        usable = np.maximum(usable - rule.filters.min_units_left, 0)
        verdicts.reject(usable.max(axis=1) == 0, reasons.UNITS_LEFT)
    if rule.filters.min_cover_days:
        usable = np.where(cover_days(situation) >= rule.filters.min_cover_days, usable, 0)
        verdicts.reject(usable.max(axis=1) == 0, reasons.COVER)
    limit = latest_day(rule, situation)
    if limit is not None:
        verdicts.reject(situation.promised > limit, reasons.LATE)
    return Field(verdicts, np.flatnonzero(verdicts.fits), usable)


def latest_day(rule: Rule, situation: Situation) -> int | None:
    """The last day (ordinal) on which the goods may come under this rule; None before a date was promised."""
    promised_on = situation.facts.promised_on
    if promised_on is None:
        return None
    return max(promised_on.toordinal(), situation.best_achievable) + rule.late_days


def _apply_filters(filters: Filters, situation: Situation, verdicts: Verdicts) -> None:
    _filter_properties(filters, situation, verdicts)
    if filters.destination_only:
        verdicts.reject(~situation.is_own, reasons.NOT_THE_DESTINATION)
    if filters.exclude_destination:
        verdicts.reject(situation.is_own, reasons.IS_THE_DESTINATION)
    if filters.within_km is not None:
        is_near = situation.known_km <= filters.within_km  # an unknown distance is not near
        verdicts.reject(~is_near, reasons.WITHIN_KM)
    if filters.min_capacity_left is not None:
        verdicts.reject(situation.capacity_left < filters.min_capacity_left, reasons.CAPACITY_LEFT)
    if filters.open_today:
        verdicts.reject(~situation.today_open, reasons.CLOSED_TODAY)
    if filters.open_now:
        verdicts.reject(~situation.now_open, reasons.CLOSED_NOW)


def _filter_properties(filters: Filters, situation: Situation, verdicts: Verdicts) -> None:
    """The filters that configuration alone answers; their rows are remembered by the network."""
    flagged = situation.network.flagged

    def in_groups(groups: tuple[str, ...]) -> NDArray[np.bool_]:
        wanted = set(groups)
        return flagged("groups", groups, lambda point: not wanted.isdisjoint(point.groups))

    def named(codes: tuple[str, ...]) -> NDArray[np.bool_]:
        wanted = set(codes)
        return flagged("codes", codes, lambda point: point.code in wanted)

    def tagged(tags: tuple[str, ...]) -> NDArray[np.bool_]:
        wanted = set(tags)
        return flagged("tags", tags, lambda point: not wanted.isdisjoint(point.tags))

    if filters.kinds:
        is_kind = flagged("kinds", filters.kinds, lambda point: point.kind in filters.kinds)
        verdicts.reject(~is_kind, reasons.KIND)
    if filters.groups_any:
        verdicts.reject(~in_groups(filters.groups_any), reasons.GROUP)
    if filters.exclude_groups:
        verdicts.reject(in_groups(filters.exclude_groups), reasons.EXCLUDED_GROUP)
    if filters.stock_points:
        verdicts.reject(~named(filters.stock_points), reasons.STOCK_POINT)
    if filters.exclude_stock_points:
        verdicts.reject(named(filters.exclude_stock_points), reasons.EXCLUDED_STOCK_POINT)
    if filters.tags_any:
        verdicts.reject(~tagged(filters.tags_any), reasons.TAG)
    if filters.exclude_tags:
        verdicts.reject(tagged(filters.exclude_tags), reasons.EXCLUDED_TAG)
    if filters.same_banner:
        banner = situation.facts.channel.banner

        def shares_banner(point: StockPointFacts) -> bool:
            return point.banner == banner

        verdicts.reject(~flagged("banner", (repr(banner),), shares_banner), reasons.BANNER)
