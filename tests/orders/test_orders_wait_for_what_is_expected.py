"""Pre-orders and back-orders hold expected receipts, and go on when these come."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.bulk import Row
from oms.core.services.relaying import drain_events
from orders.models import Allocation, Order
from orders.services.cancelling import cancel_order
from orders.services.waiting import retry_waiting_orders
from stock.errors import InsufficientStock
from stock.models import ExpectedReceipt
from stock.services.allotting import save_allotments
from tests.orders.conftest import Shop
from tests.orders.making import events, place, slices
from tests.stock.making import arrive, expect, figures
from tests.support.holding import assert_invariants_hold


def allow(shop: Shop, **flags: bool) -> None:
    for name, value in flags.items():
        setattr(shop.channel, name, value)
    shop.channel.save()


def promised(order: Order) -> list[tuple[str | None, int]]:
    """(reference of the receipt, units) of what the order waits for, in order."""
    rows = Allocation.objects.filter(line__order=order, state="backordered").order_by("pk")
    return list(rows.values_list("reservation__expected_receipt__reference", "quantity"))


def reserved(reference: str = "PO-1") -> int:
    return ExpectedReceipt.objects.get(reference=reference).reserved


def test_a_pre_order_takes_stock_first_and_then_what_is_expected(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    sku = shop.skus[0]
    expect(shop.variants[0], shop.near, 4)
    order = place(shop.channel, {sku: 12})
    drain_events()
    assert slices(order) == {
        (sku, shop.near.code, 5, "assigned"),
        (sku, shop.far.code, 5, "assigned"),
        (sku, None, 2, "backordered"),
    }
    assert (promised(order), reserved()) == ([("PO-1", 2)], 2)
    assert_invariants_hold()


def test_no_more_is_pre_ordered_than_is_expected(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    expect(shop.variants[0], shop.near, 4)
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 15})
    assert refused.value.data["lines"] == [{"sku": shop.skus[0], "requested": 15, "available": 14}]
    assert (Order.objects.count(), reserved()) == (0, 0)


def test_a_channel_without_pre_orders_sells_nothing_that_has_not_come(shop: Shop) -> None:
    expect(shop.variants[0], shop.near, 4)
    with pytest.raises(InsufficientStock):
        place(shop.channel, {shop.skus[0]: 11})
    assert reserved() == 0


def test_back_orders_beyond_what_is_expected_wait_without_a_date(shop: Shop) -> None:
    allow(shop, allows_backorders=True)
    expect(shop.variants[0], shop.near, 2, reference="PO-1", days=3)
    expect(shop.variants[0], shop.far, 1, reference="PO-2", days=5)
    order = place(shop.channel, {shop.skus[0]: 15})
    drain_events()
    assert sorted(promised(order), key=str) == [("PO-1", 2), ("PO-2", 1), (None, 2)]
    assert_invariants_hold()


def test_what_comes_goes_to_the_order_it_was_promised_to(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    sku = shop.skus[0]
    place(shop.channel, {sku: 10})
    expect(shop.variants[0], shop.far, 3)
    order = place(shop.channel, {sku: 2})
    drain_events()
    arrive(shop.variants[0], shop.far, 3)
    drain_events()
    assert slices(order) == {(sku, shop.far.code, 2, "assigned")}
    assert figures(shop.variants[0], shop.far) == (8, 7, 0)
    assert_invariants_hold()


def test_a_part_that_comes_is_sent_and_the_rest_waits(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    sku = shop.skus[0]
    place(shop.channel, {sku: 10})
    expect(shop.variants[0], shop.near, 3)
    order = place(shop.channel, {sku: 3})
    drain_events()
    arrive(shop.variants[0], shop.near, 1)
    drain_events()
    assert slices(order) == {(sku, shop.near.code, 1, "assigned"), (sku, None, 2, "backordered")}
    assert (promised(order), reserved()) == ([("PO-1", 2)], 2)
    assert_invariants_hold()
    arrive(shop.variants[0], shop.near, 2, reference="PO-1#2")
    drain_events()
    assert {piece[1:] for piece in slices(order)} == {(shop.near.code, 1, "assigned"), (shop.near.code, 2, "assigned")}
    assert_invariants_hold()


def test_books_are_right_between_the_arrival_and_the_order_that_hears_of_it(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    place(shop.channel, {shop.skus[0]: 10})
    expect(shop.variants[0], shop.near, 3)
    order = place(shop.channel, {shop.skus[0]: 3})
    drain_events()
    arrive(shop.variants[0], shop.near, 1)
    assert_invariants_hold()
    assert slices(order) == {(shop.skus[0], None, 3, "backordered")}


def test_waiting_on_leaves_the_promise_where_it_is(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    expect(shop.variants[0], shop.near, 3)
    order = place(shop.channel, {shop.skus[0]: 12})
    drain_events()
    before = list(Allocation.objects.filter(line__order=order).order_by("pk").values_list("pk", "reservation"))
    retry_waiting_orders()
    drain_events()
    assert list(Allocation.objects.filter(line__order=order).order_by("pk").values_list("pk", "reservation")) == before


def test_stock_that_comes_otherwise_frees_the_promise_for_others(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    sku = shop.skus[0]
    holder = place(shop.channel, {sku: 10})
    expect(shop.variants[0], shop.near, 3)
    order = place(shop.channel, {sku: 3})
    drain_events()
    cancel_order(order_id=holder.pk)
    drain_events()
    assert slices(order) == {(sku, shop.near.code, 3, "assigned")}
    assert reserved() == 0
    assert_invariants_hold()


def test_cancelling_gives_the_promise_back(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    expect(shop.variants[0], shop.near, 3)
    order = place(shop.channel, {shop.skus[0]: 12})
    drain_events()
    cancel_order(order_id=order.pk)
    assert reserved() == 0
    assert_invariants_hold()


def test_a_receipt_that_shrinks_takes_the_newest_promises_back(shop: Shop) -> None:
    allow(shop, allows_backorders=True)
    sku = shop.skus[0]
    place(shop.channel, {sku: 10})
    expect(shop.variants[0], shop.near, 5)
    older, newer = place(shop.channel, {sku: 3}), place(shop.channel, {sku: 2})
    drain_events()
    expect(shop.variants[0], shop.near, 4)
    drain_events()
    assert (promised(older), promised(newer)) == ([("PO-1", 3)], [("PO-1", 1), (None, 1)])
    assert "order.promise_shrunk" in events(newer)
    assert "order.promise_shrunk" not in events(older)
    assert_invariants_hold()


def test_a_pre_order_whose_receipt_is_cancelled_calls_for_a_person(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    sku = shop.skus[0]
    place(shop.channel, {sku: 10})
    expect(shop.variants[0], shop.near, 5)
    order = place(shop.channel, {sku: 3})
    drain_events()
    expect(shop.variants[0], shop.near, 0)
    drain_events()
    assert slices(order) == {(sku, None, 3, "unfillable")}
    order.refresh_from_db()
    assert order.needs_attention == "Some units find no stock point."
    assert_invariants_hold()


def test_another_receipt_is_promised_to_whoever_waits_longest(shop: Shop) -> None:
    allow(shop, allows_backorders=True)
    sku = shop.skus[0]
    place(shop.channel, {sku: 10})
    older, newer = place(shop.channel, {sku: 3}), place(shop.channel, {sku: 2})
    drain_events()
    expect(shop.variants[0], shop.near, 4)
    drain_events()
    assert promised(older) == [("PO-1", 3)]
    assert sorted(promised(newer), key=str) == [("PO-1", 1), (None, 1)]
    assert_invariants_hold()


def test_another_day_stands_in_the_orders_story(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    expect(shop.variants[0], shop.near, 4)
    order = place(shop.channel, {shop.skus[0]: 11})
    drain_events()
    expect(shop.variants[0], shop.near, 4, days=20)
    drain_events()
    assert events(order).count("order.promise_rescheduled") == 1


def test_allotments_are_locked_before_levels_and_receipts_after(shop: Shop) -> None:
    allow(shop, allows_preorders=True)
    row = {"channel": shop.channel.code, "sku": shop.skus[0], "quantity": 12}
    assert save_allotments(rows=[Row(0, row)]).errors == []
    expect(shop.variants[0], shop.near, 4)
    with CaptureQueriesContext(connection) as captured:
        order = place(shop.channel, {shop.skus[0]: 12})
    assert promised(order) == [("PO-1", 2)]
    locked = [
        table
        for query in captured.captured_queries
        for table in ("stock_allotmentcounter", "stock_stocklevel", "stock_expectedreceipt")
        if "FOR NO KEY UPDATE" in query["sql"] and f"{table} " in query["sql"].split("FOR NO KEY UPDATE")[0]
    ]
    assert locked[0] == "stock_allotmentcounter"
    assert locked.index("stock_stocklevel") < locked.index("stock_expectedreceipt")
    drain_events()
    assert_invariants_hold()
