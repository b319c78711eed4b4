"""A small retailer, set up and run by the public API alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.models import Pickup
from orders.services.collecting import pickup_code
from tests.factories.clients import Api, Peer, api_client, signing_peer
from tests.factories.network import lille, unique

PARIS = {"latitude": 48.86, "longitude": 2.35, "postcode": "75004"}
LYON = {"latitude": 45.76, "longitude": 4.84, "postcode": "69002"}
LILLE = {"latitude": 50.64, "longitude": 3.06, "postcode": "59800"}

Json = dict[str, Any]


def answered(response: Any, status: int) -> Json:
    """The body of an answer that must have this status."""
    assert response.status_code == status, (response.status_code, response.content.decode(errors="replace"))
    body: Json = response.json()
    return body


@dataclass
class Retailer:
    """Speaks as the retailer's own programs do; events are heard in this process by `drain`."""

    api: Api
    banner: str
    channel: str
    carrier: Peer = field(default_factory=lambda: signing_peer("house"))

    def drain(self) -> None:
        drain_events()

    # --- configuration and stock -----------------------------------------------------------------

    def add_points(self, codes: Iterable[str], **values: Any) -> None:
        """Stores in Paris that do everything, unless told otherwise."""
        given = {"kind": "store", "country": "FR", "timezone": "Europe/Paris", "banner": self.banner, **PARIS}
        self.api.put_rows("/stock-points/", [given | {"code": code, "name": code.title()} | values for code in codes])

    def add_articles(self, skus: Iterable[str], **values: Any) -> None:
        """Articles of 500 g at 10 euros, unless told otherwise."""
        given = {"price": "10.00", "currency": "EUR", "weight_g": 500, "size": "M", "colour": "blue"}
        rows = [
            given | {"sku": sku, "product": {"code": sku, "name": sku.title(), "category": "things"}} | values
            for sku in skus
        ]
        self.api.put_rows("/variants/", rows)

    def add_channel(self, code: str, **values: Any) -> None:
        given = {"code": code, "name": code, "kind": "web", "banner": self.banner, "currency": "EUR"}
        self.api.put_rows("/sales-channels/", [given | {"stock_points": "all"} | values])

    def publish_rules(self, code: str, *, modes: Sequence[str], rules: Sequence[Json], **values: Any) -> None:
        document = {"name": code, "priority": 10, "applies_to": {"channels": [self.channel], "modes": list(modes)}}
        document |= {"rules": list(rules), **values}
        answered(self.api.put(f"/rule-sets/{code}/", document), 200)
        answered(self.api.post(f"/rule-sets/{code}/publish/", {}), 200)

    def import_stock(self, figures: Mapping[tuple[str, str], int], *, kind: str = "delta", **values: Any) -> Json:
        """Send figures by SKU and stock point as a file would, and have it applied."""
        rows = [{"sku": sku, "stock_point": point, "quantity": units} for (sku, point), units in figures.items()]
        body = {"kind": kind, "as_of": clock.now().isoformat(), "source": "erp", "rows": rows} | values
        accepted = answered(self.api.post("/stock-imports/", body), 202)
        self.drain()
        done = answered(self.api.get(f"/stock-imports/{accepted['id']}/"), 200)
        assert done["status"] == "applied", done
        assert (done["rejected"], done["quarantined"]) == (0, 0), done
        return done

    def report(self, kind: str, units: Mapping[tuple[str, str], int], *, reference: str = "") -> None:
        """Facts of one kind by SKU and stock point, as a till or a warehouse tells them; none known before."""
        told = reference or unique(kind)
        rows = [
            {
                "sku": sku,
                "stock_point": point,
                "quantity": quantity,
                "kind": kind,
                "reference": told,
                "occurred_at": clock.now().isoformat(),
            }
            for (sku, point), quantity in units.items()
        ]
        assert self.api.post_rows("/stock-movements/", rows)["created"] == len(rows)

    def levels(self, *skus: str) -> dict[tuple[str, str], tuple[int, int]]:
        """`{(SKU, stock point): (on hand, reserved)}`, as the API tells it."""
        rows = [row for sku in skus for row in answered(self.api.get("/stock-levels/", sku=sku), 200)["results"]]
        return {(row["sku"], row["stock_point"]): (row["on_hand"], row["reserved"]) for row in rows}

    def available(self, sku: str) -> int:
        answer = answered(self.api.get("/availability/", channel=self.channel, sku=sku), 200)
        available: int = answer["items"][0]["available"]
        return available

    # --- orders ------------------------------------------------------------------------------------

    def order_body(self, lines: Mapping[str, int], *, mode: str = "home", **values: Any) -> Json:
        """Paid at once by card, delivered to Lille unless it is collected."""
        body: Json = {
            "channel": self.channel,
            "external_reference": unique("web"),
            "mode": mode,
            "customer": {"name": "Camille Martin", "email": "camille@example.org", "phone": "+33320000000"},
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()],
            "payments": [{"gateway": "simulated", "method": "card"}],
        }
        if mode in {"home", "express"}:
            body["shipping_address"] = dict(lille())
        return body | values

    def place(self, lines: Mapping[str, int], **values: Any) -> Json:
        """Place an order that must be accepted."""
        return answered(self.api.post("/orders/", self.order_body(lines, **values)), 201)

    def order(self, number: str) -> Json:
        return answered(self.api.get(f"/orders/{number}/"), 200)

    def slices(self, number: str) -> set[tuple[str, str | None, int, str]]:
        """`(SKU, stock point, units, state)` of the order's slices."""
        return {
            (line["sku"], slice_["stock_point"], slice_["quantity"], slice_["state"])
            for line in self.order(number)["lines"]
            for slice_ in line["allocations"]
        }

    def runs(self, number: str) -> list[Json]:
        answer = answered(self.api.get(f"/orders/{number}/sourcing-runs/"), 200)
        runs: list[Json] = answer["results"] if isinstance(answer, dict) else answer
        return runs

    # --- work ----------------------------------------------------------------------------------------

    def work(self, number: str, *, stock_point: str | None = None) -> list[Json]:
        """The live fulfilments of an order, oldest first, after whatever waits has been heard."""
        self.drain()
        given = {"order": number} | ({"stock_point": stock_point} if stock_point else {})
        found: list[Json] = answered(self.api.get("/fulfilments/", **given), 200)["results"]
        live = [row for row in found if row["state"] not in {"declined", "expired", "cancelled", "completed"}]
        return sorted(live, key=lambda row: row["id"])

    def one_work(self, number: str) -> Json:
        (work,) = self.work(number)
        return work

    def move(self, work: Json, action: str, body: Json | None = None) -> Json:
        """A move of a fulfilment that must be made; the fulfilment as it is then."""
        return answered(self.api.post(f"/fulfilments/{work['id']}/{action}/", body or {}), 200)

    def accept(self, work: Json) -> Json:
        return self.move(work, "accept") if work["state"] == "offered" else work

    def pick(self, work: Json) -> Json:
        """Pick everything that is asked."""
        return self.move(work, "pick", {"lines": totals(work)})

    def pack(self, work: Json) -> Json:
        """Everything into one parcel, and its label made."""
        packed = self.move(work, "pack", {"parcels": [{"weight_g": 1200, "lines": totals(work)}]})
        self.drain()
        return answered(self.api.get(f"/fulfilments/{packed['id']}/"), 200)

    def ship(self, work: Json) -> Json:
        """From an offer to the carrier's hands."""
        accepted = self.accept(work)
        packed = self.pack(self.pick(accepted))
        sent = self.move(packed, "hand-over")
        self.drain()
        return sent

    def tell(self, tracking_number: str, kind: str, *, after: timedelta = timedelta(0), event_id: str = "") -> Any:
        """A signed message of the carrier."""
        body = {
            "event_id": event_id or unique("scan"),
            "tracking_number": tracking_number,
            "kind": kind,
            "occurred_at": (clock.now() + after).isoformat(),
        }
        return self.carrier.post("/carriers/house/events/", body)

    def deliver(self, work: Json) -> None:
        """The carrier says of each parcel that it arrived."""
        for parcel in work["parcels"]:
            answered(self.tell(parcel["tracking_number"], "delivered"), 200)
        self.drain()

    def code_for(self, work: Json) -> str:
        """The code the customer was sent."""
        return pickup_code(Pickup.objects.get(fulfilment_id=work["id"]))


def totals(work: Json) -> list[Json]:
    units: dict[str, int] = {}
    for line in work["lines"]:
        units[line["sku"]] = units.get(line["sku"], 0) + line["quantity"]
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def open_retailer(*, channel: str = "web", **values: Any) -> Retailer:
    """A banner and a web channel fed by every stock point; no stock points and no articles yet."""
    api = api_client()
    banner = "maison"
    api.put_rows("/banners/", [{"code": banner, "name": "Maison", "currency": "EUR", "languages": ["fr", "en"]}])
    places = [{"country": "FR"} | place for place in (PARIS, LYON, LILLE)]
    api.put_rows("/postcodes/", places)
    retailer = Retailer(api, banner, channel)
    retailer.add_channel(channel, **values)
    return retailer
