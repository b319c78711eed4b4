"""The page on which customer service makes a return for an order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oms.core.access import access_for
from oms.core.errors import OmsError
from oms.core.refusals import show_refusal
from oms.core.views import ReplayableMixin
from orders.models import Order
from orders.roles import SERVE
from returns.admin.move_forms import AskForm
from returns.models import Return
from returns.services.requesting import request_return


class ReturnAskView(ReplayableMixin):
    """From the order's page; sent twice it is one return."""

    model_admin: Any = None

    def get(self, request: HttpRequest, order_id: int) -> HttpResponse:
        order = self._order(request, order_id)
        return self._page(request, order, self._form(request, order))

    def post(self, request: HttpRequest, order_id: int) -> HttpResponse:
        order = self._order(request, order_id)
        form = self._form(request, order, data=request.POST)
        if not form.is_valid():
            return self._page(request, order, form)
        try:
            returned = request_return(request=form.request(), access=access_for(request))
        except OmsError as refused:
            show_refusal(form, refused)
            return self._page(request, order, form)
        messages.success(request, _("Return %(number)s was made.") % {"number": returned.number})
        return HttpResponseRedirect(reverse("admin:returns_return_change", args=[returned.pk]))

    def _order(self, request: HttpRequest, order_id: int) -> Order:
        order = Order.objects.visible_to(access_for(request)).filter(pk=order_id).first()
        if order is None:
            raise Http404
        if not self.model_admin.may_handle(request):
            raise PermissionDenied
        return order

    def _form(self, request: HttpRequest, order: Order, **given: Any) -> AskForm:
        may_except = request.user.has_perm(SERVE)
        return AskForm(order=order, access=access_for(request), may_except=may_except, **given)

    def _page(self, request: HttpRequest, order: Order, form: AskForm) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": Return._meta,
            "title": _("Return articles of order %(number)s") % {"number": order.number},
            "move": {"button": _("Make the return"), "effect": _("The units count as returned from now on.")},
            "form": form,
            "back": reverse("admin:orders_order_change", args=[order.pk]),
        }
        return render(request, "admin/returns/move.html", context)
