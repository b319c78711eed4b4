"""The page between a click and its effect on an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oms.core.access import access_for
from oms.core.errors import OmsError
from oms.core.refusals import show_refusal, told
from oms.core.views import ReplayableMixin
from orders.admin.move_forms import (
    AddressForm,
    AssignForm,
    LinkForm,
    LostForm,
    ModeForm,
    MoveForm,
    ReasonForm,
    RefundForm,
    UnitsForm,
)
from orders.models import Order
from orders.services.assigning import assign_by_hand
from orders.services.cancelling import cancel_line, cancel_order
from orders.services.capturing import retry_captures
from orders.services.changing import change_address, change_mode
from orders.services.holding import hold_order, release_order
from orders.services.link_sending import resend_payment_link
from orders.services.losing import declare_lost
from orders.services.recalling import reroute_order
from orders.services.refunding import refund_order


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may be done; `form` None: a click says it all."""

    service: Callable[..., object]
    button: Any
    title: Any
    effect: Any
    icon: str
    form: type[MoveForm] | None = None
    is_dangerous: bool = False


MOVES: Mapping[str, Move] = {
    "release": Move(
        release_order, _("Release"), _("Release order %(number)s"), _("Work on it goes on."), icon="play_arrow"
    ),
    "link": Move(
        resend_payment_link,
        _("Send the payment link again"),
        _("Send the payment link of order %(number)s again"),
        _("The customer gets a new mail with the same link. The time to pay stays as it is."),
        icon="forward_to_inbox",
        form=LinkForm,
    ),
    "hold": Move(
        hold_order,
        _("Hold"),
        _("Hold order %(number)s"),
        _("Nothing more is sourced, picked, handed over or captured until it is released."),
        icon="pause",
        form=ReasonForm,
    ),
    "address": Move(
        change_address,
        _("Change address"),
        _("Change the address of order %(number)s"),
        _("It is planned again at once, with what is in stock now; nobody has begun to prepare it."),
        icon="edit_location",
        form=AddressForm,
    ),
    "mode": Move(
        change_mode,
        _("Change delivery"),
        _("Change the delivery of order %(number)s"),
        _("Every line is planned again for the new way; what was paid for shipping stays as it is."),
        icon="local_shipping",
        form=ModeForm,
    ),
    "reroute": Move(
        reroute_order,
        _("Source again"),
        _("Source order %(number)s again"),
        _("Work that nobody has begun is taken back, and a new decision is made with the latest facts."),
        icon="alt_route",
    ),
    "assign": Move(
        assign_by_hand,
        _("Assign"),
        _("Assign order %(number)s by hand"),
        _("The stock point you choose gets it, whatever the rules say; stock and capacity are checked again."),
        icon="person_pin_circle",
        form=AssignForm,
    ),
    "capture": Move(
        retry_captures,
        _("Capture again"),
        _("Capture order %(number)s again"),
        _("The gateway is asked again, at once, for what it refused and is still owed."),
        icon="credit_score",
    ),
    "refund": Move(
        refund_order,
        _("Refund"),
        _("Refund order %(number)s"),
        _("The gateway is asked to give back so much of what was captured."),
        icon="currency_exchange",
        form=RefundForm,
    ),
    "lost": Move(
        declare_lost,
        _("Parcel lost"),
        _("A parcel of order %(number)s is lost"),
        _("The customer reads it on the tracking page. Refund what was in it, or place the order again."),
        icon="help_center",
        form=LostForm,
    ),
    "units": Move(
        cancel_line,
        _("Cancel units"),
        _("Cancel units of order %(number)s"),
        _("Their stock is free at once; what was authorised for them is given back."),
        icon="remove_shopping_cart",
        form=UnitsForm,
    ),
    "cancel": Move(
        cancel_order,
        _("Cancel order"),
        _("Cancel order %(number)s"),
        _("Its stock is free at once, stock points stop working on it, and what was paid is given back."),
        icon="cancel",
        form=ReasonForm,
        is_dangerous=True,
    ),
}


class OrderMoveView(ReplayableMixin):
    """One order; GET asks, POST does, once for each page. `move` is a name among `MOVES`."""

    model_admin: Any = None
    move: str = "cancel"

    @property
    def what(self) -> Move:
        return MOVES[self.move]

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = self._order(request, object_id)
        return self._page(request, order, self._form(request, order, initial=request.GET.dict()))

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = self._order(request, object_id)
        form = self._form(request, order, data=request.POST)
        if form is not None and not form.is_valid():
            return self._page(request, order, form)
        try:
            self.what.service(order_id=order.pk, **(form.told() if form is not None else {}))
        except OmsError as refused:
            if form is None:
                messages.error(request, told(refused.detail))
                return self._back(order)
            show_refusal(form, refused)
            return self._page(request, order, form)
        messages.success(request, _("Done: %(what)s") % {"what": self.what.title % {"number": order.number}})
        return self._back(order)

    def _form(self, request: HttpRequest, order: Order, **given: Any) -> MoveForm | None:
        """What this move must be told; None where a click says it all."""
        if self.what.form is None:
            return None
        return self.what.form(order=order, access=access_for(request), **given)

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        order: Order | None = self.model_admin.get_object(request, object_id)
        if order is None:
            raise Http404
        if not self.model_admin.may_serve(request):
            raise PermissionDenied
        return order

    def _back(self, order: Order) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))

    def _page(self, request: HttpRequest, order: Order, form: MoveForm | None) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": Order._meta,
            "title": self.what.title % {"number": order.number},
            "order": order,
            "move": self.what,
            "form": form,
        }
        return render(request, "admin/orders/move.html", context)
