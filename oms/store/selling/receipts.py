"""The receipt: on the screen, on paper, by mail."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from oms.store.selling.deliveries import arrives_in_several
from oms.store.selling.payments import OrderView
from orders.models import Allocation, Basket, Order, OrderLine, Payment
from orders.queries.qr_codes import qr_svg
from orders.queries.tracking_links import tracking_url
from orders.services.receipting import send_receipt
from orders.states import AllocationState, Mode, OrderState

_NOT_SOLD = (OrderState.PENDING_PAYMENT, OrderState.CANCELLED, OrderState.EXPIRED)


class ReceiptView(OrderView):
    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        if order.state in _NOT_SOLD:
            return redirect("store:sell-outcome", order.number)
        found = OrderLine.objects.filter(order=order).select_related("variant__product", "pickup_point")
        lines = list(found.order_by("position"))
        return self.answer(
            request,
            "store/selling/receipt.html",
            order=order,
            carried_out=[line for line in lines if line.mode == Mode.CARRY_OUT],
            parts=_by_way(order, [line for line in lines if line.mode != Mode.CARRY_OUT]),
            is_delivered=bool(order.shipping) or any(line.mode in Mode.delivered() for line in lines),
            arrives_in_several=_arrives_in_several(order),
            waiting=_waiting(order),
            payments=Payment.objects.filter(order=order).order_by("pk"),
            qr=qr_svg(tracking_url(order.number), title=_("Follow this order")),
        )


def _by_way(order: Order, lines: Sequence[OrderLine]) -> list[tuple[str, str, list[OrderLine]]]:
    """What leaves the same way: how, the store it is collected at, and its lines."""
    ways: dict[tuple[str, str], list[OrderLine]] = {}
    for line in lines:
        point = (line.pickup_point or order.pickup_point) if line.mode in Mode.collected() else None
        ways.setdefault((str(Mode(line.mode).label), point.name if point else ""), []).append(line)
    return [(mode, point, own) for (mode, point), own in ways.items()]


def _arrives_in_several(order: Order) -> bool:
    """As the card said that was chosen."""
    promise = Basket.objects.filter(order=order).values_list("promise", flat=True).first()
    return arrives_in_several((promise or {}).get("parcels", ()))


def _waiting(order: Order) -> list[Allocation]:
    """What of it is still to come, with the receipt it is promised of."""
    waiting = Allocation.objects.filter(line__order=order, state=AllocationState.BACKORDERED)
    return list(waiting.select_related("line__variant__product", "reservation__expected_receipt").order_by("pk"))


class MailView(OrderView):
    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        if order.customer_email and order.state not in _NOT_SOLD:
            send_receipt(order_id=order.pk)
            messages.success(request, _("The receipt is on its way to %(email)s.") % {"email": order.customer_email})
        else:
            messages.error(request, _("No e-mail address was given for this order."))
        return redirect("store:sell-receipt", order.number)
