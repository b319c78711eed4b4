"""Transfers: sent from here with one press, closed when nothing more of one comes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oms.core.errors import Invalid
from oms.store.preparing.selecting import whole_number
from oms.store.queries.transfers import transfers_arriving, transfers_to_send
from oms.store.roles import COUNT, MOVE
from oms.store.views import StoreView
from stock.services.transferring import receive_transfer, ship_transfer


class TransfersView(StoreView):
    """What other stores wait for, and what comes from them."""

    permission = MOVE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(
            "stockroom/transfers.html",
            to_send=transfers_to_send(self.here),
            arriving=transfers_arriving(self.here),
            may_count=request.user.has_perm(COUNT),
        )

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:transfers")


class SendView(TransfersView):
    """The units have left; fewer where they could not all be found."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        sent = ship_transfer(transfer_id=pk, quantity=_units(request), access=self.access_here)
        messages.success(
            request,
            _("%(units)d × %(sku)s are on their way to %(place)s.")
            % {"units": sent.shipped_quantity, "sku": sent.variant.sku, "place": sent.receiver.name},
        )
        return redirect("store:transfers")


class CloseView(TransfersView):
    """So many came with this; nothing more will, unless `more` is said to come."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        units, is_last = _units(request) or 0, "more" not in request.POST
        received = receive_transfer(transfer_id=pk, quantity=units, is_last=is_last, access=self.access_here)
        missing = received.shipped_quantity - received.received_quantity
        told = {"units": received.received_quantity, "sku": received.variant.sku, "missing": missing}
        if missing and is_last:
            messages.warning(request, _("%(units)d × %(sku)s received, %(missing)d missing.") % told)
        else:
            messages.success(request, _("%(units)d × %(sku)s received, for sale at once.") % {**told, "units": units})
        return redirect("store:transfers")


def _units(request: HttpRequest) -> int | None:
    text = request.POST.get("quantity", "").strip()
    if not text:
        return None
    units = whole_number(text)
    if units is None:
        raise Invalid(errors={"quantity": [_("How many are taken? Type a number.")]})
    return units
