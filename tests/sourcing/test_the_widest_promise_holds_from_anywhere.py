"""Whichever stock point the order comes from in the end, it comes within the days that were told without knowing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing.calendars import work_calendar
from oms.sourcing.carriers import CarrierService, Tariff, Zone
from oms.sourcing.facts import Network, StockPointFacts
from oms.sourcing.widest import widest_promise
from tests.sourcing.builders import NOW, basket, line, point, sourced

HALF_AN_HOUR = timedelta(minutes=30)
FRANCE = Zone("fr", ("FR",))
HOURS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "thu", "fri")}
POINTS = [
    point("A"),
    point("B", 600, calendar=work_calendar(HOURS, cut_off="12:00"), preparation_minutes=240),
    point("C", 1500, preparation_minutes=30),
]
CARRIERS = st.lists(
    st.builds(
        CarrierService,
        code=st.sampled_from(["post", "van"]),
        modes=st.just(("home",)),
        zones=st.just((FRANCE,)),
        transit_days=st.fixed_dictionaries({"fr": st.integers(1, 5)}),
        price_table=st.just((Tariff("fr", None, Decimal("4.90")),)),
        cost_table=st.just((Tariff("fr", None, Decimal("3.10")),)),
        cut_off=st.sampled_from([None, 11 * 60, 17 * 60]),
        stock_points=st.sampled_from([None, ("A",), ("B", "C")]),
    ),
    max_size=2,
    unique_by=lambda service: service.code,
)


@settings(max_examples=60, deadline=None)
@given(
    services=CARRIERS,
    holders=st.lists(st.sampled_from(POINTS), min_size=1, max_size=2, unique_by=lambda each: each.code),
    hours=st.integers(0, 24 * 6),
    later=st.integers(0, 30),
)
def test_every_plan_comes_within_it(
    services: list[CarrierService], holders: list[StockPointFacts], hours: int, later: int
) -> None:
    now = NOW + timedelta(hours=hours)
    lines = [line(sku) for sku in ("X", "Y")]
    facts = basket(POINTS, lines, {}, now=now)
    facts = replace(facts, network=Network(tuple(POINTS), services=tuple(services)))
    told = widest_promise(facts, until=now + HALF_AN_HOUR)
    assert told is not None

    first, last = holders[0].code, holders[-1].code
    real = sourced(replace(facts, now=now + timedelta(minutes=later), available={"X": {first: 1}, "Y": {last: 1}}))
    for parcel in real.plan:
        assert told.promised_from <= parcel.promised_on <= told.promised_on
        assert parcel.price <= told.price


def test_nothing_is_told_where_nobody_serves_the_mode() -> None:
    facts = basket([point("A", ships_orders=False)], [line("X")], {})
    assert widest_promise(facts, until=NOW + HALF_AN_HOUR) is None
