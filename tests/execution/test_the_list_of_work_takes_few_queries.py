from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.execution.watching import lines
from tests.factories.retailer import Retailer, answered


def test_as_many_for_six_as_for_one(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 50, ("hat", "lille"): 50})
    counts = []
    for orders in (1, 5):
        for _ in range(orders):
            work = retailer.pick(retailer.one_work(retailer.place({"shirt": 2, "hat": 1})["number"]))
            boxes = [{"weight_g": 500, "lines": lines(shirt=1)}, {"weight_g": 500, "lines": lines(shirt=1, hat=1)}]
            retailer.move(work, "pack", {"parcels": boxes})
        retailer.drain()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            shown = answered(retailer.api.get("/fulfilments/", stock_point="lille", state="packed"), 200)["results"]
        counts.append(len(captured))
        assert all(len(work["parcels"]) == 2 for work in shown)
    assert len(shown) == 6
    assert counts[0] == counts[1]
