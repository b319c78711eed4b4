"""The minutes a store has to accept pass only while its doors are open, on its own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from oms.core import clock
from orders.services.fulfilling import open_until
from stock.models import StockPoint
from tests.factories.retailer import Retailer

HOURS = {day: [["10:00", "12:00"], ["14:00", "19:00"]] for day in ("tue", "wed", "thu")}
# A Tuesday, half past six in the evening in Paris.
EVENING = datetime(2026, 5, 5, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("point", "until"),
    [
        ({"opening_hours": HOURS}, datetime(2026, 5, 6, 9, 30, tzinfo=UTC)),
        ({"opening_hours": HOURS, "closed_on": [date(2026, 5, 6)]}, datetime(2026, 5, 7, 9, 30, tzinfo=UTC)),
        ({}, EVENING + timedelta(hours=2)),
    ],
    ids=["over the night", "over a closed day", "always open"],
)
def test_two_hours_from_half_an_hour_before_it_closes(point: dict[str, object], until: datetime) -> None:
    store = StockPoint(code="paris", timezone="Europe/Paris", **point)
    assert open_until(store, EVENING, timedelta(hours=2)) == until


def test_the_work_it_is_offered_says_so(retailer: Retailer) -> None:
    with clock.set_clock(EVENING):
        retailer.publish_rules("offers", modes=["home"], rules=[{"name": "stores", "acceptance_minutes": 120}])
        retailer.add_points(["paris"], opening_hours=HOURS)
        retailer.report("receipt", {("shirt", "paris"): 2})
        work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert (work["stock_point"], work["state"], work["accept_by"]) == ("paris", "offered", "2026-05-06T09:30:00Z")
