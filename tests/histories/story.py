"""What may happen to the little retailer, each through the public API, with the books kept beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.models import Fulfilment, Order
from orders.services.declining import expire_overdue_offers
from orders.states import FulfilmentState
from stock.models import StockLevel
from stock.services.reserving import expire_reservations
from tests.factories.retailer import Json, Retailer, answered, totals
from tests.histories.books import Books, Level
from tests.histories.world import POINTS, SELLING, SKUS

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
RESERVING = frozenset({"reserved", "offered", "assigned", "picking", "picked", "packed", "unfillable"})
GONE = frozenset({"shipped", "delivered", "in_transfer", "collected"})
HISTORY = frozenset({"declined", "short_picked"})


@dataclass(frozen=True)
class Wish:
    """What a customer orders; `store`: where it is collected, or sold and carried out."""

    basket: dict[str, int]
    mode: str = "home"
    store: str | None = None
    channel: str = SELLING
    allow_partial: bool = False


def units_of(work: Json) -> dict[str, int]:
    return {row["sku"]: row["quantity"] for row in totals(work)}


def open_orders() -> QuerySet[Order]:
    return Order.objects.filter(state__in=["confirmed", "in_progress", "partially_fulfilled"])


def held_orders() -> QuerySet[Order]:
    return open_orders().filter(holds__isnull=False, holds__released_at=None)


def works(*states: str) -> QuerySet[Fulfilment]:
    return Fulfilment.objects.filter(state__in=states or FulfilmentState.live()).order_by("pk")


class Story:
    """A clock of its own, and nothing left behind once it is closed."""

    def __init__(self, retailer: Retailer) -> None:
        self.retailer = retailer
        self.api = retailer.api
        self.books = Books()
        self.exit = ExitStack()
        self.exit.enter_context(transaction.atomic())
        self.exit.callback(transaction.set_rollback, True)
        self.clock = self.exit.enter_context(clock.set_clock(START))

    def tick(self) -> None:
        self.clock.advance(timedelta(minutes=1))

    # --- stock ---------------------------------------------------------------------------------------

    def report(self, kind: str, level: Level, units: int) -> None:
        """A fact: goods that arrived, or a count's difference."""
        self.tick()
        self.retailer.report(kind, {level: units})
        (self.books.receive if kind == "receipt" else self.books.count)(level, units)

    def import_figures(self, figures: dict[Level, int]) -> None:
        self.tick()
        self.retailer.import_stock(figures)
        for level, figure in figures.items():
            self.books.set_figure(level, figure)

    def hold_cart(self, cart: str, basket: dict[str, int], minutes: int) -> None:
        self.tick()
        body = {
            "reference": cart,
            "channel": SELLING,
            "lines": [{"sku": sku, "quantity": units} for sku, units in basket.items()],
            "expires_at": (clock.now() + timedelta(minutes=minutes)).isoformat(),
        }
        assert self.api.post("/reservations/", body).status_code in (201, 409)

    def wait(self, hours: int) -> None:
        """Whatever waits is heard, and what is overdue expires."""
        self.tick()
        self.clock.advance(timedelta(hours=hours))
        expire_overdue_offers()
        expire_reservations()
        drain_events()

    # --- orders --------------------------------------------------------------------------------------

    def place(self, wish: Wish) -> None:
        """Accepted exactly when there is enough, or when what is missing may wait or be left out."""
        self.tick()
        where = [wish.store] if wish.mode in ("pickup", "e_reservation", "carry_out") else POINTS
        free = {sku: sum(self._free(sku, str(point)) for point in where) for sku in wish.basket}
        short = {sku for sku, units in wish.basket.items() if free[sku] < units}
        response = self.api.post("/orders/", self._body(wish))
        waits = wish.channel != SELLING and not wish.allow_partial
        if short and not waits and not (wish.allow_partial and any(free.values())):
            assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
            assert {row["sku"] for row in response.json()["data"]["lines"]} == short
            return
        order = answered(response, 201)
        assert order["state"] == "confirmed"
        for line in order["lines"]:
            had = sum(part["quantity"] for part in line["allocations"] if part["state"] in RESERVING)
            assert had == min(wish.basket[line["sku"]], free[line["sku"]])
            assert line["cancelled"] + line["backordered"] == line["quantity"] - had
        if wish.mode == "carry_out":
            self._carry_out(order["number"], wish)

    def _carry_out(self, number: str, wish: Wish) -> None:
        """It leaves with the customer as soon as the sale is heard of."""
        drain_events()
        assert self.retailer.order(number)["state"] == "fulfilled"
        for sku, units in wish.basket.items():
            self.books.take(number, (sku, str(wish.store)), units)

    def _body(self, wish: Wish) -> Json:
        values: Json = {"channel": wish.channel, "allow_partial": wish.allow_partial}
        if wish.store is not None:
            values["selling_stock_point" if wish.mode == "carry_out" else "pickup_point"] = wish.store
        if wish.mode == "e_reservation":
            values["payments"] = []
        return self.retailer.order_body(wish.basket, mode=wish.mode, **values)

    def _free(self, sku: str, point: str) -> int:
        level = StockLevel.objects.filter(variant__sku=sku, stock_point__code=point).first()
        return max(0, level.on_hand - level.reserved - level.unavailable) if level else 0

    def cancel(self, order: Order) -> None:
        self.tick()
        live = list(works().filter(order=order))
        response = self.api.post(f"/orders/{order.number}/cancel/", {})
        if response.status_code == 409:
            assert response.json()["code"] == "state_conflict"
            return
        assert answered(response, 200)["state"] == "cancelled"
        for work in live:
            self.books.put_back(work.pk)

    def cancel_units(self, order: Order, units: int) -> None:
        """Of the first line. Picked units among them go back to their shelf."""
        self.tick()
        line = self.retailer.order(order.number)["lines"][0]
        live = [self.work(work) for work in works().filter(order=order)]
        response = self.api.post(f"/orders/{order.number}/lines/{line['id']}/cancel/", {"quantity": units})
        after = self.retailer.order(order.number)["lines"][0]
        if response.status_code in (409, 422):
            assert after["cancelled"] == line["cancelled"]
            return
        assert answered(response, 200)["lines"][0]["cancelled"] == line["cancelled"] + units
        for work in live:
            if work["id"] in self.books.picked:
                picked = {(row["sku"], work["stock_point"]): row["picked"] for row in self.work(work["id"])["lines"]}
                self.books.picked[work["id"]] = Counter({level: units for level, units in picked.items() if units})

    def hold(self, order: Order) -> None:
        self.tick()
        answered(self.api.post(f"/orders/{order.number}/hold/", {"reason": "a customer's call"}), 200)

    def release(self, order: Order) -> None:
        self.tick()
        answered(self.api.post(f"/orders/{order.number}/release/", {}), 200)

    # --- work ----------------------------------------------------------------------------------------

    def work(self, work: Fulfilment | int) -> Json:
        work_id = work if isinstance(work, int) else work.pk
        return answered(self.api.get(f"/fulfilments/{work_id}/"), 200)

    def _move(self, work: Json, action: str, body: Json | None = None) -> bool:
        """False when the order is on hold: then the work goes no further."""
        self.tick()
        response = self.api.post(f"/fulfilments/{work['id']}/{action}/", body or {})
        if response.status_code == 409 and (response.json().get("data") or {}).get("on_hold"):
            return False
        answered(response, 200)
        return True

    def go_on(self, work: Json, boxes: int) -> bool:
        """One step further; False where there is none to be made."""
        state, mode = work["state"], work["mode"]
        if state == "offered":
            return self._move(work, "accept")
        if state == "accepted":
            return self.pick(work, units_of(work))
        if state == "picking":
            return self._move(work, "pack", {"parcels": _boxes(work, boxes)})
        if state == "packed":
            return self._move(work, "hand-over") and self._leave(work)
        if state == "handed_over" and mode == "ship_to_store":
            return self._move(work, "receive")
        if state == "handed_over":
            return self.tell(work, ["delivered"])
        return state == "ready_for_pickup" and self._collect(work)

    def pick(self, work: Json, found: dict[str, int]) -> bool:
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in found.items()]
        if not self._move(work, "pick", {"lines": lines}):
            return False
        self.books.pick(work, found)
        for sku, asked in units_of(work).items():
            if found[sku] < asked:
                self.books.not_found((sku, work["stock_point"]))
        return True

    def decline(self, work: Json, reason: str, *, units: dict[str, int] | None = None) -> None:
        """All of the work, or the given units of it."""
        body: Json = {"reason": reason}
        if units is not None:
            body["lines"] = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
        assert self._move(work, "decline", body)
        for sku, quantity in (units_of(work) if units is None else units).items():
            if reason == "not_found":
                self.books.not_found((sku, work["stock_point"]))
            elif reason in ("damaged", "display"):
                self.books.set_aside((sku, work["stock_point"]), quantity)
        if units is None:
            self.books.put_back(work["id"])

    def tell(self, work: Json, kinds: Sequence[str]) -> bool:
        """What the carrier says of every parcel; its first scan says that the parcels left."""
        for kind in kinds:
            self.tick()
            for parcel in work["parcels"]:
                answered(self.retailer.tell(parcel["tracking_number"], kind), 200)
        return work["state"] != "packed" or self._leave(work)

    def _collect(self, work: Json) -> bool:
        if not self._move(work, "collect", {"code": self.retailer.code_for(work)}):
            return False
        return work["pickup_point"] != work["stock_point"] or self._leave(work)

    def _leave(self, work: Json) -> bool:
        self.books.leave(work)
        return True

    # --- what must hold ------------------------------------------------------------------------------

    def check_levels(self) -> None:
        rows = StockLevel.objects.values_list("variant__sku", "stock_point__code", "on_hand", "unavailable")
        found = {(sku, point): (on_hand, unavailable) for sku, point, on_hand, unavailable in rows}
        told = {
            level: (self.books.on_hand[level], self.books.unavailable[level])
            for level in {*found, *self.books.on_hand, *self.books.unavailable}
        }
        assert {level: found.get(level, (0, 0)) for level in told} == told

    def check_units(self) -> None:
        """No unit is lost or invented: neither on the shelves nor of what was ordered."""
        for sku in SKUS:
            on_hand = sum(StockLevel.objects.filter(variant__sku=sku).values_list("on_hand", flat=True))
            assert on_hand == self.books.conserved(sku)
        for order in Order.objects.all():
            for line in self.retailer.order(order.number)["lines"]:
                counted = [part for part in line["allocations"] if part["state"] not in HISTORY]
                assert sum(part["quantity"] for part in counted) == line["quantity"]
                gone = sum(part["quantity"] for part in counted if part["state"] in GONE)
                assert (
                    gone + self._waiting_elsewhere(order, line["sku"])
                    == self.books.gone_by_order[order.number, line["sku"]]
                )

    def _waiting_elsewhere(self, order: Order, sku: str) -> int:
        """Units that wait for their customer in another store than theirs have left their origin."""
        ready = works("ready_for_pickup").filter(order=order).exclude(pickup_point_id=F("stock_point_id"))
        return sum(units_of(self.work(work)).get(sku, 0) for work in ready)


def _boxes(work: Json, count: int) -> list[Json]:
    """Everything in one parcel, or one unit of the first article in a parcel of its own."""
    first, *others = totals(work)
    contents = [[first, *others]]
    if count == 2 and first["quantity"] > 1:
        contents = [[{**first, "quantity": 1}], [{**first, "quantity": first["quantity"] - 1}, *others]]
    return [{"weight_g": 900, "lines": lines} for lines in contents]
