"""A parcel is declared lost by a person: the order calls for help until the parcel turns up or comes back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from oms.core.errors import NotFound, StateConflict
from orders.models import Order, Parcel
from orders.services.losing import declare_lost
from tests.admin.people import signed_in
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold


def on_its_way(retailer: Retailer) -> tuple[Json, Parcel]:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.ship(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    return work, Parcel.objects.get()


def attention() -> str:
    return Order.objects.get().needs_attention


def test_it_is_lost_once_and_what_the_carrier_tells_later_counts(retailer: Retailer) -> None:
    _, parcel = on_its_way(retailer)
    order = Order.objects.get()
    declare_lost(order_id=order.pk, parcel_id=parcel.pk)
    declare_lost(order_id=order.pk, parcel_id=parcel.pk)
    assert order.timeline.filter(event="parcel.lost").count() == 1
    assert attention() == f"Parcel {parcel.tracking_number}: lost"
    retailer.tell(parcel.tracking_number or "", "in_transit")
    assert Parcel.objects.get().state == "lost"
    retailer.tell(parcel.tracking_number or "", "delivered")
    retailer.drain()
    assert (Parcel.objects.get().state, Order.objects.get().state, attention()) == ("delivered", "fulfilled", "")
    assert_invariants_hold()


def test_only_what_left_and_has_not_arrived_can_be_lost(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pack(retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"])))
    order, parcel = Order.objects.get(), Parcel.objects.get()
    with pytest.raises(StateConflict):
        declare_lost(order_id=order.pk, parcel_id=parcel.pk)
    retailer.deliver(retailer.move(work, "hand-over"))
    with pytest.raises(StateConflict):
        declare_lost(order_id=order.pk, parcel_id=parcel.pk)
    with pytest.raises(NotFound):
        declare_lost(order_id=order.pk + 1, parcel_id=parcel.pk)
    assert (Parcel.objects.get().state, attention()) == ("delivered", "")


def test_customer_service_says_so_on_the_order_page(retailer: Retailer) -> None:
    _, parcel = on_its_way(retailer)
    order = Order.objects.get()
    service = signed_in("customer_service")
    page = reverse("admin:orders_order_lost", args=[order.pk])
    assert page in service.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert service.post(page, {"parcel_id": parcel.pk}).status_code == 302
    assert Parcel.objects.get().state == "lost"
    assert page not in service.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
