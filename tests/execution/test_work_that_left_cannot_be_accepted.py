"""Fault 13: accepted after a re-route, the store is told what became of the work, by whom and when."""

from __future__ import annotations

from oms.core import clock
from orders.models import Fulfilment
from tests.execution.watching import refused
from tests.factories.clients import api_client
from tests.factories.retailer import Json, Retailer


def offered(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "paris"): 3})
    return retailer.one_work(retailer.place({"shirt": 1})["number"])


def test_declined_by_a_colleague(retailer: Retailer) -> None:
    work = offered(retailer)
    colleague = api_client("fulfilments:write")
    assert colleague.post(f"/fulfilments/{work['id']}/decline/", {"reason": "closed"}).status_code == 200
    problem = refused(retailer, work, "accept", status=409)
    assert problem["code"] == "state_conflict"
    assert problem["data"]["state"] == "declined"
    assert problem["data"]["changed_by"].startswith("client:")
    assert problem["data"]["changed_at"] == Fulfilment.objects.get(pk=work["id"]).changed_at.isoformat()


def test_taken_back_by_a_re_route(retailer: Retailer) -> None:
    work = offered(retailer)
    before = clock.now()
    retailer.report("receipt", {("shirt", "lille"): 3})
    assert retailer.api.post(f"/orders/{work['order']}/reroute/", {}).status_code == 200
    moved = retailer.one_work(work["order"])
    assert moved["id"] != work["id"]
    problem = refused(retailer, work, "accept", status=409)
    assert (problem["code"], problem["data"]["state"]) == ("state_conflict", "cancelled")
    assert problem["data"]["changed_at"] >= before.isoformat()
    assert problem["data"]["changed_by"].startswith("client:")
