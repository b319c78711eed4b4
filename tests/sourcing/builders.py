"""Small networks, baskets and rules, with everything that a test does not name left neutral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from oms.sourcing import source
from oms.sourcing.facts import ChannelFacts, Destination, Facts, LineDemand, Network, StockPointFacts
from oms.sourcing.house import HouseService
from oms.sourcing.results import Candidate, SourcingResult
from oms.sourcing.rules import Objectives, Rule, RuleSet, WhenNothingFits

# A Wednesday, 10:30 in Paris.
NOW = datetime(2025, 3, 5, 9, 30, tzinfo=UTC)
PARIS = Destination(country="FR", timezone="Europe/Paris", postcode="75001", latitude=48.86, longitude=2.34)
ONLY_TRANSPORT = Objectives(
    handling=Decimal(0), carbon_per_kg=Decimal(0), lateness_per_day=Decimal(0), decline=Decimal(0)
)
FREE = replace(ONLY_TRANSPORT, transport=Decimal(0))


def point(code: str, km_north: float = 0.0, **changes: Any) -> StockPointFacts:
    """A warehouse that many kilometres north of the destination, always open."""
    given = {
        "kind": "warehouse",
        "country": "FR",
        "timezone": "Europe/Paris",
        "latitude": 48.86 + km_north / 111.195,
        "longitude": 2.34,
        "offers_pickup": True,
        "offers_reservation": True,
    }
    return StockPointFacts(code=code, **{**given, **changes})


def line(sku: str, quantity: int = 1, **changes: Any) -> LineDemand:
    given = {"key": sku, "weight_g": 1000}
    return LineDemand(sku=sku, quantity=quantity, **{**given, **changes})


def basket(
    points: list[StockPointFacts],
    lines: list[LineDemand],
    stock: Mapping[str, Mapping[str, int]],
    *,
    house: HouseService | None = None,
    **changes: Any,
) -> Facts:
    """`stock`: units by stock point and then SKU."""
    available: dict[str, dict[str, int]] = {}
    for code, units in stock.items():
        for sku, quantity in units.items():
            available.setdefault(sku, {})[code] = quantity
    given = {
        "now": NOW,
        "currency": "EUR",
        "mode": "home",
        "channel": ChannelFacts(code="web", kind="web", banner="maison"),
        "destination": PARIS,
        "timezone": "Europe/Paris",
    }
    network = Network(stock_points=tuple(points), house=house or HouseService())
    return Facts(network=network, lines=tuple(lines), available=available, **{**given, **changes})


def rule(name: str = "any", **changes: Any) -> Rule:
    return Rule(name=name, **{"objectives": ONLY_TRANSPORT, **changes})


def rule_set(*rules: Rule, **changes: Any) -> RuleSet:
    given = {"code": "test", "name": "Test", "when_nothing_fits": WhenNothingFits()}
    return RuleSet(rules=rules, **{**given, **changes})


def sourced(facts: Facts, *rules: Rule) -> SourcingResult:
    return source(facts, rule_set(*(rules or (rule(),))))


def parcels(result: SourcingResult) -> dict[str, dict[str, int]]:
    """Units by stock point and line key."""
    return {parcel.stock_point: {planned.line: planned.quantity for planned in parcel.lines} for parcel in result.plan}


def candidate(result: SourcingResult, code: str) -> Candidate:
    return next(found for found in result.candidates if found.stock_point == code)


def reasons_of(result: SourcingResult) -> dict[str, str]:
    return {found.stock_point: found.reason for found in result.candidates}
