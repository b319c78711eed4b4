"""Where a carrier comes at a stock point's own times, these decide when goods leave, how long one may order, and by
when each step is due; everywhere else nothing changes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from oms.sourcing import calendars
from oms.sourcing.calendars import work_calendar
from oms.sourcing.carriers import CarrierService, PickUps, Tariff, Zone
from oms.sourcing.cut_offs import cut_off_of
from oms.sourcing.facts import Facts, KeptParcel, Network
from oms.sourcing.milestones import Milestones, milestones_of
from oms.sourcing.redating import new_dates
from oms.sourcing.results import PlannedParcel
from oms.sourcing.serialise import facts_from_json, facts_to_json, network_from_json, network_to_json
from tests.sourcing.builders import basket, line, point, sourced

PARIS = ZoneInfo("Europe/Paris")
HALF_PAST_FOUR, ELEVEN = 16 * 60 + 30, 11 * 60
# Weekdays at 16:30, Saturdays at 11:00, never on Sundays.
STORE: PickUps = (*((HALF_PAST_FOUR,),) * 5, (ELEVEN,), ())
TWICE: PickUps = (*((12 * 60, 18 * 60),) * 5, (), ())
WEEKDAYS_ONLY = (1, 2, 3, 4, 5)


def local(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=PARIS).astimezone(UTC)


def post(own: PickUps = (), **changes: object) -> CarrierService:
    given: dict[str, object] = {
        "code": "post",
        "modes": ("home",),
        "zones": (Zone("all"),),
        "transit_days": {"all": 1},
        "cost_table": (Tariff("all", None, Decimal(3)),),
        "cut_off": 18 * 60,
        "working_days": WEEKDAYS_ONLY,
        "pick_ups": {"A": own} if own else {},
    }
    return CarrierService(**given | changes)  # type: ignore[arg-type]


def ordered(at: datetime, *services: CarrierService, minutes: int = 60) -> Facts:
    shop = point("A", calendar=work_calendar(), preparation_minutes=minutes)
    facts = basket([shop], [line("X")], {"A": {"X": 1}}, now=at)
    return replace(facts, network=Network(facts.network.stock_points, services=services))


def planned(facts: Facts) -> PlannedParcel:
    (parcel,) = sourced(facts).plan
    return parcel


def due(facts: Facts) -> Milestones:
    found = milestones_of(facts, planned(facts))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "clock", "ships_on", "promised_on"),
    [
        ("2025-03-05", "15:30", "2025-03-05", "2025-03-06"),  # ready at 16:30 sharp, on a Wednesday
        ("2025-03-05", "15:31", "2025-03-06", "2025-03-07"),
        ("2025-03-07", "16:00", "2025-03-08", "2025-03-10"),  # Friday evening leaves on Saturday, and comes on Monday
        ("2025-03-08", "10:30", "2025-03-10", "2025-03-11"),  # after Saturday's only visit, and none on Sunday
    ],
)
def test_goods_leave_when_the_carrier_comes_to_this_stock_point(
    day: str, clock: str, ships_on: str, promised_on: str
) -> None:
    parcel = planned(ordered(local(day, clock), post(STORE)))
    assert (parcel.service, str(parcel.ships_on), str(parcel.promised_on)) == ("post", ships_on, promised_on)


def test_the_other_stock_points_keep_the_services_own_time() -> None:
    at = local("2025-03-05", "16:30")
    elsewhere = replace(post(), pick_ups={"B": STORE})
    assert planned(ordered(at, elsewhere)) == planned(ordered(at, post()))
    assert str(planned(ordered(at, elsewhere)).ships_on) == "2025-03-05"


def test_of_several_visits_a_day_the_first_in_time_takes_the_goods() -> None:
    calendar, service = work_calendar(), post(TWICE)
    for ready, leaves in (("11:59", "12:00"), ("12:00", "12:00"), ("12:01", "18:00")):
        handed = calendars.hand_over(calendar, PARIS, service, local("2025-03-05", ready), TWICE)
        assert handed is not None
        assert handed.handed_over_at == local("2025-03-05", leaves)


def test_nothing_leaves_on_the_carriers_holidays_nor_through_closed_doors() -> None:
    may_day = post(STORE, closed_on=(date(2025, 3, 6),))
    shut = work_calendar(closed_on=[date(2025, 3, 7)])
    handed = calendars.hand_over(shut, PARIS, may_day, local("2025-03-05", "17:00"), STORE)
    assert handed is not None
    assert handed.ships_on == date(2025, 3, 8)
    never = calendars.hand_over(work_calendar({"sun": [["10:00", "18:00"]]}), PARIS, may_day, handed.ready_at, STORE)
    assert never is None


def test_one_may_order_until_the_visit_less_the_preparation() -> None:
    facts = ordered(local("2025-03-05", "09:00"), post(STORE))
    assert cut_off_of(facts, planned(facts)) == local("2025-03-05", "15:30")
    twice = ordered(local("2025-03-05", "09:00"), post(TWICE))
    # The day is what is promised, and its last visit still keeps it.
    assert cut_off_of(twice, planned(twice)) == local("2025-03-05", "17:00")


def test_the_steps_lead_back_from_the_visit() -> None:
    found = due(ordered(local("2025-03-05", "09:00"), post(STORE)))
    assert (found.hand_over_by, found.accept_by) == (local("2025-03-05", "16:30"), local("2025-03-05", "15:30"))
    found = due(ordered(local("2025-03-05", "09:00"), post(TWICE)))
    assert found.hand_over_by == local("2025-03-05", "18:00")


def test_what_lies_prepared_waits_for_the_next_visit() -> None:
    facts = ordered(local("2025-03-07", "16:45"), post(STORE), minutes=600)
    found = new_dates(facts, stock_point="A", service="post", is_prepared=True, releasing=timedelta(0))
    assert found is not None
    assert (str(found.ships_on), str(found.promised_on)) == ("2025-03-08", "2025-03-10")
    assert found.milestones is not None
    assert found.milestones.hand_over_by == local("2025-03-08", "11:00")


@pytest.mark.parametrize(
    ("ready", "leaves"),
    [
        # 02:30 does not exist that night: it is the change itself or shortly after, and comes after 03:00.
        (local("2025-03-30", "01:00"), local("2025-03-30", "03:00")),
        (local("2025-03-30", "03:01"), local("2025-03-30", "03:30")),
        # 02:30 comes twice: the first of them.
        (local("2025-10-26", "01:00"), datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        (datetime(2025, 10, 26, 0, 31, tzinfo=UTC), local("2025-10-26", "03:00")),
    ],
)
def test_a_visit_is_one_moment_on_days_of_23_and_25_hours(ready: datetime, leaves: datetime) -> None:
    at_night: PickUps = ((2 * 60 + 30, 3 * 60),) * 7
    handed = calendars.hand_over(work_calendar(), PARIS, post(), ready, at_night)
    assert handed is not None
    assert handed.handed_over_at == leaves


def test_a_kept_later_day_is_the_stock_points_time_not_the_carriers() -> None:
    """Promised for Friday, though a day on the road would do: it need not leave before Thursday."""
    facts = ordered(local("2025-03-03", "09:00"), post(STORE))
    at_once = due(facts)
    kept = replace(facts, kept=(KeptParcel("A", "post", (("X", 1),), date(2025, 3, 7)),), promised_on=date(2025, 3, 7))
    later = due(kept)
    assert at_once.hand_over_by == local("2025-03-03", "16:30")
    assert (planned(kept).promised_on, later.hand_over_by) == (date(2025, 3, 7), local("2025-03-06", "16:30"))
    # To a place that had to be guessed the road may be that long.
    assert facts.destination is not None
    guessed = replace(kept, destination=replace(facts.destination, is_degraded=True))
    assert due(guessed).hand_over_by == at_once.hand_over_by


def test_a_kept_later_day_counts_the_houses_road_too() -> None:
    facts = ordered(local("2025-03-03", "09:00"))
    kept = replace(facts, kept=(KeptParcel("A", "house", (("X", 1),), date(2025, 3, 7)),))
    assert planned(facts).promised_on == date(2025, 3, 4)
    assert due(kept).hand_over_by == local("2025-03-06", "23:59")


def test_facts_keep_them_and_older_ones_are_read_as_they_were() -> None:
    facts = ordered(local("2025-03-05", "09:00"), post(STORE))
    assert facts_from_json(facts_to_json(facts)) == facts
    stored = json.loads(network_to_json(Network(facts.network.stock_points, services=(post(),))))
    del stored["services"][0]["pick_ups"]
    read = network_from_json(json.dumps(stored))
    assert planned(replace(facts, network=read)) == planned(ordered(facts.now, post()))
