"""What tests of returns start from: a small retailer whose customers have something to give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories.clients import Api
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer

REASON = "too_small"


@dataclass
class Counter:
    """Two stores and a warehouse, two articles at 10 and 30 euros, everything by the public API."""

    retailer: Retailer

    @property
    def api(self) -> Api:
        return self.retailer.api

    def sold(self, lines: Mapping[str, int] | None = None, *, point: str = "paris", **values: Any) -> Json:
        """Carried out of a store: with the customer, and captured. `rows`: the order's lines as the API takes them."""
        rows = values.pop("rows", None)
        body = self.retailer.order_body(lines or {"shirt": 1}, mode="carry_out", selling_stock_point=point, **values)
        order = answered(self.api.post("/orders/", body | ({"lines": rows} if rows else {})), 201)
        self.retailer.drain()
        return self.retailer.order(order["number"])

    def delivered(self, lines: Mapping[str, int] | None = None, **values: Any) -> Json:
        """Sent from the warehouse, arrived, captured."""
        order = self.retailer.place(lines or {"shirt": 1}, **values)
        work = self.retailer.one_work(order["number"])
        self.retailer.deliver(self.retailer.ship(work))
        return self.retailer.order(order["number"])

    def body(self, order: Json, lines: Mapping[str, int] | None = None, **values: Any) -> Json:
        units = lines or {line["sku"]: line["quantity"] for line in order["lines"]}
        rows = [{"sku": sku, "quantity": quantity, "reason": REASON} for sku, quantity in units.items()]
        return {"order": order["number"], "way": "store", "stock_point": "paris", "lines": rows} | values

    def ask(self, order: Json, lines: Mapping[str, int] | None = None, **values: Any) -> Json:
        made = answered(self.api.post("/returns/", self.body(order, lines, **values)), 201)
        self.retailer.drain()
        return made

    def move(self, returned: Json, action: str, body: Json | None = None) -> Json:
        """A move that must be made, and what follows from it; the return as it is then."""
        answered(self.api.post(f"/returns/{returned['number']}/{action}/", body or {}), 200)
        self.retailer.drain()
        return self.read(returned)

    def refused(self, returned: Json, action: str, body: Json | None = None, *, status: int) -> Json:
        return answered(self.api.post(f"/returns/{returned['number']}/{action}/", body or {}), status)

    def read(self, returned: Json) -> Json:
        return answered(self.api.get(f"/returns/{returned['number']}/"), 200)

    def received(self, order: Json, lines: Mapping[str, int] | None = None, **values: Any) -> Json:
        return self.move(self.ask(order, lines, **values), "receive")

    def inspect(self, returned: Json, *graded: tuple[str, int, str], **values: Any) -> Json:
        rows = [{"sku": sku, "quantity": quantity, "grade": grade, **values} for sku, quantity, grade in graded]
        return self.move(returned, "inspect", {"lines": rows})

    def inspected(self, order: Json, lines: Mapping[str, int] | None = None, *, grade: str = "new") -> Json:
        """Back in Paris, everything found in one condition."""
        returned = self.received(order, lines)
        return self.inspect(returned, *((line["sku"], line["received"], grade) for line in returned["lines"]))

    def level(self, sku: str, point: str) -> tuple[int, int, int]:
        """(on hand, reserved, unavailable)."""
        rows = answered(self.api.get("/stock-levels/", sku=sku, stock_point=point), 200)["results"]
        return next(((row["on_hand"], row["reserved"], row["unavailable"]) for row in rows), (0, 0, 0))

    def refunded(self, order: Json) -> list[str]:
        """What was given back of each payment, oldest first."""
        return [payment["refunded"] for payment in self.retailer.order(order["number"])["payments"]]

    def events(self, order: Json) -> list[str]:
        return [entry["event"] for entry in self.retailer.order(order["number"])["timeline"]]


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def open_counter() -> Counter:
    retailer = open_retailer()
    retailer.add_points(["depot"], kind="warehouse", **LYON)
    retailer.add_points(["paris"], **PARIS)
    retailer.add_points(["lyon"], **LYON)
    retailer.add_articles(["shirt", "cap"])
    retailer.add_articles(["coat"], price="30.00")
    retailer.report("receipt", {(sku, "depot"): 50 for sku in ("shirt", "cap", "coat")})
    retailer.report("receipt", {(sku, "paris"): 5 for sku in ("shirt", "cap", "coat")})
    retailer.publish_rules(
        "from-the-depot", modes=["home"], rules=[{"name": "depot", "filters": {"kinds": ["warehouse"]}}]
    )
    return Counter(retailer)
