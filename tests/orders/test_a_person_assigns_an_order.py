"""A person gives an order to a stock point: facts are asked again, reasons kept, units never in two works."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from threading import Barrier
from typing import Any

import pytest
from django.db.models import Sum

from oms.core.errors import Invalid, StateConflict
from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from oms.orchestration.models import CapacityUse, SourcingRun
from oms.orchestration.queries.runs import StoredRun
from orders.errors import CannotAssign, UnknownStockPoint
from orders.models import Allocation, Exclusion, Fulfilment, Order
from orders.services import assigning, moving
from orders.services.accepting import accept_fulfilment
from orders.services.assigning import assign_by_hand
from orders.services.holding import hold_order
from orders.states import AllocationState
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import events, place, slices, works
from tests.orders.test_units_no_rule_plans import only_from
from tests.stock.making import figures, receive
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

WHY = "They rang: it is wrapped already."


def assign(order: Order, code: str, **more: Any) -> Order:
    return assign_by_hand(order_id=order.pk, stock_point=code, reason=WHY, **more)


def test_work_nobody_has_begun_moves_with_its_goods_and_the_reason_is_kept(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    assert works(order) == [(shop.near.code, "accepted")]
    assign(order, shop.far.code)
    assert works(order) == [(shop.near.code, "cancelled"), (shop.far.code, "accepted")]
    assert slices(order) == {(shop.skus[0], shop.far.code, 2, "assigned")}
    assert (figures(shop.variants[0], shop.near)[1], figures(shop.variants[0], shop.far)[1]) == (0, 2)
    entry = AuditEntry.objects.get(action="order.assigned_by_hand")
    assert (entry.subject, entry.changes) == (
        f"order:{order.number}",
        {"stock_point": shop.far.code, "reason": WHY},
    )
    assert "order.assigned_by_hand" in events(order)
    assert_invariants_hold()


def test_the_decision_is_stored_and_repeats_itself(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    assign(order, shop.far.code)
    run = SourcingRun.objects.latest("pk")
    assert (run.reference, run.trigger, run.rule_set_code, run.rule) == (order.number, "by_hand", "by-hand", "by-hand")
    assert StoredRun(run).is_repeated_identically()


def test_units_no_rule_plans_are_given_out_and_nobody_needs_to_look_any_more(shop: Shop) -> None:
    only_from(shop, "store", action="queue")
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    assert Order.objects.get(pk=order.pk).needs_attention
    Exclusion.objects.create(line=order.lines.get(), stock_point=shop.far, reason="other")
    assign(order, shop.far.code)
    assert works(order) == [(shop.far.code, "accepted")]
    assert Order.objects.get(pk=order.pk).needs_attention == ""
    assert_invariants_hold()


def test_only_the_lines_named_move_and_the_rest_is_decided_anew(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1, shop.skus[1]: 1})
    drain_events()
    line = order.lines.get(position=1)
    assign(order, shop.far.code, line_ids=[line.pk])
    drain_events()
    assert slices(order) == {
        (shop.skus[0], shop.far.code, 1, "assigned"),
        (shop.skus[1], shop.near.code, 1, "assigned"),
    }
    assert Counter(state for _, state in works(order)) == {"cancelled": 1, "accepted": 2}
    assert_invariants_hold()


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda shop: None, "no_stock"),
        (lambda shop: setattr(shop.store, "is_active", False), "inactive"),
        (lambda shop: setattr(shop.store, "ships_orders", False), "does_not_ship"),
    ],
)
def test_a_stock_point_that_cannot_serve_is_refused_with_why_and_nothing_moves(
    shop: Shop, prepare: Any, reason: str
) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    if reason != "no_stock":
        receive(shop.variants[0], shop.store, 5)
    prepare(shop)
    shop.store.save()
    before = (slices(order), works(order), AuditEntry.objects.count())
    with pytest.raises(CannotAssign) as refused:
        assign(order, shop.store.code)
    assert refused.value.data == {"stock_point": shop.store.code, "reason": reason}
    assert (slices(order), works(order), AuditEntry.objects.count()) == before
    assert_invariants_hold()


def test_a_full_day_is_refused_and_capacity_moves_with_the_work(shop: Shop) -> None:
    shop.near.daily_order_capacity, shop.far.daily_order_capacity = 5, 1
    shop.near.save()
    shop.far.save()
    first, second = (place(shop.channel, {shop.skus[0]: 1}) for _ in range(2))
    drain_events()
    assign(first, shop.far.code)
    assert dict(CapacityUse.objects.values_list("stock_point__code", "used")) == {shop.near.code: 1, shop.far.code: 1}
    with pytest.raises(CannotAssign):
        assign(second, shop.far.code)
    assign(first, shop.far.code)
    assert dict(CapacityUse.objects.values_list("stock_point__code", "used")) == {shop.near.code: 1, shop.far.code: 1}


def test_no_reason_no_such_place_or_nothing_to_give_is_refused(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    with pytest.raises(Invalid):
        assign_by_hand(order_id=order.pk, stock_point=shop.far.code, reason="  ")
    with pytest.raises(UnknownStockPoint):
        assign(order, "nowhere")
    hold_order(order_id=order.pk, reason="asked")
    with pytest.raises(StateConflict):
        assign(order, shop.far.code)
    assert slices(order) == {(shop.skus[0], shop.near.code, 1, "reserved")}


def live_units(order: Order) -> tuple[int, int]:
    """Works that are live, and the units in them."""
    live = Fulfilment.objects.live().filter(order=order)
    units = Allocation.objects.filter(fulfilment__in=live).exclude(state__in=AllocationState.history())
    return live.count(), units.aggregate(units=Sum("quantity"))["units"] or 0


def both_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time, neither goes on before the other has read the order as it stands."""
    barrier, read, passed = Barrier(2), assigning.read_standing, []

    def reading(*args: Any, **kwargs: Any) -> Any:
        standing = read(*args, **kwargs)
        passed.append(standing)
        if len(passed) <= 2:
            barrier.wait(20)
        return standing

    monkeypatch.setattr(assigning, "read_standing", reading)


@pytest.mark.django_db(transaction=True)
def test_two_persons_at_once_never_make_two_works_of_one_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop()
    receive(shop.variants[0], shop.store, 5)
    order = place(shop.channel, {shop.skus[0]: 2})
    both_have_read(monkeypatch)
    found = at_once([lambda: assign(order, shop.far.code), lambda: assign(order, shop.store.code)])
    assert [each for each in found if isinstance(each, BaseException)] == []
    assert live_units(order) == (1, 2)
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
def test_what_was_read_is_not_taken_for_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: where a lost race is not seen as one, the second person is refused for no reason."""
    shop = open_shop()
    receive(shop.variants[0], shop.store, 5)
    order = place(shop.channel, {shop.skus[0]: 2})
    both_have_read(monkeypatch)
    monkeypatch.setattr(moving, "as_it_was_read", nullcontext)
    found = at_once([lambda: assign(order, shop.far.code), lambda: assign(order, shop.store.code)])
    assert [type(each) for each in found if isinstance(each, BaseException)] == [StateConflict]
    assert live_units(order) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_store_that_accepts_at_the_same_moment() -> None:
    shop = open_shop()
    receive(shop.variants[0], shop.store, 5)
    order = place(shop.channel, {shop.skus[0]: 2})
    assign(order, shop.store.code)
    offer = Fulfilment.objects.get(order=order)
    found = at_once(
        [
            lambda: accept_fulfilment(fulfilment_id=offer.pk),
            lambda: assign(order, shop.far.code),
        ]
    )
    assert not isinstance(found[1], BaseException)
    assert works(order)[-1] == (shop.far.code, "accepted")
    assert live_units(order) == (1, 2)
    assert_invariants_hold()
