"""Doing the stock points' work, so that orders move on."""

from __future__ import annotations

from oms.core.services.relaying import drain_events
from orders.models import Fulfilment, Order
from orders.services.accepting import accept_fulfilment
from orders.services.handing_over import hand_over_fulfilment
from orders.services.packing import Packing, pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.services.work import SkuQuantity
from stock.models import StockPoint


def work_at(order: Order, point: StockPoint) -> Fulfilment:
    return Fulfilment.objects.live().get(order=order, stock_point=point)


def asked(work: Fulfilment) -> list[SkuQuantity]:
    """What is to be prepared, one row per SKU."""
    units: dict[str, int] = {}
    for piece in work.allocations.counted().exclude(state="cancelled").select_related("line"):
        units[piece.line.sku] = units.get(piece.line.sku, 0) + piece.quantity
    return [SkuQuantity(sku, quantity) for sku, quantity in units.items()]


def picked(work: Fulfilment) -> Fulfilment:
    if work.state == "offered":
        accept_fulfilment(fulfilment_id=work.pk)
    return pick_fulfilment(fulfilment_id=work.pk, lines=asked(work))


def packed(work: Fulfilment) -> Fulfilment:
    """Picked and packed into one parcel, its label made."""
    picked(work)
    pack_fulfilment(fulfilment_id=work.pk, parcels=[Packing(weight_g=500, lines=tuple(asked(work)))])
    drain_events()
    return work


def shipped(order: Order, point: StockPoint) -> Fulfilment:
    """The order's work at one stock point has left; what it emits is not heard yet."""
    work = packed(work_at(order, point))
    return hand_over_fulfilment(fulfilment_id=work.pk)
