"""Two stores, each with a channel of its own, and the shapes in which a route says how it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stock.models import SalesChannel, StockPoint, Transfer, Variant
from stock.services.transferring import accept_transfer, ship_transfer
from tests.factories.clients import Api, api_client
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer

STORE, CHANNEL = "store-b", "channel-b"


class World:
    """Store A sells through channel A, store B through channel B; both have the same article."""

    def __init__(self) -> None:
        self.retailer: Retailer = open_retailer(channel="channel-a")
        self.retailer.add_points(["store-a"], **PARIS)
        self.retailer.add_points(["store-b"], **LYON)
        self.retailer.add_channel("channel-a", stock_points=["store-a"])
        self.retailer.add_channel("channel-b", stock_points=["store-b"])
        self.retailer.add_articles(["shirt"])
        self.retailer.report("receipt", {("shirt", "store-a"): 20, ("shirt", "store-b"): 20})
        self.head_office: Api = self.retailer.api
        points = {point.code: point for point in StockPoint.objects.all()}
        channels = {channel.code: channel for channel in SalesChannel.objects.all()}
        self.owner = api_client(stock_points=[points["store-a"]], channels=[channels["channel-a"]])
        self.strangers = {
            STORE: api_client(stock_points=[points["store-b"]]),
            CHANNEL: api_client(channels=[channels["channel-b"]]),
        }

    def placed(self, **values: Any) -> Json:
        """An order whose work lies at store A: it sees the orders it works on."""
        order = self.retailer.place({"shirt": 1}, **values)
        self.retailer.drain()
        return order

    def offered(self, **values: Any) -> Json:
        return self.retailer.one_work(self.placed(**values)["number"])

    def accepted(self) -> Json:
        return self.retailer.accept(self.offered())

    def picked(self) -> Json:
        return self.retailer.pick(self.accepted())

    def packed(self) -> Json:
        return self.retailer.pack(self.picked())

    def in_transfer(self) -> Json:
        """On its way from store A to be collected in store A's neighbour, which then is the owner's too."""
        self.retailer.add_points(["desk-a"], **PARIS)
        self.retailer.add_channel("channel-a", stock_points=["store-a", "desk-a"])
        work = self.offered(mode="ship_to_store", pickup_point="desk-a")
        points = list(StockPoint.objects.filter(code__in=["store-a", "desk-a"]))
        self.owner = api_client(stock_points=points, channels=[SalesChannel.objects.get(code="channel-a")])
        return self.retailer.ship(work)

    def ready(self) -> Json:
        work = self.offered(mode="pickup", pickup_point="store-a")
        return self.retailer.pick(self.retailer.accept(work))

    def imported(self) -> Json:
        """Sent by the owner itself: the import is bound to what its sender is bound to."""
        rows = [{"sku": "shirt", "stock_point": "store-a", "quantity": 20}]
        body = {"kind": "delta", "as_of": "2026-01-01T00:00:00Z", "source": "till-a", "rows": rows}
        return answered(self.owner.post("/stock-imports/", body), 202)

    def counting(self) -> Json:
        """A sheet of store A, opened by the owner."""
        body = {"reference": "count-a", "stock_point": "store-a"}
        return answered(self.owner.post("/stock-counts/", body), 201)

    def counted(self) -> Json:
        reference = self.counting()["reference"]
        answered(self.owner.put(f"/stock-counts/{reference}/lines/", [{"sku": "shirt", "counted": 19}]), 200)
        return answered(self.owner.post(f"/stock-counts/{reference}/submit/", {}), 200)

    def drafted(self) -> str:
        document = {"name": "a", "rules": [{"name": "anything"}]}
        answered(self.head_office.put("/rule-sets/a/", document), 200)
        return "a"

    def transfer(self, state: str = "proposed") -> Transfer:
        """From store A to its neighbour, which then is the owner's too."""
        self.retailer.add_points(["desk-a"], **PARIS)
        points = {point.code: point for point in StockPoint.objects.filter(code__in=["store-a", "desk-a"])}
        self.owner = api_client(stock_points=list(points.values()))
        made = Transfer.objects.create(
            reference="TR-A",
            variant=Variant.objects.get(sku="shirt"),
            giver=points["store-a"],
            receiver=points["desk-a"],
            source="slow",
            quantity=2,
            unit_cost=1,
        )
        if state != "proposed":
            accept_transfer(transfer_id=made.pk)
        if state == "shipped":
            ship_transfer(transfer_id=made.pk)
        made.refresh_from_db()
        return made

    def sold(self) -> Json:
        """Carried out of store A: with the customer, and paid."""
        order = self.placed(mode="carry_out", selling_stock_point="store-a")
        self.retailer.drain()
        return order

    def asked_back(self, way: str = "store", **values: Any) -> Json:
        lines = [{"sku": "shirt", "quantity": 1, "reason": "too_small"}]
        body = {"order": self.sold()["number"], "way": way, "stock_point": "store-a", "lines": lines}
        made = answered(self.head_office.post("/returns/", body | values), 201)
        self.retailer.drain()
        return made

    def come_back(self) -> Json:
        return answered(self.head_office.post(f"/returns/{self.asked_back()['number']}/receive/", {}), 200)

    def inspected(self) -> Json:
        lines = [{"sku": "shirt", "quantity": 1, "grade": "new"}]
        return answered(self.head_office.post(f"/returns/{self.come_back()['number']}/inspect/", {"lines": lines}), 200)

    def found(self) -> Json:
        """Nobody knows the order yet."""
        lines = [{"sku": "shirt", "quantity": 1, "reason": "other"}]
        body = {"way": "blind", "stock_point": "store-a", "lines": lines}
        return answered(self.head_office.post("/returns/", body), 201)


@dataclass(frozen=True)
class Call:
    """One request about store A's object. Owner and strangers send the same; strangers are refused."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    is_form: bool = False
    query: Mapping[str, Any] = field(default_factory=dict)
    success: int = 200
    by_head_office: bool = False
    strangers: tuple[str, ...] = (STORE, CHANNEL)
    refusals: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class Listing:
    """A list in which `name` of one row is `value` for the owner, and of no row for a stranger."""

    name: str
    value: Any
    query: Mapping[str, Any] = field(default_factory=dict)
    strangers: tuple[str, ...] = (STORE, CHANNEL)


@dataclass(frozen=True)
class Rows:
    """A bulk write: the owner's row is taken from the owner, and refused from a stranger, with this code."""

    row: Json
    code: str
    strangers: tuple[str, ...] = (STORE,)


def hold_body() -> Json:
    lines = [{"sku": "shirt", "quantity": 1}]
    return {"reference": "cart-a", "channel": "channel-a", "lines": lines, "expires_at": "2099-01-01T00:00:00Z"}


def expected_row() -> Json:
    row = {"reference": "po-a", "sku": "shirt", "stock_point": "store-a", "quantity": 5}
    return row | {"expected_on": "2099-01-01", "kind": "purchase"}


def aside_row() -> Json:
    return {"sku": "shirt", "stock_point": "store-a", "quantity": 1, "reason": "display", "reference": "window"}
