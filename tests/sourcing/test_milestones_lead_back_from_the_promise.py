from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing import calendars
from oms.sourcing.calendars import work_calendar
from oms.sourcing.carriers import PickUps
from oms.sourcing.facts import Destination, WorkCalendar
from oms.sourcing.house import HouseService
from oms.sourcing.milestones import Milestones, Work, milestones, milestones_of, open_time
from tests.sourcing.builders import NOW, basket, line, point, sourced
from tests.sourcing.moments import weeks

PARIS = ZoneInfo("Europe/Paris")
NOTHING = timedelta(0)
ONE_MINUTE = timedelta(minutes=1)
SHOP = {day: [["10:00", "12:30"], ["14:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
AT_FIVE = HouseService(cut_off=17 * 60, working_days=(1, 2, 3, 4, 5))


def local(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=PARIS).astimezone(UTC)


def work(calendar: WorkCalendar, *, service: HouseService | None = AT_FIVE, days: int = 2, minutes: int = 90) -> Work:
    return Work(calendar, PARIS, service, PARIS, days, timedelta(minutes=minutes))


def told(
    work: Work, promised_on: str, *, acceptance: timedelta = NOTHING, releasing: timedelta = NOTHING
) -> Milestones:
    found = milestones(work, date.fromisoformat(promised_on), acceptance, releasing)
    assert found is not None
    return found


def test_each_step_leaves_time_for_those_after_it() -> None:
    # Promised for a Friday, two working days on the road: it leaves on Wednesday, when the carrier comes.
    found = told(
        work(work_calendar(SHOP)),
        "2025-03-07",
        acceptance=timedelta(minutes=60),
        releasing=timedelta(minutes=15),
    )
    assert found == Milestones(
        confirm_by=local("2025-03-05", "14:15"),
        release_by=local("2025-03-05", "14:30"),
        accept_by=local("2025-03-05", "15:30"),
        hand_over_by=local("2025-03-05", "17:00"),
    )


def test_closed_hours_days_and_weekends_are_no_time() -> None:
    shop = work_calendar(SHOP, closed_on=[date(2025, 3, 6)])
    # Promised for Monday with one day on the road: Friday's collection; preparing takes from Wednesday on.
    found = told(work(shop, days=1, minutes=8 * 60), "2025-03-10")
    assert found.hand_over_by == local("2025-03-07", "17:00")
    # Friday 10:00-12:30 and 14:00-17:00 are five and a half hours; the rest is Wednesday's last.
    assert found.accept_by == local("2025-03-05", "16:30")


def test_an_order_is_released_before_the_stock_points_cut_off() -> None:
    shop = work_calendar(SHOP, cut_off="11:00")
    found = told(work(shop, minutes=30), "2025-03-07")
    assert (found.accept_by, found.release_by) == (local("2025-03-05", "16:30"), local("2025-03-05", "11:00"))


def test_without_a_cut_off_the_last_open_minute_counts() -> None:
    house = HouseService()
    assert told(work(work_calendar(SHOP), service=house), "2025-03-07").hand_over_by == local("2025-03-05", "18:59")
    assert told(work(work_calendar(), service=house), "2025-03-07").hand_over_by == local("2025-03-05", "23:59")


def test_what_is_collected_where_it_lies_is_ready_before_the_doors_close() -> None:
    found = told(work(work_calendar(SHOP), service=None), "2025-03-05")
    assert found.hand_over_by == local("2025-03-05", "18:59")
    # A day on which the shop is closed is the last it was open.
    assert told(work(work_calendar(SHOP), service=None), "2025-03-09").hand_over_by == local("2025-03-07", "18:59")


def test_nothing_is_told_where_the_shop_never_opens() -> None:
    assert milestones(work(work_calendar({"mon": []})), date(2025, 3, 7), NOTHING, NOTHING) is None


def test_the_slack_of_an_earlier_plan_is_the_shops() -> None:
    """The customer was promised a later day than this plan needs: the later one is what must be kept."""
    facts = basket([point("A")], [line("X")], {"A": {"X": 1}})
    (parcel,) = sourced(facts).plan
    given_later = replace(facts, promised_on=parcel.promised_on + timedelta(days=1))
    now, later = milestones_of(facts, parcel), milestones_of(given_later, parcel)
    assert now is not None
    assert later is not None
    assert later.hand_over_by - now.hand_over_by == timedelta(days=1)


# --- the same calendars, forwards and backwards ------------------------------------------------------

SPANS = st.sampled_from([(), (("10:00", "19:00"),), (("09:00", "12:00"), ("14:00", "18:30")), (("00:00", "24:00"),)])
CALENDARS = st.one_of(
    st.just(work_calendar()),
    st.builds(
        work_calendar,
        st.fixed_dictionaries(dict.fromkeys(calendars.WEEKDAYS, SPANS)).map(
            lambda week: {**week, "wed": [["10:00", "19:00"]]}
        ),
        st.lists(st.dates(date(2025, 3, 20), date(2025, 4, 5)), max_size=3),
        st.sampled_from([None, "11:00", "16:00"]),
    ),
)
SERVICES = st.builds(
    HouseService,
    cut_off=st.sampled_from([None, 8 * 60, 15 * 60, 23 * 60]),
    working_days=st.sampled_from([(1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6), (3, 4, 6)]),
    closed_on=st.lists(st.dates(date(2025, 3, 20), date(2025, 4, 5)), max_size=2).map(tuple),
)
ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Tokyo", "Pacific/Auckland"])
# Around the night of 30 March 2025, when clocks change in Paris.
MOMENTS = st.datetimes(datetime(2025, 3, 24), datetime(2025, 4, 4), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


@settings(max_examples=80, deadline=None)
@given(
    calendar=CALENDARS,
    service=SERVICES,
    here=ZONES,
    there=ZONES,
    now=MOMENTS,
    days=st.integers(0, 6),
    minutes=st.integers(0, 900),
    own=st.one_of(st.just(()), weeks()),
)
def test_a_promise_just_made_leaves_time_and_not_a_minute_too_much(
    calendar: WorkCalendar,
    service: HouseService,
    here: str,
    there: str,
    now: datetime,
    days: int,
    minutes: int,
    own: PickUps,
) -> None:
    origin, destination, preparation = ZoneInfo(here), ZoneInfo(there), timedelta(minutes=minutes)
    ready = calendars.ready_at(calendar, origin, now, preparation)
    assert ready is not None
    handed = calendars.hand_over(calendar, origin, service, ready, own)
    if handed is None:
        # It comes on none of the days on which the doors open.
        assert own
        return
    promised_on = calendars.delivered_on(service, destination, handed.handed_over_at, days)

    found = milestones(
        Work(calendar, origin, service, destination, days, preparation, own), promised_on, NOTHING, NOTHING
    )
    assert found is not None
    # Time is left: none of them has passed for a promise made this minute.
    assert found.hand_over_by >= ready
    assert found.release_by >= now
    assert found.confirm_by <= found.release_by <= found.accept_by <= found.hand_over_by
    # They keep the promise: ready by then is in time, and work begun by then is ready by then.
    kept = calendars.hand_over(calendar, origin, service, found.hand_over_by, own)
    assert kept is not None
    assert calendars.delivered_on(service, destination, kept.handed_over_at, days) <= promised_on
    without_cut_off = replace(calendar, cut_off=None)
    begun = calendars.ready_at(without_cut_off, origin, found.accept_by, preparation)
    assert begun is not None
    assert begun <= found.hand_over_by
    released = calendars.ready_at(calendar, origin, found.release_by, preparation)
    assert released is not None
    assert released <= found.hand_over_by
    # Not a minute too much: what is ready at any open minute after it is too late.
    later = calendars.ready_at(without_cut_off, origin, found.hand_over_by + ONE_MINUTE, NOTHING)
    assert later is not None
    missed = calendars.hand_over(calendar, origin, service, later, own)
    assert missed is not None
    assert calendars.delivered_on(service, destination, missed.handed_over_at, days) > promised_on


@settings(max_examples=50, deadline=None)
@given(calendar=CALENDARS, now=MOMENTS, minutes=st.integers(1, 2000))
def test_preparation_is_read_back_from_the_plan(calendar: WorkCalendar, now: datetime, minutes: int) -> None:
    ready = calendars.ready_at(calendar, PARIS, now, timedelta(minutes=minutes))
    assert ready is not None
    begun = calendars.received_at(calendar, PARIS, now)
    assert open_time(calendar, PARIS, begun, ready) == timedelta(minutes=minutes)


@pytest.mark.parametrize("there", ["Europe/Paris", "America/New_York", "Asia/Tokyo"])
def test_a_plan_of_the_engine_leaves_time_for_itself(there: str) -> None:
    shop = point("A", calendar=work_calendar(SHOP), preparation_minutes=120)
    for hours in range(0, 24 * 7, 5):
        facts = basket(
            [shop],
            [line("X")],
            {"A": {"X": 1}},
            destination=Destination(country="FR", timezone=there, postcode="75001", latitude=48.86, longitude=2.34),
            now=NOW + timedelta(hours=hours),
        )
        (parcel,) = sourced(facts).plan
        for answer in (NOTHING, timedelta(hours=4)):
            found = milestones_of(facts, parcel, acceptance=answer, releasing=timedelta(minutes=15))
            assert found is not None
            assert facts.now <= found.release_by <= found.accept_by
            assert found.confirm_by <= found.release_by
            assert found.hand_over_by >= parcel.ready_at


def test_where_less_is_left_than_a_stores_time_for_its_answer_the_order_is_released_at_once() -> None:
    shop = point("A", calendar=work_calendar(SHOP), preparation_minutes=120)
    facts = basket([shop], [line("X")], {"A": {"X": 1}}, house=AT_FIVE, now=local("2025-03-05", "11:00"))
    (parcel,) = sourced(facts).plan
    given = {"acceptance": timedelta(hours=4), "releasing": timedelta(minutes=15)}
    found = milestones_of(facts, parcel, **given)
    assert found is not None
    # Four hours before the shop must begin it was still closed.
    assert (found.accept_by, found.hand_over_by) == (local("2025-03-05", "15:00"), local("2025-03-05", "17:00"))
    assert (found.confirm_by, found.release_by) == (local("2025-03-05", "11:00"), local("2025-03-05", "11:15"))


@pytest.mark.parametrize(
    ("cut_off", "now", "released"),
    [
        # Ten minutes are left until the shop must begin, or until its cut-off: the order comes in time.
        (None, "14:50", "15:00"),
        ("11:10", "11:00", "11:10"),
        ("11:00", "11:00", "11:00"),
    ],
)
def test_an_order_is_never_late_when_it_comes(cut_off: str | None, now: str, released: str) -> None:
    shop = point("A", calendar=work_calendar(SHOP, cut_off=cut_off), preparation_minutes=120)
    facts = basket([shop], [line("X")], {"A": {"X": 1}}, house=AT_FIVE, now=local("2025-03-05", now))
    (parcel,) = sourced(facts).plan
    found = milestones_of(facts, parcel, acceptance=timedelta(hours=4), releasing=timedelta(minutes=15))
    assert found is not None
    assert found.accept_by == local("2025-03-05", "15:00")
    assert (found.confirm_by, found.release_by) == (local("2025-03-05", now), local("2025-03-05", released))


def test_what_is_prepared_already_goes_on_after_the_cut_off() -> None:
    shop = point("A", calendar=work_calendar(SHOP, cut_off="11:00"), preparation_minutes=120)
    facts = basket([shop], [line("X")], {"A": {"X": 1}}, house=AT_FIVE, now=local("2025-03-05", "10:00"))
    (parcel,) = sourced(facts).plan
    now = local("2025-03-05", "16:00")
    found = milestones_of(replace(facts, now=now), replace(parcel, ready_at=now), releasing=timedelta(minutes=15))
    assert found == Milestones(now, now, local("2025-03-05", "17:00"), local("2025-03-05", "17:00"))
