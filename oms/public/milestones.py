"""The steps a parcel or a pickup goes through, from what really happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from oms.public.tracked import Step
from orders.carriers.protocol import TrackingKind
from orders.models import CarrierEvent, Fulfilment, Order, Parcel, Pickup
from orders.states import FulfilmentState, Mode, OrderState, ParcelState

_BEING_PREPARED = {
    FulfilmentState.ACCEPTED,
    FulfilmentState.PICKING,
    FulfilmentState.PACKED,
    FulfilmentState.HANDED_OVER,
    FulfilmentState.READY_FOR_PICKUP,
    FulfilmentState.COMPLETED,
}
_TROUBLES = (ParcelState.EXCEPTION, ParcelState.LOST, ParcelState.RETURNED_TO_SENDER)

Milestone = tuple[str, bool, datetime | None]
"""Title, whether it has been reached, when."""


def steps_before_work(order: Order) -> tuple[Step, ...]:
    """Nobody has been given the work yet."""
    prepared: Milestone = (_("Being prepared"), False, None)
    if order.state == OrderState.PENDING_PAYMENT:
        return _steps([(_("Order placed"), True, order.placed_at), (_("Paid"), False, None), prepared])
    return _steps([_confirmed(order), prepared])


def steps_of_work(order: Order, work: Fulfilment) -> tuple[Step, ...]:
    """Work that no parcel has come of yet."""
    return _steps([_confirmed(order), _prepared(work), *((title, False, None) for title in _travel_titles())])


def steps_of_parcel(order: Order, work: Fulfilment, parcel: Parcel, events: Sequence[CarrierEvent]) -> tuple[Step, ...]:
    handed, travelling, close, delivered = _travel_titles()
    is_gone = parcel.handed_over_at is not None
    seen = {kind: [event.occurred_at for event in events if event.kind == kind] for kind in TrackingKind}
    milestones: list[Milestone] = [
        _confirmed(order),
        _prepared(work),
        (handed, is_gone, parcel.handed_over_at),
        (travelling, bool(seen[TrackingKind.IN_TRANSIT]), _first(seen[TrackingKind.IN_TRANSIT])),
        (close, bool(seen[TrackingKind.OUT_FOR_DELIVERY]), _last(seen[TrackingKind.OUT_FOR_DELIVERY])),
        (delivered, parcel.delivered_at is not None, parcel.delivered_at),
    ]
    trouble = trouble_of(parcel)
    happened = _last([*seen[TrackingKind.EXCEPTION], *seen[TrackingKind.RETURNED_TO_SENDER]])
    return _steps(milestones, trouble=(trouble, happened) if trouble else None)


def trouble_of(parcel: Parcel) -> str:
    """What is wrong with a parcel, in a few words; empty when nothing is."""
    if parcel.state not in _TROUBLES:
        return ""
    said = {
        ParcelState.EXCEPTION: _("The carrier reports a problem"),
        ParcelState.LOST: _("The carrier has lost it"),
        ParcelState.RETURNED_TO_SENDER: _("On its way back to us"),
    }
    return said[ParcelState(parcel.state)]


def steps_of_pickup(
    order: Order, work: Fulfilment, parcels: Sequence[Parcel], pickup: Pickup | None
) -> tuple[Step, ...]:
    """Collected in a store: from its own shelf, or brought there first."""
    milestones = [_confirmed(order), _prepared(work)]
    if work.mode == Mode.SHIP_TO_STORE:
        left = [parcel.handed_over_at for parcel in parcels if parcel.handed_over_at is not None]
        milestones.append((_("On its way to the store"), bool(left), _first(left)))
    milestones.append((_("Ready for pickup"), pickup is not None, pickup.ready_at if pickup else None))
    collected_at = pickup.collected_at if pickup else None
    milestones.append((pgettext("step", "Collected"), collected_at is not None, collected_at))
    return _steps(milestones)


def _travel_titles() -> tuple[str, str, str, str]:
    return (
        _("Handed to the carrier"),
        _("On its way"),
        _("Out for delivery"),
        pgettext("step", "Delivered"),
    )


def _confirmed(order: Order) -> Milestone:
    return (_("Order confirmed"), order.confirmed_at is not None, order.confirmed_at)


def _prepared(work: Fulfilment) -> Milestone:
    return (_("Being prepared"), work.state in _BEING_PREPARED, work.accepted_at)


def _steps(milestones: Sequence[Milestone], *, trouble: tuple[str, datetime | None] | None = None) -> tuple[Step, ...]:
    """What lies before a step that was reached was reached too, whether or not somebody noted when."""
    furthest = max((place for place, (_title, reached, _at) in enumerate(milestones) if reached), default=-1)
    is_over = furthest == len(milestones) - 1
    found = []
    for place, (title, _reached, at) in enumerate(milestones):
        if place < furthest or (place == furthest and (is_over or trouble)):
            found.append(Step(title, "done", at))
        elif place == furthest:
            found.append(Step(title, "now", at))
        else:
            found.append(Step(title, "next"))
        if trouble and place == furthest:
            found.append(Step(trouble[0], "trouble", trouble[1]))
    return tuple(found)


def _first(moments: Iterable[datetime]) -> datetime | None:
    return min(moments, default=None)


def _last(moments: Iterable[datetime]) -> datetime | None:
    return max(moments, default=None)
