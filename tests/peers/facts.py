"""How a fact is told of this product: one function per fact, and the reasons for those it does not share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories.retailer import Json, Retailer, answered, open_retailer, totals

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "peer-cases"


@dataclass(frozen=True)
class Case:
    """One fact of a peer: what was given, what was done, what came of it."""

    id: str
    given: Mapping[str, Any]
    when: str
    expect: Mapping[str, Any]


def cases() -> list[Case]:
    """Every fact, by id; none where the folder is absent."""
    found = [case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text())["cases"]]
    return [Case(case["id"], case["given"], case["when"], case["expect"]) for case in found]


Telling = Callable[["Shop", Case], None]
TELLINGS: dict[str, Telling] = {}


def fact(*ids: str) -> Callable[[Telling], Telling]:
    """The decorated function does what the fact's `when` says and asserts what it expects."""

    def register(telling: Telling) -> Telling:
        for id in ids:
            assert id not in TELLINGS, f"{id} is told twice"
            TELLINGS[id] = telling
        return telling

    return register


class Shop:
    """A retailer with a web channel, for one fact. `A` and `B` are its articles."""

    def __init__(self, *, allows_backorders: bool = False) -> None:
        self.retailer: Retailer = open_retailer(allows_backorders=allows_backorders)
        self.retailer.add_articles(["A", "B"])

    @property
    def api(self) -> Any:
        return self.retailer.api

    def points(self, *codes: str, **values: Any) -> None:
        """Warehouses side by side: nothing but what a fact says tells them apart."""
        self.retailer.add_points(codes, **{"kind": "warehouse"} | values)

    def priorities(self, codes: list[str]) -> None:
        for rank, code in enumerate(codes, start=1):
            self.points(code, priority=rank)

    def moved(self, kind: str, units: Mapping[str, int], *, sku: str = "A") -> None:
        """Report movements by stock point, as a till or a warehouse does."""
        self.retailer.report(kind, {(sku, point): quantity for point, quantity in units.items()})

    def stock(self, units: Mapping[str, int], *, sku: str = "A") -> None:
        """Stock points with these units on hand."""
        self.points(*units)
        self.moved("receipt", units, sku=sku)

    def shelf(self, on_hand: int) -> None:
        """One stock point W with this much of A."""
        if on_hand:
            self.stock({"W": on_hand})
        else:
            self.points("W")

    def counted_down_to(self, on_hand: int) -> None:
        present = self.level()[0]
        self.moved("count", {"W": on_hand - present})

    def level(self, point: str = "W", sku: str = "A") -> tuple[int, int]:
        """(on hand, reserved)"""
        return self.retailer.levels(sku).get((sku, point), (0, 0))

    def reserved(self, *points: str, sku: str = "A") -> dict[str, int]:
        return {point: self.level(point, sku)[1] for point in points}

    def hold(self, units: int, *, reference: str = "cart", point: str | None = None) -> Any:
        body = {
            "reference": reference,
            "channel": self.retailer.channel,
            "lines": [{"sku": "A", "quantity": units}],
            "expires_at": "2099-01-01T00:00:00Z",
        }
        return self.api.post("/reservations/", body | ({"stock_point": point} if point else {}))

    def held(self, units: int, **values: Any) -> Json:
        return answered(self.hold(units, **values), 201)

    def asked(self, units: Mapping[str, int], **values: Any) -> Any:
        """The answer to an order, whatever it is."""
        return self.api.post("/orders/", self.retailer.order_body(units, **values))

    def ordered(self, units: int, **values: Any) -> Json:
        return self.retailer.place({"A": units}, **values)

    def sourced(self, units: int, **values: Any) -> Json:
        """An order whose work lies at the stock points."""
        order = self.ordered(units, **values)
        self.retailer.drain()
        return order

    def allocated(self, number: str, *points: str, sku: str = "A") -> dict[str, int]:
        """Units of an order's live slices by stock point."""
        found = dict.fromkeys(points, 0)
        for line in self.retailer.order(number)["lines"]:
            for part in line["allocations"]:
                if line["sku"] == sku and part["state"] in _LIVE and part["stock_point"]:
                    found[part["stock_point"]] = found.get(part["stock_point"], 0) + part["quantity"]
        return found

    def owed(self, number: str) -> int:
        """Units promised to a customer and not sent yet, reserved or waiting for stock."""
        return sum(
            part["quantity"]
            for line in self.retailer.order(number)["lines"]
            for part in line["allocations"]
            if part["state"] in {*_LIVE, "backordered"}
        )

    def ship(self, number: str) -> None:
        for work in self.retailer.work(number):
            self.retailer.ship(work)

    def ship_part(self, number: str, units: int) -> None:
        """Pack into two parcels, of which the carrier takes the first."""
        work = self.retailer.pick(self.retailer.accept(self.retailer.one_work(number)))
        (row,) = totals(work)
        contents = [units, row["quantity"] - units]
        boxes = [{"weight_g": 900, "lines": [{"sku": row["sku"], "quantity": quantity}]} for quantity in contents]
        self.retailer.move(work, "pack", {"parcels": boxes})
        self.retailer.drain()
        (packed,) = self.retailer.work(number)
        first = next(box for box in packed["parcels"] if box["lines"][0]["quantity"] == units)
        answered(self.retailer.tell(first["tracking_number"], "handed_over"), 200)


_LIVE = frozenset({"reserved", "offered", "assigned", "picking", "picked", "packed", "unfillable", "ready_for_pickup"})


def assert_insufficient(response: Any, **available: int) -> None:
    """Refused for want of stock, naming each short SKU with what can be had."""
    assert response.status_code == 409, response.content
    problem = response.json()
    assert problem["code"] == "insufficient_stock"
    told = {row["sku"]: row["available"] for row in problem["data"]["lines"]}
    assert {sku: told.get(sku) for sku in available} == available
