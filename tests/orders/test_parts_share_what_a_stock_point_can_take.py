"""Parts of one order at a stock point that takes only so many orders: each takes a place the next ones see gone."""

from __future__ import annotations

from datetime import date

import pytest

from oms.orchestration.models import CapacityUse
from orders.errors import CannotAssign
from orders.models import Allocation, Fulfilment, Order
from orders.services.assigning import assign_by_hand
from orders.services.recalling import recall_works, works_at
from orders.services.sourcing import source_order
from orders.services.sourcing_many import source_orders
from stock.models import StockPoint
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer
from tests.orders.test_a_basket_of_several_articles_has_choices import choice, quoted
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db
LATER = date(2100, 1, 4)


@pytest.fixture
def retailer() -> Retailer:
    """Shirts and shoes in Paris, and in Lyon, which is farther."""
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_points(["lyon"], **LYON)
    found.add_articles(["shirt", "shoe"])
    found.report("receipt", {(sku, point): 4 for sku in ("shirt", "shoe") for point in ("paris", "lyon")})
    return found


def takes(retailer: Retailer, point: str, orders: int) -> None:
    retailer.api.put_rows("/stock-points/", [{"code": point, "daily_order_capacity": orders}])


def both_ways(retailer: Retailer) -> Order:
    """A shirt collected in Paris, a shoe sent from there."""
    lines: list[Json] = [{"sku": "shirt", "quantity": 1, "mode": "pickup", "pickup_point": "paris"}]
    body = retailer.order_body({}) | {"lines": [*lines, {"sku": "shoe", "quantity": 1}]}
    return Order.objects.get(number=answered(retailer.api.post("/orders/", body), 201)["number"])


def on_two_days(retailer: Retailer) -> Order:
    """Both articles sent from Paris; the shoe was promised for a later day."""
    order = Order.objects.get(number=retailer.place({"shirt": 1, "shoe": 1})["number"])
    assert places(order) == {("shirt", "paris"), ("shoe", "paris")}
    Allocation.objects.filter(line__order=order, line__sku="shoe").update(promised_on=LATER)
    return order


def places(order: Order) -> set[tuple[str, str]]:
    return set(Allocation.objects.filter(line__order=order).values_list("line__sku", "stock_point__code"))


def works(order: Order) -> list[str]:
    live = Fulfilment.objects.live().filter(order=order, lead=None)
    return sorted(live.values_list("stock_point__code", flat=True))


def test_what_is_collected_takes_the_last_place_and_the_rest_is_sent_from_elsewhere(retailer: Retailer) -> None:
    order = both_ways(retailer)
    takes(retailer, "paris", 1)
    source_order(order_id=order.pk)
    assert places(order) == {("shirt", "paris"), ("shoe", "lyon")}
    assert works(order) == ["lyon", "paris"]
    assert_invariants_hold()


def test_so_do_parts_of_other_days(retailer: Retailer) -> None:
    order = on_two_days(retailer)
    takes(retailer, "paris", 1)
    source_order(order_id=order.pk)
    assert places(order) == {("shirt", "paris"), ("shoe", "lyon")}
    assert works(order) == ["lyon", "paris"]
    assert_invariants_hold()


def test_what_has_no_place_waits(retailer: Retailer) -> None:
    """It was tried again and again, as if somebody else had been faster."""
    order = on_two_days(retailer)
    retailer.api.put_rows("/stock-points/", [{"code": "lyon", "is_active": False}])
    takes(retailer, "paris", 1)
    source_order(order_id=order.pk)
    assert works(order) == ["paris"]
    assert Allocation.objects.get(line__order=order, line__sku="shoe").state == "unfillable"


def test_many_orders_sourced_at_once_see_it_too(retailer: Retailer) -> None:
    first, second = on_two_days(retailer), on_two_days(retailer)
    takes(retailer, "paris", 3)
    source_orders(order_ids=[first.pk, second.pk])
    assert (works(first), works(second)) == (["paris", "paris"], ["lyon", "paris"])
    assert_invariants_hold()


def test_a_person_is_told_that_only_one_part_has_a_place(retailer: Retailer) -> None:
    order = on_two_days(retailer)
    takes(retailer, "paris", 1)
    with pytest.raises(CannotAssign) as refusal:
        assign_by_hand(order_id=order.pk, stock_point="paris", reason="They rang.")
    assert refusal.value.data["reason"] == "capacity"
    assert works(order) == []


def test_the_places_of_the_works_taken_back_are_all_free_again(retailer: Retailer) -> None:
    order = on_two_days(retailer)
    takes(retailer, "paris", 2)
    source_order(order_id=order.pk)
    assert works(order) == ["paris", "paris"]
    assign_by_hand(order_id=order.pk, stock_point="paris", reason="They rang.")
    assert works(order) == ["paris", "paris"]
    assert CapacityUse.objects.get(stock_point=StockPoint.objects.get(code="paris")).used == 2
    assert_invariants_hold()


def test_by_hand_units_of_one_article_told_alike_are_one_work(retailer: Retailer) -> None:
    """One unit lies in a work that is taken back, the other waits to be given out; the plan of both was told."""
    retailer.report("sale", {("shirt", "paris"): -3, ("shirt", "lyon"): -3})
    option = choice(quoted(retailer, {"shirt": 2}), "whole")
    order = Order.objects.get(number=retailer.place({"shirt": 2}, promise_token=option["token"])["number"])
    retailer.drain()
    assert order.is_plan_told
    assert works(order) == ["lyon", "paris"]
    Allocation.objects.filter(line__order=order).update(promised_on=order.promised_on)
    recall_works(order_id=order.pk, which=works_at(StockPoint.objects.get(code="lyon").pk), reason="recalled")
    retailer.report("receipt", {("shirt", "paris"): 3})
    assign_by_hand(order_id=order.pk, stock_point="paris", reason="They rang.")
    assert works(order) == ["paris"]
    assert_invariants_hold()
