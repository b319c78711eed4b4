"""A parcel that does not come with the others of its work: it goes on alone, and keeps none of them waiting."""

from __future__ import annotations

from orders.models import Allocation, Fulfilment, Parcel
from orders.services.collecting import ready_once_received
from orders.states import FulfilmentState, Mode, ParcelState


def part_from_others(parcel: Parcel, fulfilment: Fulfilment) -> None:
    """On its way to a store, lost or coming back: its goods become a work of their own.

    So the store can hand out the others as soon as they are all there, and this one too, with a code of its own,
    should it turn up. What was received there already did come, whatever its carrier tells afterwards: it stays.
    The caller holds the locks of the order, the work and the parcel.
    """
    if parcel.received_at is not None:
        return
    if fulfilment.mode != Mode.SHIP_TO_STORE or fulfilment.state != FulfilmentState.HANDED_OVER:
        return
    others = fulfilment.parcels.exclude(pk=parcel.pk).exclude(state=ParcelState.CANCELLED)
    if not others.exists():
        return
    alone = Fulfilment.objects.get(pk=fulfilment.pk)
    # The place in the day was taken once, by the work that was prepared.
    alone.pk, alone.capacity_on, alone.capacity_hour = None, None, None
    alone.save(force_insert=True)
    # Every slice lies in one parcel: it was cut when it was packed.
    Allocation.objects.filter(parcel_lines__parcel=parcel).update(fulfilment=alone)
    Parcel.objects.filter(pk=parcel.pk).update(fulfilment=alone)
    ready_once_received(fulfilment)
