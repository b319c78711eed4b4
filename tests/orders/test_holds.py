from __future__ import annotations

import pytest

from oms.core.actors import acting_as
from oms.core.errors import StateConflict
from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from orders.models import OrderHold
from orders.services.cancelling import cancel_order
from orders.services.holding import hold_order, release_order
from orders.services.recalling import reroute_order
from tests.orders.conftest import Shop
from tests.orders.making import place, state_of
from tests.support.holding import assert_invariants_hold


def test_a_hold_says_why_and_who(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    with acting_as("user:7"):
        hold_order(order_id=order.pk, reason="suspicious address")
    hold = OrderHold.objects.get()
    assert (hold.reason, hold.held_by, hold.released_at) == ("suspicious address", "user:7", None)
    with acting_as("user:8"):
        release_order(order_id=order.pk)
    hold.refresh_from_db()
    assert (hold.released_at is not None, hold.released_by) == (True, "user:8")


def test_holding_twice_and_releasing_twice_are_refused(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    hold_order(order_id=order.pk, reason="first")
    with pytest.raises(StateConflict) as refused:
        hold_order(order_id=order.pk, reason="second")
    assert refused.value.data == {"state": "confirmed", "on_hold": True}
    release_order(order_id=order.pk)
    with pytest.raises(StateConflict) as refused:
        release_order(order_id=order.pk)
    assert refused.value.data == {"state": "confirmed", "on_hold": False}
    assert OrderHold.objects.count() == 1


def test_an_order_that_is_over_cannot_be_held(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    cancel_order(order_id=order.pk)
    with pytest.raises(StateConflict) as refused:
        hold_order(order_id=order.pk, reason="late")
    assert refused.value.data == {"state": "cancelled", "on_hold": False}
    assert OrderHold.objects.count() == 0


def test_a_held_order_can_be_cancelled_but_not_rerouted(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    hold_order(order_id=order.pk, reason="first")
    with pytest.raises(StateConflict):
        reroute_order(order_id=order.pk)
    cancel_order(order_id=order.pk)
    drain_events()
    assert state_of(order) == "cancelled"
    assert_invariants_hold()


def test_what_a_person_wrote_is_in_no_row_that_cannot_be_erased(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    hold_order(order_id=order.pk, reason="Mme Martin called")
    cancel_order(order_id=order.pk, reason="Mme Martin called again")
    changes = dict(AuditEntry.objects.filter(subject=f"order:{order.number}").values_list("action", "changes"))
    assert changes["order.held"] == changes["order.cancelled"] == {"has_reason": True}
    assert "Martin" not in str(list(order.timeline.values_list("data", flat=True)))
