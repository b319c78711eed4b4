"""Packing picked units into parcels. After it each slice lies in exactly one parcel."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.events import emit_many
from oms.core.retrying import retry_on_conflict
from oms.orchestration.queries.carriers import carrier_of
from orders.errors import QuantityMismatch
from orders.models import Allocation, Fulfilment, Parcel, ParcelLine
from orders.services.rollups import roll_up_order
from orders.services.slices import cut
from orders.services.timeline import tell
from orders.services.work import (
    SkuQuantity,
    Work,
    as_it_was_read,
    lock_work,
    read_work_at,
    require_not_on_hold,
    require_state,
)
from orders.states import ALLOCATION_MOVES, FULFILMENT_MOVES, AllocationState, FulfilmentState
from stock.services.locking import lock_levels_of_reservations
from stock.services.reserving import split_reservation


@dataclass(frozen=True, slots=True)
class Packing:
    """One parcel to be made: its weight with the packaging, in grams, and what is in it."""

    weight_g: int
    lines: Sequence[SkuQuantity]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Units of one slice that go into one parcel; `reservation_id` only where the slice was cut for it."""

    allocation_id: int
    quantity: int
    parcel: int
    reservation_id: int | None


@retry_on_conflict
@transaction.atomic
def pack_fulfilment(*, fulfilment_id: int, parcels: Sequence[Packing], access: Access = EVERYTHING) -> Fulfilment:
    """Put every picked unit into a parcel, none twice, none left. The same parcels again change nothing."""
    work = read_work_at(fulfilment_id, access=access)
    require_not_on_hold(work)
    if _is_repeat(work.fulfilment, parcels):
        return work.fulfilment
    require_state(work, FulfilmentState.PICKING)
    pieces = _pieces(work, parcels)
    work = lock_work(work)
    made = _make_parcels(work.fulfilment, parcels)
    _fill(work, pieces, made)
    FULFILMENT_MOVES.move(work.fulfilment, FulfilmentState.PACKED, changed_at=clock.now())
    tell(
        work.fulfilment,
        event="fulfilment.packed",
        outcome="packed",
        began_at=work.fulfilment.created_at,
        parcels=len(made),
    )
    roll_up_order(order_id=work.fulfilment.order_id)
    emit_many("parcel.packed", [{"parcel_id": parcel.pk} for parcel in made])
    return work.fulfilment


def _contents(parcels: Sequence[Packing]) -> list[tuple[int, dict[str, int]]]:
    contents = []
    for parcel in parcels:
        units: dict[str, int] = defaultdict(int)
        for line in parcel.lines:
            units[line.sku] += line.quantity
        contents.append((parcel.weight_g, dict(units)))
    return contents


def _is_repeat(fulfilment: Fulfilment, parcels: Sequence[Packing]) -> bool:
    if fulfilment.state == FulfilmentState.PICKING:
        return False
    packed: list[Packing] = [
        Packing(
            parcel.weight_g,
            [SkuQuantity(line.allocation.line.variant.sku, line.quantity) for line in parcel.lines.all()],
        )
        for parcel in fulfilment.parcels.order_by("position").prefetch_related("lines__allocation__line__variant")
    ]
    return bool(packed) and _contents(packed) == _contents(parcels)


def _pieces(work: Work, parcels: Sequence[Packing]) -> list[_Piece]:
    """Deal the picked slices out to the parcels, cutting reservations where a slice goes into two."""
    if len(parcels) > 1:
        picked = work.in_state(AllocationState.PICKED)
        lock_levels_of_reservations([slice_.reservation_id for slice_ in picked if slice_.reservation_id])
    left = {allocation.pk: allocation.quantity for allocation in work.in_state(AllocationState.PICKED)}
    by_sku: dict[str, list[Allocation]] = defaultdict(list)
    for allocation in work.in_state(AllocationState.PICKED):
        by_sku[allocation.line.variant.sku].append(allocation)
    wrong: dict[str, list[str]] = {}
    pieces: list[_Piece] = []
    for position, (_weight_g, units) in enumerate(_contents(parcels)):
        for sku, quantity in units.items():
            for allocation in by_sku[sku]:
                taken = min(quantity, left[allocation.pk])
                left[allocation.pk] -= taken
                quantity -= taken
                if taken:
                    pieces.append(_Piece(allocation.pk, taken, position, _cut_reservation(allocation, taken, left)))
            if quantity:
                wrong[sku] = [f"{quantity} more than picked."]
    for allocation in work.allocations:
        if allocation.state != AllocationState.PICKED:
            wrong.setdefault(allocation.line.variant.sku, [gettext_noop("Still to be picked.")])
        elif left[allocation.pk]:
            wrong.setdefault(allocation.line.variant.sku, [f"{left[allocation.pk]} in no parcel."])
    if wrong:
        raise QuantityMismatch(errors={"parcels": wrong})
    return pieces


def _cut_reservation(allocation: Allocation, taken: int, left: dict[int, int]) -> int | None:
    """The last piece of a slice keeps its reservation; the others take their part with them."""
    if not left[allocation.pk] or allocation.reservation_id is None:
        return None
    with as_it_was_read():
        return split_reservation(id=allocation.reservation_id, quantity=taken)


def _make_parcels(fulfilment: Fulfilment, parcels: Sequence[Packing]) -> list[Parcel]:
    carrier = carrier_of(fulfilment.service)[:40]
    return Parcel.objects.bulk_create(
        [
            Parcel(
                fulfilment=fulfilment,
                position=position,
                weight_g=parcel.weight_g,
                carrier=carrier,
                service=fulfilment.service,
                label_key=uuid.uuid4(),
                created_at=clock.now(),
            )
            for position, parcel in enumerate(parcels, start=1)
        ]
    )


def _fill(work: Work, pieces: Sequence[_Piece], made: Sequence[Parcel]) -> None:
    locked = {allocation.pk: allocation for allocation in work.allocations}
    lines, packed = [], []
    for piece in pieces:
        slice_ = locked[piece.allocation_id]
        if piece.quantity < slice_.quantity:
            slice_ = cut(slice_, piece.quantity, reservation_id=piece.reservation_id)
            Allocation.objects.filter(pk=slice_.pk).update(picked_quantity=slice_.quantity)
        packed.append(slice_.pk)
        lines.append(ParcelLine(parcel=made[piece.parcel], allocation=slice_, quantity=piece.quantity))
    ParcelLine.objects.bulk_create(lines)
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(pk__in=packed),
        frm=AllocationState.PICKED,
        to=AllocationState.PACKED,
        changed_at=clock.now(),
    )
