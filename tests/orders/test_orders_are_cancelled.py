from __future__ import annotations

import pytest

from oms.core.errors import Invalid, NotFound, StateConflict
from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from orders.models import Parcel
from orders.services.cancelling import cancel_line, cancel_order
from orders.services.handing_over import hand_over_fulfilment
from tests.orders.conftest import Shop
from tests.orders.making import events, payments, place, slices, state_of, works
from tests.orders.working import packed, shipped, work_at
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


def test_its_stock_is_free_and_its_payment_voided(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    cancelled = cancel_order(order_id=order.pk, reason="changed my mind")
    assert cancelled.state == "cancelled"
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "cancelled")}
    drain_events()
    assert payments(order) == [("voided", "0.00", "20.00", "0.00")]
    assert works(order) == []
    audit = AuditEntry.objects.get(action="order.cancelled")
    assert (audit.subject, audit.changes) == (f"order:{order.number}", {"has_reason": True})
    assert_invariants_hold()


def test_work_in_hand_is_called_off_with_its_capacity(shop: Shop) -> None:
    shop.near.daily_order_capacity = 1
    shop.near.save()
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    cancel_order(order_id=order.pk)
    drain_events()
    assert works(order) == [(shop.near.code, "cancelled")]
    other = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    assert works(other) == [(shop.near.code, "accepted")]
    assert_invariants_hold()


def test_packed_goods_stay_and_their_parcel_is_void(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    work = packed(work_at(order, shop.near))
    cancel_order(order_id=order.pk)
    drain_events()
    assert Parcel.objects.get(fulfilment=work).state == "cancelled"
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert payments(order) == [("voided", "0.00", "20.00", "0.00")]
    assert_invariants_hold()


def test_it_is_refused_once_a_parcel_has_left(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    hand_over_fulfilment(fulfilment_id=packed(work_at(order, shop.near)).pk)
    drain_events()
    before = (slices(order), payments(order), events(order))
    with pytest.raises(StateConflict) as refused:
        cancel_order(order_id=order.pk)
    assert refused.value.data == {"state": "fulfilled"}
    assert (slices(order), payments(order), events(order)) == before
    assert_invariants_hold()


def test_cancelling_twice_is_refused(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    cancel_order(order_id=order.pk)
    with pytest.raises(StateConflict) as refused:
        cancel_order(order_id=order.pk)
    assert refused.value.data == {"state": "cancelled"}


def test_units_of_a_line_leave_the_rest_as_it_was(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 3, shop.skus[1]: 1})
    line = order.lines.get(sku=shop.skus[0])
    cancel_line(order_id=order.pk, line_id=line.pk, quantity=1)
    line.refresh_from_db()
    assert (line.quantity, line.cancelled_quantity) == (3, 1)
    assert slices(order) == {
        (shop.skus[0], shop.near.code, 1, "cancelled"),
        (shop.skus[0], shop.near.code, 2, "reserved"),
        (shop.skus[1], shop.near.code, 1, "reserved"),
    }
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)
    assert state_of(order) == "confirmed"
    assert_invariants_hold()


def test_units_given_to_a_stock_point_can_be_cancelled_until_it_begins(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 3})
    drain_events()
    line = order.lines.get()
    cancel_line(order_id=order.pk, line_id=line.pk, quantity=2)
    assert slices(order) == {
        (shop.skus[0], shop.near.code, 2, "cancelled"),
        (shop.skus[0], shop.near.code, 1, "assigned"),
    }
    packed(work_at(order, shop.near))
    with pytest.raises(StateConflict) as refused:
        cancel_line(order_id=order.pk, line_id=line.pk)
    assert refused.value.data == {"state": "in_progress"}
    assert_invariants_hold()


def test_what_waits_is_cancelled_before_what_is_reserved(shop: Shop) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()
    order = place(shop.channel, {shop.skus[0]: 12})
    cancel_line(order_id=order.pk, line_id=order.lines.get().pk, quantity=3)
    assert slices(order) == {
        (shop.skus[0], None, 2, "cancelled"),
        (shop.skus[0], shop.far.code, 1, "cancelled"),
        (shop.skus[0], shop.far.code, 4, "reserved"),
        (shop.skus[0], shop.near.code, 5, "reserved"),
    }
    assert_invariants_hold()


def test_cancelling_the_last_line_cancels_the_order(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 3})
    drain_events()
    cancel_line(order_id=order.pk, line_id=order.lines.get().pk)
    drain_events()
    assert (state_of(order), works(order)) == ("cancelled", [(shop.near.code, "cancelled")])
    assert payments(order) == [("voided", "0.00", "30.00", "0.00")]
    assert_invariants_hold()


def test_cancelling_the_rest_of_a_sent_order_gives_back_the_rest_of_the_money(shop: Shop) -> None:
    mixed = place(shop.channel, {shop.skus[2]: 6})
    drain_events()
    shipped(mixed, shop.near)
    drain_events()
    assert state_of(mixed) == "partially_fulfilled"
    assert payments(mixed) == [("partially_captured", "50.00", "0.00", "0.00")]
    cancel_line(order_id=mixed.pk, line_id=mixed.lines.get().pk)
    drain_events()
    assert state_of(mixed) == "fulfilled"
    assert payments(mixed) == [("captured", "50.00", "10.00", "0.00")]
    assert_invariants_hold()


def test_more_than_is_left_is_refused(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 3})
    with pytest.raises(Invalid) as refused:
        cancel_line(order_id=order.pk, line_id=order.lines.get().pk, quantity=4)
    assert refused.value.errors == {"quantity": ["3 units are left of this line."]}


def test_a_line_of_another_order_is_not_found(shop: Shop) -> None:
    order, other = place(shop.channel, {shop.skus[0]: 1}), place(shop.channel, {shop.skus[1]: 1})
    with pytest.raises(NotFound):
        cancel_line(order_id=order.pk, line_id=other.lines.get().pk)
