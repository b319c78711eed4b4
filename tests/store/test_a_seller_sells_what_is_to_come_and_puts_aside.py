"""Beside what lies somewhere and goes home: pre-orders, relay points, hours of delivery, e-reservations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from oms.core.bulk import Row
from oms.core.services.relaying import drain_events
from oms.orchestration.services.carriers import save_carrier_services
from orders.models import Basket, Order
from orders.states import Mode
from stock.models import ExpectedReceipt
from tests.orders.counter import Counter
from tests.orders.making import slices
from tests.stock.making import expect, figures
from tests.store.selling import CUSTOMER, Tablet, opened
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db
NAMED = {name: CUSTOMER[name] for name in ("name", "email", "phone", "language", "has_consented")}


@pytest.fixture
def shop(db: None) -> tuple[Counter, Tablet]:
    return opened()


def carriers(*modes: str) -> None:
    zone = [{"code": "fr", "countries": ["FR"], "postcode_prefixes": []}]
    tariff = [{"zone": "fr", "up_to_g": None, "amount": "3.90"}]
    rows = [
        {"carrier": "relais", "service": mode, "modes": [mode], "zones": zone, "transit_days": {"fr": 3}}
        | {"price_table": tariff, "cost_table": tariff, "currency": "EUR", "stock_points": "all"}
        for mode in modes
    ]
    assert not save_carrier_services(rows=[Row(index, row) for index, row in enumerate(rows)]).errors


def offered(tablet: Tablet, **destination: str) -> dict[str, Any]:
    """The cards by mode, the soonest of each, told for this destination."""
    tablet.post("sell-destination", **{"country": "FR", **destination})
    page = tablet.get("sell-delivery")
    return {card["option"]["mode"]: card for card in reversed(page.context["cards"])}


def choose(tablet: Tablet, card: dict[str, Any]) -> str:
    return str(tablet.post("sell-delivery", option=str(card["index"])).url)


def last_order() -> Order:
    return Order.objects.latest("pk")


def sells_ahead(counter: Counter) -> None:
    counter.channel.allows_preorders = True
    counter.channel.save()
    expect(counter.hat, counter.warehouse, 3)


def test_what_is_to_come_is_pre_ordered_with_its_day(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    sells_ahead(counter)
    tablet.add(counter.hat, quantity=4)  # two of them lie in Lille
    content = tablet.get("sell-basket").context["contents"].lines[0]
    assert (content.waiting, content.is_short) == (2, False)
    card = offered(tablet, postcode="59800")["home"]
    day = ExpectedReceipt.objects.get().expected_on
    assert [(each["quantity"], each["available_on"]) for each in card["waiting"]] == [(2, day)]
    assert choose(tablet, card) == reverse("store:sell-customer")
    tablet.post("sell-customer", **CUSTOMER)
    assert tablet.get("sell-payment").context["waiting"][0]["available_on"] == day
    tablet.post("sell-payment", means="terminal")
    order = last_order()
    tablet.post("sell-terminal", order.number, card="accepted")
    assert slices(order) == {
        (counter.hat.sku, counter.lille.code, 2, "reserved"),
        (counter.hat.sku, None, 2, "backordered"),
    }
    assert ExpectedReceipt.objects.get().reserved == 2
    assert [each.quantity for each in tablet.get("sell-receipt", order.number).context["waiting"]] == [2]
    assert_invariants_hold()


def test_where_nothing_of_it_is_there_yet_the_page_offers_to_pre_order_it(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    sells_ahead(counter)
    tablet.add(counter.hat, way="carried", quantity=2)
    tablet.add(counter.hat, quantity=3)
    cards = offered(tablet, postcode="59800", pickup_point=counter.lille.code)
    assert set(cards) == {"home", "express", "ship_to_store"}
    assert (cards["home"]["option"]["choice"], bool(cards["home"]["option"]["token"])) == ("now_and_later", True)
    assert choose(tablet, cards["home"]) == reverse("store:sell-customer")
    assert Basket.objects.get().held_until is None


def test_no_more_than_what_is_to_come(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    sells_ahead(counter)
    answer = tablet.add(counter.hat, quantity=6)
    assert f"{counter.hat.sku}: only 5 are left." in tablet.http.get(answer.url).content.decode()
    assert not Basket.objects.filter(lines__isnull=False).exists()


def test_a_relay_point_is_asked_for_where_a_carrier_has_them(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.add(counter.shirt)
    assert "relay" not in offered(tablet, postcode="59800")
    carriers("relay")
    details = reverse("store:sell-delivery-details")
    assert choose(tablet, offered(tablet, postcode="59800")["relay"]) == details
    assert tablet.get("sell-payment").url == details
    for no_name in (" ", "12345", "a"):
        assert tablet.post("sell-delivery-details", relay_point=no_name).status_code == 422
    assert tablet.post("sell-delivery-details", relay_point="Tabac 42").url == reverse("store:sell-customer")
    tablet.post("sell-customer", **CUSTOMER)
    tablet.post("sell-payment", means="terminal")
    order = last_order()
    assert (order.mode, order.relay_point, str(order.shipping)) == ("relay", "Tabac 42", "3.90")


def test_hours_are_chosen_from_those_offered(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    carriers("slot")
    tablet.add(counter.shirt)
    choose(tablet, offered(tablet, postcode="59800")["slot"])
    slots = tablet.get("sell-delivery-details").context["slots"]
    promised_on = Basket.objects.get().promise["promised_on"]  # type: ignore[index]
    assert slots[0].from_.date().isoformat() >= promised_on
    assert all(slot.to - slot.from_ == timedelta(hours=2) for slot in slots)
    assert tablet.post("sell-delivery-details", slot="2020-01-01T08:00:00+01:00").status_code == 422
    tablet.post("sell-delivery-details", slot=slots[3].from_.isoformat())
    tablet.post("sell-customer", **CUSTOMER)
    tablet.post("sell-payment", means="terminal")
    assert (last_order().slot_from, last_order().slot_to) == (slots[3].from_, slots[3].to)


def test_another_delivery_forgets_the_relay_point(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    carriers("relay")
    tablet.add(counter.shirt)
    choose(tablet, offered(tablet, postcode="59800")["relay"])
    tablet.post("sell-delivery-details", relay_point="Tabac 42")
    choose(tablet, offered(tablet, postcode="59800")["home"])
    assert (Basket.objects.get().mode, Basket.objects.get().relay_point) == ("home", "")


def test_an_article_is_put_aside_without_payment(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    counter.lille.offers_reservation = True
    counter.lille.save()
    tablet.add(counter.hat)
    assert b"Delivered or collected</span>" in tablet.get("sell-basket").content
    card = offered(tablet, pickup_point=counter.lille.code)["e_reservation"]
    assert choose(tablet, card) == reverse("store:sell-customer")
    tablet.post("sell-customer", **NAMED)
    assert b"Nothing is paid now" in tablet.get("sell-payment").content
    outcome = tablet.post("sell-payment")
    order = last_order()
    assert outcome.url == reverse("store:sell-outcome", args=[order.number])
    assert (order.state, order.payments.count()) == ("confirmed", 0)
    receipt = tablet.get("sell-receipt", order.number).content
    assert b"Put aside. Nothing was paid." in receipt
    assert b"<dt>Delivery</dt>" not in receipt
    drain_events()
    assert figures(counter.hat, counter.lille)[:2] == (2, 1)
    assert_invariants_hold()


def test_what_is_carried_out_is_not_put_aside_in_the_same_sale(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    counter.lille.offers_reservation = True
    counter.lille.save()
    tablet.add(counter.hat)
    tablet.add(counter.hat, way="carried")
    assert Mode.E_RESERVATION not in offered(tablet, pickup_point=counter.lille.code)
