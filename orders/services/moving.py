"""Bringing an order's open slices, and the reservations behind them, to where a placement wants them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from oms.core import clock
from orders.models import Allocation
from orders.services.demands import Placement, Slice
from orders.services.standing import Standing
from orders.states import ALLOCATION_MOVES, AllocationState
from stock.services.reserving import Want, move_reservations

SlicesByParcel = dict[tuple[int, int], list[Allocation]]


@dataclass(frozen=True)
class Moved:
    """`kept`: slices that stay, with what they are to be; `dropped`: those replaced by the `added` ones."""

    kept: Sequence[tuple[Allocation, Slice]]
    dropped: Sequence[Allocation]
    added: Sequence[tuple[Slice, int | None]]

    @property
    def changes_anything(self) -> bool:
        return bool(self.dropped or self.added or any(piece.state != target.state for piece, target in self.kept))


def move_stock(standing: Standing, placement: Placement) -> Moved:
    """Move the reservations; slices that already are where they should be keep theirs.

    Raises `InsufficientStock` when somebody else took what was planned, and then nothing has moved.
    """
    kept, dropped, added = _matched(standing.open, placement.slices)
    release = [(piece.reservation_id, piece.quantity) for piece in dropped if piece.reservation_id is not None]
    wanting = [piece for piece in added if piece.stock_point_id is not None]
    ids: list[int] = []
    if release or wanting:
        order = standing.order
        ids = move_reservations(
            owner=f"order:{order.number}",
            channel_id=order.channel_id,
            release=release,
            wants=[Want(piece.variant_id, piece.stock_point_id or 0, piece.quantity) for piece in wanting],
        )
    reservations = iter(ids)
    return Moved(
        kept=kept,
        dropped=dropped,
        added=[(piece, next(reservations) if piece.stock_point_id is not None else None) for piece in added],
    )


def _matched(
    present: Sequence[Allocation], wanted: Sequence[Slice]
) -> tuple[list[tuple[Allocation, Slice]], list[Allocation], list[Slice]]:
    """Pair slices of the same line, place and quantity; what is left on either side is dropped or added."""
    free: dict[tuple[str, int | None, int, bool], list[Allocation]] = defaultdict(list)
    for piece in reversed(present):
        free[str(piece.line_id), piece.stock_point_id, piece.quantity, piece.reservation_id is not None].append(piece)
    kept: list[tuple[Allocation, Slice]] = []
    added: list[Slice] = []
    for target in wanted:
        candidates = free[target.key, target.stock_point_id, target.quantity, target.stock_point_id is not None]
        if candidates and _can_become(candidates[-1].state, target.state):
            kept.append((candidates.pop(), target))
        else:
            added.append(target)
    stay = {piece.pk for piece, _ in kept}
    return kept, [piece for piece in present if piece.pk not in stay], added


def _can_become(present: str, wanted: str) -> bool:
    return present == wanted or ALLOCATION_MOVES.allows(present, wanted)


def apply_slices(moved: Moved) -> SlicesByParcel:
    """Write the slices to match; those of each planned parcel. The order is locked and unchanged."""
    now = clock.now()
    by_parcel: SlicesByParcel = defaultdict(list)
    for piece, target in moved.kept:
        _bring(piece, target)
        if target.parcel is not None:
            by_parcel[target.parcel].append(piece)
    # Slices nobody worked on are plans, not history: the timeline and the runs tell what they were.
    if moved.dropped:
        Allocation.objects.filter(pk__in=[piece.pk for piece in moved.dropped]).delete()
    rows = Allocation.objects.bulk_create(
        Allocation(
            line_id=int(target.key),
            stock_point_id=target.stock_point_id,
            reservation_id=reservation_id,
            quantity=target.quantity,
            state=target.state,
            reason=target.reason,
            give_up_at=target.give_up_at,
            changed_at=now,
        )
        for target, reservation_id in moved.added
    )
    for row, (target, _) in zip(rows, moved.added, strict=True):
        if target.parcel is not None:
            by_parcel[target.parcel].append(row)
    return by_parcel


def _bring(piece: Allocation, target: Slice) -> None:
    """A slice that stays keeps the hour at which it is given up, once it has one."""
    if piece.state == target.state:
        return
    waits = target.state == AllocationState.UNFILLABLE
    ALLOCATION_MOVES.move(
        piece,
        target.state,
        reason=target.reason,
        give_up_at=target.give_up_at if waits else None,
        changed_at=clock.now(),
    )
