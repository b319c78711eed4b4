"""Goods that travelled to a store are spent: their order ends by being collected or returned."""

from __future__ import annotations

from orders.models import Order
from orders.queries.standing_actions import actions_allowed
from tests.execution.conftest import furnished
from tests.support.holding import assert_invariants_hold


def test_cancelling_a_received_order_is_refused_for_its_state(db: None) -> None:
    retailer = furnished()
    retailer.report("receipt", {("shirt", "lille"): 3})
    number = retailer.place({"shirt": 1}, mode="ship_to_store", pickup_point="paris")["number"]
    retailer.move(retailer.ship(retailer.one_work(number)), "receive")
    refused = retailer.api.post(f"/orders/{number}/cancel/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "state_conflict")
    assert refused.json()["data"] == {"state": "in_progress"}
    assert retailer.slices(number) == {("shirt", "lille", 1, "ready_for_pickup")}
    assert_invariants_hold()


def test_the_screens_do_not_offer_it() -> None:
    order = Order(state="in_progress")
    ready = {"slice_states": ["ready_for_pickup"], "is_held": False}
    assert "cancel" in actions_allowed(order, **ready, has_left=False)
    assert "cancel" not in actions_allowed(order, **ready, has_left=True)
