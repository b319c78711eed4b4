from __future__ import annotations

from orders.models import Pickup
from tests.execution.watching import level, movements, refused, repeated, state_of, told
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold


def ready(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "paris"): 3})
    number = retailer.place({"shirt": 2}, mode="pickup", pickup_point="paris")["number"]
    work = retailer.pick(retailer.accept(retailer.one_work(number)))
    assert work["state"] == "ready_for_pickup"
    return work


def wrong_code(retailer: Retailer, work: Json) -> Json:
    return {"code": f"{(int(retailer.code_for(work)) + 1) % 1_000_000:06d}"}


def test_the_right_code_sells_the_goods_off_this_shelf(retailer: Retailer) -> None:
    work = ready(retailer)
    code = {"code": retailer.code_for(work)}
    assert level("shirt", "paris") == (3, 2, 0)
    collected = retailer.move(work, "collect", code)
    assert collected["state"] == "completed"
    assert level("shirt", "paris") == (1, 0, 0)
    assert movements("shirt", "paris", "sale") == [-2]
    assert movements("shirt", "paris", "shipment") == []
    assert repeated(retailer, work, "collect", code) == collected
    retailer.drain()
    order = retailer.order(work["order"])
    assert (order["state"], order["payments"][0]["captured"]) == ("fulfilled", "20.00")
    assert told(work["order"], "fulfilment.collected") == 1
    assert_invariants_hold()


def test_a_wrong_code_moves_nothing_and_costs_a_try(retailer: Retailer) -> None:
    work = ready(retailer)
    problem = refused(retailer, work, "collect", wrong_code(retailer, work), status=422)
    assert (problem["code"], problem["data"]) == ("wrong_pickup_code", {"tries_left": 4})
    assert retailer.move(work, "collect", {"code": retailer.code_for(work)})["state"] == "completed"


def test_five_wrong_codes_lock_it_for_the_right_one_too(retailer: Retailer) -> None:
    work = ready(retailer)
    left = []
    for _ in range(5):
        answer = retailer.api.post(f"/fulfilments/{work['id']}/collect/", wrong_code(retailer, work))
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_pickup_code")
        left.append(answer.json()["data"]["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    assert told(work["order"], "pickup.locked") == 1
    for code in (wrong_code(retailer, work), {"code": retailer.code_for(work)}):
        assert refused(retailer, work, "collect", code, status=409)["code"] == "pickup_locked"
    assert Pickup.objects.get().failed_tries == 5
    assert (state_of(work), level("shirt", "paris")) == ("ready_for_pickup", (3, 2, 0))
    assert_invariants_hold()


def test_before_it_is_ready_there_is_nothing_to_collect(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 3})
    number = retailer.place({"shirt": 2}, mode="pickup", pickup_point="paris")["number"]
    work = retailer.accept(retailer.one_work(number))
    assert refused(retailer, work, "collect", {"code": "000000"}, status=409)["data"] == {"state": "accepted"}


def test_the_code_is_six_digits_and_stored_nowhere(retailer: Retailer) -> None:
    work = ready(retailer)
    code = retailer.code_for(work)
    assert len(code) == 6
    assert code.isdecimal()
    (row,) = Pickup.objects.values()
    assert code not in {str(value) for value in row.values()}
    assert len(row["nonce"]) == 32
