"""Random networks, baskets and rules in which every objective and every filter is at work, from a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from oms.sourcing.calendars import work_calendar
from oms.sourcing.carriers import CarrierService, PickUps, Tariff, Zone
from oms.sourcing.facts import (
    ChannelFacts,
    Destination,
    Estimates,
    Exclusion,
    Facts,
    LineDemand,
    Network,
    StockPointFacts,
    Valuation,
    WorkCalendar,
)
from oms.sourcing.house import HouseService
from oms.sourcing.rules import Filters, Objectives, Rule

# A Friday afternoon in Paris: week-ends, cut-offs and closing hours all lie ahead.
NOW = datetime(2025, 3, 7, 15, 10, tzinfo=UTC)
TODAY = NOW.date()
PLACES = (("FR", "75011"), ("FR", "13002"), ("BE", "1000"))
CALENDARS: tuple[WorkCalendar, ...] = (
    WorkCalendar(),
    work_calendar({day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}, cut_off="14:00"),
    work_calendar({day: [["10:00", "12:30"], ["14:00", "19:00"]] for day in ("tue", "wed", "thu", "fri", "sat")}),
    work_calendar({day: [["09:00", "20:00"]] for day in ("mon", "wed", "sat")}, closed_on=(date(2025, 3, 8),)),
)
# At every fourth stock point one carrier comes at times of its own: twice on weekdays, on Saturdays too, or seldom.
OWN_TIMES: tuple[PickUps, ...] = (
    (*((12 * 60, 18 * 60),) * 5, (), ()),
    (*((16 * 60 + 30,),) * 5, (11 * 60,), ()),
    ((9 * 60,), (), (), (9 * 60,), (), (), ()),
)
ZONES = (Zone("paris", ("FR",), ("75", "92")), Zone("france", ("FR",)), Zone("abroad"))


def network_of_everything(rng: random.Random, size: int) -> Network:
    """Stock points of every kind, calendar, group, tag and banner, some of them out of play; three carriers."""
    points = [_point(rng, number) for number in range(size)]
    rng.shuffle(points)
    collected = tuple(point.code for point in points if rng.random() < 0.7)
    own = {code: OWN_TIMES[number % len(OWN_TIMES)] for number, code in enumerate(sorted(collected)[::4])}
    services = (
        _carrier(rng, "post-economy", transit={"paris": 3, "france": 4, "abroad": 6}),
        _carrier(
            rng,
            "post-next-day",
            transit={"paris": 1, "france": 1},
            dearer="3.40",
            stock_points=collected,
            pick_ups=own,
        ),
        _carrier(rng, "bike", transit={"paris": 0}, stock_points=collected[:5], emission_g_per_t_km=Decimal(20)),
    )
    return Network(tuple(points), house=HouseService(closed_on=(date(2025, 3, 10),)), services=services)


def _point(rng: random.Random, number: int) -> StockPointFacts:
    place = (round(rng.uniform(43.2, 50.5), 5), round(rng.uniform(-1.5, 7.0), 5))
    return StockPointFacts(
        code=f"P{number:04d}",
        kind=rng.choice(("warehouse", "store", "store", "store", "supplier")),
        country="FR",
        timezone=rng.choice(("Europe/Paris", "Europe/Paris", "Europe/Lisbon")),
        latitude=None if rng.random() < 0.03 else place[0],
        longitude=place[1],
        banner=rng.choice(("maison", "maison", "maison", "atelier")),
        groups=tuple(rng.sample(("north", "south", "flagship", "outlet"), rng.randint(1, 2))),
        tags=tuple(rng.sample(("parcel-lift", "fragile", "franchise"), rng.randint(0, 2))),
        priority=rng.choice((1, 1, 2, 5, 9)),
        is_active=rng.random() < 0.97,
        paused_until=rng.choice((None,) * 18 + (TODAY, TODAY + timedelta(days=2))),
        ships_orders=rng.random() < 0.97,
        offers_pickup=rng.random() < 0.9,
        handling_cost=Decimal(rng.choice(("0.80", "1.20", "1.50", "2.35"))),
        preparation_minutes=rng.choice((0, 30, 240)),
        calendar=rng.choice(CALENDARS),
        decline_probability=Decimal(rng.randint(0, 30)) / 100,
    )


def _carrier(
    rng: random.Random,
    code: str,
    *,
    transit: dict[str, int],
    dearer: str = "0",
    stock_points: tuple[str, ...] | None = None,
    pick_ups: Mapping[str, PickUps] | None = None,
    emission_g_per_t_km: Decimal = Decimal(250),
) -> CarrierService:
    table = tuple(
        Tariff(zone, up_to_g, Decimal(amount) + Decimal(dearer) + 2 * number)
        for number, zone in enumerate(transit)
        for up_to_g, amount in ((500, "3.10"), (2_000, "4.60"), (10_000, "8.20"), (25_000, "15.90"))
    )
    return CarrierService(
        code=code,
        modes=("home", "ship_to_store"),
        zones=tuple(zone for zone in ZONES if zone.code in transit),
        transit_days=transit,
        cost_table=table,
        cut_off=rng.choice((None, 15 * 60, 17 * 60)),
        max_weight_g=rng.choice((None, 20_000)),
        emission_g_per_t_km=emission_g_per_t_km,
        stock_points=stock_points,
        pick_ups=pick_ups or {},
    )


def facts_of_everything(
    rng: random.Random, network: Network, lines: int, *, max_quantity: int = 3, density: float = 0.35
) -> Facts:
    """A basket of that many lines with sales, seasons, declines, capacities and, at times, a promise to keep."""
    demand = _some_twice(rng, [_line(rng, number, max_quantity) for number in range(lines)])
    codes = [point.code for point in network.stock_points]
    skus = sorted({line.sku for line in demand})
    country, postcode = rng.choice(PLACES)
    place = Destination(
        country=country,
        timezone="Europe/Paris",
        postcode=postcode,
        latitude=round(rng.uniform(43.2, 50.5), 5),
        longitude=round(rng.uniform(-1.5, 7.0), 5),
        is_degraded=rng.random() < 0.1,
    )
    is_collected = rng.random() < 0.2
    feeding = tuple(code for code in codes if rng.random() < 0.95) if rng.random() < 0.5 else None
    return Facts(
        now=NOW,
        currency="EUR",
        mode="ship_to_store" if is_collected else "home",
        channel=ChannelFacts("web", "web", banner="maison", stock_points=feeding),
        lines=demand,
        network=network,
        available=_drawn(rng, skus, codes, density, 1, max_quantity + 3),
        destination=None if is_collected else place,
        pickup_point=rng.choice(codes) if is_collected else None,
        capacity_left={code: rng.randint(0, 9) for code in codes if rng.random() < 0.3},
        excluded=tuple(
            Exclusion(code, "declined", rng.choice(((), (demand[0].key,)))) for code in rng.sample(codes, 3)
        ),
        promised_on=TODAY + timedelta(days=rng.randint(2, 6)) if rng.random() < 0.3 else None,
        order_value=Decimal(rng.randint(1_000, 40_000)) / 100,
        estimates=_estimates(rng, codes, skus),
        recent_sales=_drawn(rng, skus, codes, 0.5, 1, 12),
        valuation=Valuation(
            scarce_below=rng.choice((0, 40, 400)),
            scarce_share=Decimal("0.08"),
            last_unit_share=Decimal("0.05"),
            markdown_share=Decimal("0.30"),
            slow_after_days=120,
            decline_cost=Decimal("2.50"),
        ),
    )


def _line(rng: random.Random, number: int, max_quantity: int) -> LineDemand:
    return LineDemand(
        key=f"{number:02d}",
        sku=f"SKU-{number}",
        quantity=rng.randint(1, max_quantity),
        weight_g=rng.randint(50, 3_000),
        unit_price=Decimal(rng.randint(500, 9_000)) / 100,
        season_ends_on=rng.choice((None, TODAY - timedelta(days=4), TODAY + timedelta(days=25))),
    )


def _some_twice(rng: random.Random, lines: list[LineDemand]) -> tuple[LineDemand, ...]:
    """One line in fifty asks for more of the article of the line before it."""
    for number in range(1, len(lines)):
        if rng.random() < 0.02:
            again = lines[number - 1]
            lines[number] = replace(again, key=lines[number].key, quantity=lines[number].quantity)
    return tuple(lines)


def _drawn(
    rng: random.Random, skus: list[str], codes: list[str], density: float, least: int, most: int
) -> dict[str, dict[str, int]]:
    return {sku: {code: rng.randint(least, most) for code in codes if rng.random() < density} for sku in skus}


def _estimates(rng: random.Random, codes: list[str], skus: list[str]) -> Estimates:
    """Something learned of a part of the network."""

    def money(tables: dict[str, dict[str, int]]) -> dict[str, dict[str, Decimal]]:
        return {sku: {code: Decimal(cents) / 100 for code, cents in table.items()} for sku, table in tables.items()}

    return Estimates(
        decline_probability={code: Decimal(rng.randint(0, 40)) / 100 for code in codes if rng.random() < 0.4},
        decline_cost=rng.choice((Decimal(0), Decimal("3.00"))),
        ageing_benefit=money(_drawn(rng, skus, codes, 0.2, 0, 120)),
        scarcity_cost=money(_drawn(rng, skus, codes, 0.2, 0, 120)),
    )


ALL_OBJECTIVES = Objectives(
    transport=Decimal(1),
    handling=Decimal(1),
    carbon_per_kg=Decimal("1.5"),
    ageing=Decimal("0.5"),
    scarcity=Decimal(1),
    lateness_per_day=Decimal("1.25"),
    decline=Decimal(1),
    priority=Decimal("0.20"),
    extra_parcel=Decimal("1.10"),
)
ALL_FILTERS = Filters(
    kinds=("warehouse", "store"),
    groups_any=("north", "south", "outlet"),
    exclude_groups=("unknown",),
    exclude_stock_points=("P0001", "P0002"),
    within_km=600,
    min_capacity_left=4,
    min_units_left=1,
    same_banner=True,
    open_today=True,
    exclude_tags=("unknown",),
    min_cover_days=5,
)


def rule_of_everything(rng: random.Random, *, splits: bool = False) -> Rule:
    """All objectives weighed and most filters set, each time with other values."""
    objectives = replace(
        ALL_OBJECTIVES,
        transport=Decimal(rng.choice(("1", "1", "0.5"))),
        carbon_per_kg=Decimal(rng.choice(("0.10", "2.5"))),
        ageing=Decimal(rng.choice(("0.3", "1"))),
        scarcity=Decimal(rng.choice(("0.5", "2"))),
        extra_parcel=Decimal(rng.choice(("0.05", "1.25"))),
    )
    return Rule(
        name="everything",
        filters=_filters(rng),
        objectives=objectives,
        max_parcels=rng.choice((1, 2, 3, 4, 99)),
        complete_only=rng.random() < 0.85,
        allow_quantity_split=splits,
        late_days=rng.choice((0, 1, 30)),
        no_split_below=rng.choice((None, None, Decimal(60))),
    )


def _filters(rng: random.Random) -> Filters:
    """Each filter of `ALL_FILTERS` two times in three, and some that would leave too little if always set."""
    chosen = {name: getattr(ALL_FILTERS, name) for name in Filters.__slots__ if rng.random() < 0.66}
    chosen |= {
        "tags_any": rng.choice(((), (), (), ("fragile", "parcel-lift"))),
        "exclude_tags": rng.choice(((), ("franchise",))),
        "exclude_groups": rng.choice(((), ("flagship",))),
        "exclude_destination": rng.random() < 0.3,
        "destination_only": rng.random() < 0.01,
        "open_now": rng.random() < 0.2,
        "stock_points": rng.choice(((), (), (), tuple(f"P{number:04d}" for number in range(30)))),
    }
    return Filters(**chosen)
