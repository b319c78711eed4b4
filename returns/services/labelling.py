"""Buying return labels, once each, outside any transaction; and hearing where their parcels are."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from oms.orchestration.queries.carrier_names import carrier_names
from orders import carriers
from orders.carriers.protocol import Address, CarrierRefused, Label, LabelRequest
from orders.models import CarrierEvent, Order
from orders.services.tracking import lock_tracking_number
from returns.errors import ReturnsNotAccepted
from returns.models import Return, ReturnLabel
from returns.services.locking import lock_return
from returns.services.telling import tell
from returns.states import RETURN_MOVES, ReturnState
from stock.models import StockPoint

# Serials above every parcel's: carriers that let us number parcels never see one twice.
FIRST_SERIAL = 500_000_000_000
_BUYABLE = (ReturnState.AUTHORISED, ReturnState.IN_TRANSIT)


def make_return_label(*, return_id: int) -> None:
    """Buy the label of a return and keep it. Run again after any interruption: its key is stored.

    `CarrierUnavailable` is left to the caller, who tries again later; a refusal is written for a person.
    """
    label = (
        ReturnLabel.objects.select_related("returned__order", "returned__stock_point")
        .filter(returned=return_id, pdf__isnull=True, returned__state__in=_BUYABLE)
        .first()
    )
    if label is None:
        return
    try:
        bought = carriers.named(label.carrier).buy(label_request(label))
    except (CarrierRefused, ReturnsNotAccepted) as error:
        ReturnLabel.objects.filter(pk=label.pk).update(error=error.detail[:200])
        return
    _keep(label, bought)


def label_request(label: ReturnLabel) -> LabelRequest:
    """The way there, reversed: from the customer to the stock point that takes the return; the same at each try."""
    returned = label.returned
    order, point = returned.order, returned.stock_point
    assert order is not None
    if point is None:
        raise ReturnsNotAccepted(gettext_noop("No stock point takes returns by post: name one in the banner's policy."))
    return LabelRequest(
        reference=str(label.label_key),
        serial=FIRST_SERIAL + label.pk,
        sender=_customer(order),
        recipient=_point(point),
        service=label.service,
        weight_g=label.weight_g,
        order_number=returned.number,
        stock_point=point.code,
        ships_on=point.local_day(label.created_at),
        language=order.language,
        service_name=carrier_names().services.get(label.service, ""),
    )


def _customer(order: Order) -> Address:
    """Where the goods were sent; who collected them himself has only his name, and the store he got them from."""
    given = order.shipping_address or order.billing_address
    if given:
        return Address(
            name=order.customer_name,
            line1=given["line1"],
            line2=given.get("line2") or "",
            postcode=given.get("postcode") or "",
            city=given["city"],
            country=given["country"],
            phone=order.customer_phone,
        )
    point = order.pickup_point or order.selling_stock_point
    if point is None:
        return Address(name=order.customer_name, line1="", postcode="", city="", country="")
    return Address(name=order.customer_name, line1=point.name, postcode=point.postcode, city="", country=point.country)


def _point(point: StockPoint) -> Address:
    return Address(name=point.name, line1=point.code, postcode=point.postcode, city="", country=point.country)


@transaction.atomic
def _keep(asked: ReturnLabel, bought: Label) -> None:
    lock_tracking_number(carrier=asked.carrier, tracking_number=bought.tracking_number)
    returned = lock_return(asked.returned)
    kept = ReturnLabel.objects.filter(pk=asked.pk, pdf__isnull=True).update(
        tracking_number=bought.tracking_number, pdf=bought.pdf, zpl=bought.zpl, error="", made_at=clock.now()
    )
    if not kept:
        return
    tell(returned, "return.labelled", tracking_number=bought.tracking_number)
    # The carrier may have told of the parcel before its label was kept.
    emit("parcel.unknown", carrier=asked.carrier, tracking_number=bought.tracking_number)


@retry_on_conflict
@transaction.atomic
def track_return(*, carrier: str, tracking_number: str) -> None:
    """A carrier told of a parcel that is nobody's delivery: if it is a return's, the goods are on their way."""
    label = ReturnLabel.objects.filter(carrier=carrier, tracking_number=tracking_number).first()
    told = CarrierEvent.objects.filter(carrier=carrier, tracking_number=tracking_number)
    if label is None or not told.exists():
        return
    returned = lock_return(Return.objects.get(pk=label.returned_id))
    if returned.state == ReturnState.AUTHORISED:
        RETURN_MOVES.move(returned, ReturnState.IN_TRANSIT)
        tell(returned, "return.in_transit", tracking_number=tracking_number)
