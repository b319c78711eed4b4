"""At a terminal a refused card leaves the order waiting: its stock is kept, and another card or way is tried."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.errors import StateConflict
from orders.gateways import gateway_for
from orders.gateways.simulated import SimulatedGateway
from orders.gateways.terminal import TERMINAL, Card
from orders.models import Order, Payment, PaymentOperation, SimulatedTransaction
from orders.services.cancelling import cancel_line
from orders.services.checking_out import give_basket_back
from orders.services.paying_again import pay_again
from orders.services.reviving import revive_order
from orders.services.settling import hear_gateway
from orders.services.sweeping import expire_order
from orders.states import OrderState
from tests.orders.counter import AT_TERMINAL, BY_LINK, Counter, key_of, open_counter, present
from tests.orders.making import events, payments, state_of
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def over(order: Order) -> None:
    """Its time to pay is."""
    Order.objects.filter(pk=order.pk).update(pay_by=clock.now() - timedelta(minutes=1))
    assert expire_order(order_id=order.pk)


def pay_late(order: Order) -> None:
    """By the link, which is still open to whoever has it."""
    key = PaymentOperation.objects.open().get().key
    gateway = gateway_for("simulated")
    assert isinstance(gateway, SimulatedGateway)
    gateway.pay_link(key)
    hear_gateway(gateway="simulated", key=key)
    revive_order(order_id=order.pk)


def test_stock_time_and_delivery_stay_and_the_second_card_pays_once(counter: Counter) -> None:
    order = counter.placed()
    refused = present(order, Card.REFUSED)
    assert (refused.state, refused.pay_by, refused.promised_on) == ("pending_payment", order.pay_by, order.promised_on)
    assert figures(counter.shirt, counter.lille) == (1, 1, 0)
    assert "payment.card_refused" in events(order)
    pay_again(order_id=order.pk, payment=AT_TERMINAL)
    assert present(order, Card.ACCEPTED).state == "confirmed"
    assert [state for state, *_ in payments(order)] == ["failed", "authorised"]
    assert list(SimulatedTransaction.objects.values_list("truth", flat=True).order_by("pk")) == ["refused", "succeeded"]
    assert_invariants_hold()


def test_the_first_cards_message_repeated_changes_nothing(counter: Counter) -> None:
    order = counter.placed()
    first = key_of(order)
    present(order, Card.REFUSED)
    pay_again(order_id=order.pk, payment=AT_TERMINAL)
    assert hear_gateway(gateway=TERMINAL, key=first).state == "pending_payment"
    assert events(order).count("payment.card_refused") == 1


def test_pressed_twice_it_is_asked_for_once(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    pay_again(order_id=order.pk, payment=BY_LINK)
    for payment in (BY_LINK, AT_TERMINAL):
        with pytest.raises(StateConflict):
            pay_again(order_id=order.pk, payment=payment)
    assert PaymentOperation.objects.open().count() == 1


def test_units_cancelled_after_the_refusal_are_not_paid_for(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    line = order.lines.get(quantity=2)
    cancel_line(order_id=order.pk, line_id=line.pk, quantity=1)
    pay_again(order_id=order.pk, payment=AT_TERMINAL)
    assert present(order, Card.ACCEPTED).state == "confirmed"
    assert SimulatedTransaction.objects.get(truth="succeeded").amount == order.total - line.total / 2
    assert [payment.amount for payment in order.payments.order_by("pk")] == [order.total, order.total - line.total / 2]
    assert "payment.lowered" in events(order)
    assert_invariants_hold()


def test_two_payments_refused_share_what_is_left(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    (unasked,) = Payment.objects.unasked()
    Payment.objects.filter(pk=unasked.pk).update(amount=order.total - 1)
    Payment.objects.create(order=order, gateway=TERMINAL, method="card", amount=1, currency="EUR")
    cancel_line(order_id=order.pk, line_id=order.lines.get(quantity=2).pk)
    pay_again(order_id=order.pk, payment=AT_TERMINAL)
    asked = [operation.amount for operation in PaymentOperation.objects.open()]
    assert sum(asked) == order.lines.get(quantity=1).total
    assert len(asked) == 2 and all(0 < amount < order.total for amount in asked)


def test_where_another_payment_covers_what_is_left_nothing_more_is_asked_for(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    line = order.lines.get(quantity=2)
    Payment.objects.create(
        order=order,
        gateway="simulated",
        method="card",
        amount=order.total - line.total,
        currency="EUR",
        state="authorised",
    )
    cancel_line(order_id=order.pk, line_id=line.pk)
    assert pay_again(order_id=order.pk, payment=AT_TERMINAL).state == "confirmed"
    assert not PaymentOperation.objects.open().exists()
    assert [state for state, *_ in payments(order)] == ["failed", "failed", "authorised"]


def test_what_is_being_verified_is_never_asked_for_again(counter: Counter) -> None:
    order = present(counter.placed(), Card.LOST)
    with pytest.raises(StateConflict):
        pay_again(order_id=order.pk, payment=AT_TERMINAL)
    assert SimulatedTransaction.objects.count() == 1


def test_its_time_over_it_expires_and_is_not_asked_for_again(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    Order.objects.filter(pk=order.pk).update(pay_by=clock.now() - timedelta(minutes=1))
    with pytest.raises(StateConflict):
        pay_again(order_id=order.pk, payment=AT_TERMINAL)
    assert expire_order(order_id=order.pk)
    assert [state for state, *_ in payments(order)] == ["failed", "expired"]
    assert figures(counter.shirt, counter.lille) == (1, 0, 0)
    assert_invariants_hold()


def test_paid_late_after_a_refusal_it_is_reserved_anew(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    pay_again(order_id=order.pk, payment=BY_LINK)
    over(order)
    pay_late(order)
    assert state_of(order) == OrderState.CONFIRMED


def test_what_is_being_verified_gives_no_basket_back_though_its_time_is_over(counter: Counter) -> None:
    order = present(counter.placed(), Card.LOST)
    over(order)
    with pytest.raises(StateConflict):
        give_basket_back(order_id=order.pk)


def test_paid_after_its_basket_was_given_back_the_money_returns(counter: Counter) -> None:
    """The basket is sold anew: the same goods are not to be paid and sent twice."""
    order = counter.placed(BY_LINK)
    over(order)
    give_basket_back(order_id=order.pk)
    pay_late(order)
    assert (state_of(order), events(order)[-1]) == ("expired", "payment.returned")
    assert figures(counter.shirt, counter.lille) == (1, 0, 0)
