"""A basket becomes one order, however often it is paid, and comes back to the seller when that comes to nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.core.errors import ConcurrentChange, StateConflict
from orders.errors import PaymentRefused, PromiseTaken
from orders.gateways import gateway_for
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Basket, Order, Payment, SimulatedTransaction
from orders.services.checking_out import abandon_payment, check_out, give_basket_back
from orders.services.requests import RequestedPayment
from orders.services.selling import sell_carried_out
from orders.services.settling import hear_gateway
from orders.services.sweeping import expire_order
from stock.errors import InsufficientStock
from stock.models import StockPoint
from stock.services.holding import delete_hold
from tests.orders.counter import AT_TERMINAL, BY_LINK, Counter, key_of, open_counter, present
from tests.orders.making import events, payments, slices, state_of
from tests.stock.making import figures, ledger, receive


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def test_a_mixed_basket_waits_for_the_card_with_its_stock_reserved(counter: Counter) -> None:
    order = counter.placed()
    assert (order.state, order.mode) == ("pending_payment", "home")
    assert order.pay_by is not None
    sku = counter.shirt.sku
    assert (sku, counter.lille.code, 1, "reserved") in slices(order)
    assert figures(counter.shirt, counter.lille) == (1, 1, 0)
    assert sum(figures(counter.shirt, point)[1] for point in (counter.lyon, counter.warehouse)) == 2
    basket = Basket.objects.get()
    assert (basket.order_id, basket.customer_name, basket.held_until) == (order.pk, "", None)
    assert "customer.consented" in events(order)


def test_once_the_card_is_accepted_what_is_carried_out_leaves_the_shelf(counter: Counter) -> None:
    order = present(counter.placed(), Card.ACCEPTED)
    assert order.state == "confirmed"
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    sell_carried_out(order_id=order.pk)
    assert ledger(counter.shirt, counter.lille) == [("receipt", 1), ("sale", -1)]


def test_pressed_twice_it_is_one_order(counter: Counter) -> None:
    basket = counter.ready(counter.add(counter.shirt, 2))
    first = check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    Basket.objects.filter(pk=basket.pk).update(order=None)  # the first answer was lost before it was written down
    again = check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    assert check_out(basket_id=basket.pk, payment=BY_LINK) == again == first
    assert Order.objects.count() == 1
    assert SimulatedTransaction.objects.count() == 1


def test_another_means_of_payment_finds_the_order_that_waits(counter: Counter) -> None:
    basket = counter.ready(counter.add(counter.shirt, 2))
    first = check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    Basket.objects.filter(pk=basket.pk).update(order=None)
    assert check_out(basket_id=basket.pk, payment=BY_LINK) == first
    assert Payment.objects.count() == 1


def test_given_up_after_a_refused_card_the_basket_and_the_stock_are_there_again(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    assert abandon_payment(order_id=order.pk).state == "cancelled"
    assert [state for state, *_ in payments(order)] == ["failed", "expired"]
    assert figures(counter.shirt, counter.lille) == (1, 0, 0)
    basket = give_basket_back(order_id=order.pk)
    assert (basket.order, basket.attempt, basket.customer_name, basket.mode) == (None, 2, "Camille Martin", "")
    again = check_out(basket_id=counter.ready(basket).pk, payment=AT_TERMINAL)
    assert (again.state, again.pk == order.pk) == ("pending_payment", False)


def test_a_payment_refused_at_once_leaves_the_basket_as_it_is(counter: Counter) -> None:
    basket = counter.ready(counter.add(counter.shirt))
    with pytest.raises(PaymentRefused):
        check_out(basket_id=basket.pk, payment=RequestedPayment("simulated", "card", token="refuse"))
    basket.refresh_from_db()
    assert (basket.order, basket.mode, basket.customer_name) == (None, "home", "Camille Martin")


def test_an_answer_that_is_lost_is_verified_and_never_asked_for_again(counter: Counter) -> None:
    order = counter.placed()
    key = key_of(order)
    present(order, Card.LOST)
    assert (state_of(order), payments(order)[0][0]) == ("pending_payment", "unknown")
    with pytest.raises(StateConflict):
        abandon_payment(order_id=order.pk)
    assert hear_gateway(gateway=TERMINAL, key=key).state == "pending_payment"
    terminal = gateway_for(TERMINAL)
    assert isinstance(terminal, SimulatedTerminal)
    terminal.restore_line(key)
    assert hear_gateway(gateway=TERMINAL, key=key).state == "confirmed"
    assert SimulatedTransaction.objects.count() == 1


def test_an_abandoned_payment_frees_the_stock_and_a_paid_one_is_not_abandoned(counter: Counter) -> None:
    order = counter.placed()
    abandon_payment(order_id=order.pk)
    assert state_of(order) == "cancelled"
    assert figures(counter.shirt, counter.lille) == (1, 0, 0)
    assert give_basket_back(order_id=order.pk).attempt == 2
    counter.ready(Basket.objects.get())
    paid = present(check_out(basket_id=Basket.objects.get().pk, payment=AT_TERMINAL), Card.ACCEPTED)
    for refused in (abandon_payment, give_basket_back):
        with pytest.raises(StateConflict):
            refused(order_id=paid.pk)
    assert state_of(paid) == "confirmed"


def test_a_basket_that_was_begun_meanwhile_is_not_overwritten(counter: Counter) -> None:
    order = counter.placed()
    abandon_payment(order_id=order.pk)
    counter.add(counter.hat)
    with pytest.raises(StateConflict):
        give_basket_back(order_id=order.pk)
    assert Basket.objects.open().get().lines.get().variant == counter.hat


def test_the_last_unit_gone_before_the_payment_is_named_and_the_basket_stays(counter: Counter) -> None:
    basket = counter.ready(counter.add(counter.hat, 2))
    delete_hold(reference=basket.hold_reference)  # it lapsed
    receive(counter.hat, counter.lille, -1, kind="sale")
    with pytest.raises(InsufficientStock) as refused:
        check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    assert refused.value.data == {
        "lines": [{"sku": counter.hat.sku, "requested": 2, "available": 1, "carried_out": False}]
    }
    basket.refresh_from_db()
    assert (basket.order, basket.mode) == (None, "home")
    assert not Order.objects.exists()


def test_a_delivery_that_is_no_longer_possible_is_chosen_anew(counter: Counter) -> None:
    basket = counter.ready(counter.add(counter.shirt, 2))
    (parcel,) = basket.promise["parcels"]
    delete_hold(reference=basket.hold_reference)  # it lapsed
    point = StockPoint.objects.get(code=parcel["stock_point"])
    receive(counter.shirt, point, -figures(counter.shirt, point)[0], kind="sale")
    receive(counter.shirt, counter.lyon, 4)
    with pytest.raises(PromiseTaken):
        check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    assert not Order.objects.exists()
    again = check_out(basket_id=counter.ready(Basket.objects.get()).pk, payment=AT_TERMINAL)
    assert again.state == "pending_payment"


def test_what_is_carried_out_is_not_promised_from_the_same_shelf(counter: Counter) -> None:
    for point in (counter.lyon, counter.warehouse):
        receive(counter.shirt, point, -figures(counter.shirt, point)[0], kind="sale")
    receive(counter.shirt, counter.lyon, 1)
    counter.add(counter.shirt, carried=True)
    basket = counter.ready(counter.add(counter.shirt))
    assert [parcel["stock_point"] for parcel in basket.promise["parcels"]] == [counter.lyon.code]
    order = check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    assert {(point, units) for _, point, units, _ in slices(order)} == {(counter.lyon.code, 1), (counter.lille.code, 1)}


def test_what_was_to_be_carried_out_and_is_gone_is_named(counter: Counter) -> None:
    basket = counter.add(counter.hat, carried=True)
    receive(counter.hat, counter.lille, -2, kind="sale")
    with pytest.raises(InsufficientStock) as refused:
        check_out(basket_id=basket.pk, payment=AT_TERMINAL)
    short = {"sku": counter.hat.sku, "stock_point": counter.lille.code, "requested": 1, "available": 0}
    assert refused.value.data == {"lines": [short]}
    assert not Order.objects.exists()


def test_in_a_race_nobody_can_tell_it_may_be_tried_again(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(**_: object) -> Order:
        raise ConcurrentChange

    monkeypatch.setattr("orders.services.checking_out.place_order", lose)
    with pytest.raises(ConcurrentChange):
        check_out(basket_id=counter.add(counter.hat, carried=True).pk, payment=AT_TERMINAL)


def test_a_link_that_is_not_paid_in_time_frees_the_stock(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    assert order.pay_by is not None
    Order.objects.filter(pk=order.pk).update(pay_by=order.pay_by - timedelta(hours=2))
    assert expire_order(order_id=order.pk)
    assert state_of(order) == "expired"
    assert figures(counter.shirt, counter.lille) == (1, 0, 0)
    assert give_basket_back(order_id=order.pk).attempt == 2
