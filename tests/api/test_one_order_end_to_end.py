"""From configuration to delivery by the public API, events heard in this process instead of by workers."""

from __future__ import annotations

import pytest

from tests.factories.retailer import LILLE, LYON, PARIS, Retailer, answered, open_retailer
from tests.orders.carriers.reading import codes_in, render
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def retailer() -> Retailer:
    """Two warehouses, Lille nearer to the customer, and a store in Paris; nothing on the shelves."""
    retailer = open_retailer()
    retailer.add_points(["wh-lille"], kind="warehouse", **LILLE)
    retailer.add_points(["wh-lyon"], kind="warehouse", **LYON)
    retailer.add_points(["paris"], **PARIS)
    retailer.add_articles(["shirt", "hat"])
    return retailer


def test_a_home_delivery_from_configuration_to_the_captured_payment(retailer: Retailer) -> None:
    retailer.publish_rules(
        "web-home",
        modes=["home"],
        rules=[{"name": "complete from a warehouse", "filters": {"kinds": ["warehouse"]}, "max_parcels": 1}],
    )
    done = retailer.import_stock(
        {("shirt", "wh-lille"): 5, ("shirt", "wh-lyon"): 9, ("shirt", "paris"): 7}, kind="snapshot"
    )
    assert (done["rows"], done["applied"]) == (3, 3)
    assert retailer.available("shirt") == 21

    placed = retailer.place({"shirt": 2})
    assert (placed["state"], placed["total"], placed["currency"]) == ("confirmed", "20.00", "EUR")
    number = placed["number"]
    assert retailer.slices(number) == {("shirt", "wh-lille", 2, "reserved")}
    assert retailer.available("shirt") == 19

    work = retailer.one_work(number)
    assert (work["stock_point"], work["state"], work["order"]) == ("wh-lille", "accepted", number)
    assert retailer.order(number)["state"] == "in_progress"
    runs = retailer.runs(number)
    assert {(run["rule_set"], run["rule"]) for run in runs} == {("web-home", "complete from a warehouse")}
    chosen = [row["stock_point"] for row in runs[0]["candidates"] if row["outcome"] == "chosen"]
    assert chosen == ["wh-lille"]

    packed = retailer.pack(retailer.pick(work))
    (parcel,) = packed["parcels"]
    assert parcel["state"] == "labelled"
    label = retailer.api.get(f"/parcels/{parcel['id']}/label/", format="pdf")
    assert (label.status_code, label["Content-Type"]) == (200, "application/pdf")
    codes = codes_in(render(label.content))
    assert codes.code128 == [parcel["tracking_number"]]
    assert len(codes.qr) == 1

    sent = retailer.move(packed, "hand-over")
    retailer.drain()
    assert sent["state"] == "handed_over"
    assert retailer.levels("shirt")["shirt", "wh-lille"] == (3, 0)
    (payment,) = retailer.order(number)["payments"]
    assert (payment["state"], payment["captured"]) == ("captured", "20.00")

    answered(retailer.tell(parcel["tracking_number"], "in_transit"), 200)
    answered(retailer.tell(parcel["tracking_number"], "delivered"), 200)
    retailer.drain()
    order = retailer.order(number)
    assert order["state"] == "fulfilled"
    assert retailer.slices(number) == {("shirt", "wh-lille", 2, "delivered")}
    assert_invariants_hold()


def test_click_and_collect_is_handed_over_against_its_code(retailer: Retailer) -> None:
    retailer.import_stock({("shirt", "paris"): 3, ("shirt", "wh-lille"): 10})
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    work = retailer.one_work(number)
    assert (work["stock_point"], work["pickup_point"], work["state"]) == ("paris", "paris", "offered")

    ready = retailer.pick(retailer.accept(work))
    assert ready["state"] == "ready_for_pickup"
    code = retailer.code_for(ready)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    refused = retailer.api.post(f"/fulfilments/{ready['id']}/collect/", {"code": wrong})
    assert (refused.status_code, refused.json()["code"], refused.json()["data"]) == (
        422,
        "wrong_pickup_code",
        {"tries_left": 4},
    )
    assert retailer.levels("shirt")["shirt", "paris"] == (3, 1)

    assert retailer.move(ready, "collect", {"code": code})["state"] == "completed"
    retailer.drain()
    assert retailer.levels("shirt")["shirt", "paris"] == (2, 0)
    order = retailer.order(number)
    assert order["state"] == "fulfilled"
    assert [(payment["state"], payment["captured"]) for payment in order["payments"]] == [("captured", "10.00")]
    assert_invariants_hold()


def test_ship_to_store_travels_to_the_store_and_is_collected_there(retailer: Retailer) -> None:
    retailer.import_stock({("shirt", "wh-lille"): 4})
    number = retailer.place({"shirt": 1}, mode="ship_to_store", pickup_point="paris")["number"]
    work = retailer.one_work(number)
    assert (work["stock_point"], work["pickup_point"]) == ("wh-lille", "paris")

    sent = retailer.ship(work)
    assert retailer.slices(number) == {("shirt", "wh-lille", 1, "in_transfer")}
    assert retailer.levels("shirt")["shirt", "wh-lille"] == (3, 0)

    ready = retailer.move(sent, "receive")
    assert ready["state"] == "ready_for_pickup"
    retailer.move(ready, "collect", {"code": retailer.code_for(ready)})
    retailer.drain()
    assert retailer.order(number)["state"] == "fulfilled"
    assert retailer.slices(number) == {("shirt", "wh-lille", 1, "collected")}
    assert retailer.levels("shirt") == {("shirt", "wh-lille"): (3, 0)}
    assert_invariants_hold()


def test_declined_work_is_rerouted_then_unfillable_then_filled_by_new_stock(retailer: Retailer) -> None:
    retailer.import_stock({("shirt", "wh-lille"): 1, ("shirt", "paris"): 1})
    number = retailer.place({"shirt": 1})["number"]
    first = retailer.one_work(number)
    assert first["stock_point"] == "wh-lille"

    retailer.move(first, "decline", {"reason": "not_found"})
    second = retailer.one_work(number)
    assert second["stock_point"] == "paris"
    assert retailer.levels("shirt")["shirt", "wh-lille"] == (0, 0)

    retailer.move(second, "decline", {"reason": "damaged"})
    assert retailer.work(number) == []
    assert retailer.slices(number) == {("shirt", None, 1, "unfillable")}
    assert retailer.order(number)["needs_attention"]
    assert retailer.available("shirt") == 0

    retailer.import_stock({("shirt", "wh-lyon"): 1})
    third = retailer.one_work(number)
    assert third["stock_point"] == "wh-lyon"
    retailer.deliver(retailer.ship(third))
    order = retailer.order(number)
    assert order["state"] == "fulfilled"
    assert [(payment["state"], payment["captured"]) for payment in order["payments"]] == [("captured", "10.00")]
    assert_invariants_hold()


def test_goods_carried_out_of_the_shop_leave_with_their_customer(retailer: Retailer) -> None:
    retailer.import_stock({("shirt", "paris"): 2, ("shirt", "wh-lille"): 5})
    placed = retailer.place({"shirt": 2}, mode="carry_out", selling_stock_point="paris")
    retailer.drain()
    order = retailer.order(placed["number"])
    assert order["state"] == "fulfilled"
    assert retailer.slices(placed["number"]) == {("shirt", "paris", 2, "collected")}
    assert [(payment["state"], payment["captured"]) for payment in order["payments"]] == [("captured", "20.00")]
    assert retailer.levels("shirt") == {("shirt", "paris"): (0, 0), ("shirt", "wh-lille"): (5, 0)}
    assert_invariants_hold()


def test_an_e_reservation_is_paid_in_the_shop(retailer: Retailer) -> None:
    retailer.import_stock({("shirt", "paris"): 2})
    body = {"mode": "e_reservation", "pickup_point": "paris", "payments": []}
    number = retailer.place({"shirt": 1}, **body)["number"]
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    retailer.move(ready, "collect", {"code": retailer.code_for(ready)})
    retailer.drain()
    order = retailer.order(number)
    assert (order["state"], order["payments"]) == ("fulfilled", [])
    assert retailer.levels("shirt") == {("shirt", "paris"): (1, 0)}
    assert_invariants_hold()
