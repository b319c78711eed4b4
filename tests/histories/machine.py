"""Random histories of a retailer, told step by step through the public API under a clock of their own."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.models import Fulfilment, Order
from orders.services.declining import expire_overdue_offers
from orders.states import FulfilmentState
from stock.models import StockLevel
from stock.services.reserving import expire_reservations
from tests.factories.retailer import Json, Retailer, answered, totals
from tests.histories.books import Books
from tests.histories.world import CHANNELS, POINTS, SELLING, SKUS, STORES
from tests.support.holding import assert_invariants_hold

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
OPEN_ORDERS = ("confirmed", "in_progress", "partially_fulfilled")
COLLECTED = ("pickup", "e_reservation", "ship_to_store")
REASONS = ("not_found", "damaged", "display", "no_capacity", "closed", "other")
RESERVING = ("reserved", "offered", "assigned", "picking", "picked", "packed", "unfillable")

skus = st.sampled_from(SKUS)
points = st.sampled_from(POINTS)
stores = st.sampled_from(STORES)
any_of = st.integers(0, 7)
baskets = st.dictionaries(skus, st.integers(1, 3), min_size=1)
heard = st.sampled_from([True, True, False])


def units_of(work: Json) -> dict[str, int]:
    return {row["sku"]: row["quantity"] for row in totals(work)}


class Histories(RuleBasedStateMachine):
    """Each example starts from the same world and leaves nothing behind."""

    def __init__(self, retailer: Retailer) -> None:
        super().__init__()
        self.retailer = retailer
        self.api = retailer.api
        self.books = Books()
        self.steps = 0
        self.exit = ExitStack()
        self.exit.enter_context(_rolled_back())
        self.clock = self.exit.enter_context(clock.set_clock(START))

    @initialize(figures=st.lists(st.integers(0, 9), min_size=len(SKUS) * len(POINTS), max_size=len(SKUS) * len(POINTS)))
    def the_shelves_are_filled(self, figures: list[int]) -> None:
        levels = [(sku, point) for sku in SKUS for point in POINTS]
        given = {level: figure for level, figure in zip(levels, figures, strict=True) if figure}
        if given:
            self._tick()
            self.retailer.import_stock(given)
        for level, figure in given.items():
            self.books.set_figure(level, figure)

    # --- stock ---------------------------------------------------------------------------------------

    @rule(sku=skus, point=points, units=st.integers(1, 6))
    def goods_arrive(self, sku: str, point: str, units: int) -> None:
        self._report("receipt", sku, point, units)
        self.books.receive((sku, point), units)

    @rule(sku=skus, point=points, difference=st.sampled_from([-2, -1, 1, 2]))
    def a_count_finds_a_difference(self, sku: str, point: str, difference: int) -> None:
        self._report("count", sku, point, difference)
        self.books.count((sku, point), difference)

    @rule(sku=skus, point=points, figure=st.integers(0, 8))
    def a_feed_tells_a_figure(self, sku: str, point: str, figure: int) -> None:
        self._tick()
        self.retailer.import_stock({(sku, point): figure})
        self.books.set_figure((sku, point), figure)

    def _report(self, kind: str, sku: str, point: str, units: int) -> None:
        self._tick()
        self.retailer.report(kind, {(sku, point): units})

    # --- orders --------------------------------------------------------------------------------------

    @rule(basket=baskets, channel=st.sampled_from(CHANNELS), allow_partial=st.booleans(), is_heard=heard)
    def an_order_to_deliver(self, basket: dict[str, int], channel: str, allow_partial: bool, is_heard: bool) -> None:
        self._place(basket, POINTS, is_heard=is_heard, channel=channel, allow_partial=allow_partial)

    @rule(basket=baskets, store=stores, mode=st.sampled_from(COLLECTED), is_heard=heard)
    def an_order_to_collect(self, basket: dict[str, int], store: str, mode: str, is_heard: bool) -> None:
        where = POINTS if mode == "ship_to_store" else [store]
        payments: Json = {"payments": []} if mode == "e_reservation" else {}
        self._place(basket, where, is_heard=is_heard, mode=mode, pickup_point=store, **payments)

    def _place(
        self, basket: dict[str, int], where: Any, *, is_heard: bool, allow_partial: bool = False, **values: Any
    ) -> None:
        """Accepted exactly when there is enough, or when what is missing may wait or be left out."""
        self._tick()
        free = {sku: sum(self._free(sku, point) for point in where) for sku in basket}
        short = [sku for sku, units in basket.items() if free[sku] < units]
        some = any(free.values())
        waits = values.get("channel", SELLING) != SELLING and not allow_partial
        body = self.retailer.order_body(basket, allow_partial=allow_partial, **values)
        response = self.api.post("/orders/", body)
        if short and not waits and not (allow_partial and some):
            assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
            assert {row["sku"] for row in response.json()["data"]["lines"]} == set(short)
            return
        order = answered(response, 201)
        assert order["state"] == "confirmed"
        for line in order["lines"]:
            had = sum(part["quantity"] for part in line["allocations"] if part["state"] in RESERVING)
            assert had == min(basket[line["sku"]], free[line["sku"]])
            assert line["cancelled"] + line["backordered"] == line["quantity"] - had
        if is_heard:
            drain_events()

    def _free(self, sku: str, point: str) -> int:
        level = StockLevel.objects.filter(variant__sku=sku, stock_point__code=point).first()
        return max(0, level.on_hand - level.reserved - level.unavailable) if level else 0

    @precondition(lambda self: Order.objects.filter(state__in=OPEN_ORDERS).exists())
    @rule(choice=any_of)
    def a_customer_cancels(self, choice: int) -> None:
        self._tick()
        number = self._order(choice)
        works = self._live_works(number)
        response = self.api.post(f"/orders/{number}/cancel/", {})
        if response.status_code == 409:
            assert response.json()["code"] == "state_conflict"
            return
        assert answered(response, 200)["state"] == "cancelled"
        for work in works:
            self.books.put_back(work.pk)

    @precondition(lambda self: Order.objects.filter(state__in=OPEN_ORDERS).exists())
    @rule(choice=any_of, units=st.integers(1, 3))
    def a_customer_cancels_part_of_a_line(self, choice: int, units: int) -> None:
        self._tick()
        number = self._order(choice)
        line = self.retailer.order(number)["lines"][0]
        before = line["cancelled"]
        works = {work.pk: self._work(work.pk) for work in self._live_works(number)}
        response = self.api.post(f"/orders/{number}/lines/{line['id']}/cancel/", {"quantity": units})
        if response.status_code in (409, 422):
            assert self.retailer.order(number)["lines"][0]["cancelled"] == before
            return
        after = answered(response, 200)["lines"][0]
        assert after["cancelled"] == before + units
        self._put_back_cancelled(works)

    def _put_back_cancelled(self, works: dict[int, Json]) -> None:
        """Picked units of cancelled slices go back to their shelf."""
        for work_id in works:
            if work_id not in self.books.picked:
                continue
            picked = Counter(
                {
                    (row["sku"], works[work_id]["stock_point"]): row["picked"]
                    for row in self._work(work_id)["lines"]
                    if row["picked"]
                }
            )
            self.books.picked[work_id] = picked

    @precondition(lambda self: Order.objects.filter(state__in=OPEN_ORDERS).exists())
    @rule(choice=any_of)
    def an_order_is_held_or_released(self, choice: int) -> None:
        self._tick()
        number = self._order(choice)
        held = Order.objects.get(number=number).holds.filter(released_at=None).exists()
        if held:
            answered(self.api.post(f"/orders/{number}/release/", {}), 200)
        else:
            answered(self.api.post(f"/orders/{number}/hold/", {"reason": "a customer's call"}), 200)

    @rule(sku=skus, units=st.integers(1, 3), cart=st.integers(1, 2), minutes=st.integers(5, 120))
    def a_cart_is_held(self, sku: str, units: int, cart: int, minutes: int) -> None:
        self._tick()
        body = {
            "reference": f"cart-{cart}",
            "channel": SELLING,
            "lines": [{"sku": sku, "quantity": units}],
            "expires_at": (clock.now() + timedelta(minutes=minutes)).isoformat(),
        }
        assert self.api.post("/reservations/", body).status_code in (201, 409)

    # --- time ----------------------------------------------------------------------------------------

    @rule()
    def events_are_heard(self) -> None:
        self._tick()
        drain_events()

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        expire_overdue_offers()
        expire_reservations()
        drain_events()

    # --- work ----------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.steps += 1
        self.clock.advance(timedelta(minutes=1))

    def _order(self, choice: int) -> str:
        numbers = list(Order.objects.filter(state__in=OPEN_ORDERS).order_by("pk").values_list("number", flat=True))
        return numbers[choice % len(numbers)]

    def _live_works(self, number: str) -> list[Fulfilment]:
        return list(Fulfilment.objects.live().filter(order__number=number))

    def _work(self, work_id: int) -> Json:
        return answered(self.api.get(f"/fulfilments/{work_id}/"), 200)

    def _one(self, choice: int, *states: str) -> Json:
        ids = list(Fulfilment.objects.filter(state__in=states).order_by("pk").values_list("pk", flat=True))
        return self._work(ids[choice % len(ids)])

    def _move(self, work: Json, action: str, body: Json | None = None) -> Json | None:
        """None when the order is on hold: then the work goes no further."""
        self._tick()
        response = self.api.post(f"/fulfilments/{work['id']}/{action}/", body or {})
        if response.status_code == 409 and (response.json().get("data") or {}).get("on_hold"):
            return None
        return answered(response, 200)

    @precondition(lambda self: _has(*FulfilmentState.live()))
    @rule(choice=any_of, moves=st.integers(1, 6), boxes=st.sampled_from([1, 1, 2]))
    def somebody_works(self, choice: int, moves: int, boxes: int) -> None:
        self._go_on(Fulfilment.objects.live(), choice, moves, boxes)

    @precondition(lambda self: _works_at("warehouse").exists())
    @rule(choice=any_of, moves=st.integers(1, 6), boxes=st.sampled_from([1, 1, 2]))
    def the_warehouse_works(self, choice: int, moves: int, boxes: int) -> None:
        self._go_on(_works_at("warehouse"), choice, moves, boxes)

    @precondition(lambda self: _works_at("store").exists())
    @rule(choice=any_of, moves=st.integers(1, 6), boxes=st.sampled_from([1, 1, 2]))
    def a_store_works(self, choice: int, moves: int, boxes: int) -> None:
        self._go_on(_works_at("store"), choice, moves, boxes)

    def _go_on(self, works: QuerySet[Fulfilment], choice: int, moves: int, boxes: int) -> None:
        """The same work is taken so many steps further, as far as it goes."""
        ids = list(works.order_by("pk").values_list("pk", flat=True))
        for _ in range(moves):
            drain_events()
            work = self._work(ids[choice % len(ids)])
            if work["state"] not in FulfilmentState.live() or not self._one_step(work, boxes):
                return

    def _one_step(self, work: Json, boxes: int) -> bool:
        """Whether it went on: an order on hold stays where it is."""
        state, mode = work["state"], work["mode"]
        if state == "offered":
            return self._move(work, "accept") is not None
        if state == "accepted":
            return self._pick(work, units_of(work))
        if state == "picking":
            return self._move(work, "pack", {"parcels": _boxes(work, boxes)}) is not None
        if state == "packed":
            return self._hand_over(work)
        if state == "handed_over" and mode == "ship_to_store":
            return self._move(work, "receive") is not None
        if state == "handed_over":
            return self._told(work, ["delivered"])
        return self._collect(work)

    def _pick(self, work: Json, found: dict[str, int]) -> bool:
        body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in found.items()]}
        if self._move(work, "pick", body) is None:
            return False
        self.books.pick(work, found)
        for sku, asked in units_of(work).items():
            if found[sku] < asked:
                self.books.not_found((sku, work["stock_point"]))
        return True

    def _hand_over(self, work: Json) -> bool:
        if self._move(work, "hand-over") is None:
            return False
        self.books.leave(work)
        return True

    def _told(self, work: Json, kinds: list[str]) -> bool:
        for kind in kinds:
            self._tick()
            for parcel in work["parcels"]:
                answered(self.retailer.tell(parcel["tracking_number"], kind), 200)
        return True

    def _collect(self, work: Json) -> bool:
        if self._move(work, "collect", {"code": self.retailer.code_for(work)}) is None:
            return False
        if work["pickup_point"] == work["stock_point"]:
            self.books.leave(work)
        return True

    @precondition(lambda self: _has("offered", "accepted", "picking"))
    @rule(choice=any_of, reason=st.sampled_from(REASONS), part=st.booleans())
    def work_is_declined(self, choice: int, reason: str, part: bool) -> None:
        work = self._one(choice, "offered", "accepted", "picking")
        units = units_of(work)
        given = {next(iter(units)): 1} if part else units
        if part and self.books.picked.get(work["id"]):
            return
        body: Json = {"reason": reason}
        if part:
            body["lines"] = [{"sku": sku, "quantity": quantity} for sku, quantity in given.items()]
        if self._move(work, "decline", body) is None:
            return
        for sku, quantity in given.items():
            level = (sku, work["stock_point"])
            if reason == "not_found":
                self.books.not_found(level)
            elif reason in ("damaged", "display"):
                self.books.set_aside(level, quantity)
        if not part:
            self.books.put_back(work["id"])

    @precondition(lambda self: _has("accepted"))
    @rule(choice=any_of, missing=st.integers(1, 4))
    def a_pick_comes_short(self, choice: int, missing: int) -> None:
        """Of the first article, perhaps all of it."""
        work = self._one(choice, "accepted")
        found = units_of(work)
        first = next(iter(found))
        found[first] = max(0, found[first] - missing)
        self._pick(work, found)

    @precondition(lambda self: _has("packed"))
    @rule(choice=any_of)
    def the_carrier_scans_before_anybody_hands_over(self, choice: int) -> None:
        """Its scan says that the parcels left."""
        drain_events()
        work = self._one(choice, "packed")
        self._told(work, ["handed_over"])
        self.books.leave(work)

    @precondition(lambda self: _has("handed_over"))
    @rule(
        choice=any_of, kinds=st.lists(st.sampled_from(["in_transit", "exception", "delivered"]), min_size=1, max_size=3)
    )
    def the_carrier_tells(self, choice: int, kinds: list[str]) -> None:
        self._told(self._one(choice, "handed_over"), kinds)

    # --- what must hold ------------------------------------------------------------------------------

    @invariant()
    def every_level_is_as_the_books_say(self) -> None:
        found = {
            (sku, point): (on_hand, unavailable)
            for sku, point, on_hand, unavailable in StockLevel.objects.values_list(
                "variant__sku", "stock_point__code", "on_hand", "unavailable"
            )
        }
        expected = {
            level: (self.books.on_hand[level], self.books.unavailable[level])
            for level in {*found, *self.books.on_hand, *self.books.unavailable}
        }
        assert {level: found.get(level, (0, 0)) for level in expected} == expected

    def teardown(self) -> None:
        try:
            drain_events()
            self.every_level_is_as_the_books_say()
            self._units_are_conserved()
            assert_invariants_hold()
        finally:
            self.exit.close()

    def _units_are_conserved(self) -> None:
        for sku in SKUS:
            on_hand = sum(StockLevel.objects.filter(variant__sku=sku).values_list("on_hand", flat=True))
            assert on_hand == self.books.conserved(sku)
        for order in Order.objects.all():
            for line in self.retailer.order(order.number)["lines"]:
                counted = [row for row in line["allocations"] if row["state"] not in ("declined", "short_picked")]
                assert sum(row["quantity"] for row in counted) == line["quantity"]
                gone = self.books.gone_by_order[order.number, line["sku"]]
                left = [row["quantity"] for row in counted if row["state"] in ("shipped", "delivered", "in_transfer")]
                left += [row["quantity"] for row in counted if row["state"] == "collected"]
                left += self._received_elsewhere(order, line["sku"])
                assert sum(left) == gone

    def _received_elsewhere(self, order: Order, sku: str) -> list[int]:
        """Units that wait for their customer in another store than theirs have left their origin."""
        works = order.fulfilments.filter(state="ready_for_pickup").exclude(pickup_point_id=F("stock_point_id"))
        return [units_of(self._work(work.pk)).get(sku, 0) for work in works]


def _boxes(work: Json, count: int) -> list[Json]:
    """Everything in one parcel, or one unit of the first article in a parcel of its own."""
    first, *others = totals(work)
    contents = [[first, *others]]
    if count == 2 and first["quantity"] > 1:
        contents = [[{**first, "quantity": 1}], [{**first, "quantity": first["quantity"] - 1}, *others]]
    return [{"weight_g": 900, "lines": lines} for lines in contents]


def _works_at(kind: str) -> QuerySet[Fulfilment]:
    return Fulfilment.objects.live().filter(stock_point__kind=kind)


def _has(*states: str) -> bool:
    return Fulfilment.objects.filter(state__in=states).exists()


class _rolled_back(ExitStack):  # noqa: N801 (reads as a context manager)
    """Whatever is written within is forgotten at the end."""

    def __enter__(self) -> _rolled_back:
        super().__enter__()
        self.enter_context(transaction.atomic())
        self.callback(transaction.set_rollback, True)
        return self
