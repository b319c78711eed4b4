"""Parcels that arrive to be collected here, scanned one after the other."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oms.store.queries.pickups import arriving_at, arriving_parcel
from oms.store.roles import PREPARE
from oms.store.views import StoreView
from orders.services.collecting import receive_fulfilment
from orders.states import FulfilmentState

LONGEST_NUMBER = 80


class ReceiveView(StoreView):
    """The label is scanned; a code that is no parcel of ours changes nothing and says so."""

    permission = PREPARE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("counter/receive.html", rows=arriving_at(self.here))

    def post(self, request: HttpRequest) -> HttpResponse:
        scanned = request.POST.get("scanned", "").strip()[:LONGEST_NUMBER]
        parcel = arriving_parcel(self.here, scanned)
        if parcel is None:
            messages.error(
                request,
                _("“%(scanned)s” is no parcel on its way to this store. Nothing was changed.") % {"scanned": scanned},
            )
            return redirect("store:receive")
        number = parcel.fulfilment.order.number
        if parcel.fulfilment.state != FulfilmentState.HANDED_OVER:
            messages.info(request, _("Order %(number)s was received before.") % {"number": number})
            return redirect("store:receive")
        receive_fulfilment(fulfilment_id=parcel.fulfilment_id, access=self.access_here)
        messages.success(
            request,
            _("Order %(number)s for %(name)s: put it on the pickup shelf; the customer is being told.")
            % {"number": number, "name": parcel.fulfilment.order.customer_name},
        )
        return redirect("store:receive")

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:receive")
