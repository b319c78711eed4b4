"""How far a stock point's work is on its way to the promised day: by when each step was due, and when it was taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from oms.core import clock
from orders.models import Fulfilment, Order, Parcel, Pickup
from orders.states import FulfilmentState, Milestone, MilestoneState

_F = FulfilmentState
_TAKEN = frozenset({_F.ACCEPTED, _F.PICKING, _F.PACKED, _F.READY_FOR_PICKUP, _F.HANDED_OVER, _F.COMPLETED})
_LEFT = frozenset({_F.READY_FOR_PICKUP, _F.HANDED_OVER, _F.COMPLETED})


@dataclass(frozen=True, slots=True)
class Reached:
    """One milestone of a work. `met_at` is None until it is met, or where nobody noted when."""

    milestone: Milestone
    due_at: datetime
    met_at: datetime | None
    state: MilestoneState

    @property
    def is_late(self) -> bool:
        return self.state in (MilestoneState.MET_LATE, MilestoneState.MISSED)


def milestones_of_work(
    work: Fulfilment, *, order: Order, parcels: Iterable[Parcel], pickup: Pickup | None = None
) -> list[Reached]:
    """In the order in which they come; those the work does not have are left out."""
    left_at = max((parcel.handed_over_at for parcel in parcels if parcel.handed_over_at), default=None)
    found = (
        (Milestone.CONFIRM, work.confirm_by, True, order.confirmed_at),
        (Milestone.RELEASE, work.release_by, True, work.created_at),
        (Milestone.ACCEPT, work.begin_by, work.state in _TAKEN, work.accepted_at),
        (Milestone.HAND_OVER, work.due_at, work.state in _LEFT, left_at or (pickup.ready_at if pickup else None)),
    )
    now = clock.now()
    is_live = work.state in _F.live() or work.state == _F.COMPLETED
    return [
        Reached(milestone, due_at, met_at if is_met else None, _state(due_at, met_at, now, is_met, is_live))
        for milestone, due_at, is_met, met_at in found
        if due_at is not None
    ]


def _state(due_at: datetime, met_at: datetime | None, now: datetime, is_met: bool, is_live: bool) -> MilestoneState:
    if is_met:
        return MilestoneState.MET_LATE if met_at is not None and met_at > due_at else MilestoneState.MET
    if not is_live:
        return MilestoneState.ENDED
    return MilestoneState.MISSED if now > due_at else MilestoneState.WAITING
