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
from orders.services.holding import hold_order, release_order
from orders.services.recalling import reroute_order


class ReasonForm(forms.Form):
    """Why; asked only where somebody will want to know."""

    reason = forms.CharField(max_length=200, label=_("Reason"), widget=UnfoldAdminTextInputWidget)


class OrderMoveView(View):
    """One order; GET asks, POST does. `move`: cancel, hold, release or reroute."""

    model_admin: Any = None
    move: str = "cancel"
    services: ClassVar[dict[str, Callable[[int, str], Order]]] = {
        "cancel": lambda order_id, reason: cancel_order(order_id=order_id, reason=reason),
        "hold": lambda order_id, reason: hold_order(order_id=order_id, reason=reason),
        "release": lambda order_id, reason: release_order(order_id=order_id),
        "reroute": lambda order_id, reason: reroute_order(order_id=order_id),
    }
    titles: ClassVar[dict[str, Any]] = {
        "cancel": _("Cancel order %(number)s"),
        "hold": _("Hold order %(number)s"),
        "release": _("Release order %(number)s"),
        "reroute": _("Source order %(number)s again"),
    }
    buttons: ClassVar[dict[str, Any]] = {
        "cancel": _("Cancel"),
        "hold": _("Hold"),
        "release": _("Release"),
        "reroute": _("Source again"),
    }
    effects: ClassVar[dict[str, Any]] = {
        "cancel": _("Its stock is free at once, stock points stop working on it, and what was paid is given back."),
        "hold": _("Nothing more is sourced, picked, handed over or captured until it is released."),
        "release": _("Work on it goes on."),
        "reroute": _("Work that nobody has begun is taken back, and a new decision is made with the latest facts."),
    }

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page(request, self._order(request, object_id), ReasonForm())

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = self._order(request, object_id)
        form = ReasonForm(request.POST)
        if self._asks_reason() and not form.is_valid():
            return self._page(request, order, form)
        try:
            self.services[self.move](order.pk, form.data.get("reason", ""))
        except OmsError as refused:
            messages.error(request, refused.detail)
        else:
            messages.success(request, _("Done: %(what)s") % {"what": self.titles[self.move] % {"number": order.number}})
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))

    def _asks_reason(self) -> bool:
        return self.move in ("cancel", "hold")

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        order: Order | None = self.model_admin.get_object(request, object_id)
        if order is None:
            raise Http404
        if not self.model_admin.may_serve(request):
            raise PermissionDenied
        return order

    def _page(self, request: HttpRequest, order: Order, form: ReasonForm) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": Order._meta,
            "title": self.titles[self.move] % {"number": order.number},
            "order": order,
            "effect": self.effects[self.move],
            "form": form if self._asks_reason() else None,
        }
        return render(request, "admin/orders/move.html", context)
