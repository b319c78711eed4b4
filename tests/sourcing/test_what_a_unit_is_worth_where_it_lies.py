"""The amounts of `ageing`, `scarcity` and `decline`, to the cent, from what a person can count."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oms.sourcing import source
from oms.sourcing.facts import Estimates, Facts, Valuation
from oms.sourcing.rules import Objectives
from tests.sourcing.builders import FREE, NOW, basket, candidate, line, point, rule, rule_set, sourced

TODAY = NOW.date()
HALF = Valuation(
    scarce_below=10,
    scarce_share=Decimal("0.10"),
    last_unit_share=Decimal("0.15"),
    markdown_share=Decimal("0.40"),
    slow_after_days=56,
    decline_cost=Decimal(4),
)


def facts_of(stock: dict[str, int], *, season: date | None = None, **changes: Any) -> Facts:
    """One unit of an article at 50 wanted; `w` is a warehouse, the others are stores."""
    points = [point(code, kind="warehouse" if code == "w" else "store") for code in stock]
    wanted = line("X", unit_price=Decimal(50), season_ends_on=season)
    units = {code: {"X": quantity} for code, quantity in stock.items()}
    return basket(points, [wanted], units, **{"valuation": HALF, **changes})


def cost(facts: Facts, objective: str, code: str, weight: str = "1") -> Decimal:
    weights = replace(FREE, **{objective: Decimal(weight)})
    return candidate(sourced(facts, rule(objectives=weights)), code).costs.get(objective, Decimal(0))


def test_the_last_unit_of_a_size_in_a_shop_costs_most_and_a_warehouse_nothing() -> None:
    facts = facts_of({"one": 1, "three": 3, "w": 40})
    assert cost(facts, "scarcity", "one") == Decimal("7.50")
    assert cost(facts, "scarcity", "three") == Decimal("2.50")
    assert cost(facts, "scarcity", "w") == 0


def test_an_article_is_scarce_where_the_whole_network_has_few() -> None:
    few = facts_of({"one": 1, "two": 2, "w": 1})
    # Four of ten: 60 % of a tenth of the price, and the shop's own last unit.
    assert cost(few, "scarcity", "one") == Decimal("3.00") + Decimal("7.50")
    assert cost(few, "scarcity", "two", "2") == 2 * (Decimal("3.00") + Decimal("3.75"))
    assert cost(few, "scarcity", "w") == 0


def test_what_sells_in_time_anyway_gains_nothing() -> None:
    season = TODAY + timedelta(days=28)
    facts = facts_of({"fast": 4, "slow": 4, "still": 4}, season=season, recent_sales={"X": {"fast": 8, "slow": 1}})
    assert cost(facts, "ageing", "fast") == 0
    # One of four will be sold by then: three quarters would lose 40 % of 50.
    assert cost(facts, "ageing", "slow") == Decimal("-15.00")
    assert cost(facts, "ageing", "still") == Decimal("-20.00")


def test_after_its_season_everything_ages_and_without_one_the_horizon_counts() -> None:
    sales = {"X": {"a": 2}}
    over = facts_of({"a": 8}, season=TODAY - timedelta(days=1), recent_sales=sales)
    assert cost(over, "ageing", "a") == Decimal("-20.00")
    # 56 days at two in 28: four of eight are left.
    assert cost(facts_of({"a": 8}, recent_sales=sales), "ageing", "a") == Decimal("-10.00")


def test_an_article_without_a_price_here_is_neither_scarce_nor_ageing() -> None:
    facts = facts_of({"one": 1})
    unpriced = replace(facts, lines=(replace(facts.lines[0], unit_price=Decimal(0)),))
    assert cost(unpriced, "scarcity", "one") == 0
    assert cost(unpriced, "ageing", "one") == 0


def test_what_was_learned_of_a_stock_point_replaces_what_was_configured() -> None:
    points = [point("a", decline_probability=Decimal("0.20")), point("b", decline_probability=Decimal("0.50"))]
    stock = {"a": {"X": 1}, "b": {"X": 1}}
    learned = Estimates(decline_probability={"b": Decimal("0.05")})
    facts = basket(points, [line("X")], stock, valuation=HALF, estimates=learned)
    weighed = rule(objectives=Objectives(**{**_nothing(), "decline": Decimal(1)}))
    assert candidate(sourced(facts, weighed), "a").costs["decline"] == Decimal("0.80")
    assert candidate(sourced(facts, weighed), "b").costs["decline"] == Decimal("0.20")
    unlearned = source(facts, rule_set(weighed, uses_learning=False))
    assert candidate(unlearned, "b").costs["decline"] == Decimal("2.00")


def _nothing() -> dict[str, Decimal]:
    return {name: getattr(FREE, name) for name in FREE.__slots__}
