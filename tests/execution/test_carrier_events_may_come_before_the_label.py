from __future__ import annotations

from orders import carriers
from orders.models import CarrierEvent, Parcel
from orders.services.labelling import label_request, make_label
from orders.services.tracking import apply_waiting_events
from tests.execution.watching import level, nothing_moves, state_of
from tests.factories.retailer import Json, Retailer, answered, totals
from tests.support.holding import assert_invariants_hold


def packed(retailer: Retailer) -> tuple[Json, Parcel]:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    retailer.move(work, "pack", {"parcels": [{"weight_g": 800, "lines": totals(work)}]})
    return work, Parcel.objects.get()


def number_of(parcel: Parcel) -> str:
    """As the carrier knows it already; the parcel does not yet."""
    return carriers.named("house").buy(label_request(parcel)).tracking_number


def test_about_a_parcel_nobody_knows_it_is_kept(retailer: Retailer) -> None:
    answered(retailer.tell("HA00000000000000", "delivered"), 200)
    (event,) = CarrierEvent.objects.all()
    assert (event.parcel_id, event.tracking_number, event.kind) == (None, "HA00000000000000", "delivered")


def test_it_is_applied_when_the_label_turns_up(retailer: Retailer) -> None:
    work, parcel = packed(retailer)
    number = number_of(parcel)
    answered(retailer.tell(number, "in_transit"), 200)
    answered(retailer.tell(number, "delivered"), 200)
    assert (state_of(work), level("shirt", "lille")) == ("packed", (5, 2, 0))
    make_label(parcel_id=parcel.pk)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.events.count()) == ("delivered", 2)
    assert (state_of(work), level("shirt", "lille")) == ("completed", (3, 0, 0))
    assert retailer.slices(work["order"]) == {("shirt", "lille", 2, "delivered")}
    with nothing_moves():
        make_label(parcel_id=parcel.pk)
        apply_waiting_events(parcel_id=parcel.pk)
    retailer.drain()
    assert retailer.order(work["order"])["state"] == "fulfilled"
    assert_invariants_hold()


def test_also_when_the_task_was_interrupted_after_keeping_the_label(retailer: Retailer) -> None:
    work, parcel = packed(retailer)
    number = number_of(parcel)
    make_label(parcel_id=parcel.pk)
    answered(retailer.tell(number, "delivered", event_id="early"), 200)
    CarrierEvent.objects.update(parcel=None)
    Parcel.objects.update(delivered_at=None)
    with nothing_moves():
        assert answered(retailer.tell(number, "delivered", event_id="early"), 200) == {"is_new": False}
    make_label(parcel_id=parcel.pk)
    assert parcel.events.count() == 1
    assert state_of(work) == "completed"
