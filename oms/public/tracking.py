"""An order as its customer sees it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from oms.core import clock
from oms.core.money import money_text
from oms.core.today import today
from oms.public.deliveries import deliveries_of, is_over, items_of
from oms.public.exchanges import exchanges_of, replaced_by
from oms.public.reading import Rows, rows_of_order
from oms.public.tracked import Repayment, Tone, TrackedOrder
from orders.models import Order
from orders.queries.shops import shop_name
from orders.states import AllocationState, Mode, OperationState, OrderState

_REACHED = (OrderState.FULFILLED, OrderState.CLOSED)

Headline = tuple[str, str, Tone, str]


def tracked_order(order: Order) -> TrackedOrder:
    """In the language of the moment. The order comes with its channel and banner (`order_of_token`)."""
    rows = rows_of_order(order)
    now = clock.now()
    title, said, tone, icon = _headline(rows)
    has_ended = order.state in (OrderState.CANCELLED, OrderState.EXPIRED)
    cancelled = {line.pk: line.cancelled_quantity for line in rows.lines if line.cancelled_quantity}
    return TrackedOrder(
        number=order.number,
        shop=shop_name(order),
        placed_at=order.placed_at,
        title=title,
        said=said,
        tone=tone,
        icon=icon,
        deliveries=() if has_ended else deliveries_of(rows, now=now, today=today()),
        cancelled=items_of(rows.lines, cancelled),
        cancelled_said=_cancelled_said(order),
        sums=_sums(rows),
        repayments=_repayments(rows),
        exchanges=exchanges_of(rows),
        replaces=replaced_by(order),
        pay_by=order.pay_by if order.state == OrderState.PENDING_PAYMENT and not rows.is_verified else None,
    )


def _headline(rows: Rows) -> Headline:
    if rows.is_held and rows.order.state in (OrderState.CONFIRMED, OrderState.IN_PROGRESS):
        said = _("Nothing is sent before that is done. We write to you if we need anything.")
        return _("We are checking something"), said, "warn", "clock"
    return _HEADLINES[OrderState(rows.order.state)](rows)


def _cancelled_said(order: Order) -> str:
    if order.state == OrderState.EXPIRED or order.mode == Mode.E_RESERVATION:
        return _("These articles are no longer put aside.")
    return _("These articles are no longer part of your order. What you had paid for them is given back.")


def _pending(rows: Rows) -> Headline:
    if rows.is_verified:
        said = _("We are asking your bank whether this payment went through. Do not pay again.")
        return _("Your payment is being verified"), said, "warn", "clock"
    return _("Waiting for your payment"), _("Your articles are put aside until you have paid."), "warn", "clock"


def _confirmed(rows: Rows) -> Headline:
    return _("Your order is confirmed"), _("We prepare it as soon as we can."), "info", "check"


def _in_progress(rows: Rows) -> Headline:
    states = {piece.state for piece in rows.slices} - {AllocationState.CANCELLED}
    if states == {AllocationState.READY_FOR_PICKUP} and any(is_over(each, today()) for each in rows.pickups.values()):
        said = _("The day until which we keep it has passed: come soon, or call the store.")
        return _("Still waiting for you"), said, "warn", "clock"
    if states == {AllocationState.READY_FOR_PICKUP}:
        return _("Ready for pickup"), _("Everything is waiting for you in the store."), "ok", "store"
    return _("We are preparing your order"), _("You see below how far it is."), "info", "box"


def _partly(rows: Rows) -> Headline:
    done = [piece for piece in rows.slices if piece.state in AllocationState.done()]
    states = {piece.state for piece in done}
    said = _("The rest follows; you see below how far it is.")
    if AllocationState.SHIPPED in states:
        return _("A part of your order has left"), said, "info", "truck"
    if states != {AllocationState.COLLECTED}:
        return _("A part of your order is with you"), said, "info", "check"
    if all(piece.line.mode == Mode.CARRY_OUT for piece in done):
        return _("You have taken a part of your order along"), said, "info", "check"
    return _("You have collected a part of your order"), said, "info", "store"


def _fulfilled(rows: Rows) -> Headline:
    states = {piece.state for piece in rows.slices} - {AllocationState.CANCELLED}
    if rows.returned_units >= rows.kept_units:
        return _("Everything came back to us"), _what_came_of_it(rows), "quiet", "returns"
    if rows.returned_units:
        return _("A part came back to us"), _what_came_of_it(rows), "ok", "returns"
    if states <= {AllocationState.DELIVERED, AllocationState.COLLECTED}:
        return _("Everything is with you"), _("We hope you like it."), "ok", "check"
    return _("Your order is on its way"), _("Everything has left; you see below how far it is."), "info", "truck"


def _what_came_of_it(rows: Rows) -> str:
    """Of what was given back: other articles, money, or not settled yet."""
    exchanges = [each.exchange_order.number for each in rows.returns if each.exchange_order is not None]
    if exchanges:
        return _("You have other articles for it: order %(number)s.") % {"number": ", ".join(exchanges)}
    if all(each.settled_at for each in rows.returns):
        return _("You see below what was given back of your payment.") if rows.refunds else ""
    return _("We look at it, and write to you about your money, or about the articles you get instead.")


def _cancelled(rows: Rows) -> Headline:
    if rows.order.mode == Mode.E_RESERVATION:
        said = _("Its articles are no longer put aside. Nothing was charged.")
        return _("This reservation is over"), said, "quiet", "cross"
    said = _("Nothing more is sent. What you had paid is given back by the way you paid.")
    return _("This order is cancelled"), said, "quiet", "cross"


def _expired(rows: Rows) -> Headline:
    said = _("It was not paid in time, so its articles are no longer put aside. Nothing was charged.")
    return _("This order has ended"), said, "quiet", "cross"


_HEADLINES = {
    OrderState.PENDING_PAYMENT: _pending,
    OrderState.CONFIRMED: _confirmed,
    OrderState.IN_PROGRESS: _in_progress,
    OrderState.PARTIALLY_FULFILLED: _partly,
    OrderState.FULFILLED: _fulfilled,
    OrderState.CLOSED: _fulfilled,
    OrderState.CANCELLED: _cancelled,
    OrderState.EXPIRED: _expired,
}


def _sums(rows: Rows) -> tuple[tuple[str, str], ...]:
    """Empty where nothing was charged, nor will be."""
    order = rows.order
    is_over = order.state == OrderState.CANCELLED and order.mode == Mode.E_RESERVATION
    if is_over or order.state == OrderState.EXPIRED:
        return ()
    found = [(_("Articles"), order.subtotal)]
    if order.shipping:
        found.append((_("Shipping"), order.shipping))
    found.append((_total_said(order), order.total))
    told = [(label, money_text(amount, order.currency)) for label, amount in found]
    if rows.never_charged:
        told.append((_("Cancelled, never charged"), money_text(-rows.never_charged, order.currency)))
    return tuple(told)


def _total_said(order: Order) -> str:
    """What is put aside is paid where it is collected, and not before."""
    if order.mode != Mode.E_RESERVATION:
        return _("Total")
    return _("Total, paid in the store") if order.state in _REACHED else _("Total, to be paid in the store")


def _repayments(rows: Rows) -> tuple[Repayment, ...]:
    said = {
        OperationState.SUCCEEDED: _("given back"),
        OperationState.PENDING: _("on its way back"),
        OperationState.UNKNOWN: _("on its way back"),
    }
    return tuple(
        Repayment(
            amount=money_text(refund.amount, rows.order.currency),
            said=said[OperationState(refund.state)],
            at=refund.answered_at or refund.asked_at,
        )
        for refund in rows.refunds
    )
