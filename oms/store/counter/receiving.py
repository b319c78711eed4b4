"""What arrives, scanned one after the other: parcels to be collected here, and articles sent here to be sold."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oms.store.queries.pickups import arriving_at, arriving_parcel
from oms.store.queries.transfers import transfer_of_code, transfers_arriving
from oms.store.roles import MOVE, PREPARE
from oms.store.views import StoreView
from orders.services.collecting import receive_parcel
from orders.states import FulfilmentState
from stock.services.transferring import receive_transfer

LONGEST_NUMBER = 80


class ReceiveView(StoreView):
    """The label is scanned; a code that is no parcel of ours changes nothing and says so."""

    permission = PREPARE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("counter/receive.html", rows=arriving_at(self.here), transfers=transfers_arriving(self.here))

    def post(self, request: HttpRequest) -> HttpResponse:
        scanned = request.POST.get("scanned", "").strip()[:LONGEST_NUMBER]
        parcel = arriving_parcel(self.here, scanned)
        if parcel is None and self._received_article(request, scanned):
            return redirect("store:receive")
        if parcel is None:
            messages.error(
                request,
                _("Neither a parcel nor an article on its way to this store: “%(scanned)s”. Nothing was changed.")
                % {"scanned": scanned},
            )
            return redirect("store:receive")
        number = parcel.fulfilment.order.number
        if parcel.fulfilment.state != FulfilmentState.HANDED_OVER or parcel.received_at is not None:
            messages.info(request, _("Order %(number)s was received before.") % {"number": number})
            return redirect("store:receive")
        work = receive_parcel(parcel_id=parcel.pk, access=self.access_here)
        is_whole = work.state != FulfilmentState.HANDED_OVER
        told = (
            _("Order %(number)s for %(name)s: put it on the pickup shelf; the customer is being told.")
            if is_whole
            else _("Order %(number)s for %(name)s: put it aside; its other parcels are still on their way.")
        )
        messages.success(request, told % {"number": number, "name": parcel.fulfilment.order.customer_name})
        return redirect("store:receive")

    def _received_article(self, request: HttpRequest, scanned: str) -> bool:
        """One unit of a transfer, where its article was scanned."""
        found = transfer_of_code(scanned, transfers_arriving(self.here))
        if found is None or not request.user.has_perm(MOVE):
            return False
        transfer = receive_transfer(transfer_id=found.pk, quantity=1, access=self.access_here)
        messages.success(
            request,
            _("%(name)s from %(place)s: %(received)d of %(sent)d, for sale at once.")
            % {
                "name": found.variant.product.name,
                "place": found.giver.name,
                "received": transfer.received_quantity,
                "sent": transfer.shipped_quantity,
            },
        )
        return True

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:receive")
