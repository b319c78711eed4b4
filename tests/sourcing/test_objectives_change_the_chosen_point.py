"""For each objective two points that cost the same but for it: switched on, it decides."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from oms.sourcing.calendars import work_calendar
from oms.sourcing.facts import ChannelFacts, Estimates, Facts, Valuation
from oms.sourcing.house import HouseService
from oms.sourcing.rules import Objectives
from tests.sourcing.builders import FREE, basket, candidate, line, parcels, point, rule, sourced


def a_and_b(a: dict[str, Any] | None = None, b: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """Without any objective the smaller code, `a`, wins."""
    stock = {"a": {"X": 3}, "b": {"X": 3}}
    return basket([point("a", **(a or {})), point("b", **(b or {}))], [line("X", 2)], stock, **changes)


def priced(facts: Facts, **changes: Any) -> Facts:
    lines = tuple(replace(each, unit_price=Decimal(100), **changes) for each in facts.lines)
    return replace(facts, lines=lines)


CLOSED_FOR_A_WEEK = work_calendar({"tue": [["09:00", "18:00"]]})
CASES: list[tuple[str, Facts, str]] = [
    ("transport", a_and_b({"km_north": 300}, {"km_north": 10}), "1"),
    ("handling", a_and_b({"handling_cost": Decimal("1.01")}, {"handling_cost": Decimal("1.00")}), "1"),
    ("carbon_per_kg", a_and_b({"km_north": 300}, {"km_north": 10}), "0.10"),
    ("lateness_per_day", a_and_b({"calendar": CLOSED_FOR_A_WEEK}), "2"),
    ("decline", a_and_b({"decline_probability": Decimal("0.2")}, valuation=Valuation(decline_cost=Decimal(4))), "1"),
    ("priority", a_and_b({"priority": 7}, {"priority": 3}), "0.01"),
    (
        "ageing",
        a_and_b(estimates=Estimates(ageing_benefit={"X": {"b": Decimal("0.30"), "a": Decimal("0.29")}})),
        "1",
    ),
    # Three in a shop are three fewer for those who walk in; a warehouse has no shelf to empty.
    ("scarcity", priced(a_and_b({"kind": "store"}, valuation=Valuation(last_unit_share=Decimal("0.15")))), "1"),
    # Nine sold in four weeks: `a` is empty in ten days, `b` still has all three at the end of the season.
    (
        "ageing",
        priced(
            a_and_b(recent_sales={"X": {"a": 9}}, valuation=Valuation(markdown_share=Decimal("0.4"))),
            season_ends_on=date(2025, 4, 30),
        ),
        "1",
    ),
    ("scarcity", a_and_b(estimates=Estimates(scarcity_cost={"X": {"a": Decimal("0.50")}})), "1"),
    (
        "decline",
        a_and_b(estimates=Estimates(decline_probability={"a": Decimal("0.2")}, decline_cost=Decimal(4))),
        "1",
    ),
]


@pytest.mark.parametrize(("objective", "facts", "weight"), CASES)
def test_an_objective_that_is_weighed_decides(objective: str, facts: Facts, weight: str) -> None:
    blind = sourced(facts, rule(objectives=FREE))
    assert parcels(blind) == {"a": {"X": 2}}
    weighed = sourced(facts, rule(objectives=replace(FREE, **{objective: Decimal(weight)})))
    assert parcels(weighed) == {"b": {"X": 2}}
    assert candidate(weighed, "a").costs[objective] > candidate(weighed, "b").costs[objective]


def test_extra_parcel_decides_between_one_parcel_and_two() -> None:
    stock = {"far": {"X": 1, "Y": 1}, "near-x": {"X": 1}, "near-y": {"Y": 1}}
    facts = basket(
        [point("far", 900), point("near-x", 5), point("near-y", 5)],
        [line("X", weight_g=20_000), line("Y", weight_g=20_000)],
        stock,
    )
    cheap = sourced(facts, rule(max_parcels=2))
    assert set(parcels(cheap)) == {"near-x", "near-y"}
    dear = sourced(facts, rule(max_parcels=2, objectives=replace(rule().objectives, extra_parcel=Decimal(90))))
    assert set(parcels(dear)) == {"far"}
    costly = sourced(facts, rule(max_parcels=2, objectives=replace(rule().objectives, extra_parcel=Decimal(9))))
    assert costly.costs["extra_parcel"] == Decimal(9)
    assert costly.total == cheap.total + 9


def test_each_amount_is_the_formula_of_its_objective() -> None:
    house = HouseService(
        fixed_per_parcel=Decimal(3),
        per_kg=Decimal("0.5"),
        per_kg_km=Decimal("0.001"),
        packaging_g=200,
        emission_g_per_t_km=Decimal(100),
        emission_g_per_parcel=Decimal(250),
    )
    facts = basket(
        [
            point("a", latitude=None, handling_cost=Decimal("1.20"), priority=5),
            point("b", latitude=None, priority=1, is_active=False),
        ],
        [line("X", 2, weight_g=900)],
        {"a": {"X": 2}},
        house=house,
        estimates=Estimates(
            decline_probability={"a": Decimal("0.25")},
            decline_cost=Decimal(4),
            ageing_benefit={"X": {"a": Decimal("0.30")}},
            scarcity_cost={"X": {"a": Decimal("0.10")}},
        ),
    )
    weights = Objectives(
        transport=Decimal(2),
        handling=Decimal("0.5"),
        carbon_per_kg=Decimal("0.10"),
        ageing=Decimal(1),
        scarcity=Decimal(3),
        lateness_per_day=Decimal(2),
        decline=Decimal(1),
        priority=Decimal("0.15"),
        extra_parcel=Decimal(1),
    )
    (parcel,) = sourced(facts, rule(objectives=weights)).plan
    # Unknown place: 500 km are assumed; two units of 900 g and 200 g of packaging weigh 2 kg.
    assert parcel.costs == {
        "transport": 2 * (Decimal(3) + (Decimal("0.5") + Decimal("0.5")) * 2),
        "handling": Decimal("0.60"),
        "carbon_per_kg": Decimal("0.10") * Decimal("0.350"),
        "ageing": Decimal("-0.60"),
        "scarcity": Decimal("0.60"),
        "lateness_per_day": Decimal(0),
        "decline": Decimal(1),
        "priority": Decimal("0.15"),
    }
    assert (parcel.co2e_g, parcel.weight_g, parcel.distance_km) == (350, 1800, 500.0)
    assert parcel.cost == sum(parcel.costs.values())


def test_ranks_count_the_priorities_of_the_channels_points_only() -> None:
    points = [point("a", priority=30), point("b", priority=10), point("elsewhere", priority=20)]
    ranked = rule(objectives=replace(FREE, priority=Decimal("0.50")))
    facts = basket(points, [line("X")], {"a": {"X": 1}}, channel=ChannelFacts("web", "web", stock_points=("a", "b")))
    assert sourced(facts, ranked).total == Decimal("0.50")
    assert sourced(replace(facts, channel=ChannelFacts("web", "web")), ranked).total == Decimal("1.00")


def test_a_rule_set_that_does_not_use_learning_ignores_learned_declines() -> None:
    from oms.sourcing import source
    from tests.sourcing.builders import rule_set

    facts = a_and_b(estimates=Estimates(decline_probability={"a": Decimal(1)}, decline_cost=Decimal(4)))
    weighed = rule(objectives=replace(FREE, decline=Decimal(1)))
    assert parcels(source(facts, rule_set(weighed))) == {"b": {"X": 2}}
    assert parcels(source(facts, rule_set(weighed, uses_learning=False))) == {"a": {"X": 2}}
