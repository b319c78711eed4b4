"""Random baskets on random networks, from a seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

from oms.sourcing.facts import (
    ChannelFacts,
    Destination,
    Estimates,
    Facts,
    LineDemand,
    Network,
    StockPointFacts,
)
from oms.sourcing.rules import Objectives, Rule, RuleSet

NOW = datetime(2025, 3, 5, 9, 30, tzinfo=UTC)


def random_network(rng: random.Random, size: int) -> Network:
    """Stock points scattered over France, of every kind."""
    points = [
        StockPointFacts(
            code=f"P{number:04d}",
            kind=rng.choice(("warehouse", "store", "store", "store", "supplier")),
            country="FR",
            timezone="Europe/Paris",
            latitude=round(rng.uniform(43.2, 50.5), 5),
            longitude=round(rng.uniform(-1.5, 7.0), 5),
            priority=rng.choice((1, 1, 2, 5, 9)),
            handling_cost=Decimal(rng.choice(("0.80", "1.20", "1.50", "2.35"))),
        )
        for number in range(size)
    ]
    rng.shuffle(points)
    return Network(stock_points=tuple(points))


def random_facts(
    rng: random.Random, network: Network, lines: int, *, max_quantity: int = 3, density: float = 0.35
) -> Facts:
    """A basket of that many lines; each point has each article with probability `density`."""
    demand = tuple(
        LineDemand(
            key=f"{number}",
            sku=f"SKU-{number}",
            quantity=rng.randint(1, max_quantity),
            weight_g=rng.randint(50, 4000),
            unit_price=Decimal(rng.randint(500, 9000)) / 100,
        )
        for number in range(lines)
    )
    codes = [point.code for point in network.stock_points]
    available = {
        line.sku: {code: rng.randint(1, max_quantity + 2) for code in codes if rng.random() < density}
        for line in demand
    }
    return Facts(
        now=NOW,
        currency="EUR",
        mode="home",
        channel=ChannelFacts(code="web", kind="web"),
        lines=demand,
        network=network,
        available=available,
        destination=Destination(
            country="FR",
            timezone="Europe/Paris",
            postcode="75011",
            latitude=round(rng.uniform(43.2, 50.5), 5),
            longitude=round(rng.uniform(-1.5, 7.0), 5),
        ),
        estimates=random_estimates(rng, codes, demand),
    )


def random_estimates(rng: random.Random, codes: list[str], lines: tuple[LineDemand, ...]) -> Estimates:
    return Estimates(
        decline_probability={code: Decimal(rng.randint(0, 40)) / 100 for code in codes},
        decline_cost=Decimal("3.00"),
        ageing_benefit={
            line.sku: {code: Decimal(rng.randint(0, 150)) / 100 for code in codes if rng.random() < 0.3}
            for line in lines
        },
        scarcity_cost={
            line.sku: {code: Decimal(rng.randint(0, 150)) / 100 for code in codes if rng.random() < 0.3}
            for line in lines
        },
    )


def random_rule(rng: random.Random, *, splits: bool = False) -> Rule:
    """A rule whose objectives are all live more often than not."""

    def money(*choices: str) -> Decimal:
        return Decimal(rng.choice(choices))

    return Rule(
        name="any point",
        objectives=Objectives(
            transport=money("1", "1", "0.5"),
            handling=money("1", "1", "0"),
            carbon_per_kg=money("0.10", "2.5"),
            ageing=money("0", "1"),
            scarcity=money("0", "1"),
            lateness_per_day=money("2", "0", "0.75"),
            decline=money("1", "0"),
            priority=money("0", "0.40"),
            extra_parcel=money("0", "1.25"),
        ),
        max_parcels=rng.choice((1, 2, 3, 4, 99)),
        allow_quantity_split=splits,
    )


def rule_set_of(rule: Rule) -> RuleSet:
    return RuleSet(code="bench", name="Bench", rules=(rule,))
