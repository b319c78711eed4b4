"""Promised against real by carrier, lane and stock point: exact figures, one statement, one's own stock points."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.access import EVERYTHING, Access
from oms.core.clock import SetClock
from orders.queries.kept_promises import By, Kept, kept_promises
from stock.models import StockPoint
from tests.admin.people import signed_in
from tests.factories.clients import signing_peer
from tests.factories.retailer import LYON, Json, Retailer, answered
from tests.orders.punctual import NOW, work_of
from tests.store.making import words

TODAY = date(2026, 5, 5)
PAGE = "/admin/orders/order/kept-promises/"


@pytest.fixture
def retailer(punctual: tuple[Retailer, SetClock]) -> Retailer:
    return punctual[0]


def told(by: By, *, access: Access = EVERYTHING, since: date = TODAY, until: date = TODAY) -> list[Kept]:
    return kept_promises(by=by, since=since, until=until, access=access)


def sent(retailer: Retailer, now: SetClock, *, after_days: int = 0) -> Json:
    """An order of Tuesday, promised for Thursday the 7th, handed over so many days later."""
    now.move_to(NOW)
    work = work_of(retailer)
    now.move_to(NOW + timedelta(days=after_days))
    return retailer.ship(work)


def delivered(work: Json, now: SetClock, *, day: int, hour: int = 12) -> None:
    (parcel,) = work["parcels"]
    moment = NOW.replace(day=day, hour=hour)
    now.move_to(moment)
    event = {"event_id": f"d{parcel['id']}", "tracking_number": parcel["tracking_number"], "kind": "delivered"}
    post = signing_peer("post")
    answered(post.post("/carriers/post/events/", event | {"occurred_at": moment.isoformat()}), 200)


def test_each_parcel_is_on_time_late_overdue_or_still_on_its_way(retailer: Retailer, now: SetClock) -> None:
    delivered(sent(retailer, now), now, day=7)
    delivered(sent(retailer, now), now, day=6)
    delivered(sent(retailer, now, after_days=1), now, day=9)
    sent(retailer, now)
    now.move_to(NOW.replace(day=7))
    (row,) = told(By.CARRIER)
    assert (row.carrier, row.service, row.stock_point) == ("post", "post-home", "")
    assert (row.sent, row.arrived, row.on_time, row.late, row.overdue, row.left_late) == (4, 3, 2, 1, 0, 1)
    assert (row.promised_days, row.real_days, row.late_days, row.worst_days) == (2.0, 2.3, 2.0, 2)
    assert row.on_time_percent == 66.7
    now.move_to(NOW.replace(day=8))
    (row,) = told(By.CARRIER)
    assert (row.overdue, row.on_time_percent) == (1, 50.0)


def test_the_day_is_the_destinations_own(retailer: Retailer, now: SetClock) -> None:
    """At 23:00 in Lille it is still Thursday, though 21:00 in UTC; half an hour after midnight it is Friday."""
    delivered(sent(retailer, now), now, day=7, hour=21)
    delivered(sent(retailer, now), now, day=7, hour=22)
    (row,) = told(By.CARRIER)
    assert (row.on_time, row.late) == (1, 1)


def test_a_later_promise_makes_nothing_punctual(retailer: Retailer, now: SetClock) -> None:
    from orders.services.repromising import keep_promises

    work = retailer.accept(work_of(retailer))
    now.move_to(NOW + timedelta(days=1))
    assert keep_promises() == 1
    delivered(retailer.ship(retailer.one_work(work["order"])), now, day=8)
    (row,) = told(By.CARRIER)
    assert (row.on_time, row.late, row.left_late) == (0, 1, 0)


def test_lanes_and_stock_points_are_told_apart(retailer: Retailer, now: SetClock) -> None:
    delivered(sent(retailer, now), now, day=7)
    retailer.add_points(["lyon"], kind="warehouse", **LYON)
    retailer.report("receipt", {("shirt", "lyon"): 3})
    retailer.report("adjustment", {("shirt", "lille"): -8})
    delivered(sent(retailer, now), now, day=9)
    assert [(row.stock_point, row.zone, row.on_time, row.late) for row in told(By.LANE)] == [
        ("lille", "fr", 1, 0),
        ("lyon", "fr", 0, 1),
    ]
    assert [(row.stock_point, row.on_time_percent) for row in told(By.STOCK_POINT)] == [("lille", 100), ("lyon", 0)]
    lyon = Access(stock_points=frozenset({StockPoint.objects.get(code="lyon").pk}), channels=None)
    assert [row.stock_point for row in told(By.STOCK_POINT, access=lyon)] == ["lyon"]


def test_a_pickup_is_kept_once_it_is_ready(retailer: Retailer, now: SetClock) -> None:
    work = retailer.one_work(retailer.place({"shirt": 1}, mode="pickup", pickup_point="lille")["number"])
    now.move_to(NOW + timedelta(days=1))
    retailer.pick(retailer.accept(work))
    (row,) = told(By.LANE)
    assert (row.service, row.service_name, row.stock_point, row.zone) == (
        "pickup",
        "Click and collect",
        "lille",
        "lille",
    )
    assert (row.arrived, row.late, row.late_days) == (1, 1, 1.0)


def test_only_the_period_is_told_in_one_statement(retailer: Retailer, now: SetClock) -> None:
    for _ in range(3):
        sent(retailer, now)
    assert told(By.CARRIER, since=date(2026, 5, 6), until=date(2026, 5, 30)) == []
    with CaptureQueriesContext(connection) as captured:
        assert told(By.LANE)[0].sent == 3
    assert len(captured) == 1


def test_the_page_and_its_file(retailer: Retailer, now: SetClock) -> None:
    delivered(sent(retailer, now), now, day=7)
    office = signed_in("head_office")
    page = words(office.get(PAGE))
    assert "Post Post home 100.0 % 1 1 0 0 0 2.0 2.0" in page
    by_lane = {"by": "lane", "since": "2026-05-01", "until": "2026-05-31"}
    assert "To the zone" in words(office.get(PAGE, by_lane))
    file = office.get(PAGE, by_lane | {"format": "csv"})
    header, row = file.content.decode().splitlines()
    assert header.startswith("carrier,service,stock_point,zone,sent,arrived")
    assert row == "post,post-home,lille,fr,1,1,1,0,0,100.0,2.0,2.0,,0,0"
    assert "attachment" in file["Content-Disposition"]
    retailer.add_points(["lyon"], **LYON)
    stranger = signed_in("store_manager", store="lyon")
    assert "post-home" not in words(stranger.get(PAGE))
    assert "Promis et réel" in words(signed_in("merchandiser", language="fr").get(PAGE))


def test_a_period_that_makes_no_sense_is_told(retailer: Retailer) -> None:
    office = signed_in("head_office")
    assert "ends before it begins" in words(office.get(PAGE, {"since": "2026-05-09", "until": "2026-05-01"}))
    assert "longer than 400 days" in words(office.get(PAGE, {"since": "2020-05-09", "until": "2026-05-01"}))
    assert office.get(PAGE, {"since": "yesterday"}).status_code == 200
