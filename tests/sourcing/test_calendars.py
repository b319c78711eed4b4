from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing import calendars
from oms.sourcing.calendars import work_calendar
from oms.sourcing.carriers import PickUps
from oms.sourcing.facts import WorkCalendar
from oms.sourcing.house import HouseService
from tests.sourcing.moments import MOMENTS, ZONES, houses, preparations, weeks, work_calendars

PARIS = ZoneInfo("Europe/Paris")
SHOP = {"mon": [["10:00", "12:30"], ["14:00", "19:00"]], "tue": [["10:00", "19:00"]], "sat": [["10:00", "24:00"]]}
ALWAYS = work_calendar()
HOUSE = HouseService()


def local(day: str, clock: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone).astimezone(UTC)


def ready(calendar: WorkCalendar, now: datetime, minutes: int, zone: ZoneInfo = PARIS) -> datetime | None:
    return calendars.ready_at(calendar, zone, now, timedelta(minutes=minutes))


def test_preparation_counts_only_opening_hours() -> None:
    shop = work_calendar(SHOP)
    assert ready(shop, local("2025-03-03", "12:00"), 20) == local("2025-03-03", "12:20")
    assert ready(shop, local("2025-03-03", "12:00"), 60) == local("2025-03-03", "14:30")
    assert ready(shop, local("2025-03-03", "18:30"), 60) == local("2025-03-04", "10:30")
    assert ready(shop, local("2025-03-04", "18:30"), 60) == local("2025-03-08", "10:30")
    assert ready(shop, local("2025-03-05", "09:00"), 14 * 60) == local("2025-03-09", "00:00")


def test_without_opening_hours_it_is_open_always() -> None:
    now = local("2025-03-09", "03:00")  # a Sunday night
    assert ready(ALWAYS, now, 0) == now
    assert ready(ALWAYS, now, 3000) == now + timedelta(minutes=3000)


def test_closed_days_are_skipped() -> None:
    calendar = work_calendar(closed_on=[date(2025, 3, 5), date(2025, 3, 6)])
    assert ready(calendar, local("2025-03-04", "23:30"), 60) == local("2025-03-07", "00:30")


def test_after_the_cut_off_an_order_counts_from_the_next_day() -> None:
    calendar = work_calendar(cut_off="16:00")
    assert ready(calendar, local("2025-03-04", "16:00"), 30) == local("2025-03-04", "16:30")
    assert ready(calendar, local("2025-03-04", "16:00") + timedelta(seconds=1), 30) == local("2025-03-05", "00:30")


def test_a_calendar_that_never_opens_is_never_ready() -> None:
    assert ready(work_calendar({"mon": []}), local("2025-03-04", "10:00"), 0) is None
    assert ready(work_calendar({"mon": [["10:00", "10:30"]]}), local("2025-03-04", "10:00"), 10**5) is None


def test_hours_on_the_day_the_clocks_change_are_the_hours_that_pass() -> None:
    night = work_calendar({"sun": [["01:00", "05:00"]], "mon": [["01:00", "05:00"]]})
    # 30 March 2025: 02:00 becomes 03:00, so 01:00-05:00 lasts three hours.
    assert ready(night, local("2025-03-30", "01:00"), 179) == local("2025-03-30", "04:59")
    assert ready(night, local("2025-03-30", "01:00"), 181) == local("2025-03-31", "01:01")
    # 26 October 2025: 03:00 becomes 02:00, so it lasts five.
    assert ready(night, local("2025-10-26", "01:00"), 299) == local("2025-10-26", "04:59")


def test_an_opening_that_the_change_of_clocks_swallows_is_no_opening() -> None:
    gone = work_calendar({"sun": [["02:00", "03:00"]]})
    assert ready(gone, local("2025-03-29", "12:00"), 10) == local("2025-04-06", "02:10")


def test_a_cut_off_in_the_repeated_hour_is_its_first_passing() -> None:
    calendar = work_calendar(cut_off="02:20")
    first, second = (datetime(2025, 10, 26, hour, 10, tzinfo=UTC) for hour in (0, 1))  # both 02:10 in Paris
    assert calendars.received_at(calendar, PARIS, first) == first
    assert calendars.received_at(calendar, PARIS, second) == local("2025-10-27", "00:00")


def hand_over(calendar: WorkCalendar, now: datetime, house: HouseService = HOUSE) -> calendars.HandOver:
    found = calendars.hand_over(calendar, PARIS, house, now)
    assert found is not None
    return found


def test_goods_are_handed_over_when_both_the_point_and_the_service_work() -> None:
    saturday_evening = local("2025-03-08", "20:00")
    assert hand_over(ALWAYS, saturday_evening).ships_on == date(2025, 3, 8)
    sunday = hand_over(ALWAYS, local("2025-03-09", "09:00"))
    assert (sunday.ships_on, sunday.handed_over_at) == (date(2025, 3, 10), local("2025-03-10", "00:00"))
    closed_monday = work_calendar(closed_on=[date(2025, 3, 10)])
    assert hand_over(closed_monday, local("2025-03-09", "09:00")).ships_on == date(2025, 3, 11)
    holiday = HouseService(closed_on=(date(2025, 3, 10),))
    assert hand_over(ALWAYS, local("2025-03-09", "09:00"), holiday).ships_on == date(2025, 3, 11)


def test_a_service_with_a_cut_off_collects_then() -> None:
    house = HouseService(cut_off=17 * 60)
    in_time, too_late = (hand_over(ALWAYS, local("2025-03-04", at), house) for at in ("17:00", "17:01"))
    assert (in_time.ships_on, in_time.handed_over_at) == (date(2025, 3, 4), local("2025-03-04", "17:00"))
    assert (too_late.ships_on, too_late.handed_over_at) == (date(2025, 3, 5), local("2025-03-05", "17:00"))


@pytest.mark.parametrize(
    ("handed_over", "days", "expected"),
    [
        ("2025-03-05", 1, "2025-03-06"),
        ("2025-03-07", 2, "2025-03-10"),  # Friday, Saturday, no Sunday, Monday
        ("2025-03-08", 1, "2025-03-10"),
        ("2025-03-08", 0, "2025-03-08"),
        ("2025-03-09", 0, "2025-03-10"),
    ],
)
def test_transit_counts_the_services_working_days(handed_over: str, days: int, expected: str) -> None:
    moment = local(handed_over, "12:00")
    assert calendars.delivered_on(HOUSE, PARIS, moment, days) == date.fromisoformat(expected)


def test_transit_is_counted_from_the_date_at_the_destination() -> None:
    evening_in_paris = local("2025-03-04", "20:00")
    assert calendars.delivered_on(HOUSE, ZoneInfo("Asia/Tokyo"), evening_in_paris, 1) == date(2025, 3, 6)
    assert calendars.delivered_on(HOUSE, ZoneInfo("America/New_York"), evening_in_paris, 1) == date(2025, 3, 5)


def test_preparation_may_take_other_times_at_other_hours() -> None:
    slow_mornings = [30, 30, 180, 30, 30, 30]  # from 8 to 12
    night, morning, noon = local("2025-03-04", "07:00"), local("2025-03-04", "09:00"), local("2025-03-04", "12:10")
    assert calendars.prepared_at(ALWAYS, PARIS, night, slow_mornings) == local("2025-03-04", "07:30")
    assert calendars.prepared_at(ALWAYS, PARIS, morning, slow_mornings) == local("2025-03-04", "12:00")
    # Whoever ordered just before noon is served first, at three o'clock.
    assert calendars.prepared_at(ALWAYS, PARIS, noon, slow_mornings) == local("2025-03-04", "15:00")
    assert calendars.prepared_at(ALWAYS, PARIS, noon + timedelta(hours=3), slow_mornings) == local(
        "2025-03-04", "15:40"
    )


def test_the_last_minute_to_ship_the_same_day_is_told() -> None:
    shop = work_calendar(SHOP, cut_off="16:00")
    now = local("2025-03-03", "10:30")
    assert calendars.order_by(shop, PARIS, HOUSE, now, [30]) == local("2025-03-03", "16:00")
    late = work_calendar(SHOP)
    assert calendars.order_by(late, PARIS, HOUSE, now, [30]) == local("2025-03-03", "18:30")
    never = work_calendar({"mon": []})
    assert calendars.order_by(never, PARIS, HOUSE, now, [0]) is None


@pytest.mark.parametrize(
    "hours",
    [
        {"mon": [["19:00", "10:00"]]},
        {"mon": [["10:00", "10:00"]]},
        {"mon": [["10:00", "13:00"], ["12:00", "15:00"]]},
        {"mon": [["10:00", "24:30"]]},
        {"mon": [["10:00", "12:60"]]},
        {"monday": [["10:00", "12:00"]]},
    ],
)
def test_impossible_opening_hours_are_refused(hours: dict[str, list[list[str]]]) -> None:
    with pytest.raises(ValueError):
        work_calendar(hours)


def test_configuration_becomes_a_calendar() -> None:
    found = work_calendar({"tue": [["14:00", "19:00"], ["10:00", "12:30"]]}, [date(2025, 5, 1)], time(16, 30))
    assert found.opening_hours == ((), ((600, 750), (840, 1140)), (), (), (), (), ())
    assert (found.closed_on, found.cut_off) == ((date(2025, 5, 1),), 990)


class Journey:
    """One parcel from order to delivery."""

    def __init__(
        self,
        calendar: WorkCalendar,
        here: ZoneInfo,
        house: HouseService,
        there: ZoneInfo,
        days: int,
        minutes: list[int],
        own: PickUps,
    ) -> None:
        self.calendar, self.here, self.house, self.there = calendar, here, house, there
        self.days, self.minutes, self.own = days, minutes, own

    def ordered_at(self, now: datetime) -> tuple[calendars.HandOver, date] | None:
        ready_at = calendars.prepared_at(self.calendar, self.here, now, self.minutes)
        handed = ready_at and calendars.hand_over(self.calendar, self.here, self.house, ready_at, self.own)
        if not handed:
            return None
        return handed, calendars.delivered_on(self.house, self.there, handed.handed_over_at, self.days)


OWN_TIMES = st.one_of(st.just(()), weeks())
JOURNEYS = st.builds(Journey, work_calendars(), ZONES, houses(), ZONES, st.integers(0, 9), preparations(), OWN_TIMES)


@settings(deadline=None)
@given(JOURNEYS, MOMENTS)
def test_no_promise_falls_before_the_hand_over_or_on_a_day_nobody_works(journey: Journey, now: datetime) -> None:
    found = journey.ordered_at(now)
    if found is None:
        return
    handed, promised_on = found
    assert now <= handed.ready_at <= handed.handed_over_at
    assert handed.handed_over_at.astimezone(journey.there).date() <= promised_on
    assert promised_on.isoweekday() in journey.house.working_days
    assert promised_on not in journey.house.closed_on
    if journey.own:
        assert handed.ships_on not in journey.house.closed_on
        assert journey.own[handed.ships_on.weekday()]
    else:
        assert handed.ships_on.isoweekday() in journey.house.working_days
    assert calendars.is_open_on(journey.calendar, handed.ships_on)
    assert handed.ready_at.astimezone(journey.here).date() <= handed.ships_on


@settings(deadline=None)
@given(JOURNEYS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_later_order_is_never_promised_earlier(journey: Journey, now: datetime, wait: timedelta) -> None:
    first, later = journey.ordered_at(now), journey.ordered_at(now + wait)
    if first is None or later is None:
        return
    assert first[0].ready_at <= later[0].ready_at
    assert first[0].ships_on <= later[0].ships_on
    assert first[0].handed_over_at <= later[0].handed_over_at
    assert first[1] <= later[1]
