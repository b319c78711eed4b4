"""Doing the stock points' and carriers' work of the demo, one step at a time, by the services that people use."""

from __future__ import annotations

from collections.abc import Sequence

from oms.core import clock
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import Fulfilment, Parcel
from orders.services.accepting import accept_fulfilment
from orders.services.collecting import collect_fulfilment, pickup_code, receive_fulfilment
from orders.services.handing_over import hand_over_fulfilment
from orders.services.packing import Packing, pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.services.tracking import record_carrier_event
from orders.services.work import SkuQuantity
from orders.states import AllocationState, FulfilmentState, Mode, ParcelState

PACKAGING_G = 200
# What a carrier says next of a parcel in this state.
NEXT_EVENT = {
    ParcelState.HANDED_OVER: TrackingKind.IN_TRANSIT,
    ParcelState.IN_TRANSIT: TrackingKind.DELIVERED,
    ParcelState.EXCEPTION: TrackingKind.DELIVERED,
}


def advance(work: Fulfilment) -> None:
    """One step further: accept, pick, pack, hand over, travel, receive or collect. Nothing where it waits."""
    if work.state == FulfilmentState.OFFERED:
        accept_fulfilment(fulfilment_id=work.pk)
    elif work.state == FulfilmentState.ACCEPTED:
        pick_fulfilment(fulfilment_id=work.pk, lines=lines_of(work))
    elif work.state == FulfilmentState.PICKING:
        pack(work)
    elif work.state == FulfilmentState.PACKED and not _without_label(work):
        hand_over_fulfilment(fulfilment_id=work.pk)
    elif work.state == FulfilmentState.READY_FOR_PICKUP:
        collect_fulfilment(fulfilment_id=work.pk, code=pickup_code(work.pickup))
    elif work.state == FulfilmentState.HANDED_OVER:
        _travel(work)


def lines_of(work: Fulfilment, *, one_missing: bool = False) -> list[SkuQuantity]:
    """What is to be picked, by SKU; `one_missing` leaves out the last unit."""
    pieces = work.allocations.filter(state__in=[AllocationState.ASSIGNED, AllocationState.PICKING])
    units: dict[str, int] = {}
    for sku, quantity in pieces.order_by("pk").values_list("line__sku", "quantity"):
        units[sku] = units.get(sku, 0) + quantity
    if one_missing and units:
        units[list(units)[-1]] -= 1
    return [SkuQuantity(sku, quantity) for sku, quantity in units.items()]


def pack(work: Fulfilment) -> None:
    """Everything that was picked, into one parcel."""
    pieces = work.allocations.filter(state=AllocationState.PICKED).select_related("line__variant").order_by("pk")
    units: dict[str, int] = {}
    weight_g = PACKAGING_G
    for piece in pieces:
        units[piece.line.sku] = units.get(piece.line.sku, 0) + piece.quantity
        weight_g += piece.quantity * piece.line.variant.weight_g
    if units:
        packed = [SkuQuantity(sku, quantity) for sku, quantity in units.items()]
        pack_fulfilment(fulfilment_id=work.pk, parcels=[Packing(weight_g, packed)])


def tell(parcels: Sequence[Parcel], kind: TrackingKind) -> None:
    """The carrier says so of each parcel, now."""
    for parcel in parcels:
        update = TrackingUpdate(
            event_id=f"{parcel.tracking_number}-{kind.value}",
            tracking_number=parcel.tracking_number or "",
            kind=kind,
            occurred_at=clock.now(),
        )
        record_carrier_event(carrier=parcel.carrier, update=update)


def _without_label(work: Fulfilment) -> bool:
    return work.parcels.filter(state=ParcelState.LABEL_PENDING).exists()


def _travel(work: Fulfilment) -> None:
    for parcel in work.parcels.order_by("pk"):
        kind = NEXT_EVENT.get(ParcelState(parcel.state))
        if kind is not None and not (work.mode == Mode.SHIP_TO_STORE and kind == TrackingKind.DELIVERED):
            tell([parcel], kind)
    on_its_way = work.parcels.filter(state=ParcelState.IN_TRANSIT).exists()
    if work.mode == Mode.SHIP_TO_STORE and on_its_way:
        receive_fulfilment(fulfilment_id=work.pk)
