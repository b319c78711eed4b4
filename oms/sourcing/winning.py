"""What would have made a stock point win: the smallest change in money that brings it into the plan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

import numpy as np

from oms.sourcing.costs import MICRO, CostTerms, costs_of, to_money
from oms.sourcing.engine import facts_for_rules, problem_of, source
from oms.sourcing.facts import Facts
from oms.sourcing.filters import field_of
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import Problem
from oms.sourcing.rules import Rule, RuleSet
from oms.sourcing.situation import Situation

# More than any plan costs, and little enough for the engine's whole numbers: a stock point that is given so
# much is in the cheapest plan if it is in any.
_GIFT = 10_000_000 * MICRO


def money_to_win(facts: Facts, rule_set: RuleSet, stock_points: Collection[str]) -> dict[str, Decimal | None]:
    """By stock point, how much less its parcel would have had to cost for the cheapest plan to use it.

    0 for a point of the plan, or one that lost a tie; None where no plan of the deciding rule uses it. Exact:
    the plan is worked out again with the point in it. Empty where no rule planned, or a promise was kept.
    """
    result = source(facts, rule_set)
    rule = next((each for each in rule_set.rules if each.name == result.rule), None)
    if rule is None or facts.kept:
        return {}
    situation = Situation(facts_for_rules(facts, rule_set), rule.objectives)
    field = field_of(rule, situation)
    costs = costs_of(rule, CostTerms(situation, uses_learning=rule_set.uses_learning), field)
    problem = problem_of(situation, rule, field, costs)
    optimum = _least(problem, rule)
    places = {situation.network.codes[int(row)]: place for place, row in enumerate(field.rows)}
    return {code: _shortfall(problem, rule, places[code], optimum) for code in stock_points if code in places}


def _least(problem: Problem, rule: Rule) -> int | None:
    found = cheapest_plan(problem, complete_only=rule.complete_only, allow_quantity_split=rule.allow_quantity_split)
    return None if found is None else found.cost


def _shortfall(problem: Problem, rule: Rule, place: int, optimum: int | None) -> Decimal | None:
    fixed = problem.fixed.copy()
    fixed[place] -= _GIFT
    found = cheapest_plan(
        replace(problem, fixed=fixed), complete_only=rule.complete_only, allow_quantity_split=rule.allow_quantity_split
    )
    is_used = found is not None and any(row == place for row, _ in found.parcels)
    if found is None or optimum is None or not is_used:
        return None
    return to_money(max(0, int(np.int64(found.cost)) + _GIFT - optimum))
