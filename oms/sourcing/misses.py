"""By how much a stock point missed: what a filter found at it, beside what it wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from oms.sourcing import reasons
from oms.sourcing.engine import NOT_NOW, NOT_REACHED, facts_for_rules
from oms.sourcing.facts import Facts
from oms.sourcing.filters import field_of, latest_day
from oms.sourcing.results import SourcingResult
from oms.sourcing.rules import Rule, RuleSet
from oms.sourcing.situation import Situation
from oms.sourcing.worth import cover_days

Figure = float | date
_LAST_DAY = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Miss:
    """Kilometres, orders, units, days or a day, by `reason`; `found` None where the stock point's place is unknown."""

    reason: str
    found: Figure | None
    wanted: Figure


def misses(facts: Facts, rule_set: RuleSet, result: SourcingResult) -> dict[str, Miss]:
    """By stock point, of those that the deciding rule rejected for a figure: the one that planned, else the last tried.

    Empty where none was tried, or a promise was kept.
    """
    tried = [each.rule for each in result.attempts if each.outcome not in (NOT_NOW, NOT_REACHED)]
    rule = next((each for each in rule_set.rules if tried and each.name == tried[-1]), None)
    if rule is None or facts.kept:
        return {}
    situation = Situation(facts_for_rules(facts, rule_set), rule.objectives)
    numbers = field_of(rule, situation).verdicts.numbers
    found: dict[str, Miss] = {}
    for reason, (figures, limit) in _figures(rule, situation).items():
        for row in np.flatnonzero(numbers == reasons.NUMBER[reason]):
            found[situation.network.codes[row]] = Miss(reason, figures[row], limit)
    return found


def _figures(rule: Rule, situation: Situation) -> dict[str, tuple[list[Figure | None], Figure]]:
    """By reason, the figure of every row and the limit of the rule; of filters that are not set, none."""
    filters = rule.filters
    told: dict[str, tuple[list[Figure | None], Figure]] = {}
    if filters.within_km is not None:
        distances: list[Figure | None] = [None if np.isnan(km) else float(km) for km in situation.known_km]
        told[reasons.WITHIN_KM] = distances, float(filters.within_km)
    if filters.min_capacity_left is not None:
        told[reasons.CAPACITY_LEFT] = [int(left) for left in situation.capacity_left], filters.min_capacity_left
    if filters.min_units_left:
        told[reasons.UNITS_LEFT] = [int(units) for units in situation.available.max(axis=1)], filters.min_units_left
    if filters.min_cover_days:
        # What it has none of lasts for ever, and is not what was looked at.
        lasts = np.where(situation.available > 0, cover_days(situation), 0).max(axis=1)
        told[reasons.COVER] = [float(days) for days in lasts], filters.min_cover_days
    limit = latest_day(rule, situation)
    if limit is not None:
        days: list[Figure | None] = [date.fromordinal(min(int(day), _LAST_DAY)) for day in situation.promised]
        told[reasons.LATE] = days, date.fromordinal(limit)
    return told
