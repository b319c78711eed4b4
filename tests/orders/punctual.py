"""A retailer whose promises are told to the minute: a shop in Lille that needs an hour, the post that comes at five."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from oms.core import clock
from oms.core.clock import SetClock
from tests.factories.retailer import LILLE, Json, Retailer, open_retailer

# A Tuesday, 10:00 in Lille. An order leaves at 17:00 and comes on Thursday: the shop accepts it by 16:00.
NOW = datetime(2026, 5, 5, 8, tzinfo=UTC)
HOURS = {day: [["09:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
POST: Json = {
    "carrier": "post",
    "service": "post-home",
    "modes": ["home"],
    "zones": [{"code": "fr", "countries": ["FR"], "postcode_prefixes": []}],
    "cut_off": "17:00",
    "working_days": [1, 2, 3, 4, 5],
    "transit_days": {"fr": 2},
    "price_table": [{"zone": "fr", "up_to_g": None, "amount": "4.90"}],
    "cost_table": [{"zone": "fr", "up_to_g": None, "amount": "3.90"}],
    "max_weight_g": 30000,
    "emission_g_per_t_km": 90,
    "currency": "EUR",
    "stock_points": "all",
}


@contextmanager
def punctual_retailer(**values: Any) -> Iterator[tuple[Retailer, SetClock]]:
    """Within the block it is `NOW`, until the clock is moved. `values` of the shop."""
    with clock.set_clock(NOW) as now:
        retailer = open_retailer()
        retailer.add_points(["lille"], opening_hours=HOURS, preparation_minutes=60, **{**LILLE, **values})
        retailer.add_articles(["shirt"])
        retailer.report("receipt", {("shirt", "lille"): 9})
        retailer.api.put_rows("/carrier-services/", [POST])
        yield retailer, now


def work_of(retailer: Retailer, **values: Any) -> Json:
    """An order of one shirt, offered to the shop."""
    return retailer.one_work(retailer.place({"shirt": 1}, **values)["number"])
