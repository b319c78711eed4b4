"""Buying labels, once each, outside any transaction."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.columns import own_columns
from oms.core.errors import NotFound, StateConflict
from oms.core.events import emit
from oms.orchestration.queries.carrier_names import carrier_names
from orders import carriers
from orders.carriers.protocol import Address, CarrierRefused, LabelRequest
from orders.carriers.protocol import Label as BoughtLabel
from orders.models import Label, Order, Parcel
from orders.services.timeline import note
from orders.services.tracking import apply_waiting_events, lock_tracking_number
from orders.states import PARCEL_MOVES, Mode, ParcelState
from stock.models import StockPoint

_OF_WORK = ("order_id", "stock_point_id", "pickup_point_id", "ships_on", "mode")
_OF_STOCK_POINT = ("code", "name", "line1", "city", "postcode", "country", "timezone")
_OF_ORDER = ("number", "language", "customer_name", "customer_phone", "shipping_address", "relay_point")
_ON_A_LABEL = (
    *own_columns(Parcel),
    *(f"fulfilment__{name}" for name in _OF_WORK),
    *(f"fulfilment__stock_point__{name}" for name in _OF_STOCK_POINT),
    *(f"fulfilment__order__{name}" for name in (*_OF_ORDER, "pickup_point_id", "slot_from", "slot_to")),
)


def make_label(*, parcel_id: int) -> None:
    """Buy the parcel's label and keep it. Run again after any interruption: the key is stored with the parcel.

    `CarrierUnavailable` is left to the caller, who tries again later; a refusal is written on the parcel for a person.
    """
    parcel = (
        Parcel.objects.select_related("fulfilment__order", "fulfilment__stock_point")
        .only(*_ON_A_LABEL)
        .filter(pk=parcel_id)
        .first()
    )
    if parcel is None:
        return
    if parcel.state == ParcelState.LABEL_PENDING and not _buy(parcel):
        return
    # Also after an interruption: the carrier may have told of the parcel before its label was kept.
    apply_waiting_events(parcel_id=parcel_id)


def _buy(parcel: Parcel) -> bool:
    """Whether there is a label now; False where the carrier refused."""
    try:
        bought = carriers.who_labels(parcel.carrier).buy(label_request(parcel))
    except CarrierRefused as error:
        _write_refusal(parcel, error)
        return False
    _keep(parcel, bought)
    return True


def label_request(parcel: Parcel) -> LabelRequest:
    """What the carrier is asked, the same at each try."""
    fulfilment, order = parcel.fulfilment, parcel.fulfilment.order
    return LabelRequest(
        reference=str(parcel.label_key),
        serial=parcel.pk,
        sender=_stock_point_address(fulfilment.stock_point),
        recipient=_recipient(order, fulfilment.pickup_point),
        service=parcel.service,
        weight_g=parcel.weight_g,
        order_number=order.number,
        stock_point=fulfilment.stock_point.code,
        ships_on=fulfilment.ships_on or fulfilment.stock_point.local_day(parcel.created_at),
        language=order.language,
        parcel_index=parcel.position,
        parcel_count=fulfilment.parcels.count(),
        service_name=carrier_names().services.get(parcel.service, ""),
        slot=order.slot if fulfilment.mode == Mode.SLOT else None,
    )


def _stock_point_address(point: StockPoint) -> Address:
    return Address(
        name=point.name,
        line1=point.line1 or point.code,
        postcode=point.postcode,
        city=point.city,
        country=point.country,
    )


def _recipient(order: Order, pickup_point: StockPoint | None) -> Address:
    if pickup_point is not None or not order.shipping_address:
        point = pickup_point or order.pickup_point
        if point is None:
            raise ValueError(f"order {order.number} has nowhere to send a parcel to")
        address = _stock_point_address(point)
        return Address(
            name=order.customer_name,
            line1=point.name,
            line2=point.line1,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        )
    given = order.shipping_address
    return Address(
        name=order.customer_name,
        # A relay point's carrier finds it by its number; the customer's own street would send it home.
        line1=order.relay_point or given["line1"],
        line2="" if order.relay_point else given.get("line2") or "",
        postcode=given.get("postcode") or "",
        city=given["city"],
        country=given["country"],
        phone=order.customer_phone,
    )


@transaction.atomic
def retry_label(*, parcel_id: int, access: Access = EVERYTHING) -> None:
    """Ask again for a label the carrier refused, under the key it was first asked with: never bought twice."""
    visible = Parcel.objects.visible_to(access).filter(pk=parcel_id).values_list("pk", flat=True)
    parcel = (
        Parcel.objects.select_related("fulfilment")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(visible))
        .first()
    )
    if parcel is None or not access.sees_stock_point(parcel.fulfilment.stock_point_id):
        raise NotFound(gettext_noop("There is no such parcel."))
    if parcel.state != ParcelState.LABEL_PENDING:
        if parcel.state == ParcelState.LABELLED:
            return
        raise StateConflict(f"This parcel is {parcel.state}.", data={"state": parcel.state})
    Parcel.objects.filter(pk=parcel.pk).update(label_error="")
    note(order_id=parcel.fulfilment.order_id, event="parcel.label_retried", parcel=parcel.pk)
    emit("parcel.packed", parcel_id=parcel.pk)


@transaction.atomic
def _keep(asked: Parcel, bought: BoughtLabel) -> None:
    lock_tracking_number(carrier=asked.carrier, tracking_number=bought.tracking_number)
    parcel = Parcel.objects.select_for_update(no_key=True).get(pk=asked.pk)
    if parcel.state != ParcelState.LABEL_PENDING:
        return
    PARCEL_MOVES.move(parcel, ParcelState.LABELLED, tracking_number=bought.tracking_number, label_error="")
    Label.objects.create(parcel=parcel, pdf=bought.pdf, zpl=bought.zpl, made_at=clock.now())
    note(
        order_id=asked.fulfilment.order_id,
        event="parcel.labelled",
        parcel=parcel.pk,
        tracking_number=bought.tracking_number,
    )


@transaction.atomic
def _write_refusal(parcel: Parcel, error: CarrierRefused) -> None:
    order = parcel.fulfilment.order
    detail = error.detail[:200]
    Parcel.objects.filter(pk=parcel.pk).update(label_error=detail)
    Order.objects.filter(pk=order.pk).update(needs_attention=f"Label refused: {detail}"[:200])
    note(order_id=order.pk, event="parcel.label_refused", parcel=parcel.pk, carrier=parcel.carrier)
