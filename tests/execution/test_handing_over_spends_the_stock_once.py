from __future__ import annotations

from oms.orchestration.models import RunOutcome
from tests.execution.watching import level, movements, refused, repeated, told
from tests.factories.retailer import Json, Retailer, totals
from tests.support.holding import assert_invariants_hold


def packed(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    return retailer.move(work, "pack", {"parcels": [{"weight_g": 800, "lines": totals(work)}]})


def test_not_before_there_is_a_label(retailer: Retailer) -> None:
    work = packed(retailer)
    problem = refused(retailer, work, "hand-over", status=425)
    assert problem["code"] == "label_pending"
    assert level("shirt", "lille") == (5, 2, 0)


def test_once_for_two_clicks_and_the_money_follows(retailer: Retailer) -> None:
    work = packed(retailer)
    retailer.drain()
    sent = retailer.move(work, "hand-over")
    assert (sent["state"], sent["parcels"][0]["state"]) == ("handed_over", "handed_over")
    assert repeated(retailer, work, "hand-over") == sent
    assert level("shirt", "lille") == (3, 0, 0)
    assert movements("shirt", "lille", "shipment") == [-2]
    assert retailer.order(work["order"])["payments"][0]["captured"] == "0.00"
    retailer.drain()
    (payment,) = retailer.order(work["order"])["payments"]
    assert (payment["state"], payment["captured"]) == ("captured", "20.00")
    assert told(work["order"], "fulfilment.handed_over") == 1
    assert RunOutcome.objects.filter(reference=work["order"], kind="shipped").count() == 1
    assert_invariants_hold()


def test_work_that_is_not_packed(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2})["number"]))
    assert refused(retailer, work, "hand-over", status=409)["data"] == {"state": "picking"}


def test_goods_collected_here_are_never_handed_over(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 5})
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    ready = retailer.pick(retailer.accept(retailer.one_work(number)))
    assert refused(retailer, ready, "hand-over", status=409)["data"] == {"state": "ready_for_pickup"}
    retailer.move(ready, "collect", {"code": retailer.code_for(ready)})
    assert refused(retailer, ready, "hand-over", status=409)["data"] == {"state": "completed"}
