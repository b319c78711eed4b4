"""Placing an order: reserved, written and paid, once per channel and external reference.

Transaction 1 writes the order with a reservation behind every unit it promises. Then the gateways are
asked, outside any transaction. Transaction 2 writes what they answered and confirms the order, which
emits `order.placed`: only confirmed orders are sourced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext

from django.db import IntegrityError, transaction
from psycopg import errors as pg

from oms.core.access import EVERYTHING, Access
from oms.core.errors import ConcurrentChange, StateConflict
from oms.core.events import kept_events
from oms.core.retrying import retry_on_conflict
from oms.orchestration.services.recording import keep_shared, lacks_shared
from orders.errors import DuplicateReference, PaymentRefused, PromiseTaken
from orders.models import Order, Payment, PaymentOperation
from orders.queries.placing import Earlier
from orders.services.demands import place_demand
from orders.services.drafting import Draft, demand_of, draft_order, priced_as_planned
from orders.services.expecting import promise_expected
from orders.services.paying import authorise_payments
from orders.services.placements import Placement, Policy, Slice, UnitKey
from orders.services.promised import broken_promise, require_unexpired
from orders.services.requests import OrderRequest
from orders.services.resolving import named_in, resolve_request
from orders.services.reviving import revive_order
from orders.services.writing import take_and_write_order, write_order
from orders.states import AllocationState, OrderState
from stock.errors import InsufficientStock
from stock.services.ceilings import lock_counters
from stock.services.locking import lock_levels_of_reservations
from stock.services.reserving import Want, lock_levels, move_reservations, reserve_stock

TRIGGER = "placed"
# A lost race is planned again this often before the levels of the articles are locked for the last try.
TRIES = 3
_ONE_ORDER_PER_REFERENCE = "order_reference_once_per_channel"


class _LostRace(Exception):
    """Between planning and reserving somebody took the stock."""


class _Twin(Exception):
    """The same reference was placed at the same moment."""


def place_order(*, request: OrderRequest, access: Access = EVERYTHING) -> Order:
    """The order of this request, placed now or before; see `find_or_place_order`."""
    return find_or_place_order(request=request, access=access)[0]


def find_or_place_order(*, request: OrderRequest, access: Access = EVERYTHING) -> tuple[Order, bool]:
    """The order, and whether it is new.

    The same content under the same channel and reference is the order that exists; other content raises
    `DuplicateReference`. Raises subclasses of `Invalid` for what cannot be ordered, `InsufficientStock`
    when a fresh read shows too little and the channel does not let it wait, `PaymentRefused` when a
    payment was refused: then its stock is free and its reference may be used again. With a promise's token:
    `PromiseExpired` or `PromiseTaken`, with what can be promised instead, where it cannot be kept.
    """
    named = named_in(request, access)
    if named.earlier is not None:
        return _same_order(named.earlier, request), False
    draft = draft_order(request, resolve_request(request, named, access))
    if draft.promise is not None:
        require_unexpired(draft.promise, demand_of(draft))
    try:
        order, operations = _write(draft)
    except _Twin:
        return _placed_by_twin(request, access), False
    except (InsufficientStock, PromiseTaken):
        # The twin of this request may have taken the very stock that is missing now.
        earlier = named_in(request, access).earlier
        if earlier is not None:
            return _same_order(earlier, request), False
        if draft.promise is not None:
            raise broken_promise(PromiseTaken, draft.promise, demand_of(draft)) from None
        raise
    return _pay(order, operations), True


def _same_order(earlier: Earlier, request: OrderRequest) -> Order:
    order = Order.objects.get(pk=earlier.order_id)
    if earlier.content_hash != request.content_hash:
        raise DuplicateReference(data={"number": order.number})
    return order


def _placed_by_twin(request: OrderRequest, access: Access) -> Order:
    earlier = named_in(request, access).earlier
    if earlier is None:
        # It was refused in the meantime and has freed the reference.
        return place_order(request=request, access=access)
    return _same_order(earlier, request)


def _pay(order: Order, operations: Sequence[PaymentOperation]) -> Order:
    if not operations:
        return order
    order = authorise_payments(order=order, operations=operations)
    if order.state == OrderState.EXPIRED:
        return revive_order(order_id=order.pk)
    if order.refused_at is not None:
        failed = Payment.objects.filter(order=order, operations__state="failed").exclude(
            operations__failure="never asked"
        )
        raise PaymentRefused(
            data={
                "payments": [
                    {"gateway": gateway, "method": method, "failure": failure}
                    for gateway, method, failure in failed.values_list("gateway", "method", "operations__failure")
                ]
            }
        )
    return order


def _write(draft: Draft) -> tuple[Order, list[PaymentOperation]]:
    for _ in range(TRIES):
        try:
            return _plan_and_write(draft)
        except _LostRace:
            draft = draft.again()
    try:
        return _plan_and_write_locked(draft)
    except _LostRace as error:
        # The cart's hold lapsed, or a new level came: the caller may simply try again.
        raise ConcurrentChange from error


def _policy(draft: Draft) -> Policy:
    channel = draft.resolved.channel
    return Policy(
        allow_partial=draft.request.allow_partial,
        allow_backorders=channel.allows_backorders,
        allow_preorders=channel.allows_preorders,
    )


@retry_on_conflict
def _plan_and_write(draft: Draft) -> tuple[Order, list[PaymentOperation]]:
    placement = place_demand(demand_of(draft), policy=_policy(draft), trigger=TRIGGER)
    return _write_rows(draft, placement)


@retry_on_conflict
@transaction.atomic
def _plan_and_write_locked(draft: Draft) -> tuple[Order, list[PaymentOperation]]:
    """Nobody can be faster any more: what is planned now is there."""
    articles = sorted(article.pk for article in draft.resolved.articles.values())
    if draft.resolved.channel.has_allotments:
        lock_counters(
            channel_id=draft.resolved.channel.pk,
            variant_ids=articles,
            reservation_ids=[held.pk for held in draft.hold],
        )
    lock_levels(variant_ids=articles)
    # Read now, the cart's hold is still there when it is taken over: whoever ends it waits for its levels.
    draft = draft.again()
    placement = place_demand(demand_of(draft), policy=_policy(draft), trigger=TRIGGER)
    return _write_rows(draft, placement)


def _write_rows(draft: Draft, placement: Placement) -> tuple[Order, list[PaymentOperation]]:
    """Transaction 1: stock first, then the order. A twin that comes second waits at the reference and gives way."""
    draft = priced_as_planned(draft, placement)
    units = _units_at_once(draft, placement)
    # One statement that writes everything or nothing is a transaction of its own.
    is_all = units is not None and len(units) == len(placement.slices) and kept_events() is None
    is_alone = is_all and not transaction.get_connection().in_atomic_block
    try:
        with nullcontext() if is_alone else transaction.atomic():
            _lock_allotments(draft, placement)
            order, operations = _take_and_write(draft, placement, units)
            _promise_expected(draft, order, placement)
            return order, operations
    except IntegrityError as error:
        if lacks_shared(error):
            keep_shared(placement.runs)
            return _write_rows(draft, placement)
        if isinstance(error.__cause__, pg.UniqueViolation):
            raise (_Twin if _ONE_ORDER_PER_REFERENCE in str(error) else _LostRace) from error
        raise


def _units_at_once(draft: Draft, placement: Placement) -> Mapping[UnitKey, int] | None:
    """What the order's own statement may take; None for the orders that take over a hold, or need one level twice or
    unprotected."""
    units = {(piece.variant_id, piece.stock_point_id or 0): piece.quantity for piece in placement.reserving}
    carries_out = any(piece.is_carried_out for piece in placement.reserving)
    is_plain = not (draft.hold or draft.resolved.channel.has_allotments or carries_out)
    return units if units and is_plain and len(units) == len(placement.reserving) else None


def _take_and_write(
    draft: Draft, placement: Placement, units: Mapping[UnitKey, int] | None
) -> tuple[Order, list[PaymentOperation]]:
    if units is None:
        return write_order(draft, placement, _reserve(draft, placement))
    written = take_and_write_order(draft, placement, units)
    if written is None:
        raise _LostRace
    return written


def _lock_allotments(draft: Draft, placement: Placement) -> None:
    """Of all that is taken, now or from what is to come, before any level is locked."""
    channel = draft.resolved.channel
    if channel.has_allotments:
        lock_counters(
            channel_id=channel.pk,
            variant_ids={piece.variant_id for piece in placement.slices},
            reservation_ids=[held.pk for held in draft.hold],
        )


def _promise_expected(draft: Draft, order: Order, placement: Placement) -> None:
    """Back-ordered units are promised of what is to come; nobody else can see, or wait for, the order yet."""
    channel = draft.resolved.channel
    if not (channel.allows_preorders or channel.allows_backorders):
        return
    if all(piece.state != AllocationState.BACKORDERED for piece in placement.slices):
        return
    unpromised = promise_expected(order=order)
    is_told = draft.promise is not None and any(each.available_on for each in draft.promise.later)
    if unpromised and (is_told or _policy(draft).only_expected):
        raise _LostRace


def _reserve(draft: Draft, placement: Placement) -> list[int]:
    """A reservation for each reserving slice, in their order; the cart's hold is taken over."""
    owner, channel_id = draft.owner, draft.resolved.channel.pk
    wants = _wants(piece for piece in placement.reserving if not piece.is_carried_out)
    if any(piece.is_carried_out for piece in placement.reserving):
        # Two takings in a row: all their levels are locked first, in the one order everybody keeps.
        lock_levels_of_reservations(
            [held.pk for held in draft.hold],
            [(piece.variant_id, piece.stock_point_id or 0) for piece in placement.reserving],
        )
    try:
        if draft.hold:
            release = [(held.pk, held.quantity) for held in draft.hold]
            ids = move_reservations(owner=owner, channel_id=channel_id, release=release, wants=wants)
        else:
            ids = reserve_stock(owner=owner, channel_id=channel_id, wants=wants) if wants else []
    except (InsufficientStock, StateConflict) as error:
        raise _LostRace from error
    carried = _wants(piece for piece in placement.reserving if piece.is_carried_out)
    if not carried:
        return ids
    # What the customer has in hand is sold off the shelf, protected or not, and nowhere else.
    sold = iter(reserve_stock(owner=owner, channel_id=channel_id, wants=carried, down_to_zero=True))
    others = iter(ids)
    return [next(sold if piece.is_carried_out else others) for piece in placement.reserving]


def _wants(pieces: Iterable[Slice]) -> list[Want]:
    return [Want(piece.variant_id, piece.stock_point_id or 0, piece.quantity) for piece in pieces]
