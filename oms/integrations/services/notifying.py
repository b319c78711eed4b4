"""Deciding that a customer is to be told something: one row per piece of news, however often it is heard of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from oms.core import clock
from oms.core.events import emit
from oms.integrations.models import Notification, NotificationKind
from orders.models import Allocation, Fulfilment, Order, OrderLine, Repromise, TimelineEntry
from orders.services.timeline import PAYMENT_ABANDONED
from orders.states import Mode, OrderState
from stock.models import ChannelKind

# A replay of the past tells nobody: what its clock says happened longer ago than this is no news.
NEWS_FOR = timedelta(days=2)


def notify(*, order: Order, kind: NotificationKind, subject: str, **data: Any) -> Notification | None:
    """Remember what is to be told and have it sent once this is committed. None where it was told before,
    or where there is nobody to tell.
    """
    if not is_reachable(order):
        return None
    with transaction.atomic():
        notification, is_new = Notification.objects.get_or_create(
            kind=kind, subject=subject, defaults={"order": order, "data": data, "created_at": clock.now()}
        )
        if not is_new:
            return None
        emit("notification.requested", notification_id=notification.pk)
        return notification


def is_reachable(order: Order) -> bool:
    """Whether we write to this customer: a marketplace does so itself, a refused attempt was told on the spot."""
    return (
        bool(order.customer_email)
        and order.channel.kind != ChannelKind.MARKETPLACE
        and order.refused_at is None
        and datetime.now(UTC) - clock.now() < NEWS_FOR
    )


def reachable(order: str) -> Q:
    """The same of many, whose orders are found at `order`: those nobody writes to take nobody's turn."""
    return (
        ~Q(**{f"{order}__customer_email": ""})
        & ~Q(**{f"{order}__channel__kind": ChannelKind.MARKETPLACE})
        & Q(**{f"{order}__refused_at__isnull": True})
    )


def tell_of_order(*, order_id: int, kind: NotificationKind) -> None:
    """News about a whole order, which comes once in its life."""
    notify(order=_order(order_id), kind=kind, subject=f"order:{order_id}")


def tell_of_cancellation(*, order_id: int) -> None:
    """Not where the seller gave up a payment nobody was written of: the customer is there, and pays differently or not
    at all. Whoever holds a link to pay by is told that it is over."""
    was_given_up = TimelineEntry.objects.filter(order_id=order_id, event=PAYMENT_ABANDONED).exists()
    told = Notification.objects.filter(order_id=order_id, kind=NotificationKind.PAYMENT_AWAITED)
    if not was_given_up or told.exists():
        tell_of_order(order_id=order_id, kind=NotificationKind.ORDER_CANCELLED)


def tell_of_shipment(*, fulfilment_id: int, parcel_id: int) -> None:
    """What travels to a store is no news before it is ready there."""
    work = Fulfilment.objects.select_related("order__channel").get(pk=fulfilment_id)
    if work.mode != Mode.SHIP_TO_STORE:
        notify(order=work.order, kind=NotificationKind.PARCEL_SHIPPED, subject=f"parcel:{parcel_id}")


def tell_of_pickup(*, order_id: int, fulfilment_id: int, kind: NotificationKind) -> None:
    notify(order=_order(order_id), kind=kind, subject=f"fulfilment:{fulfilment_id}")


def tell_of_cancelled_articles(*, order_id: int) -> None:
    """Each time more is cancelled; of an order cancelled as a whole the other mail tells."""
    order = _order(order_id)
    if order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return
    units = OrderLine.objects.filter(order=order).aggregate(units=Sum("cancelled_quantity"))["units"]
    notify(order=order, kind=NotificationKind.ARTICLES_CANCELLED, subject=f"order:{order_id}:{units}")


def tell_on_wish(*, order_id: int, kind: NotificationKind, wish: str) -> None:
    """Once for each time it is wished for: a receipt, a payment link."""
    notify(order=_order(order_id), kind=kind, subject=f"order:{order_id}:{wish}")


def tell_of_new_day(*, order_id: int, repromise_id: int) -> None:
    """Each new day once, with the one promised first. A day that nothing counts on any more is no news: another one,
    or another promise, has overtaken it."""
    order = _order(order_id)
    every = list(Repromise.objects.filter(order=order).order_by("pk"))
    new = next(each for each in every if each.pk == repromise_id)
    before = {new.previous_on}
    for earlier in reversed(every):
        if earlier.pk < new.pk and earlier.expected_on in before:
            before.add(earlier.previous_on)
    days = [piece.days(order) for piece in Allocation.objects.owed().filter(line__order=order)]
    for promised in sorted(before & {first for first, told in days if first is not None and told == new.expected_on}):
        tell_of_delay(order, promised, new.expected_on)


def tell_of_delay(order: Order, promised: date, expected: date | None) -> Notification | None:
    """Of the order, or of a part of it that was promised before the rest."""
    return notify(
        order=order,
        kind=NotificationKind.ORDER_DELAYED,
        subject=delay_subject(order.pk, promised, expected),
        promised_on=promised.isoformat(),
        expected_on=expected.isoformat() if expected else None,
        is_part=promised != order.promised_on,
    )


def delay_subject(order_id: int, promised: date, expected: date | None) -> str:
    """What a delay is remembered by: of what was promised for one day, each new day is told once, whoever finds it."""
    return f"order:{order_id}:{promised}:{expected or 'late'}"


def tell_of_return(*, order_id: int | None, return_id: int) -> None:
    """A return that nobody can match to an order has no customer we know."""
    if order_id is not None:
        notify(order=_order(order_id), kind=NotificationKind.RETURN_RECEIVED, subject=f"return:{return_id}")


def tell_of_refund(*, order_id: int, operation_id: int) -> None:
    notify(order=_order(order_id), kind=NotificationKind.REFUND_MADE, subject=f"refund:{operation_id}")


def _order(order_id: int) -> Order:
    return Order.objects.select_related("channel").get(pk=order_id)
