"""What times are learned from is recorded by the work itself: when it began, when it was over, on which lane."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from oms.core import clock
from oms.orchestration.models import RunOutcome
from oms.orchestration.queries.under_way import parcels_under_way, works_under_way
from orders.models import Order, Parcel
from orders.services.losing import declare_lost
from tests.factories.clients import signing_peer
from tests.factories.retailer import PARIS, Retailer, answered, open_retailer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 5, 10, tzinfo=UTC)


@pytest.fixture
def time() -> Iterator[clock.SetClock]:
    with clock.set_clock(NOON) as set_clock:
        yield set_clock


@pytest.fixture
def retailer(time: clock.SetClock) -> Retailer:
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_articles(["shirt"])
    found.report("receipt", {("shirt", "paris"): 9})
    return found


def ended(kind: str) -> RunOutcome:
    return RunOutcome.objects.get(kind=kind, began_at__isnull=False)


def test_preparing_and_travelling_are_under_way_and_then_recorded(retailer: Retailer, time: clock.SetClock) -> None:
    number = retailer.place({"shirt": 1})["number"]
    work = retailer.one_work(number)
    (running,) = works_under_way(since=NOON)
    assert (running.began_at, parcels_under_way(since=NOON)) == (NOON, [])
    time.advance(timedelta(hours=3))
    sent = retailer.ship(work)
    assert (ended("packed").began_at, ended("packed").at) == (NOON, NOON + timedelta(hours=3))
    (road,) = parcels_under_way(since=NOON)
    assert (road.began_at, road.service, road.zone) == (NOON + timedelta(hours=3), "house", "500 km")
    assert works_under_way(since=NOON) == []
    time.advance(timedelta(days=2))
    event = {"event_id": "scan-1", "tracking_number": sent["parcels"][0]["tracking_number"], "kind": "delivered"}
    at = clock.now() - timedelta(hours=1)
    carrier = sent["parcels"][0]["carrier"]
    answered(signing_peer(carrier).post(f"/carriers/{carrier}/events/", event | {"occurred_at": at.isoformat()}), 200)
    outcome = ended("delivered")
    assert (outcome.began_at, outcome.at, outcome.zone) == (NOON + timedelta(hours=3), at, "500 km")
    assert parcels_under_way(since=NOON) == []


def test_a_cancelled_order_is_under_way_no_more(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 1})["number"]
    retailer.one_work(number)
    answered(retailer.api.post(f"/orders/{number}/cancel/", {}), 200)
    assert works_under_way(since=NOON) == []


@pytest.mark.parametrize("ending", ["returned_to_sender", "lost"])
def test_a_parcel_that_will_not_come_is_under_way_no_more(
    retailer: Retailer, time: clock.SetClock, ending: str
) -> None:
    sent = retailer.ship(retailer.one_work(retailer.place({"shirt": 1})["number"]))
    assert len(parcels_under_way(since=NOON)) == 1
    time.advance(timedelta(days=2))
    parcel = Parcel.objects.get()
    if ending == "lost":
        declare_lost(order_id=Order.objects.get().pk, parcel_id=parcel.pk)
    else:
        retailer.tell(sent["parcels"][0]["tracking_number"], ending)
    assert (Parcel.objects.get().state, parcels_under_way(since=NOON)) == (ending, [])
    assert not RunOutcome.objects.filter(kind="delivered").exists()
