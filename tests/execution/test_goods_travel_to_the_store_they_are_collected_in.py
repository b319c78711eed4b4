from __future__ import annotations

from stock.models import StockLevel, StockMovement, StockPoint
from tests.execution.watching import level, movements, refused, repeated, state_of, told
from tests.factories.clients import Api, api_client
from tests.factories.retailer import Json, Retailer, answered
from tests.support.holding import assert_invariants_hold


def asked(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "lille"): 3})
    number = retailer.place({"shirt": 1}, mode="ship_to_store", pickup_point="paris")["number"]
    work = retailer.one_work(number)
    assert (work["stock_point"], work["pickup_point"]) == ("lille", "paris")
    return work


def of(point: str) -> Api:
    return api_client("fulfilments:write", stock_points=[StockPoint.objects.get(code=point)])


def test_received_then_collected_the_stock_is_spent_once(retailer: Retailer) -> None:
    sent = retailer.ship(asked(retailer))
    assert retailer.slices(sent["order"]) == {("shirt", "lille", 1, "in_transfer")}
    assert retailer.order(sent["order"])["payments"][0]["captured"] == "10.00"
    ready = retailer.move(sent, "receive")
    assert (ready["state"], ready["parcels"][0]["state"]) == ("ready_for_pickup", "delivered")
    assert repeated(retailer, sent, "receive") == ready
    assert repeated(retailer, sent, "hand-over") == ready
    code = {"code": retailer.code_for(ready)}
    collected = retailer.move(ready, "collect", code)
    assert repeated(retailer, ready, "collect", code) == collected
    assert repeated(retailer, ready, "receive") == collected
    retailer.drain()
    assert movements("shirt", "lille", "shipment") == [-1]
    assert StockMovement.objects.exclude(kind="receipt").count() == 1
    assert list(StockLevel.objects.values_list("stock_point__code", "on_hand", "reserved")) == [("lille", 2, 0)]
    assert retailer.order(sent["order"])["payments"][0]["captured"] == "10.00"
    assert retailer.order(sent["order"])["state"] == "fulfilled"
    assert told(sent["order"], "fulfilment.received") == 1
    assert_invariants_hold()


def test_the_carrier_delivers_to_the_store_but_only_the_store_receives(retailer: Retailer) -> None:
    sent = retailer.ship(asked(retailer))
    answered(retailer.tell(sent["parcels"][0]["tracking_number"], "delivered"), 200)
    assert state_of(sent) == "handed_over"
    assert retailer.slices(sent["order"]) == {("shirt", "lille", 1, "in_transfer")}
    assert retailer.move(sent, "receive")["state"] == "ready_for_pickup"
    assert_invariants_hold()


def test_not_before_it_has_left(retailer: Retailer) -> None:
    work = asked(retailer)
    assert refused(retailer, work, "receive", status=409)["data"] == {"state": "accepted"}


def test_a_home_delivery_is_received_in_no_store(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 3})
    sent = retailer.ship(retailer.one_work(retailer.place({"shirt": 1})["number"]))
    assert refused(retailer, sent, "receive", status=409)["data"] == {"state": "handed_over"}
    assert level("shirt", "lille") == (2, 0, 0)


def test_the_store_that_waits_for_goods_does_none_of_the_origins_work(retailer: Retailer) -> None:
    work, paris = asked(retailer), of("paris")
    assert paris.get(f"/fulfilments/{work['id']}/").status_code == 200
    for action, body in {
        "accept": {},
        "decline": {"reason": "not_found"},
        "pick": {"lines": [{"sku": "shirt", "quantity": 1}]},
        "pack": {"parcels": [{"weight_g": 1, "lines": [{"sku": "shirt", "quantity": 1}]}]},
        "hand-over": {},
    }.items():
        assert refused(retailer, work, action, body, status=404, api=paris)["code"] == "not_found"


def test_the_origin_neither_receives_nor_hands_out(retailer: Retailer) -> None:
    sent = retailer.ship(asked(retailer))
    assert refused(retailer, sent, "receive", status=404, api=of("lille"))["code"] == "not_found"
    ready = retailer.move(sent, "receive")
    body = {"code": retailer.code_for(ready)}
    assert refused(retailer, ready, "collect", body, status=404, api=of("lille"))["code"] == "not_found"
    assert of("paris").post(f"/fulfilments/{sent['id']}/collect/", body).status_code == 200
