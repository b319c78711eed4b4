"""How an order stands: what of it still wants a place, read unlocked and proven unchanged under the locks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q

from oms.core.errors import ConcurrentChange
from oms.orchestration.baskets import Destination, Excluded, Kept
from orders.models import Allocation, Exclusion, Fulfilment, Order, OrderHold, OrderLine
from orders.services.placements import Demand, DemandLine, Told, UnitKey
from orders.states import AllocationState, FulfilmentState, Mode, OrderState
from stock.models import Reservation

# Slices that nobody works on yet: they may be planned, moved and given up freely.
OPEN = (AllocationState.RESERVED, AllocationState.UNFILLABLE, AllocationState.BACKORDERED)
SOURCED = (OrderState.CONFIRMED, OrderState.IN_PROGRESS, OrderState.PARTIALLY_FULFILLED)


# Slices given to a stock point that has not begun with them: they may be taken back.
RECALLABLE = (AllocationState.OFFERED, AllocationState.ASSIGNED)
NOT_BEGUN = (FulfilmentState.OFFERED, FulfilmentState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Awaited:
    """`has_come`: its units are on the shelf of the stock point by now."""

    stock_point_id: int
    quantity: int
    has_come: bool


@dataclass(frozen=True)
class Standing:
    """An order as read: its lines by id, and its open slices.

    `awaited`: by their ids, the reservations of back-ordered slices, of units to come or just come.
    Read for recalling, `open` also has the slices of `works`, fulfilments nobody has begun with.
    """

    order: Order
    lines: dict[int, OrderLine]
    open: tuple[Allocation, ...]
    is_held: bool
    works: tuple[Fulfilment, ...] = ()
    awaited: Mapping[int, Awaited] = field(default_factory=dict)

    @property
    def may_be_sourced(self) -> bool:
        return self.order.state in SOURCED and not self.is_held and bool(self.open)

    @property
    def carried_out(self) -> list[Allocation]:
        """Slices the customer takes from the shop's shelf."""
        return [piece for piece in self.open if self.lines[piece.line_id].mode == Mode.CARRY_OUT]

    def parts(self) -> list[Standing]:
        """Its open slices by the days their customer was told of them; what has a place apart from what waits, where
        it was told from where each part comes."""
        parts: dict[tuple[Told, bool], list[Allocation]] = defaultdict(list)
        for piece in self.open:
            parts[self.told(piece), self.order.is_plan_told and self.place_of(piece) is None].append(piece)
        if len(parts) == 1:
            return [self]
        return [replace(self, open=tuple(pieces)) for _, pieces in sorted(parts.items(), key=_turn_of_part)]

    def told(self, piece: Allocation) -> Told:
        """An order that is sent as a whole has one day: also what was never told one goes by it."""
        days = piece.days(self.order)
        is_of_whole = self.order.consolidate and days == (None, None)
        return (self.order.promised_on, self.order.expected_on) if is_of_whole else days

    def place_of(self, piece: Allocation) -> int | None:
        """The stock point where its units lie; None where they wait."""
        if piece.reservation_id is None:
            return None
        if piece.state in (AllocationState.RESERVED, *RECALLABLE):
            return piece.stock_point_id
        awaited = self.awaited.get(piece.reservation_id)
        return awaited.stock_point_id if awaited is not None and awaited.has_come else None

    def own_units(self) -> dict[UnitKey, int]:
        own: Counter[UnitKey] = Counter()
        for piece in self.open:
            if piece.reservation_id is not None and piece.stock_point_id is not None:
                own[self.lines[piece.line_id].variant_id, piece.stock_point_id] += piece.quantity
        for piece, awaited in self._awaiting():
            if awaited.has_come:
                own[self.lines[piece.line_id].variant_id, awaited.stock_point_id] += awaited.quantity
        return dict(own)

    def own_expected(self) -> dict[int, int]:
        """Units that are still to come, by variant."""
        own: Counter[int] = Counter()
        for piece, awaited in self._awaiting():
            if not awaited.has_come:
                own[self.lines[piece.line_id].variant_id] += awaited.quantity
        return dict(own)

    def _awaiting(self) -> list[tuple[Allocation, Awaited]]:
        return [
            (piece, self.awaited[piece.reservation_id])
            for piece in self.open
            if piece.reservation_id is not None and piece.reservation_id in self.awaited
        ]

    def signature(self) -> tuple[object, ...]:
        return (
            self.order.state,
            self.is_held,
            *((work.pk, work.state) for work in self.works),
            *((piece.pk, piece.state, piece.quantity, piece.reservation_id) for piece in self.open),
            *sorted(self.awaited.items(), key=lambda item: item[0]),
        )


# Nobody works on them.
_OPEN = Q(state__in=OPEN, fulfilment=None)


def _read(order: Order, works: Sequence[Fulfilment]) -> Standing:
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order).order_by("position")}
    wanted = _OPEN
    if works:
        wanted |= Q(state__in=RECALLABLE, fulfilment__in=works)
    pieces = list(Allocation.objects.filter(wanted, line__in=lines).order_by("pk"))
    is_held = OrderHold.objects.filter(order=order, released_at__isnull=True).exists()
    return Standing(
        order=order, lines=lines, open=tuple(pieces), is_held=is_held, works=tuple(works), awaited=_awaited(pieces)
    )


def _awaited(pieces: Sequence[Allocation]) -> dict[int, Awaited]:
    ids = [piece.reservation_id for piece in pieces if piece.stock_point_id is None and piece.reservation_id]
    if not ids:
        return {}
    rows = Reservation.objects.filter(pk__in=ids).values_list("pk", "stock_point_id", "quantity", "expected_receipt_id")
    return {pk: Awaited(point, quantity, receipt is None) for pk, point, quantity, receipt in rows}


def read_standing(order_id: int, *, recalling: Q | None = None) -> Standing:
    """Unlocked; with the works nobody has begun that meet `recalling`. Raises `Order.DoesNotExist`."""
    order = Order.objects.select_related("channel").get(pk=order_id)
    if recalling is None:
        return _read(order, [])
    return _read(order, list(Fulfilment.objects.filter(recalling, order=order, state__in=NOT_BEGUN).order_by("pk")))


def read_standings(order_ids: Sequence[int]) -> list[Standing]:
    """As `read_standing` for each, in the same order and four or five queries. Raises `Order.DoesNotExist`."""
    orders = Order.objects.select_related("channel").in_bulk(order_ids)
    if len(orders) < len(set(order_ids)):
        raise Order.DoesNotExist
    lines: dict[int, dict[int, OrderLine]] = {pk: {} for pk in orders}
    for line in OrderLine.objects.filter(order__in=orders).order_by("position"):
        lines[line.order_id][line.pk] = line
    order_of = {pk: order_id for order_id, those in lines.items() for pk in those}
    pieces: dict[int, list[Allocation]] = {pk: [] for pk in orders}
    for piece in Allocation.objects.filter(_OPEN, line__in=order_of).order_by("pk"):
        pieces[order_of[piece.line_id]].append(piece)
    held = _held(orders)
    awaited = _awaited([piece for those in pieces.values() for piece in those])
    return [
        Standing(
            order=orders[pk],
            lines=lines[pk],
            open=tuple(pieces[pk]),
            is_held=pk in held,
            awaited={
                piece.reservation_id: awaited[piece.reservation_id]
                for piece in pieces[pk]
                if piece.reservation_id in awaited
            },
        )
        for pk in order_ids
    ]


def _held(order_ids: Iterable[int]) -> set[int]:
    return set(OrderHold.objects.filter(order__in=order_ids, released_at__isnull=True).values_list("order", flat=True))


def lock_standings(read: Sequence[Standing]) -> set[int]:
    """Lock the orders, after their stock; the ids of those that are no more as they were read.

    Of standings without works and without anything awaited. What calls for a person's attention is read again.
    """
    orders = {each.order.pk: each.order for each in read}
    locked = Order.objects.filter(pk__in=orders).order_by("pk").select_for_update(no_key=True)
    states = {}
    for pk, state, attention in locked.values_list("pk", "state", "needs_attention"):
        states[pk], orders[pk].needs_attention = state, attention
    held = _held(orders)
    pieces: dict[int, list[tuple[object, ...]]] = defaultdict(list)
    slices = Allocation.objects.filter(_OPEN, line__order__in=orders).order_by("pk")
    for pk, *told in slices.values_list("line__order", "pk", "state", "quantity", "reservation"):
        pieces[pk].append(tuple(told))
    return {
        each.order.pk
        for each in read
        if each.signature() != (states[each.order.pk], each.order.pk in held, *pieces[each.order.pk])
    }


def lock_standing(read: Standing) -> Standing:
    """Lock the order and the works to be recalled, after their stock; `ConcurrentChange` unless all is as read."""
    order = Order.objects.locked(read.order.pk)
    order.channel = read.order.channel
    works = Fulfilment.objects.locked([work.pk for work in read.works]) if read.works else []
    fresh = _read(order, works)
    if fresh.signature() != read.signature():
        raise ConcurrentChange
    return fresh


def demand_of_order(standing: Standing) -> Demand:
    """What the open slices want, whatever was told of them; line keys are the lines' ids."""
    return _demand(standing, _excluded_for([standing])[standing.order.pk])


def demands_of_order(standing: Standing) -> list[Demand]:
    """What each part of the order wants, as it was told."""
    return demands_of_orders([standing])[0]


def demands_of_orders(standings: Sequence[Standing]) -> list[list[Demand]]:
    """The same of each order, in the same order; one query."""
    excluded = _excluded_for(standings)
    return [[_part(part, excluded[each.order.pk]) for part in each.parts()] for each in standings]


def _part(standing: Standing, excluded: tuple[Excluded, ...]) -> Demand:
    promised_on, expected_on = standing.told(standing.open[0])
    demand = replace(_demand(standing, excluded), promised_on=promised_on, expected_on=expected_on)
    on = expected_on or promised_on
    return replace(demand, kept=_kept(standing, on)) if standing.order.is_plan_told and on else demand


def _kept(standing: Standing, on: date) -> tuple[Kept, ...]:
    """The parcels that leave everything where it was told it comes from; none where something has no place."""
    units: dict[tuple[str, int | None, int], Counter[str]] = defaultdict(Counter)
    for piece in standing.open:
        line, point_id = standing.lines[piece.line_id], standing.place_of(piece)
        if point_id is None:
            return ()
        units[line.mode, line.pickup_point_id, point_id][str(line.pk)] += piece.quantity
    return tuple(Kept(point_id, "", tuple(held.items()), on) for (_, _, point_id), held in units.items())


def _turn_of_part(part: tuple[tuple[Told, bool], list[Allocation]]) -> tuple[date, date, bool]:
    """What was told for the earliest day comes first, and what has no day last."""
    (promised_on, expected_on), waits = part[0]
    return promised_on or date.max, expected_on or date.min, waits


def _demand(standing: Standing, excluded: tuple[Excluded, ...]) -> Demand:
    order = standing.order
    units: Counter[int] = Counter()
    for piece in standing.open:
        units[piece.line_id] += piece.quantity
    return Demand(
        reference=order.number,
        channel_id=order.channel_id,
        lines=tuple(demand_line(line, units[line.pk]) for line in standing.lines.values() if units[line.pk]),
        destination=destination_of_order(order),
        selling_stock_point_id=order.selling_stock_point_id,
        own_units=standing.own_units(),
        own_expected=standing.own_expected(),
        is_allotted=order.channel.has_allotments,
        excluded=excluded,
        promised_on=order.promised_on,
        order_value=order.subtotal,
        **told_of(order),
    )


def told_of(order: Order) -> dict[str, Any]:
    """What of the order itself, beside its lines, rule sets may ask for."""
    return {"customer_class": order.customer_class, "tags": tuple(order.tags), "ordered_at": order.placed_at}


def demand_line(line: OrderLine, quantity: int) -> DemandLine:
    return DemandLine(
        key=str(line.pk),
        variant_id=line.variant_id,
        sku=line.sku,
        quantity=quantity,
        mode=line.mode,
        pickup_point_id=line.pickup_point_id,
    )


def destination_of_order(order: Order) -> Destination | None:
    address = order.shipping_address
    if not address:
        return None
    return Destination(
        country=address["country"],
        postcode=address.get("postcode", ""),
        latitude=address.get("latitude"),
        longitude=address.get("longitude"),
    )


def _excluded_for(standings: Sequence[Standing]) -> dict[int, tuple[Excluded, ...]]:
    """By order: the stock points that are not asked again for a line."""
    order_of = {line_id: standing.order.pk for standing in standings for line_id in standing.lines}
    found: dict[int, list[Excluded]] = {standing.order.pk: [] for standing in standings}
    rows = Exclusion.objects.filter(line__in=order_of).order_by("pk")
    for line_id, stock_point_id, reason in rows.values_list("line_id", "stock_point_id", "reason"):
        found[order_of[line_id]].append(Excluded(stock_point_id, reason, (str(line_id),)))
    return {pk: tuple(those) for pk, those in found.items()}
