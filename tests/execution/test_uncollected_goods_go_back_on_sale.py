"""What nobody collects, and what a customer leaves at the counter: stock and money come back, exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from oms.core import clock
from oms.core.access import Access
from oms.core.errors import Invalid, NotFound, StateConflict
from orders.errors import PickupLocked, QuantityMismatch, WrongPickupCode
from orders.models import Order, Payment, Pickup
from orders.models.pickups import IdentityCheck
from orders.services.handing_out import hand_out
from orders.services.holding import hold_order
from orders.services.sweeping import expire_e_reservations
from orders.services.uncollecting import put_back_uncollected
from orders.services.work import SkuQuantity
from stock.models import StockPoint
from tests.execution.watching import level, movements
from tests.factories.retailer import Json, Retailer, answered
from tests.support.holding import assert_invariants_hold


def money(number: str) -> tuple[Decimal, Decimal, Decimal]:
    """Captured, given back unused, refunded."""
    payment = Payment.objects.get(order__number=number)
    return payment.captured, payment.voided, payment.refunded


def waiting_in_the_shop(retailer: Retailer, **lines: int) -> Json:
    retailer.report("receipt", {(sku, "paris"): 5 for sku in lines})
    number = retailer.place(lines, mode="pickup", pickup_point="paris")["number"]
    return retailer.pick(retailer.accept(retailer.one_work(number)))


def arrived_from_lyon(retailer: Retailer, units: int) -> Json:
    retailer.report("receipt", {("shirt", "lyon"): 5})
    number = retailer.place({"shirt": units}, mode="ship_to_store", pickup_point="paris")["number"]
    return retailer.move(retailer.ship(retailer.one_work(number)), "receive")


def test_from_the_shops_own_shelf_they_are_free_at_once_and_never_paid(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=2)
    put_back_uncollected(fulfilment_id=work["id"])
    assert level("shirt", "paris") == (5, 0, 0)
    retailer.drain()
    assert retailer.order(work["order"])["state"] == "cancelled"
    assert money(work["order"]) == (0, 20, 0)
    put_back_uncollected(fulfilment_id=work["id"])
    assert level("shirt", "paris") == (5, 0, 0)
    assert_invariants_hold()


def reserved_in_the_shop(retailer: Retailer, **lines: int) -> Json:
    retailer.report("receipt", {(sku, "paris"): 5 for sku in lines})
    number = retailer.place(lines, mode="e_reservation", pickup_point="paris", payments=[])["number"]
    return retailer.pick(retailer.accept(retailer.one_work(number)))


def test_an_e_reservation_ends_with_its_last_day_and_a_paid_pickup_waits_for_a_person(retailer: Retailer) -> None:
    reserved = reserved_in_the_shop(retailer, shirt=2)
    paid = waiting_in_the_shop(retailer, hat=1)
    Pickup.objects.update(expires_on=date(2030, 1, 10))
    with clock.clock_at(datetime(2030, 1, 10, 22, 30, tzinfo=UTC)):
        assert expire_e_reservations() == 0  # half past eleven in Paris: its last day
    assert level("shirt", "paris") == (5, 2, 0)
    with clock.clock_at(datetime(2030, 1, 10, 23, 30, tzinfo=UTC)):
        assert expire_e_reservations() == 1
        assert expire_e_reservations() == 0
    retailer.drain()
    assert (level("shirt", "paris"), level("hat", "paris")) == ((5, 0, 0), (5, 1, 0))
    assert retailer.order(reserved["order"])["state"] == "cancelled"
    assert retailer.one_work(paid["order"])["state"] == "ready_for_pickup"
    assert_invariants_hold()


def test_an_e_reservation_on_hold_is_kept(retailer: Retailer) -> None:
    reserved = reserved_in_the_shop(retailer, shirt=1)
    hold_order(order_id=Order.objects.get(number=reserved["order"]).pk, reason="asked")
    Pickup.objects.update(expires_on=date(2020, 1, 1))
    assert expire_e_reservations() == 0
    assert level("shirt", "paris") == (5, 1, 0)


def test_goods_that_travelled_become_this_shops_stock_and_are_refunded(retailer: Retailer) -> None:
    work = arrived_from_lyon(retailer, 2)
    assert money(work["order"]) == (20, 0, 0)
    put_back_uncollected(fulfilment_id=work["id"])
    retailer.drain()
    assert (level("shirt", "lyon"), level("shirt", "paris")) == ((3, 0, 0), (2, 0, 0))
    assert movements("shirt", "paris", "return") == [2]
    assert money(work["order"]) == (20, 0, 20)
    assert_invariants_hold()


def test_what_is_left_at_the_counter_goes_back_and_only_the_rest_is_paid(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=2, hat=1)
    hand_out(fulfilment_id=work["id"], code=retailer.code_for(work), taken={"shirt": 1, "hat": 1})
    retailer.drain()
    assert (level("shirt", "paris"), level("hat", "paris")) == ((4, 0, 0), (4, 0, 0))
    order = retailer.order(work["order"])
    assert (order["state"], [line["cancelled"] for line in order["lines"]]) == ("fulfilled", [1, 0])
    assert money(work["order"]) == (20, 10, 0)
    assert_invariants_hold()


def test_part_of_what_travelled_is_left_at_the_counter(retailer: Retailer) -> None:
    work = arrived_from_lyon(retailer, 3)
    hand_out(fulfilment_id=work["id"], code=retailer.code_for(work), taken={"shirt": 2})
    retailer.drain()
    assert level("shirt", "paris") == (1, 0, 0)
    assert money(work["order"]) == (30, 0, 10)
    assert retailer.order(work["order"])["state"] == "fulfilled"
    assert_invariants_hold()


def test_some_may_go_back_while_the_rest_goes_on_waiting(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=2)
    put_back_uncollected(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 1)])
    assert level("shirt", "paris") == (5, 1, 0)
    retailer.move(work, "collect", {"code": retailer.code_for(work)})
    retailer.drain()
    assert level("shirt", "paris") == (4, 0, 0)
    assert money(work["order"]) == (10, 10, 0)
    assert_invariants_hold()


def test_a_document_serves_where_the_code_is_forgotten_and_is_on_record(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=1)
    hand_out(fulfilment_id=work["id"], check=IdentityCheck.DOCUMENT, is_by_proxy=True)
    pickup = Pickup.objects.get()
    assert (pickup.identity_check, pickup.is_by_proxy, pickup.failed_tries) == ("document", True, 0)


@pytest.mark.parametrize(
    ("taken", "error"),
    [({"shirt": 3}, QuantityMismatch), ({"hat": 1}, QuantityMismatch), ({"shirt": 0}, Invalid), ({}, Invalid)],
)
def test_quantities_that_do_not_wait_here_are_refused(
    retailer: Retailer, taken: dict[str, int], error: type[Exception]
) -> None:
    work = waiting_in_the_shop(retailer, shirt=2)
    with pytest.raises(error):
        hand_out(fulfilment_id=work["id"], code=retailer.code_for(work), taken=taken)
    assert level("shirt", "paris") == (5, 2, 0)


def test_a_wrong_code_moves_nothing_and_the_lock_holds(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=1)
    wrong = f"{(int(retailer.code_for(work)) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(WrongPickupCode):
            hand_out(fulfilment_id=work["id"], code=wrong)
    with pytest.raises(PickupLocked):
        hand_out(fulfilment_id=work["id"], code=retailer.code_for(work))
    assert level("shirt", "paris") == (5, 1, 0)


@pytest.mark.parametrize("check", IdentityCheck.values)
def test_once_locked_no_other_proof_opens_it(retailer: Retailer, check: str) -> None:
    work = waiting_in_the_shop(retailer, shirt=1)
    Pickup.objects.update(failed_tries=5)
    with pytest.raises(PickupLocked):
        hand_out(fulfilment_id=work["id"], code=retailer.code_for(work), check=check)
    assert level("shirt", "paris") == (5, 1, 0)


def test_unit_by_unit_each_comes_back_once(retailer: Retailer) -> None:
    work = arrived_from_lyon(retailer, 3)
    for back in (1, 2, 3):
        put_back_uncollected(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 1)])
        retailer.drain()
        assert level("shirt", "paris") == (back, 0, 0)
        assert money(work["order"]) == (30, 0, 10 * back)
    assert_invariants_hold()


def test_unit_by_unit_what_does_not_divide_comes_back_to_the_cent(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lyon"): 5})
    rows = [{"sku": "shirt", "quantity": 3, "unit_price": "3.34", "discount": "0.02"}]
    body = retailer.order_body({"shirt": 3}, mode="ship_to_store", pickup_point="paris") | {"lines": rows}
    number = answered(retailer.api.post("/orders/", body), 201)["number"]
    work = retailer.move(retailer.ship(retailer.one_work(number)), "receive")
    for back in ("3.33", "6.67", "10.00"):
        put_back_uncollected(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 1)])
        retailer.drain()
        assert money(number) == (10, 0, Decimal(back))
    assert_invariants_hold()


def test_on_hold_nothing_is_put_back(retailer: Retailer) -> None:
    work = arrived_from_lyon(retailer, 1)
    answered(retailer.api.post(f"/orders/{work['order']}/hold/", {"reason": "a call"}), 200)
    with pytest.raises(StateConflict):
        put_back_uncollected(fulfilment_id=work["id"])
    assert movements("shirt", "paris", "return") == []


def test_what_the_customer_has_is_not_put_back(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=1)
    hand_out(fulfilment_id=work["id"], code=retailer.code_for(work))
    with pytest.raises(StateConflict):
        put_back_uncollected(fulfilment_id=work["id"])
    assert level("shirt", "paris") == (4, 0, 0)


def test_another_shop_finds_nothing(retailer: Retailer) -> None:
    work = waiting_in_the_shop(retailer, shirt=1)
    lyon = Access(stock_points=frozenset({StockPoint.objects.get(code="lyon").pk}), channels=None)
    for service in (put_back_uncollected, hand_out):
        with pytest.raises(NotFound):
            service(fulfilment_id=work["id"], access=lyon)
    assert level("shirt", "paris") == (5, 1, 0)
