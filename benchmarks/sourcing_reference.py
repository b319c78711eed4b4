"""The same question put to HiGHS, written from the raw facts alone.

It shares no code with the engine: its own distances, tariff, dates and objectives, one binary variable
for each stock point and one variable for each stock point and line. It takes networks whose points are
always open, need no preparation, lie in one zone and may all serve the basket, by home delivery.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import highspy

from oms.sourcing.facts import Facts, LineDemand, StockPointFacts
from oms.sourcing.rules import Rule


@dataclass(frozen=True)
class Reference:
    """The proven minimum, or None where no plan serves the basket."""

    cost: float | None


def minimum_cost(facts: Facts, rule: Rule) -> Reference:
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 1e-9)
    points = facts.network.stock_points
    earliest = min((_arrival(facts, p) for p in points if _has_any(facts, p)), default=None)
    if earliest is None:
        return Reference(None)
    priorities = sorted({point.priority for point in points})
    sent = {}
    units = {}
    for point in points:
        late = max((_arrival(facts, point) - earliest).days, 0)
        fixed = _parcel_money(facts, rule, point) + late * float(rule.objectives.lateness_per_day)
        fixed += float(rule.objectives.priority) * priorities.index(point.priority)
        sent[point.code] = model.addBinary(obj=fixed + float(rule.objectives.extra_parcel))
        for line in facts.lines:
            stock = facts.available[line.sku].get(point.code, 0)
            if stock >= (1 if rule.allow_quantity_split else line.quantity):
                money = _unit_money(facts, rule, point, line)
                units[point.code, line.key] = (
                    model.addIntegral(lb=0, ub=min(stock, line.quantity), obj=money)
                    if rule.allow_quantity_split
                    else model.addBinary(obj=money * line.quantity)
                )
    _constrain(model, facts, rule, sent, units)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return Reference(None)
    return Reference(model.getInfo().objective_function_value - float(rule.objectives.extra_parcel))


def _constrain(model: highspy.Highs, facts: Facts, rule: Rule, sent: dict, units: dict) -> None:
    model.addConstr(sum(sent.values()) <= rule.max_parcels)
    for line in facts.lines:
        served = [units[code, line.key] for code in sent if (code, line.key) in units]
        wanted = line.quantity if rule.allow_quantity_split else 1
        if not served:
            model.addConstr(sent[next(iter(sent))] >= 2)  # nobody has it: infeasible
            continue
        model.addConstr(sum(served) == wanted)
        for code, parcel in sent.items():
            if (code, line.key) in units:
                stock = facts.available[line.sku][code]
                most = min(stock, line.quantity) if rule.allow_quantity_split else 1
                model.addConstr(units[code, line.key] <= most * parcel)


def _has_any(facts: Facts, point: StockPointFacts) -> bool:
    return any(facts.available[line.sku].get(point.code, 0) > 0 for line in facts.lines)


def _kilometres(facts: Facts, point: StockPointFacts) -> float:
    """By the spherical law of cosines in its well-conditioned (atan2) form."""
    place = facts.destination
    a, b = math.radians(point.latitude), math.radians(place.latitude)
    turn = math.radians(place.longitude - point.longitude)
    across = math.hypot(
        math.cos(b) * math.sin(turn),
        math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(turn),
    )
    along = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return 6371.0088 * math.atan2(across, along)


def _arrival(facts: Facts, point: StockPointFacts) -> date:
    house = facts.network.house
    days = next(
        bracket.days
        for bracket in house.transit
        if bracket.up_to_km is None or _kilometres(facts, point) <= bracket.up_to_km
    )
    day = facts.now.astimezone(ZoneInfo(point.timezone)).date()
    while day.isoweekday() not in house.working_days:
        day += timedelta(days=1)
    while days:
        day += timedelta(days=1)
        days -= day.isoweekday() in house.working_days
    return day


def _per_kg(facts: Facts, rule: Rule, point: StockPointFacts) -> float:
    """Transport and carbon money for one more kilogram."""
    house, km = facts.network.house, _kilometres(facts, point)
    tariff = float(house.per_kg) + km * float(house.per_kg_km)
    carbon = km / 1000 * float(house.emission_g_per_t_km) / 1000
    return float(rule.objectives.transport) * tariff + float(rule.objectives.carbon_per_kg) * carbon


def _parcel_money(facts: Facts, rule: Rule, point: StockPointFacts) -> float:
    house, weigh = facts.network.house, rule.objectives
    declines = float(facts.estimates.decline_probability.get(point.code, 0))
    return (
        float(weigh.transport) * float(house.fixed_per_parcel)
        + float(weigh.carbon_per_kg) * float(house.emission_g_per_parcel) / 1000
        + _per_kg(facts, rule, point) * house.packaging_g / 1000
        + float(weigh.handling) * float(point.handling_cost)
        + float(weigh.decline) * declines * float(facts.estimates.decline_cost)
    )


def _unit_money(facts: Facts, rule: Rule, point: StockPointFacts, line: LineDemand) -> float:
    aged = float(facts.estimates.ageing_benefit.get(line.sku, {}).get(point.code, 0))
    scarce = float(facts.estimates.scarcity_cost.get(line.sku, {}).get(point.code, 0))
    return (
        _per_kg(facts, rule, point) * line.weight_g / 1000
        - float(rule.objectives.ageing) * aged
        + float(rule.objectives.scarcity) * scarce
    )
