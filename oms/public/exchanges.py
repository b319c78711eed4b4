"""An exchange as its customer sees it, from either of its two orders."""

from __future__ import annotations

from collections import defaultdict

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from oms.public.deliveries import item_of
from oms.public.reading import Rows
from oms.public.tracked import Exchange, Item, Replaced
from orders.models import Order, OrderLine
from orders.queries.tracking_links import tracking_url
from orders.states import Mode, OrderState
from returns.models import ReturnLine
from returns.queries.replacing import return_replaced_by
from returns.services.exchanging import is_replacement


def exchanges_of(rows: Rows) -> tuple[Exchange, ...]:
    """Two queries where anything was exchanged."""
    exchanged = [each for each in rows.returns if each.exchange_order is not None]
    if not exchanged:
        return ()
    given: dict[int, list[Item]] = defaultdict(list)
    came = ReturnLine.objects.filter(returned__in=exchanged, received_quantity__gt=0)
    for back in came.select_related("variant__product").order_by("returned_id", "position"):
        given[back.returned_id].append(item_of(back.variant, back.received_quantity))
    instead: dict[int, list[Item]] = defaultdict(list)
    bought = OrderLine.objects.filter(order__in=[each.exchange_order_id for each in exchanged])
    for line in bought.select_related("variant__product").order_by("order_id", "position"):
        instead[line.order_id].append(item_of(line.variant, line.quantity))
    return tuple(
        Exchange(
            given=tuple(given[each.pk]),
            instead=tuple(instead[order.pk]),
            number=order.number,
            url=tracking_url(order.number),
            said=_said(order),
        )
        for each in exchanged
        if (order := each.exchange_order) is not None
    )


def replaced_by(order: Order) -> Replaced | None:
    """Nothing is read for an order that replaces none."""
    returned = return_replaced_by(order) if is_replacement(order) else None
    if returned is None or returned.order is None:
        return None
    return Replaced(returned.order.number, tracking_url(returned.order.number))


def _said(order: Order) -> str:
    """How the customer gets what comes instead; its own page tells how far it is."""
    if order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return _("This order is cancelled")
    if order.mode == Mode.CARRY_OUT:
        return _("You have taken these articles along.")
    if order.mode in Mode.collected() and order.pickup_point is not None:
        return _("To be collected at %(store)s.") % {"store": order.pickup_point.name}
    if order.promised_on is not None and order.state not in (OrderState.FULFILLED, OrderState.CLOSED):
        return _("We expect to deliver by %(day)s.") % {"day": date_format(order.promised_on, "DATE_FORMAT")}
    return ""
