"""Bringing an order's open slices, and the reservations behind them, to where a placement wants them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from oms.core import clock
from orders.models import Allocation
from orders.services.placements import Placement, Slice, Told
from orders.services.standing import Standing
from orders.services.work import as_it_was_read
from orders.states import ALLOCATION_MOVES, AllocationState
from stock.services.awaiting import lock_receipts, reserve_expected
from stock.services.ceilings import lock_counters
from stock.services.locking import lock_levels_of_reservations
from stock.services.reserving import Want, move_reservations

ParcelKey = tuple[int, int]
"""Index of a plan in its placement, and of the parcel in that plan."""
SlicesByParcel = dict[ParcelKey, list[Allocation]]


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

    Raises `InsufficientStock` when somebody else took what was planned, `ConcurrentChange` when somebody else moved
    the order's own reservations; then nothing has moved.
    """
    kept, dropped, added = _matched(standing, _as_waiting(standing, placement.slices))
    release = [(piece.reservation_id, piece.quantity) for piece in dropped if piece.reservation_id is not None]
    wanting = [piece for piece in added if piece.stock_point_id is not None]
    _lock_in_order(standing, release, added, placement)
    ids: list[int] = []
    if release or wanting:
        order = standing.order
        with as_it_was_read():
            ids = move_reservations(
                owner=f"order:{order.number}",
                channel_id=order.channel_id,
                release=release,
                wants=[Want(piece.variant_id, piece.stock_point_id or 0, piece.quantity) for piece in wanting],
            )
    reservations = iter(ids)
    here = [(piece, next(reservations)) for piece in added if piece.stock_point_id is not None]
    nowhere = [piece for piece in added if piece.stock_point_id is None]
    kept, replaced, promised = _promise_expected(standing, kept, nowhere)
    return Moved(kept=kept, dropped=[*dropped, *replaced], added=[*here, *promised])


def unmoved(standing: Standing, placement: Placement) -> Moved | None:
    """What is to be done where every slice stays as and where it is; None where anything has to change."""
    kept, dropped, added = _matched(standing, placement.slices)
    if dropped or added or any(piece.state != target.state for piece, target in kept):
        return None
    return Moved(kept=kept, dropped=(), added=())


def _lock_in_order(
    standing: Standing, release: Sequence[tuple[int, int]], added: Sequence[Slice], placement: Placement
) -> None:
    """Where more than levels is touched, all of one kind is locked at once: allotments, levels, expected receipts."""
    channel = standing.order.channel
    waiting = {piece.variant_id for piece in placement.slices if piece.state == AllocationState.BACKORDERED}
    wanted = {piece.variant_id for piece in added} | waiting
    given_up = [reservation_id for reservation_id, _ in release]
    if channel.has_allotments:
        lock_counters(channel_id=channel.pk, variant_ids=wanted, reservation_ids=given_up)
    if waiting or any(reservation_id in standing.awaited for reservation_id in given_up):
        keys = [(piece.variant_id, piece.stock_point_id) for piece in added if piece.stock_point_id is not None]
        lock_levels_of_reservations(given_up, keys)
        lock_receipts(reservation_ids=given_up, variant_ids=waiting)


def _turn_to_wait(standing: Standing, piece: Allocation) -> tuple[int, int]:
    """Units that wait on are those something to come is promised of, then those without; what has come is last."""
    awaited = standing.awaited.get(piece.reservation_id or 0)
    rank = 1 if awaited is None else 2 if awaited.has_come else 0
    return rank, piece.pk


def _as_waiting(standing: Standing, wanted: Sequence[Slice]) -> list[Slice]:
    """Units that wait on stay in the slices they wait in."""
    waiting: dict[tuple[str, Told], list[int]] = defaultdict(list)
    for piece in sorted(standing.open, key=lambda piece: _turn_to_wait(standing, piece)):
        if piece.state == AllocationState.BACKORDERED:
            waiting[str(piece.line_id), standing.told(piece)].append(piece.quantity)
    targets: list[Slice] = []
    for target in wanted:
        if target.state != AllocationState.BACKORDERED:
            targets.append(target)
            continue
        left = target.quantity
        while left and waiting[target.key, target.told]:
            units = min(left, waiting[target.key, target.told].pop(0))
            targets.append(replace(target, quantity=units))
            left -= units
        if left:
            targets.append(replace(target, quantity=left))
    return targets


def _promise_expected(
    standing: Standing, kept: Sequence[tuple[Allocation, Slice]], added: Sequence[Slice]
) -> tuple[list[tuple[Allocation, Slice]], list[Allocation], list[tuple[Slice, int | None]]]:
    """Units that wait are promised of what is to come, as far as that goes: what stays, what is replaced, by what."""
    channel = standing.order.channel
    empty = [(None, piece) for piece in added if piece.state == AllocationState.BACKORDERED]
    bare = [(piece, target) for piece, target in kept if _waits_for_nothing(piece, target)]
    wanting: list[tuple[Allocation | None, Slice]] = [*bare, *empty]
    if not (wanting and (channel.allows_preorders or channel.allows_backorders)):
        return list(kept), [], [(piece, None) for piece in added]
    promised = reserve_expected(
        owner=f"order:{standing.order.number}",
        channel_id=channel.pk,
        wants=[(target.variant_id, target.quantity) for _, target in wanting],
    )
    replaced: list[Allocation] = []
    new: list[tuple[Slice, int | None]] = [
        (piece, None) for piece in added if piece.state != AllocationState.BACKORDERED
    ]
    for (piece, target), parts in zip(wanting, promised, strict=True):
        if piece is not None and not parts:
            continue
        if piece is not None:
            replaced.append(piece)
        new.extend((replace(target, quantity=part.quantity), part.reservation_id) for part in parts)
        rest = target.quantity - sum(part.quantity for part in parts)
        if rest:
            new.append((replace(target, quantity=rest), None))
    gone = {piece.pk for piece in replaced}
    return [(piece, target) for piece, target in kept if piece.pk not in gone], replaced, new


def _waits_for_nothing(piece: Allocation, target: Slice) -> bool:
    return target.state == AllocationState.BACKORDERED and piece.reservation_id is None


def _matched(
    standing: Standing, wanted: Sequence[Slice]
) -> tuple[list[tuple[Allocation, Slice]], list[Allocation], list[Slice]]:
    """Pair slices of the same line, day, place and quantity; what is left on either side is dropped or added."""
    free: dict[tuple[str, Told, int | None, int, bool], list[Allocation]] = defaultdict(list)
    # The first in turn comes last, and is taken first.
    present = sorted(standing.open, key=lambda piece: _turn_to_wait(standing, piece), reverse=True)
    for piece in present:
        is_here = piece.stock_point_id is not None and piece.reservation_id is not None
        free[str(piece.line_id), standing.told(piece), piece.stock_point_id, piece.quantity, is_here].append(piece)
    kept: list[tuple[Allocation, Slice]] = []
    added: list[Slice] = []
    for target in wanted:
        is_here = target.stock_point_id is not None
        candidates = free[target.key, target.told, target.stock_point_id, target.quantity, is_here]
        if candidates and _can_become(candidates[-1].state, target.state):
            kept.append((candidates.pop(), target))
        else:
            added.append(target)
    stay = {piece.pk for piece, _ in kept}
    return kept, [piece for piece in standing.open if piece.pk not in stay], added


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
            promised_on=target.promised_on,
            expected_on=target.expected_on,
            changed_at=now,
        )
        for target, reservation_id in moved.added
    )
    for row, (target, _) in zip(rows, moved.added, strict=True):
        if target.parcel is not None:
            by_parcel[target.parcel].append(row)
    return by_parcel


def _bring(piece: Allocation, target: Slice) -> None:
    """A slice that stays keeps the hour at which it is given up, once it has one; given back, it gets both."""
    if piece.state == target.state:
        if piece.state == AllocationState.UNFILLABLE and piece.give_up_at is None and piece.reason != target.reason:
            Allocation.objects.filter(pk=piece.pk).update(reason=target.reason, give_up_at=target.give_up_at)
        return
    waits = target.state == AllocationState.UNFILLABLE
    ALLOCATION_MOVES.move(
        piece,
        target.state,
        reason=target.reason,
        give_up_at=target.give_up_at if waits else None,
        changed_at=clock.now(),
    )
