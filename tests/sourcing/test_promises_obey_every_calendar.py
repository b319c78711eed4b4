"""Whatever the calendars, hours, zones and carriers: no promise that time itself would break."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing import calendars, source
from oms.sourcing.carriers import CarrierService, Tariff, Zone
from oms.sourcing.cut_offs import cut_off_of
from oms.sourcing.facts import Destination, Facts, Network, StockPointFacts
from oms.sourcing.results import PlannedParcel
from oms.sourcing.rules import DEFAULT_RULE_SET
from tests.sourcing.builders import basket, line, point
from tests.sourcing.moments import MOMENTS, ZONES, houses, preparations, weeks, work_calendars


@st.composite
def carriers(draw: st.DrawFn) -> CarrierService:
    """One that goes anywhere, with days as configured and as learned, and at times with pick-up times of the hub's."""
    learned = draw(st.one_of(st.just({}), st.fixed_dictionaries({"": st.integers(0, 9), "hub": st.integers(0, 9)})))
    return CarrierService(
        code="post",
        modes=("home", "ship_to_store"),
        zones=(Zone("all"),),
        transit_days={"all": draw(st.integers(0, 9))},
        cost_table=(Tariff("all", None, Decimal(3)),),
        cut_off=draw(st.one_of(st.none(), st.integers(0, 1440))),
        working_days=tuple(sorted(draw(st.sets(st.integers(1, 7), min_size=1)))),
        closed_on=tuple(draw(st.lists(st.dates(date(2024, 1, 1), date(2026, 1, 1)), max_size=3))),
        learned_days={"all": learned} if learned else {},
        pick_ups=draw(st.one_of(st.just({}), st.fixed_dictionaries({"hub": weeks()}))),
    )


@st.composite
def questions(draw: st.DrawFn) -> Facts:
    """One article in one place, to be sent across zones: to an address or to a shop with hours of its own."""
    minutes = draw(preparations())
    hub: StockPointFacts = point(
        "hub",
        timezone=draw(ZONES).key,
        calendar=draw(work_calendars()),
        preparation_minutes=minutes[0],
        learned_minutes=tuple(minutes) if len(minutes) > 1 else (),
    )
    shop = point("shop", 300, timezone=draw(ZONES).key, calendar=draw(work_calendars()))
    facts = basket([hub, shop], [line("shirt")], {"hub": {"shirt": 1}}, now=draw(MOMENTS), house=draw(houses()))
    services = tuple(draw(st.lists(carriers(), max_size=1)))
    network = Network(facts.network.stock_points, facts.network.house, services)
    to_shop = draw(st.booleans())
    return replace(
        facts,
        network=network,
        mode="ship_to_store" if to_shop else "home",
        pickup_point="shop" if to_shop else None,
        destination=None if to_shop else Destination("FR", draw(ZONES).key, "75001", 48.86, 2.34),
    )


def promised(facts: Facts) -> PlannedParcel | None:
    return next(iter(source(facts, DEFAULT_RULE_SET).plan), None)


def there(facts: Facts) -> ZoneInfo:
    return calendars.zone(facts.destination.timezone if facts.destination else facts.network.by_code["shop"].timezone)


@settings(deadline=None, max_examples=40)
@given(questions())
def test_nothing_is_promised_before_its_hand_over_nor_on_a_day_nobody_works(facts: Facts) -> None:
    parcel = promised(facts)
    if parcel is None:
        return
    hub, service = facts.network.by_code["hub"], facts.network.service(parcel.service)
    here = calendars.zone(hub.timezone)
    assert parcel.ready_at >= facts.now
    assert parcel.ready_at.astimezone(here).date() <= parcel.ships_on
    assert calendars.is_open_on(hub.calendar, parcel.ships_on)
    # The earliest moment at which that day can be handed over, as the customer's calendar counts it.
    if own := service.pick_ups_at("hub"):
        assert parcel.ships_on not in service.closed_on
        came = [calendars.wall_clock(parcel.ships_on, at, here) for at in own[parcel.ships_on.weekday()]]
        leaves = min(moment for moment in came if moment >= parcel.ready_at)
    else:
        assert calendars.is_working_day(service, parcel.ships_on)
        opens = calendars.wall_clock(parcel.ships_on, calendars.openings_on(hub.calendar, parcel.ships_on)[0][0], here)
        leaves = max(parcel.ready_at, opens)
    assert leaves.astimezone(there(facts)).date() <= parcel.promised_on
    if facts.pickup_point:
        assert calendars.is_open_on(facts.network.by_code["shop"].calendar, parcel.promised_on)
    else:
        assert calendars.is_working_day(service, parcel.promised_on)


@settings(deadline=None, max_examples=40)
@given(questions(), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_orders_later_is_never_promised_earlier(facts: Facts, wait: timedelta) -> None:
    first, later = promised(facts), promised(replace(facts, now=facts.now + wait))
    if first is None or later is None:
        return
    assert first.ready_at <= later.ready_at
    assert (first.ships_on, first.promised_on) <= (later.ships_on, later.promised_on)
    assert first.promised_on <= later.promised_on


@settings(deadline=None, max_examples=20)
@given(questions())
def test_an_order_at_its_cut_off_still_keeps_the_day_and_one_after_it_does_not(facts: Facts) -> None:
    parcel = promised(facts)
    last = cut_off_of(facts, parcel) if parcel else None
    if parcel is None or last is None:
        return

    def ships_on(moment: datetime) -> date | None:
        found = promised(replace(facts, now=moment))
        return found.ships_on if found else None

    assert last >= facts.now
    assert ships_on(last) == parcel.ships_on
    assert ships_on(last + timedelta(minutes=1)) != parcel.ships_on
