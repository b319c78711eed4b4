"""One sale through its pages, with what may go wrong on the way told in words and nothing lost."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core import mail
from django.urls import reverse

from oms.core.services.relaying import drain_events
from orders.models import Basket, Order, SimulatedTransaction
from orders.queries.payment_links import payment_token
from stock.services.holding import delete_hold
from tests.orders.counter import Counter
from tests.orders.making import events, slices, state_of
from tests.stock.making import figures, receive
from tests.store.selling import CUSTOMER, Tablet, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> tuple[Counter, Tablet]:
    return opened()


def told(answer: object, tablet: Tablet) -> str:
    """The page a refusal leads to."""
    return tablet.http.get(answer.url).content.decode()  # type: ignore[attr-defined]


def test_from_the_networks_stock_to_the_receipt(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    receive(counter.shirt, counter.warehouse, -3, kind="sale")
    receive(counter.shirt, counter.lille, -1, kind="sale")
    order = tablet.sold(counter.shirt)
    assert slices(order) == {(counter.shirt.sku, counter.lyon.code, 1, "reserved")}
    page = tablet.get("sell-outcome", order.number)
    assert page.context["outcome"] == "waiting"
    assert re.search(rb'data-countdown="(3600|359\d)"', page.content), "seconds: the tablet's clock may be off"
    tablet.post("sell-terminal", order.number, card="accepted")
    assert state_of(order) == "confirmed"
    receipt = tablet.get("sell-receipt", order.number)
    assert order.number.encode() in receipt.content
    assert b"<svg" in receipt.content


def test_a_basket_survives_a_reload_and_is_the_sellers_own(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.add(counter.hat)
    tablet.add(counter.shirt, way="carried")
    contents = tablet.get("sell-basket").context["contents"]
    assert [(each.line.variant, each.line.is_carried_out) for each in contents.lines] == [
        (counter.hat, False),
        (counter.shirt, True),
    ]


def test_sent_twice_it_is_sold_once(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.ready_to_pay(counter.shirt)
    key = str(uuid.uuid4())
    first = tablet.post("sell-payment", means="terminal", key=key)
    again = tablet.post("sell-payment", means="terminal", key=key)
    assert (first.status_code, first.url) == (again.status_code, again.url)
    assert Order.objects.count() == 1


def test_put_in_twice_by_a_lost_reply_it_is_there_once(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    key = str(uuid.uuid4())
    for _ in range(2):
        tablet.add(counter.hat, key=key)
    assert Basket.objects.get().lines.get().quantity == 1


def test_the_last_unit_gone_before_paying_keeps_the_basket(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.ready_to_pay(counter.hat)
    delete_hold(reference=Basket.objects.get().hold_reference)
    receive(counter.hat, counter.lille, -2, kind="sale")
    answer = tablet.post("sell-payment", means="terminal")
    assert answer.url == reverse("store:sell-basket")
    assert f"{counter.hat.sku}: none is left." in told(answer, tablet)
    assert not Order.objects.exists()
    assert Basket.objects.get().lines.count() == 1


def test_more_than_there_is_is_refused_in_words(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    answer = tablet.add(counter.shirt, way="carried", quantity=2)
    assert f"{counter.shirt.sku}: only 1 is left." in told(answer, tablet)


def test_an_incomplete_address_is_told_at_its_field(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.add(counter.shirt)
    tablet.delivered_home()
    answer = tablet.post("sell-customer", **CUSTOMER | {"line1": "", "postcode": "1", "has_consented": ""})
    assert answer.status_code == 422
    assert set(answer.context["address_form"].errors) == {"line1", "postcode"}
    assert set(answer.context["form"].errors) == {"has_consented"}
    assert Basket.objects.get().customer_name == ""


def test_a_returning_customer_fills_the_form(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    tablet.add(counter.shirt)
    tablet.delivered_home()
    answer = tablet.get("sell-customer", contact="0612345678", **{"from": order.number})
    assert answer.context["form"].initial["name"] == "Camille Martin"
    assert answer.context["address_form"].initial["line1"] == "1 place du Théâtre"


@pytest.mark.parametrize(("means", "outcome"), [("terminal", "waiting"), ("link", "link")])
def test_after_a_refused_card_it_is_paid_at_once_in_any_way(
    shop: tuple[Counter, Tablet], means: str, outcome: str
) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    tablet.post("sell-terminal", order.number, card="refused")
    page = tablet.get("sell-outcome", order.number)
    assert (page.context["outcome"], state_of(order)) == ("refused", "pending_payment")
    assert 'value="terminal"' in page.content.decode() and 'value="link"' in page.content.decode()
    for _ in range(2):
        tablet.post("sell-pay-again", order.number, means=means)
    assert tablet.get("sell-outcome", order.number).context["outcome"] == outcome
    assert SimulatedTransaction.objects.count() == 2


def test_the_receipt_tells_what_was_paid_and_not_what_was_refused(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    tablet.post("sell-terminal", order.number, card="refused")
    tablet.post("sell-pay-again", order.number, means="terminal")
    tablet.post("sell-terminal", order.number, card="accepted")
    payments = tablet.get("sell-receipt", order.number).context["payments"]
    assert [(payment.state, payment.amount) for payment in payments] == [("authorised", order.total)]


def test_after_a_refused_card_the_basket_can_still_be_had_back(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    tablet.post("sell-terminal", order.number, card="refused")
    assert tablet.post("sell-abandon", order.number).url == reverse("store:sell-basket")
    assert Basket.objects.open().get().lines.count() == 1


def test_the_seller_sends_the_link_again_to_the_right_address(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt, means="link")
    tablet.post("sell-link-mail", order.number, email="nobody")
    assert Order.objects.get(pk=order.pk).customer_email == "camille@example.org"
    tablet.post("sell-link-mail", order.number, email="camille.martin@example.org")
    drain_events()
    assert Order.objects.get(pk=order.pk).customer_email == "camille.martin@example.org"
    assert [message.to for message in mail.outbox][-1] == ["camille.martin@example.org"]
    assert "payment.link_corrected" in events(order)


def test_the_seller_sees_that_the_customers_card_was_refused(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt, means="link")
    tablet.http.post(reverse("public:pay", args=[payment_token(order.number)]), {"card": "refuse"})
    assert tablet.get("sell-outcome", order.number, seen="link").content == b"link-refused"
    assert tablet.get("sell-outcome", order.number).context["is_kept"]


def test_a_lost_answer_offers_no_second_attempt(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    tablet.post("sell-terminal", order.number, card="lost")
    page = tablet.get("sell-outcome", order.number)
    assert page.context["outcome"] == "verify"
    assert reverse("store:sell-abandon", args=[order.number]).encode() not in page.content
    assert reverse("store:sell-again", args=[order.number]).encode() not in page.content
    tablet.post("sell-abandon", order.number)
    assert state_of(order) == "pending_payment"
    tablet.post("sell-terminal", order.number, card="restored")
    assert state_of(order) == "confirmed"


def test_paying_differently_gives_the_stock_and_the_basket_back(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    assert tablet.post("sell-abandon", order.number).url == reverse("store:sell-basket")
    assert state_of(order) == "cancelled"
    assert sum(figures(counter.shirt, each)[1] for each in (counter.lille, counter.lyon, counter.warehouse)) == 0


def test_the_page_asks_whether_it_has_changed(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    assert tablet.get("sell-outcome", order.number, seen="waiting").status_code == 204
    tablet.post("sell-terminal", order.number, card="accepted")
    answer = tablet.get("sell-outcome", order.number, seen="waiting")
    assert (answer.status_code, answer.content) == (200, b"paid")


def test_a_receipt_is_sent_once_more_where_there_is_an_address(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.shirt)
    tablet.post("sell-terminal", order.number, card="accepted")
    tablet.post("sell-receipt-mail", order.number)
    assert events(order)[-1] == "receipt.requested"


def test_carried_out_alone_needs_no_customer(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.add(counter.hat, way="carried")
    assert tablet.get("sell-payment").status_code == 200
    tablet.post("sell-payment", means="terminal")
    order = Order.objects.get()
    assert (order.mode, order.customer_name, order.state) == ("carry_out", "", "pending_payment")
