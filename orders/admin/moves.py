"""The page between a click and its effect on an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from unfold.widgets import UnfoldAdminTextInputWidget

from oms.core.errors import OmsError
from orders.models import Order
from orders.services.cancelling import cancel_order
from orders.services.capturing import retry_captures
from orders.services.holding import hold_order, release_order
from orders.services.recalling import reroute_order
from orders.services.refunding import refund_order


class ReasonForm(forms.Form):
    """Why; asked only where somebody will want to know."""

    reason = forms.CharField(max_length=200, label=_("Reason"), widget=UnfoldAdminTextInputWidget)


class RefundForm(forms.Form):
    """How much goes back, and what for: the same reference again is the same refund."""

    amount = forms.DecimalField(
        max_digits=12, decimal_places=2, label=_("Amount"), widget=UnfoldAdminTextInputWidget(attrs={"type": "text"})
    )
    reference = forms.CharField(max_length=100, label=_("Reference"), widget=UnfoldAdminTextInputWidget)


class OrderMoveView(View):
    """One order; GET asks, POST does. `move`: cancel, hold, release, reroute, capture or refund."""

    model_admin: Any = None
    move: str = "cancel"
    services: ClassVar[dict[str, Callable[..., object]]] = {
        "cancel": cancel_order,
        "hold": hold_order,
        "release": release_order,
        "reroute": reroute_order,
        "capture": retry_captures,
        "refund": refund_order,
    }
    asked: ClassVar[dict[str, type[forms.Form]]] = {"cancel": ReasonForm, "hold": ReasonForm, "refund": RefundForm}
    titles: ClassVar[dict[str, Any]] = {
        "cancel": _("Cancel order %(number)s"),
        "hold": _("Hold order %(number)s"),
        "release": _("Release order %(number)s"),
        "reroute": _("Source order %(number)s again"),
        "capture": _("Capture order %(number)s again"),
        "refund": _("Refund order %(number)s"),
    }
    buttons: ClassVar[dict[str, Any]] = {
        "cancel": _("Cancel"),
        "hold": _("Hold"),
        "release": _("Release"),
        "reroute": _("Source again"),
        "capture": _("Capture again"),
        "refund": _("Refund"),
    }
    effects: ClassVar[dict[str, Any]] = {
        "cancel": _("Its stock is free at once, stock points stop working on it, and what was paid is given back."),
        "hold": _("Nothing more is sourced, picked, handed over or captured until it is released."),
        "release": _("Work on it goes on."),
        "reroute": _("Work that nobody has begun is taken back, and a new decision is made with the latest facts."),
        "capture": _("The gateway is asked again, at once, for what it refused and is still owed."),
        "refund": _("The gateway is asked to give back so much of what was captured."),
    }

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page(request, self._order(request, object_id), self._form())

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = self._order(request, object_id)
        form = self._form(request.POST)
        if form is not None and not form.is_valid():
            return self._page(request, order, form)
        told = form.cleaned_data if form is not None else {}
        try:
            self.services[self.move](order_id=order.pk, **told)
        except OmsError as refused:
            messages.error(request, refused.detail)
        else:
            messages.success(request, _("Done: %(what)s") % {"what": self.titles[self.move] % {"number": order.number}})
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))

    def _form(self, *data: Any) -> forms.Form | None:
        """What this move must be told; None where a click says it all."""
        asked = self.asked.get(self.move)
        return asked(*data) if asked is not None else None

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        order: Order | None = self.model_admin.get_object(request, object_id)
        if order is None:
            raise Http404
        if not self.model_admin.may_serve(request):
            raise PermissionDenied
        return order

    def _page(self, request: HttpRequest, order: Order, form: forms.Form | None) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": Order._meta,
            "title": self.titles[self.move] % {"number": order.number},
            "order": order,
            "effect": self.effects[self.move],
            "form": form,
        }
        return render(request, "admin/orders/move.html", context)
