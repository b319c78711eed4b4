"""From the promise to the door, from real events."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils.formats import date_format

from oms.core import clock
from oms.core.today import today as the_day_it_is
from orders.models import Allocation, Fulfilment, Order, Parcel, Pickup
from orders.queries.payment_links import payment_token
from orders.queries.tracking_links import tracking_token
from orders.services.refunding import refund_order
from tests.factories.network import lille
from tests.factories.retailer import Retailer, answered
from tests.public.reading import page, placed, steps

pytestmark = pytest.mark.django_db


def test_a_parcel_step_by_step(retailer: Retailer) -> None:
    number = placed(retailer)
    assert "Your order is confirmed" in page(number)
    work = retailer.one_work(number)
    assert steps(number)[:3] == [
        ("Order confirmed", "done"),
        ("Being prepared", "now"),
        ("Handed to the carrier", "next"),
    ]
    sent = retailer.ship(work)
    assert "This parcel is on its way to you." in page(number)
    tracking_number = sent["parcels"][0]["tracking_number"]
    assert tracking_number in page(number)
    answered(retailer.tell(tracking_number, "in_transit", after=timedelta(minutes=1)), 200)
    answered(retailer.tell(tracking_number, "out_for_delivery", after=timedelta(minutes=2)), 200)
    assert steps(number) == [
        ("Order confirmed", "done"),
        ("Being prepared", "done"),
        ("Handed to the carrier", "done"),
        ("On its way", "done"),
        ("Out for delivery", "now"),
        ("Delivered", "next"),
    ]
    retailer.deliver(sent)
    assert {reached for _, reached in steps(number)} == {"done"}
    assert "Everything is with you" in page(number)


def test_the_hours_that_were_chosen_are_told(retailer: Retailer) -> None:
    begins = clock.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=3)
    slot = {"from": begins.isoformat(), "to": (begins + timedelta(hours=2)).isoformat()}
    number = placed(retailer, mode="slot", slot=slot, shipping_address=lille())
    here = [moment.astimezone(ZoneInfo(settings.TIME_ZONE)) for moment in (begins, begins + timedelta(hours=2))]
    told = f"on {date_format(here[0], 'DATE_FORMAT')}, {here[0]:%H:%M} – {here[1]:%H:%M}"
    assert told in page(number)
    retailer.drain()
    assert any(f"We deliver {told}." in str(message.body) for message in mail.outbox)
    retailer.deliver(retailer.ship(retailer.one_work(number)))
    assert told not in page(number)


def test_who_brings_it_is_named(retailer: Retailer) -> None:
    number = placed(retailer)
    retailer.ship(retailer.one_work(number))
    assert "Carrier" not in page(number).partition("Tracking number")[0][-200:]
    Parcel.objects.update(carrier="velo-ville")
    assert "Carrier Velo ville Tracking number" in page(number)


def test_a_step_nobody_noted_was_passed_all_the_same(retailer: Retailer) -> None:
    number = placed(retailer)
    retailer.deliver(retailer.ship(retailer.one_work(number)))

    assert ("On its way", "done") in steps(number)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("exception", "The carrier reports a problem"), ("returned_to_sender", "On its way back to us")],
)
def test_trouble_is_told(retailer: Retailer, kind: str, said: str) -> None:
    number = placed(retailer)
    sent = retailer.ship(retailer.one_work(number))
    answered(retailer.tell(sent["parcels"][0]["tracking_number"], kind, after=timedelta(minutes=1)), 200)

    assert (said, "trouble") in steps(number)
    assert said in page(number)


def test_a_pickup_with_its_code(retailer: Retailer) -> None:
    number = placed(retailer, mode="pickup", pickup_point="paris")
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    code = retailer.code_for(ready)

    shown = page(number)
    assert code in shown
    assert "Pickup at Paris Marais" in shown
    assert "Monday – Tuesday 10:00 – 19:00" in shown
    assert "Kept for you until" in shown
    retailer.move(ready, "collect", {"code": code})
    assert code not in page(number)
    assert {reached for _, reached in steps(number)} == {"done"}


def test_a_pickup_that_is_kept_longer_than_promised(retailer: Retailer) -> None:
    number = placed(retailer, mode="pickup", pickup_point="paris")
    retailer.pick(retailer.accept(retailer.one_work(number)))
    assert "Everything is waiting for you in the store." in page(number)
    Pickup.objects.update(expires_on=the_day_it_is() - timedelta(days=2))
    told = page(number)
    assert "Still waiting for you" in told and "may go back on sale soon" in told
    assert "Everything is waiting for you" not in told


def test_a_locked_code_is_not_shown(retailer: Retailer) -> None:
    number = placed(retailer, mode="pickup", pickup_point="paris")
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    Pickup.objects.update(failed_tries=5)

    assert retailer.code_for(ready) not in page(number)
    assert "it is locked" in page(number)


def test_goods_that_travel_to_the_store(retailer: Retailer) -> None:
    number = placed(retailer, {"coat": 1}, mode="ship_to_store", pickup_point="paris")
    retailer.ship(retailer.one_work(number))

    assert steps(number) == [
        ("Order confirmed", "done"),
        ("Being prepared", "done"),
        ("On its way to the store", "now"),
        ("Ready for pickup", "next"),
        ("Collected", "next"),
    ]


def test_cancelled_parts_and_refunds(retailer: Retailer) -> None:
    number = placed(retailer, {"shirt": 2, "hat": 1})
    shirts = retailer.order(number)["lines"][0]["id"]
    answered(retailer.api.post(f"/orders/{number}/lines/{shirts}/cancel/", {"quantity": 1}), 200)
    retailer.ship(retailer.one_work(number))
    refund_order(order_id=Order.objects.get(number=number).pk, amount=Decimal("3.00"), reference="return:1")

    assert "These articles are no longer part of your order." in page(number)
    assert "Refund, on its way back" in page(number)
    retailer.drain()
    assert "Refund, given back" in page(number)
    assert "−€3.00" in page(number)
    shirt = Order.objects.get(number=number).lines.get(pk=shirts).unit_price
    assert f"Cancelled, never charged −€{shirt}" in page(number)


def test_a_cancelled_order(retailer: Retailer) -> None:
    number = placed(retailer)
    assert "never charged" not in page(number)
    answered(retailer.api.post(f"/orders/{number}/cancel/", {}), 200)

    assert "This order is cancelled" in page(number)


def test_what_is_not_in_stock_is_said(retailer: Retailer) -> None:
    retailer.add_channel("patient", allows_backorders=True)
    number = placed(retailer, {"coat": 25}, channel="patient")

    assert "Not in stock yet" in page(number)
    assert "We send them as soon as they come in." in page(number)


def test_later_than_promised(retailer: Retailer) -> None:
    number = placed(retailer)
    retailer.one_work(number)
    yesterday, tomorrow = (the_day_it_is() + timedelta(days=days) for days in (-1, 3))
    Order.objects.update(promised_on=yesterday)
    Allocation.objects.update(promised_on=yesterday)
    Fulfilment.objects.update(promised_on=tomorrow)
    assert "Later than we promised: we now expect it by" in page(number)

    Fulfilment.objects.update(promised_on=yesterday)
    assert "It is late, and we do not know the new day yet." in page(number)


def test_a_milestone_missed(retailer: Retailer) -> None:
    number = placed(retailer)
    retailer.one_work(number)
    Fulfilment.objects.update(due_at=clock.now() + timedelta(hours=1))
    assert "We are behind" not in page(number)
    Fulfilment.objects.update(due_at=clock.now() - timedelta(hours=1))

    assert "We are behind with preparing it" in page(number)


def test_an_order_that_waits_for_its_payment(retailer: Retailer) -> None:
    number = placed(retailer, payments=[{"gateway": "simulated", "method": "payment_link"}])

    assert steps(number) == [("Order placed", "now"), ("Paid", "next"), ("Being prepared", "next")]
    shown = Client().get(f"/order/{tracking_token(number)}/").content.decode()
    assert f"/pay/{payment_token(number)}/" in shown
    assert "Pay now" in shown


def test_an_order_on_hold(retailer: Retailer) -> None:
    number = placed(retailer)
    answered(retailer.api.post(f"/orders/{number}/hold/", {"reason": "fraud check of Camille"}), 200)

    assert "We are checking something" in page(number)
    assert "fraud" not in page(number)


def test_in_the_orders_language_unless_another_is_chosen(retailer: Retailer) -> None:
    number = placed(retailer, language="fr")
    client = Client()
    path = f"/order/{tracking_token(number)}/"
    french = client.get(path, headers={"Accept-Language": "en"})
    assert french.headers["Content-Language"] == "fr"
    assert "Votre commande est confirmée" in french.content.decode()

    client.post("/language/", {"language": "en", "next": path})
    assert "Your order is confirmed" in client.get(path).content.decode()
