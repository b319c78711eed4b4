"""A stock point takes the work it was offered."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.actors import current_actor
from oms.core.errors import ConcurrentChange, OmsError, StateConflict
from oms.core.retrying import retry_on_conflict
from orders.errors import OfferTaken
from orders.models import Allocation, Fulfilment, TimelineEntry
from orders.services.claiming import claim
from orders.services.rollups import roll_up_order
from orders.services.standing_by import CLAIMED, end_offers_beside
from orders.services.timeline import tell
from orders.services.work import Work, lock_work, read_work, read_work_at
from orders.states import ALLOCATION_MOVES, FULFILMENT_MOVES, AllocationState, FulfilmentState

_TAKEN = (
    FulfilmentState.ACCEPTED,
    FulfilmentState.PICKING,
    FulfilmentState.PACKED,
    FulfilmentState.READY_FOR_PICKUP,
    FulfilmentState.HANDED_OVER,
    FulfilmentState.COMPLETED,
)


@retry_on_conflict
@transaction.atomic
def accept_fulfilment(*, fulfilment_id: int, access: Access = EVERYTHING) -> Fulfilment:
    """Accept offered work; of work that several stock points are offered, the first to accept gets it.

    Twice by the same person is once; after somebody else, here or elsewhere, `OfferTaken`.

    Work that has left the stock point meanwhile raises `StateConflict`, whose data tells who took it away and when.
    """
    work = read_work_at(fulfilment_id, access=access)
    if work.fulfilment.state in _TAKEN:
        return _already_taken(work.fulfilment)
    if work.fulfilment.state != FulfilmentState.OFFERED:
        raise _gone(work.fulfilment)
    if work.fulfilment.lead_id is not None:
        return _claim(work)
    work = lock_work(work)
    _accept(work)
    end_offers_beside([work.fulfilment.pk], reason=CLAIMED)
    tell(work.fulfilment, event="fulfilment.accepted", outcome="accepted")
    roll_up_order(order_id=work.fulfilment.order_id)
    return work.fulfilment


def _claim(work: Work) -> Fulfilment:
    offer = work.fulfilment
    lead = read_work(offer.lead_id or 0)
    if lead.fulfilment.state != FulfilmentState.OFFERED:
        # It has just ended: what is read again says how.
        raise ConcurrentChange
    claim(offer, lead)
    return Fulfilment.objects.select_related("order", "stock_point", "pickup_point").get(pk=offer.pk)


def _accept(work: Work) -> None:
    now = clock.now()
    FULFILMENT_MOVES.move(
        work.fulfilment,
        FulfilmentState.ACCEPTED,
        accepted_by=current_actor(),
        accepted_at=now,
        changed_at=now,
    )
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(fulfilment=work.fulfilment),
        frm=AllocationState.OFFERED,
        to=AllocationState.ASSIGNED,
        changed_at=now,
    )


def _already_taken(fulfilment: Fulfilment) -> Fulfilment:
    """Work that nobody had to accept (a warehouse's) has no taker; anyone there may go on with it."""
    if fulfilment.accepted_by and fulfilment.accepted_by != current_actor():
        raise OfferTaken(
            data={
                "claimed_by": fulfilment.accepted_by,
                "claimed_at": fulfilment.accepted_at.isoformat() if fulfilment.accepted_at else None,
            }
        )
    return fulfilment


def _gone(fulfilment: Fulfilment) -> OmsError:
    """Declined, expired, recalled or cancelled: the last thing told of it says by whom, and when."""
    if fulfilment.decline_reason == CLAIMED:
        return _claimed_elsewhere(fulfilment)
    last = TimelineEntry.objects.filter(order_id=fulfilment.order_id, data__fulfilment=fulfilment.pk).last()
    return StateConflict(
        f"This fulfilment is {fulfilment.state}.",
        data={
            "state": fulfilment.state,
            "changed_by": last.actor if last else None,
            "changed_at": fulfilment.changed_at.isoformat(),
        },
    )


def _claimed_elsewhere(fulfilment: Fulfilment) -> OfferTaken:
    group = fulfilment.lead_id or fulfilment.pk
    winner = Fulfilment.objects.filter(Q(pk=group) | Q(lead=group), accepted_at__isnull=False).first()
    assert winner is not None, "an offer ends as claimed elsewhere only with a claim"
    assert winner.accepted_at is not None
    return OfferTaken(data={"claimed_by": winner.accepted_by, "claimed_at": winner.accepted_at.isoformat()})
