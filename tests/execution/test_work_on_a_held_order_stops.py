from __future__ import annotations

from tests.execution.watching import lines, refused, state_of
from tests.factories.retailer import Json, Retailer, answered, totals
from tests.support.holding import assert_invariants_hold


def hold(retailer: Retailer, work: Json) -> None:
    answered(retailer.api.post(f"/orders/{work['order']}/hold/", {"reason": "fraud check"}), 200)


def refused_as_held(retailer: Retailer, work: Json, action: str, body: Json | None = None) -> None:
    problem = refused(retailer, work, action, body, status=409)
    assert problem["code"] == "state_conflict"
    assert problem["data"] == {"state": state_of(work), "on_hold": True}


def test_nothing_is_picked_packed_or_handed_over(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    hold(retailer, work)
    refused_as_held(retailer, work, "pick", {"lines": lines(shirt=2)})
    answered(retailer.api.post(f"/orders/{work['order']}/release/", {}), 200)
    retailer.pick(work)
    hold(retailer, work)
    box = {"parcels": [{"weight_g": 800, "lines": totals(work)}]}
    refused_as_held(retailer, work, "pack", box)
    answered(retailer.api.post(f"/orders/{work['order']}/release/", {}), 200)
    retailer.move(work, "pack", box)
    retailer.drain()
    hold(retailer, work)
    refused_as_held(retailer, work, "hand-over")
    answered(retailer.api.post(f"/orders/{work['order']}/release/", {}), 200)
    assert retailer.move(work, "hand-over")["state"] == "handed_over"
    assert_invariants_hold()


def test_nothing_is_collected(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 5})
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    hold(retailer, ready)
    refused_as_held(retailer, ready, "collect", {"code": retailer.code_for(ready)})


def test_declined_while_held_it_is_sourced_once_released(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5, ("shirt", "lyon"): 5})
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    hold(retailer, work)
    retailer.move(work, "decline", {"reason": "closed"})
    assert retailer.work(work["order"]) == []
    answered(retailer.api.post(f"/orders/{work['order']}/release/", {}), 200)
    assert retailer.one_work(work["order"])["stock_point"] == "lyon"
    assert_invariants_hold()


def test_what_the_carrier_has_already_left_but_is_not_captured(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pack(retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"])))
    hold(retailer, work)
    answered(retailer.tell(work["parcels"][0]["tracking_number"], "in_transit"), 200)
    retailer.drain()
    assert state_of(work) == "handed_over"
    assert retailer.order(work["order"])["payments"][0]["captured"] == "0.00"
    answered(retailer.api.post(f"/orders/{work['order']}/release/", {}), 200)
    retailer.drain()
    assert retailer.order(work["order"])["payments"][0]["captured"] == "20.00"
    assert_invariants_hold()
