"""Of two parcels sent to a store one does not come: the customer gets the other, and the one should it turn up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orders.models import Fulfilment, Order, Parcel
from orders.services import collecting
from orders.services.collecting import receive_parcel
from orders.services.losing import declare_lost
from tests.execution.watching import lines, nothing_moves
from tests.factories.retailer import Json, Retailer
from tests.store.people import tablet
from tests.support.concurrently import Elsewhere
from tests.support.holding import assert_invariants_hold

RECEIVE = "/store/receive/"


@pytest.fixture
def sent(retailer: Retailer) -> Json:
    """Two shirts in one parcel and a hat in another, on their way from Lille to Paris."""
    retailer.report("receipt", {("shirt", "lille"): 3, ("hat", "lille"): 3})
    number = retailer.place({"shirt": 2, "hat": 1}, mode="ship_to_store", pickup_point="paris")["number"]
    work = retailer.pick(retailer.accept(retailer.one_work(number)))
    boxes = [{"weight_g": 900, "lines": lines(shirt=2)}, {"weight_g": 400, "lines": lines(hat=1)}]
    packed = retailer.move(work, "pack", {"parcels": boxes})
    retailer.drain()
    return retailer.move(packed, "hand-over")


def parcels() -> tuple[Parcel, Parcel]:
    shirts, hat = Parcel.objects.order_by("position")
    return shirts, hat


def lose(parcel: Parcel) -> None:
    declare_lost(order_id=Order.objects.get().pk, parcel_id=parcel.pk)


def works() -> list[tuple[str, list[str]]]:
    return [
        (work.state, sorted(work.allocations.values_list("line__sku", flat=True)))
        for work in Fulfilment.objects.order_by("pk")
    ]


def test_lost_after_the_other_came_the_other_is_ready_at_once(retailer: Retailer, sent: Json) -> None:
    shirts, hat = parcels()
    receive_parcel(parcel_id=shirts.pk)
    lose(hat)
    assert works() == [("ready_for_pickup", ["shirt"]), ("handed_over", ["hat"])]
    retailer.drain()
    collected = retailer.move(sent, "collect", {"code": retailer.code_for(sent)})
    assert collected["state"] == "completed"
    assert retailer.slices(sent["order"]) == {("shirt", "lille", 2, "collected"), ("hat", "lille", 1, "in_transfer")}
    assert retailer.order(sent["order"])["state"] == "partially_fulfilled"
    assert_invariants_hold()


def test_lost_before_the_other_came_the_other_does_not_wait_for_it(retailer: Retailer, sent: Json) -> None:
    shirts, hat = parcels()
    lose(hat)
    assert works() == [("handed_over", ["shirt"]), ("handed_over", ["hat"])]
    assert receive_parcel(parcel_id=shirts.pk).state == "ready_for_pickup"
    with nothing_moves():
        lose(hat)
    assert_invariants_hold()


def test_one_that_turns_up_is_collected_with_a_code_of_its_own(retailer: Retailer, sent: Json) -> None:
    shirts, hat = parcels()
    receive_parcel(parcel_id=shirts.pk)
    lose(hat)
    retailer.move(sent, "collect", {"code": retailer.code_for(sent)})
    late = receive_parcel(parcel_id=hat.pk)
    assert (late.state, Parcel.objects.get(pk=hat.pk).state) == ("ready_for_pickup", "delivered")
    retailer.drain()
    code = retailer.code_for({"id": late.pk})
    assert retailer.move({"id": late.pk}, "collect", {"code": code})["state"] == "completed"
    assert retailer.order(sent["order"])["state"] == "fulfilled"
    assert_invariants_hold()


def test_one_that_goes_back_keeps_the_other_no_longer_either(retailer: Retailer, sent: Json) -> None:
    shirts, hat = parcels()
    receive_parcel(parcel_id=shirts.pk)
    retailer.tell(hat.tracking_number or "", "returned_to_sender")
    assert works() == [("ready_for_pickup", ["shirt"]), ("handed_over", ["hat"])]
    retailer.tell(hat.tracking_number or "", "returned_to_sender", event_id="again")
    assert len(works()) == 2
    assert_invariants_hold()


@pytest.mark.parametrize("is_alone", [True, False])
def test_one_that_was_said_to_go_back_is_received_when_it_turns_up(
    retailer: Retailer, sent: Json, is_alone: bool
) -> None:
    shirts, hat = parcels()
    if not is_alone:
        retailer.tell(shirts.tracking_number or "", "returned_to_sender")
    retailer.tell(hat.tracking_number or "", "returned_to_sender")
    assert Order.objects.get().needs_attention
    paris = tablet(stock_points=("paris",))
    for number, parcel in enumerate((shirts, hat), start=1):
        key = f"5f0f8c3e-6f52-4a8e-9f2a-0d6f7e0c1a5{number}"
        paris.post(RECEIVE, {"scanned": parcel.tracking_number, "action_key": key})
    assert sorted(works()) == [("ready_for_pickup", ["hat"]), ("ready_for_pickup", ["shirt"])]
    # What its carrier told before it was scanned is not told again by being repeated, or by coming late.
    retailer.tell(hat.tracking_number or "", "returned_to_sender", event_id="late", after=-timedelta(minutes=5))
    assert {parcel.state for parcel in parcels()} == {"delivered"}
    assert Order.objects.get().needs_attention == ""
    retailer.drain()
    assert_invariants_hold()


def test_one_that_the_store_has_stays_with_the_others_whatever_its_carrier_tells(
    retailer: Retailer, sent: Json
) -> None:
    shirts, hat = parcels()
    receive_parcel(parcel_id=shirts.pk)
    retailer.tell(shirts.tracking_number or "", "returned_to_sender")
    assert Parcel.objects.get(pk=shirts.pk).state == "returned_to_sender"
    assert works() == [("handed_over", ["hat", "shirt"])]
    assert receive_parcel(parcel_id=hat.pk).state == "ready_for_pickup"
    retailer.drain()
    assert retailer.move(sent, "collect", {"code": retailer.code_for(sent)})["state"] == "completed"
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_other_there", [False, True])
def test_one_declared_lost_in_the_moment_it_is_scanned_is_received_all_the_same(
    retailer: Retailer, sent: Json, monkeypatch: pytest.MonkeyPatch, is_other_there: bool
) -> None:
    shirts, hat = parcels()
    if is_other_there:
        receive_parcel(parcel_id=shirts.pk)
    read_work = collecting.read_work

    def lost_meanwhile(*args: Any, **values: Any) -> Any:
        monkeypatch.setattr(collecting, "read_work", read_work)
        with Elsewhere(lambda: lose(hat)) as other:
            other.result()
        return read_work(*args, **values)

    monkeypatch.setattr(collecting, "read_work", lost_meanwhile)
    assert receive_parcel(parcel_id=hat.pk).state == "ready_for_pickup"
    first = "ready_for_pickup" if is_other_there else "handed_over"
    assert works() == [(first, ["shirt"]), ("ready_for_pickup", ["hat"])]
    assert_invariants_hold()


def test_the_only_parcel_of_a_work_stays_with_it(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 3})
    number = retailer.place({"shirt": 1}, mode="ship_to_store", pickup_point="paris")["number"]
    retailer.ship(retailer.one_work(number))
    lose(Parcel.objects.get())
    assert works() == [("handed_over", ["shirt"])]


def test_the_store_is_told_of_what_is_coming_only_and_may_scan_what_turns_up(retailer: Retailer, sent: Json) -> None:
    paris = tablet(stock_points=("paris",))
    shirts, hat = parcels()
    lose(hat)
    page = paris.get(RECEIVE).content.decode()
    assert (shirts.tracking_number in page, hat.tracking_number in page) == (True, False)
    paris.post(RECEIVE, {"scanned": hat.tracking_number, "action_key": "5f0f8c3e-6f52-4a8e-9f2a-0d6f7e0c1a55"})
    assert works() == [("handed_over", ["shirt"]), ("ready_for_pickup", ["hat"])]
