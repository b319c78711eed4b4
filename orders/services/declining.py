"""A stock point gives work back: declined, or left unanswered until its deadline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import structlog
from django.db import transaction
from django.db.models import F, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.errors import ConcurrentChange, OmsError, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from oms.orchestration.services.capacity import give_back_capacity
from orders.models import Allocation, Fulfilment, Order
from orders.queries.picked_units import picked_units
from orders.services.collecting import make_ready_if_picked
from orders.services.rollups import roll_up_order
from orders.services.slices import cut, exclude, give_up
from orders.services.standing_by import WITHDRAWN, end_offers_beside
from orders.services.timeline import tell
from orders.services.work import (
    SkuQuantity,
    Work,
    as_it_was_read,
    lock_work,
    read_work,
    read_work_at,
    require_state,
    spread,
)
from orders.states import FULFILMENT_MOVES, AllocationState, FulfilmentState
from stock.services.locking import lock_levels_of_reservations
from stock.services.moving import correct_not_found, mark_unavailable
from stock.services.reserving import release_reservations, split_reservation

logger = structlog.get_logger(__name__)


class DeclineReason(TextChoices):
    NOT_FOUND = "not_found", _("Not found")
    DAMAGED = "damaged", _("Damaged")
    DISPLAY = "display", _("On display")
    NO_CAPACITY = "no_capacity", _("No capacity")
    CLOSED = "closed", _("Closed")
    OTHER = "other", _("Other")


_DECLINABLE = (FulfilmentState.OFFERED, FulfilmentState.ACCEPTED, FulfilmentState.PICKING)
_STILL_HERE = (
    AllocationState.OFFERED,
    AllocationState.ASSIGNED,
    AllocationState.PICKING,
    AllocationState.PICKED,
)
# One slice and how many of its units are given back, with the reservation that holds just these.
Part = tuple[Allocation, int, int]


@retry_on_conflict
@transaction.atomic
def decline_fulfilment(
    *,
    fulfilment_id: int,
    reason: str,
    lines: Sequence[SkuQuantity] = (),
    access: Access = EVERYTHING,
) -> Fulfilment:
    """Give back all of the work, or the given units of it.

    The stock effect follows the reason: `not_found` brings on hand down to the units already picked there,
    `damaged` and `display` make the declined units unavailable, the others change nothing. In every case the
    units are freed, the stock point is not asked again for these lines, and the order is sourced anew.
    """
    work = read_work_at(fulfilment_id, access=access)
    if work.fulfilment.state == FulfilmentState.DECLINED:
        return work.fulfilment
    require_state(work, *_DECLINABLE)
    if work.fulfilment.stands_by:
        return decline_offer_beside(work, reason=reason)
    here = work.in_state(*_STILL_HERE)
    parts = split_parts(spread(lines, here) if lines else [(allocation, allocation.quantity) for allocation in here])
    _correct_stock(work, parts, reason)
    free_capacity(work, parts)
    work = lock_work(work)
    _give_back(work, parts, to=AllocationState.DECLINED, reason=reason)
    _close_if_empty(work, FulfilmentState.DECLINED, reason)
    _tell(work, parts, event="fulfilment.declined", reason=reason)
    make_ready_if_picked(work.fulfilment)
    return work.fulfilment


@retry_on_conflict
@transaction.atomic
def expire_offer(*, fulfilment_id: int) -> bool:
    """The store never answered: the work leaves it once. False when it was answered after all."""
    work = read_work(fulfilment_id)
    fulfilment = work.fulfilment
    if fulfilment.state != FulfilmentState.OFFERED or not fulfilment.accept_by or fulfilment.accept_by > clock.now():
        return False
    parts = split_parts([(allocation, allocation.quantity) for allocation in work.in_state(AllocationState.OFFERED)])
    release_reservations(ids=[reservation for _, _, reservation in parts])
    free_capacity(work, parts)
    work = lock_work(work)
    _give_back(work, parts, to=AllocationState.DECLINED, reason="expired")
    _close_if_empty(work, FulfilmentState.EXPIRED, "expired")
    _tell(work, parts, event="fulfilment.expired", reason="expired")
    return True


def expire_overdue_offers(*, limit: int = 200) -> int:
    """Everything past its acceptance deadline; how many left their store. One that cannot leave stops no other."""
    overdue = Fulfilment.objects.overdue_for_acceptance().order_by("accept_by").values_list("pk", flat=True)[:limit]
    expired = 0
    for fulfilment_id in list(overdue):
        try:
            expired += expire_offer(fulfilment_id=fulfilment_id)
        except OmsError as error:
            logger.warning("offer.not_expired", fulfilment_id=fulfilment_id, code=error.code, detail=error.detail)
    return expired


def give_back_short_pick(work: Work, parts: Sequence[Part]) -> None:
    """The second half of a short pick: the missing units become another stock point's work (work is locked)."""
    _give_back(work, parts, to=AllocationState.SHORT_PICKED, reason=DeclineReason.NOT_FOUND)
    _close_if_empty(work, FulfilmentState.DECLINED, DeclineReason.NOT_FOUND)
    _tell(work, parts, event="fulfilment.short_picked", reason=DeclineReason.NOT_FOUND)


def split_parts(given: Sequence[tuple[Allocation, int]]) -> list[Part]:
    """Cut the reservations, their levels locked first, before anything of the order is locked."""
    if not given:
        return []
    lock_levels_of_reservations([slice_.reservation_id for slice_, _ in given if slice_.reservation_id is not None])
    parts: list[Part] = []
    for allocation, quantity in given:
        if allocation.reservation_id is None:
            raise StateConflict(gettext_noop("This work holds no stock."), data={"state": allocation.state})
        reservation = allocation.reservation_id
        if quantity < allocation.quantity:
            with as_it_was_read():
                reservation = split_reservation(id=reservation, quantity=quantity)
        parts.append((allocation, quantity, reservation))
    return parts


def _correct_stock(work: Work, parts: Sequence[Part], reason: str) -> None:
    release_reservations(ids=[reservation for _, _, reservation in parts])
    units: dict[int, int] = defaultdict(int)
    for allocation, quantity, _reservation in parts:
        units[allocation.line.variant_id] += quantity
    _correct_units(work, units, reason, reference=stock_reference(parts))


def _correct_units(work: Work, units: Mapping[int, int], reason: str, *, reference: str) -> None:
    """`units` declined, by variant."""
    for variant_id, quantity in sorted(units.items()):
        if reason == DeclineReason.NOT_FOUND:
            correct_missing(work, variant_id, reference=reference)
        elif reason in (DeclineReason.DAMAGED, DeclineReason.DISPLAY):
            mark_unavailable(
                variant_id=variant_id,
                stock_point_id=work.fulfilment.stock_point_id,
                quantity=quantity,
                reason=reason,
                reference=reference,
            )


def stock_reference(parts: Sequence[Part]) -> str:
    """What stock's own records say they are for: unlike the fulfilment, each part is given back only once."""
    return f"reservation:{min(reservation for _, _, reservation in parts)}"


def correct_missing(work: Work, variant_id: int, *, reference: str, picked_now: int = 0) -> None:
    """Nothing more of this variant is on the shelf: only what was picked there, for any order, is known to exist."""
    stock_point_id = work.fulfilment.stock_point_id
    picked = picked_units(stock_point_id=stock_point_id, variant_ids=[variant_id]).get(variant_id, 0)
    correct_not_found(
        variant_id=variant_id,
        stock_point_id=stock_point_id,
        units_known=picked + picked_now,
        reference=reference,
    )


def _give_back(work: Work, parts: Sequence[Part], *, to: str, reason: str) -> None:
    locked = {allocation.pk: allocation for allocation in work.allocations}
    given = []
    for read, quantity, reservation in parts:
        allocation = locked[read.pk]
        part = allocation if quantity == allocation.quantity else cut(allocation, quantity, reservation_id=reservation)
        give_up(part, to=to, reason=reason)
        given.append(part)
    exclude(given, stock_point_id=work.fulfilment.stock_point_id, reason=reason)


def free_capacity(work: Work, parts: Sequence[Part]) -> None:
    """Work that is given back whole frees its place in the day (before the order is locked)."""
    fulfilment = work.fulfilment
    if fulfilment.capacity and _is_whole(work, parts):
        give_back_capacity(uses=[fulfilment.capacity])


def _is_whole(work: Work, parts: Sequence[Part]) -> bool:
    given: dict[int, int] = defaultdict(int)
    for allocation, quantity, _reservation in parts:
        given[allocation.pk] += quantity
    return all(given[allocation.pk] == allocation.quantity for allocation in work.allocations)


def _close_if_empty(work: Work, to: str, reason: str) -> None:
    """A fulfilment that has given everything back is over."""
    left = (
        Allocation.objects.counted()
        .filter(fulfilment=work.fulfilment)
        .exclude(state=AllocationState.CANCELLED)
        .exists()
    )
    if not left:
        FULFILMENT_MOVES.move(work.fulfilment, to, decline_reason=reason, changed_at=clock.now())
        _end_others(work, to)


def _end_others(work: Work, to: str) -> None:
    """The goods have left: what the others were offered is planned anew. Whoever never answered is not asked again."""
    is_expired = to == FulfilmentState.EXPIRED
    ended = end_offers_beside(
        [work.fulfilment.pk], reason="expired" if is_expired else WITHDRAWN, to=to if is_expired else "cancelled"
    )
    for offer in ended if is_expired else ():
        exclude(work.allocations, stock_point_id=offer.stock_point_id, reason="expired")
        tell(offer, event="fulfilment.expired", outcome="expired", reason="expired")


def decline_offer_beside(work: Work, *, reason: str) -> Fulfilment:
    """One of several says no: it is not asked again for these lines, the others go on being offered them."""
    offer = work.fulfilment
    lead = read_work(offer.lead_id or 0)
    units: dict[int, int] = defaultdict(int)
    for piece in lead.in_state(AllocationState.OFFERED):
        units[piece.line.variant_id] += piece.quantity
    _correct_units(work, units, reason, reference=f"offer:{offer.pk}")
    lock_work(lead)
    (offer,) = Fulfilment.objects.locked([offer.pk])
    if offer.state != FulfilmentState.OFFERED:
        raise ConcurrentChange
    FULFILMENT_MOVES.move(offer, FulfilmentState.DECLINED, decline_reason=reason, changed_at=clock.now())
    exclude(lead.allocations, stock_point_id=offer.stock_point_id, reason=reason)
    tell(offer, event="fulfilment.declined", outcome="declined", reason=reason, units=sum(units.values()))
    return offer


def _tell(work: Work, parts: Sequence[Part], *, event: str, reason: str) -> None:
    fulfilment = work.fulfilment
    Order.objects.filter(pk=fulfilment.order_id).update(hops=F("hops") + 1)
    units = sum(quantity for _, quantity, _ in parts)
    tell(fulfilment, event=event, outcome=event.partition(".")[2], reason=reason, units=units)
    roll_up_order(order_id=fulfilment.order_id)
    emit("fulfilment.declined", order_id=fulfilment.order_id)
