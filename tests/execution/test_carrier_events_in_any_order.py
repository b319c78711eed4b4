"""Fault 15: every permutation of a carrier's messages ends in the same state. Fault 14: repeats have no effect."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import Allocation, CarrierEvent, Fulfilment, Order, Parcel, PaymentOperation
from orders.services.tracking import record_carrier_event
from stock.models import StockLevel, StockMovement
from tests.execution.watching import lines, movements, nothing_moves, state_of
from tests.factories.retailer import Json, Retailer, answered
from tests.support.holding import assert_invariants_hold

STORIES = {
    "delivered after an exception": ("handed_over", "in_transit", "exception", "delivered"),
    "delivered, then refused": ("delivered", "returned_to_sender"),
    "still underway": ("handed_over", "in_transit", "exception", "out_for_delivery"),
    "in trouble": ("handed_over", "in_transit", "exception"),
    # This carrier tells of the hand-over only once its depot has counted.
    "handed over late": ("in_transit", "handed_over"),
}
END = {
    "delivered after an exception": ("delivered", "completed", "delivered", ""),
    "delivered, then refused": ("returned_to_sender", "completed", "delivered", "returned_to_sender"),
    "still underway": ("in_transit", "handed_over", "shipped", ""),
    "in trouble": ("exception", "handed_over", "shipped", "exception"),
    "handed over late": ("in_transit", "handed_over", "shipped", ""),
}


def labelled(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "lille"): 5})
    return retailer.pack(retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"])))


def state() -> dict[str, Any]:
    """All that a message can change, but for the hour of our own clock."""
    return {
        "parcels": list(Parcel.objects.order_by("pk").values("state", "delivered_at")),
        "slices": list(Allocation.objects.order_by("pk").values("state", "quantity")),
        "work": list(Fulfilment.objects.values_list("state", flat=True)),
        "order": list(Order.objects.values("state", "needs_attention")),
        "levels": list(StockLevel.objects.order_by("pk").values("on_hand", "reserved", "unavailable")),
        "movements": list(StockMovement.objects.order_by("pk").values("kind", "quantity")),
        "captures": list(PaymentOperation.objects.filter(kind="capture").values("state", "amount")),
    }


def updates(work: Json, kinds: tuple[str, ...]) -> list[TrackingUpdate]:
    begin = clock.now() - timedelta(hours=6)
    number = work["parcels"][0]["tracking_number"]
    return [
        TrackingUpdate(f"scan-{place}", number, TrackingKind(kind), begin + timedelta(minutes=place))
        for place, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize("story", STORIES)
def test_one_state_whatever_the_order_and_with_repeats(retailer: Retailer, story: str) -> None:
    work = labelled(retailer)
    ends = []
    for order in permutations(updates(work, STORIES[story])):
        with transaction.atomic():
            for update in order:
                assert record_carrier_event(carrier="house", update=update) is True
            for update in order:
                assert record_carrier_event(carrier="house", update=update) is False
            drain_events()
            ends.append(state())
            assert_invariants_hold()
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)
    parcel, fulfilment, slice_, trouble = END[story]
    assert ends[0]["parcels"][0]["state"] == parcel
    assert ends[0]["work"] == [fulfilment]
    assert ends[0]["slices"] == [{"state": slice_, "quantity": 2}]
    number = work["parcels"][0]["tracking_number"]
    assert ends[0]["order"][0]["needs_attention"] == (f"Parcel {number}: {trouble}" if trouble else "")
    assert len(ends[0]["captures"]) == 1


def test_two_parcels_of_which_one_comes_back(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    box = {"weight_g": 500, "lines": lines(shirt=1)}
    retailer.move(work, "pack", {"parcels": [box, box]})
    retailer.drain()
    numbers = list(Parcel.objects.order_by("pk").values_list("tracking_number", flat=True))
    at = clock.now() - timedelta(hours=1)
    told = [
        TrackingUpdate("a", numbers[0], TrackingKind.DELIVERED, at),
        TrackingUpdate("b", numbers[1], TrackingKind.RETURNED_TO_SENDER, at),
        TrackingUpdate("c", numbers[1], TrackingKind.EXCEPTION, at - timedelta(hours=1)),
    ]
    ends = []
    for order in permutations(told):
        with transaction.atomic():
            for update in order:
                record_carrier_event(carrier="house", update=update)
            drain_events()
            ends.append({**state(), "movements": sorted(movements("shirt", "lille", "shipment"))})
            assert_invariants_hold()
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)
    assert ends[0]["work"] == ["completed"]
    assert sorted(slice_["state"] for slice_ in ends[0]["slices"]) == ["delivered", "shipped"]


def test_a_repeat_over_http_is_told_so_and_moves_nothing(retailer: Retailer) -> None:
    work = labelled(retailer)
    number = work["parcels"][0]["tracking_number"]
    # The clock stands still: a repeat is known by its id, not by the hour.
    with clock.clock_at(clock.now()):
        assert answered(retailer.tell(number, "delivered", event_id="once"), 200) == {"is_new": True}
        with nothing_moves():
            assert answered(retailer.tell(number, "delivered", event_id="once"), 200) == {"is_new": False}
    assert CarrierEvent.objects.count() == 1
    assert state_of(work) == "completed"


def test_a_message_means_that_the_parcel_was_handed_over(retailer: Retailer) -> None:
    work = labelled(retailer)
    answered(retailer.tell(work["parcels"][0]["tracking_number"], "in_transit"), 200)
    assert retailer.slices(work["order"]) == {("shirt", "lille", 2, "shipped")}
    assert movements("shirt", "lille", "shipment") == [-2]
    with nothing_moves():
        assert retailer.move(work, "hand-over")["state"] == "handed_over"
    retailer.drain()
    assert retailer.order(work["order"])["payments"][0]["captured"] == "20.00"
    assert_invariants_hold()


def test_a_message_from_the_future_is_refused(retailer: Retailer) -> None:
    work = labelled(retailer)
    with nothing_moves():
        answer = retailer.tell(work["parcels"][0]["tracking_number"], "delivered", after=timedelta(hours=1))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_an_unsigned_message_is_refused(retailer: Retailer) -> None:
    work = labelled(retailer)
    body = {
        "event_id": "x",
        "tracking_number": work["parcels"][0]["tracking_number"],
        "kind": "delivered",
        "occurred_at": clock.now().isoformat(),
    }
    with nothing_moves():
        assert retailer.api.post("/carriers/house/events/", body).status_code == 401
