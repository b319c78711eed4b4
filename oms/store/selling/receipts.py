"""The receipt: on the screen, on paper, by mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from oms.store.selling.payments import OrderView
from orders.models import Allocation, Order, OrderLine, Payment
from orders.queries.parts import ways_of
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
            ways=ways_of(order),
            is_delivered=bool(order.shipping) or any(line.mode in Mode.delivered() for line in lines),
            waiting=_waiting(order),
            payments=Payment.objects.made().filter(order=order).order_by("pk"),
            qr=qr_svg(tracking_url(order.number), title=_("Follow this order")),
        )


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
