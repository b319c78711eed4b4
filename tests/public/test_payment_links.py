"""The customer's page of a payment link: paid once, refused, too late, and nobody else's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from oms.core.services.relaying import drain_events
from orders.gateways import gateway_for
from orders.gateways.protocol import Answer, GatewayUnavailable
from orders.models import Order, Payment, PaymentOperation, SimulatedTransaction
from orders.queries.baskets import contents_of
from orders.queries.payment_links import payment_token
from orders.queries.tracking_links import tracking_token
from orders.services.basketing import choose_delivery, set_destination
from orders.services.cancelling import cancel_line, cancel_order
from orders.services.capturing import void_rest
from orders.services.checking_out import check_out
from orders.services.quoting import delivery_options
from orders.services.requests import RequestedPayment
from orders.services.reviving import revive_order
from orders.services.sweeping import expire_order
from tests.orders.counter import AT_TERMINAL, BY_LINK, Counter, open_counter
from tests.orders.making import events, payments, state_of
from tests.stock.making import figures, receive
from tests.store.making import words
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def address(order: Order) -> str:
    return reverse("public:pay", args=[payment_token(order.number)])


def expire(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(pay_by=order.placed_at - timedelta(minutes=1))
    assert expire_order(order_id=order.pk)


def test_the_customer_pays_without_signing_in(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    page = Client().get(address(order))
    assert order.number in page.content.decode()
    assert "data-countdown" in page.content.decode()
    assert Client().post(address(order), {"card": "pay"}).url == address(order)
    assert state_of(order) == "confirmed"
    assert Client().get(address(order)).context["outcome"] == "paid"


def test_each_part_is_told_with_its_own_way_and_day_before_and_after_it_is_paid(counter: Counter) -> None:
    counter.add(counter.hat, 2)
    basket = counter.add(counter.shirt, 2)  # only one lies in Lille
    set_destination(basket_id=basket.pk, country="FR", postcode="59800", pickup_point_id=counter.lille.pk)
    basket.refresh_from_db()
    options = delivery_options(basket=basket, contents=contents_of(basket)).options
    option = next(each for each in options if each["choice"] == "part_pickup")
    choose_delivery(basket_id=basket.pk, option=option)
    order = check_out(basket_id=counter.named(basket).pk, payment=BY_LINK)
    days = {
        parcel["mode"]: date_format(date.fromisoformat(parcel["promised_on"]), "DATE_FORMAT")
        for parcel in option["parcels"]
    }
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for outcome in ("waiting", "paid"):
        page = client.get(address(order))
        told = words(page)
        assert page.context["outcome"] == outcome
        assert f"Click and collect · {counter.lille.name} To be collected from {days['pickup']}" in told
        assert f"Promised for {days['home']}" in told.partition("Home delivery")[2]
        client.post(address(order), {"card": "pay"})


def test_paid_twice_it_is_paid_once(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    for _ in range(2):
        Client().post(address(order), {"card": "pay"})
    Client().post(address(order), {"card": "refuse"})
    assert events(order).count("order.confirmed") == 1
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]


def test_a_refused_card_leaves_the_link_open_for_another(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    pay_by = order.pay_by
    for _ in range(2):
        Client().post(address(order), {"card": "refuse"})
    order.refresh_from_db()
    assert (order.state, order.pay_by) == ("pending_payment", pay_by)
    assert figures(counter.shirt, counter.lille) == (1, 1, 0)
    assert events(order).count("payment.card_refused") == 1
    page = Client().get(address(order))
    assert (page.context["outcome"], page.context["is_refused"]) == ("waiting", True)
    assert 'value="pay"' in page.content.decode()
    Client().post(address(order), {"card": "pay"})
    assert state_of(order) == "confirmed"
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert SimulatedTransaction.objects.count() == 1
    assert_invariants_hold()


def test_after_a_refusal_only_time_ends_the_link(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    Client().post(address(order), {"card": "refuse"})
    expire(order)
    assert Client().get(address(order)).context["outcome"] == "over"
    assert figures(counter.shirt, counter.lille) == (1, 0, 0)


def test_paid_too_late_it_is_reserved_anew(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    expire(order)
    assert Client().get(address(order)).context["outcome"] == "over"
    Client().post(address(order), {"card": "pay"})
    assert Client().get(address(order)).context["outcome"] == "late"
    revive_order(order_id=order.pk)
    assert state_of(order) == "confirmed"
    assert figures(counter.shirt, counter.lille)[1] == 1


def test_paid_too_late_and_gone_the_money_comes_back_with_notice(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    expire(order)
    receive(counter.shirt, counter.warehouse, -3, kind="sale")
    receive(counter.shirt, counter.lyon, -2, kind="sale")
    Client().post(address(order), {"card": "pay"})
    revive_order(order_id=order.pk)
    assert state_of(order) == "expired"
    assert events(order)[-1] == "payment.returned"


def test_an_answer_lost_without_a_charge_lets_the_customer_try_again_and_pay_once(counter: Counter) -> None:
    order = counter.placed(RequestedPayment("simulated", "payment_link", token="timeout"))
    assert Client().get(address(order)).context["outcome"] == "verify"
    drain_events()
    assert payments(order) == [("pending", "0.00", "0.00", "0.00")]
    assert events(order)[-1] == "payment.found_open"
    page = Client().get(address(order))
    assert page.context["outcome"] == "waiting"
    assert 'value="pay"' in page.content.decode()
    for _ in range(2):
        Client().post(address(order), {"card": "pay"})
    assert state_of(order) == "confirmed"
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert SimulatedTransaction.objects.get().key == PaymentOperation.objects.get().key
    assert_invariants_hold()


def test_a_charge_whose_answer_is_lost_is_not_asked_for_again(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = counter.placed(RequestedPayment("simulated", "payment_link", token="timeout"))
    drain_events()

    def silent(key: str) -> Answer:
        raise GatewayUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(gateway_for("simulated"), "inquire", silent)
        Client().post(address(order), {"card": "pay"})
        page = Client().get(address(order))
        assert page.context["outcome"] == "verify"
        assert 'name="card"' not in page.content.decode()
    drain_events()
    assert state_of(order) == "partially_fulfilled"  # one was carried out
    assert SimulatedTransaction.objects.filter(kind="authorise").count() == 1
    assert_invariants_hold()


def test_only_a_signed_link_of_a_link_payment_opens(counter: Counter) -> None:
    linked = counter.placed(BY_LINK)
    assert Client().get(reverse("public:pay", args=[linked.number])).status_code == 404
    assert Client().get(address(linked)[:-2] + "x/").status_code == 404


def test_an_order_that_is_paid_otherwise_says_so_and_takes_no_payment(counter: Counter) -> None:
    order = check_out(basket_id=counter.ready(counter.add(counter.hat)).pk, payment=AT_TERMINAL)
    page = Client().get(address(order))
    assert (page.status_code, page.context["outcome"]) == (200, "elsewhere")
    assert 'name="card"' not in page.content.decode()
    assert Client().post(address(order), {"card": "pay"}).url == address(order)
    assert state_of(order) == "pending_payment"
    Payment.objects.filter(order=order).update(state="unknown")
    assert Client().get(address(order)).context["outcome"] == "verify"
    followed = Client().get(reverse("public:order", args=[tracking_token(order.number)])).content.decode()
    assert "Votre paiement est en cours de vérification" in followed
    assert "Merci de payer avant" not in followed


def test_the_language_chosen_on_the_page_is_kept(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    Order.objects.filter(pk=order.pk).update(language="fr")
    chosen = Client()
    assert 'lang="fr"' in chosen.get(address(order)).content.decode()
    chosen.cookies["django_language"] = "en"
    assert 'lang="en"' in chosen.get(address(order)).content.decode()


def test_an_order_paid_and_cancelled_later_is_not_told_that_nothing_was_charged(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    Client().post(address(order), {"card": "pay"})
    cancel_order(order_id=order.pk)
    assert Client().get(address(order)).context["outcome"] == "cancelled"
    void_rest(order_id=order.pk)
    page = Client().get(address(order))
    assert page.context["outcome"] == "cancelled"
    assert "Nothing was charged" not in page.content.decode()


def test_units_cancelled_before_the_payment_are_neither_shown_nor_asked_for(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    line = order.lines.get(quantity=2)
    cancel_line(order_id=order.pk, line_id=line.pk, quantity=1)
    due = order.total - line.total / 2
    page = Client().get(address(order))
    drain_events()
    assert Payment.objects.get().amount == due
    assert page.context["due"] == due
    assert [(each.left, each.due) for each in page.context["lines"]] == [(1, line.total / 2), (1, line.total / 2)]
    Client().post(address(order), {"card": "pay"})
    assert SimulatedTransaction.objects.get(kind="authorise").amount == due
    assert (state_of(order), Payment.objects.get().amount) == ("confirmed", due)
    assert_invariants_hold()


def test_units_cancelled_a_moment_ago_are_not_paid_for(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    line = order.lines.get(quantity=2)
    cancel_line(order_id=order.pk, line_id=line.pk)
    Client().post(address(order), {"card": "pay"})
    assert SimulatedTransaction.objects.get(kind="authorise").amount == order.total - line.total
    assert [each.line.pk for each in Client().get(address(order)).context["lines"]] != [line.pk]


def test_paid_late_what_was_left_is_enough_to_be_reserved_anew(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    cancel_line(order_id=order.pk, line_id=order.lines.get(quantity=2).pk, quantity=1)
    drain_events()
    expire(order)
    Client().post(address(order), {"card": "pay"})
    revive_order(order_id=order.pk)
    assert state_of(order) == "confirmed"
    assert_invariants_hold()
