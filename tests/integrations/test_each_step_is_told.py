"""From the order to the refund: which mail comes when, to whom, from whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.utils.formats import date_format

from oms.core import clock
from orders.models import Allocation, Order, Parcel
from orders.queries.payment_links import payment_token
from orders.services.receipting import send_receipt
from orders.services.refunding import refund_order
from orders.services.sweeping import expire_unpaid_orders
from tests.factories.retailer import Retailer, answered
from tests.integrations.reading import subjects, text, told, words_of

pytestmark = pytest.mark.django_db


def placed(retailer: Retailer, **values: object) -> str:
    """An order whose confirmation has been sent and put away."""
    lines = {"coat": 1} if values.get("mode") == "ship_to_store" else {"shirt": 2, "hat": 1}
    number: str = retailer.place(lines, **values)["number"]
    retailer.drain()
    mail.outbox.clear()
    return number


def test_a_confirmed_order(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 2, "hat": 1})["number"]
    retailer.drain()

    (message,) = mail.outbox
    assert message.subject == f"Your order {number} is confirmed"
    assert message.to == ["camille@example.org"]
    banner = Order.objects.get(number=number).channel.banner.name
    assert message.from_email == f"{banner} <orders@halles.example>"
    assert "2 × Shirt (blue · M) — €20.00" in message.body
    assert Order.objects.get(number=number).customer_name in message.body
    assert answered(retailer.api.get(f"/orders/{number}/"), 200)["tracking_url"] in message.body
    assert f"You receive this message because you placed order {number} with {banner}." in message.body


def mixed(retailer: Retailer) -> str:
    """A shirt taken along, a hat sent, a coat collected in the store it is brought to."""
    body = retailer.order_body({"hat": 1, "shirt": 1, "coat": 1}, selling_stock_point="paris")
    _hat, shirt, coat = body["lines"]
    shirt["mode"], coat["mode"], coat["pickup_point"] = "carry_out", "ship_to_store", "paris"
    number: str = answered(retailer.api.post("/orders/", body), 201)["number"]
    retailer.drain()
    return number


def test_each_way_the_articles_of_an_order_take_is_told_with_its_articles(retailer: Retailer) -> None:
    hat = Allocation.objects.get(line__order__number=mixed(retailer), line__sku="hat")
    promised_on = date_format(hat.promised_on, "DATE_FORMAT")

    lists = [part.strip().splitlines() for part in text().split("\n\n")]
    assert [[line.partition(" (")[0].strip() for line in lines] for lines in lists[3:6]] == [
        ["You have taken these articles along.", "1 × Shirt"],
        [f"We expect to deliver by {promised_on}.", "1 × Hat"],
        ["We write to you as soon as your articles are waiting for you at Paris Marais.", "1 × Coat"],
    ]


@pytest.mark.parametrize("place", [mixed, lambda retailer: retailer.place({"shirt": 2, "hat": 1})])
def test_text_and_html_say_the_same(retailer: Retailer, place: Callable[[Retailer], object]) -> None:
    place(retailer)
    retailer.drain()

    (message,) = mail.outbox
    read = words_of(message)
    for line in message.body.splitlines():
        for word in line.replace("—", " ").replace("(", " ").replace(")", " ").split():
            if not word.startswith("http") and word != "--":
                assert word in read, word


def test_a_parcel_that_left(retailer: Retailer) -> None:
    number = placed(retailer)
    work = retailer.ship(retailer.one_work(number))

    assert subjects() == [f"A parcel of your order {number} is on its way"]
    assert f"Tracking number — {work['parcels'][0]['tracking_number']}" in text()
    assert "1 × Hat" in text()


def test_who_brings_a_parcel_is_named(retailer: Retailer) -> None:
    number = placed(retailer)
    work = retailer.pack(retailer.pick(retailer.accept(retailer.one_work(number))))
    Parcel.objects.update(carrier="velo-ville")
    retailer.move(work, "hand-over")
    retailer.drain()
    assert "Carrier — Velo ville" in text()


def test_goods_ready_in_the_store_and_collected(retailer: Retailer) -> None:
    number = placed(retailer, mode="pickup", pickup_point="paris")
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    retailer.drain()

    code = retailer.code_for(ready)
    assert subjects() == [f"Your order {number} is ready for pickup"]
    assert code in text()
    assert "Paris Marais" in text()
    assert "Monday – Tuesday — 10:00 – 19:00" in text()
    mail.outbox.clear()

    retailer.move(ready, "collect", {"code": code})
    retailer.drain()
    assert subjects() == [f"Your order {number}: thank you for your visit"]


def test_a_part_that_is_ready_is_told_as_a_part_and_the_rest_follows(retailer: Retailer) -> None:
    """A shirt and a hat are collected in Paris, each part by itself; a coat is sent."""
    retailer.api.put_rows("/stock-points/", [{"code": "paris", "line1": "4 rue de Bretagne", "city": "Paris"}])
    body = retailer.order_body({"shirt": 1, "coat": 2})
    body["lines"][0] |= {"mode": "pickup", "pickup_point": "paris"}
    number: str = answered(retailer.api.post("/orders/", body), 201)["number"]
    retailer.drain()
    mail.outbox.clear()
    pickup, sent = sorted(retailer.work(number), key=lambda work: str(work["mode"] != "pickup"))
    retailer.pick(retailer.accept(pickup))
    retailer.drain()
    assert subjects() == [f"A part of your order {number} is ready for pickup"]
    assert "These articles of your order are ready at Paris Marais." in text()
    assert "1 × Shirt" in text()
    assert "Coat" not in text()
    assert "2 articles still follow." in text()
    assert "Paris Marais, 4 rue de Bretagne, 75004 Paris" in text()
    assert sent["mode"] == "home"


def test_the_confirmation_tells_both_days_of_what_comes_in_two_parts(retailer: Retailer) -> None:
    retailer.api.put_rows("/sales-channels/", [{"code": "web", "allows_preorders": True}])
    on = (clock.now() + timedelta(days=9)).date().isoformat()
    row = {"reference": "PO-1", "sku": "coat", "stock_point": "lille", "quantity": 3, "expected_on": on}
    retailer.report("adjustment", {("coat", "lille"): -20})
    retailer.api.put_rows("/expected-receipts/", [row | {"kind": "purchase"}])
    lines = {"shirt": 1, "coat": 1}
    body = retailer.order_body(lines)
    to = {name: body["shipping_address"][name] for name in ("country", "postcode")}
    asked = {"channel": retailer.channel, "lines": body["lines"], "destination": to}
    options = answered(retailer.api.post("/delivery-promises/", asked), 200)["options"]
    option = next(each for each in options if each["choice"] == "now_and_later" and each["mode"] == "home")
    answered(retailer.api.post("/orders/", body | {"promise_token": option["token"]}), 201)
    retailer.drain()
    first, last = (
        date_format(date.fromisoformat(parcel["promised_on"]), "DATE_FORMAT") for parcel in option["parcels"]
    )
    assert f"We expect to deliver the first part by {first} and the last by {last}." in text()


def test_goods_that_travel_to_the_store_are_told_once_they_are_there(retailer: Retailer) -> None:
    number = placed(retailer, mode="ship_to_store", pickup_point="paris")
    sent = retailer.ship(retailer.one_work(number))
    assert subjects() == []

    retailer.move(sent, "receive")
    retailer.drain()
    assert subjects() == [f"Your order {number} is ready for pickup"]


def test_a_cancelled_order(retailer: Retailer) -> None:
    number = placed(retailer)
    answered(retailer.api.post(f"/orders/{number}/cancel/", {}), 200)
    retailer.drain()

    assert subjects() == [f"Your order {number} is cancelled"]
    assert "2 × Shirt" in text()


def test_each_cancelled_part_of_an_order(retailer: Retailer) -> None:
    number = placed(retailer)
    shirts = retailer.order(number)["lines"][0]["id"]
    for quantity in (1, 1):
        answered(retailer.api.post(f"/orders/{number}/lines/{shirts}/cancel/", {"quantity": quantity}), 200)
        retailer.drain()

    assert subjects() == [f"A part of your order {number} is cancelled"] * 2
    assert ["1 × Shirt" in message.body for message in mail.outbox] == [True, False]
    assert "2 × Shirt" in mail.outbox[1].body


def test_an_order_not_paid_in_time(retailer: Retailer) -> None:
    number = placed(retailer, payments=[])
    Order.objects.filter(number=number).update(pay_by=clock.now())
    expire_unpaid_orders()
    retailer.drain()

    assert subjects() == [f"Your order {number} has ended unpaid"]


def test_money_given_back(retailer: Retailer) -> None:
    number = placed(retailer)
    retailer.ship(retailer.one_work(number))
    mail.outbox.clear()
    order = Order.objects.get(number=number)
    refund_order(order_id=order.pk, amount=Decimal("12.50"), reference="return:1")
    retailer.drain()

    assert subjects() == [f"€12.50 given back for your order {number}"]


def test_a_payment_link(retailer: Retailer) -> None:
    body = retailer.order_body({"shirt": 1}, payments=[{"gateway": "simulated", "method": "payment_link"}])
    number = answered(retailer.api.post("/orders/", body), 201)["number"]
    retailer.drain()

    assert subjects() == [f"Your order {number} waits for your payment"]
    assert f"/pay/{payment_token(number)}/" in text()
    mail.outbox.clear()
    Client().post(f"/pay/{payment_token(number)}/", {"card": "pay"})
    retailer.drain()
    assert subjects() == [f"Your order {number} is confirmed"]


def test_a_payment_link_that_was_paid_meanwhile_is_not_sent(retailer: Retailer) -> None:
    body = retailer.order_body({"shirt": 1}, payments=[{"gateway": "simulated", "method": "payment_link"}])
    number = answered(retailer.api.post("/orders/", body), 201)["number"]
    Client().post(f"/pay/{payment_token(number)}/", {"card": "pay"})
    retailer.drain()

    assert subjects() == [f"Your order {number} is confirmed"]
    assert told() == {("payment_awaited", "dropped"), ("order_confirmed", "sent")}


def test_an_order_its_shop_has_not_been_paid_for_yet_is_no_news(retailer: Retailer) -> None:
    placed(retailer, payments=[])

    assert told() == set()


def test_a_receipt_each_time_it_is_asked_for(retailer: Retailer) -> None:
    number = placed(retailer)
    order = Order.objects.get(number=number)
    for _ in range(2):
        send_receipt(order_id=order.pk)
        retailer.drain()

    assert subjects() == [f"Your receipt for order {number}"] * 2
    assert "Paid on" in mail.outbox[0].body


def test_a_refused_payment_is_told_by_the_shop_itself(retailer: Retailer) -> None:
    body = retailer.order_body({"shirt": 1}, payments=[{"gateway": "simulated", "method": "card", "token": "refuse"}])
    answered(retailer.api.post("/orders/", body), 402)
    retailer.drain()

    assert told() == set()


@pytest.mark.parametrize("customer", [{"name": "Camille Martin"}, {"name": "Camille Martin", "email": ""}])
def test_nobody_is_told_without_an_address(retailer: Retailer, customer: dict[str, str]) -> None:
    retailer.place({"shirt": 1}, customer=customer)
    retailer.drain()

    assert told() == set()


def test_a_marketplace_writes_to_its_customers_itself(retailer: Retailer) -> None:
    retailer.add_channel("bazaar", kind="marketplace")
    retailer.place({"shirt": 1}, channel="bazaar", payments=[])
    retailer.drain()

    assert told() == set()
