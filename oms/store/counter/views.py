"""The counter: who comes for what, and what happens to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.core.errors import Invalid, NotFound
from oms.store.preparing.selecting import whole_number
from oms.store.queries.pickups import Waiting, arriving_at, found_at, ready_at, units_by_sku, waiting_for
from oms.store.roles import PREPARE
from oms.store.views import StoreView
from orders.models import Allocation
from orders.models.pickups import IdentityCheck
from orders.services.handing_out import hand_out
from orders.services.uncollecting import put_back_uncollected
from orders.states import FulfilmentState

LONGEST_SEARCH = 80
SHORTEST_CODE = 6


class CounterView(StoreView):
    """One field finds whoever stands there; below it, what waits."""

    permission = PREPARE

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
        shown = request.GET.get("show", "ready")
        if text:
            found = found_at(self.here, text)
            if len(found.waiting) == 1:
                address = reverse("store:counter-pickup", args=[found.waiting[0].fulfilment.pk])
                request.session["code_read"] = [found.waiting[0].fulfilment.pk, found.code]
                return redirect(address)
            return self.show("counter/counter.html", text=text, rows=found.waiting, shown="")
        if shown == "arriving":
            return self.show("counter/counter.html", text="", rows=arriving_at(self.here), shown=shown)
        rows = ready_at(self.here, is_expiring=shown == "expiring")
        return self.show("counter/counter.html", text="", rows=rows, shown=shown)


class PickupView(StoreView):
    """One customer's goods: handed over, all or some, to whoever proved to be the right person."""

    permission = PREPARE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = self._waiting(pk)
        read = request.session.get("code_read") or [0, ""]
        context: dict[str, Any] = {
            "waiting": waiting,
            "rows": _rows(request, waiting),
            "code": read[1] if read[0] == pk else "",
            "checks": IdentityCheck.choices,
            "check": request.GET.get("check") or IdentityCheck.CODE,
            "is_by_proxy": "is_by_proxy" in request.GET,
        }
        is_ready = waiting.fulfilment.state == FulfilmentState.READY_FOR_PICKUP
        return self.show("counter/pickup.html" if is_ready else "counter/done.html", **context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = self._waiting(pk)
        check = request.POST.get("check", "")
        if check not in IdentityCheck.values:
            raise Invalid(errors={"check": [_("Say how you made sure that it is the right person.")]})
        code = request.POST.get("code", "").strip()
        if check == IdentityCheck.CODE and not (code.isdigit() and len(code) >= SHORTEST_CODE):
            # A slip of the hand is no guess: none of the customer's five tries is lost by it.
            raise Invalid(errors={"code": [_("Type the six digits of the code, or say how else you made sure.")]})
        taken = _taken(request, waiting)
        hand_out(
            fulfilment_id=waiting.fulfilment.pk,
            code=code,
            check=check,
            is_by_proxy="is_by_proxy" in request.POST,
            taken=taken,
            access=self.access_here,
        )
        request.session.pop("code_read", None)
        messages.success(request, _("Handed over. Thank you!"))
        if left := waiting.units - sum(taken.values()):
            messages.info(request, _back_on_sale(left))
        return redirect("store:counter-pickup", pk)

    def back(self, *args: Any, **kwargs: Any) -> str:
        """With what was typed but the code: a wrong one must not put every article into the customer's hands."""
        address = reverse("store:counter-pickup", args=[kwargs["pk"]])
        return self.with_what_was_typed(address, "check", "is_by_proxy", "taken-")

    def _waiting(self, pk: int) -> Waiting:
        waiting = waiting_for(self.here, pk)
        if waiting is None:
            raise NotFound
        return waiting


class PutBackView(PickupView):
    """Nobody came: what will happen is said before it does."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = self._waiting(pk)
        if waiting.fulfilment.state != FulfilmentState.READY_FOR_PICKUP:
            return redirect("store:counter-pickup", pk)
        return self.show("counter/put_back.html", waiting=waiting, rows=units_by_sku(waiting.fulfilment))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = self._waiting(pk)
        put_back_uncollected(fulfilment_id=pk, access=self.access_here)
        messages.success(request, _back_on_sale(waiting.units))
        return redirect("store:counter")


def _back_on_sale(units: int) -> str:
    told = ngettext(
        "%(units)d unit is on sale again. Put it back on its shelf.",
        "%(units)d units are on sale again. Put them back on their shelves.",
        units,
    )
    return told % {"units": units}


def _rows(request: HttpRequest, waiting: Waiting) -> list[tuple[Allocation, int, int]]:
    """One per article: a slice of it, the units that wait, and how many are taken: all, unless less was said."""
    rows = []
    for allocation, units in units_by_sku(waiting.fulfilment):
        said = whole_number(request.GET.get(f"taken-{allocation.pk}"))
        rows.append((allocation, units, units if said is None else min(said, units)))
    return rows


def _taken(request: HttpRequest, waiting: Waiting) -> dict[str, int]:
    """Units by SKU as typed; an article without a figure is taken whole."""
    taken = {}
    for allocation, units in units_by_sku(waiting.fulfilment):
        sku = allocation.line.variant.sku
        typed = whole_number(request.POST.get(f"taken-{allocation.pk}", str(units)))
        if typed is None:
            raise Invalid(errors={sku: [_("How many are taken? Type a number.")]})
        taken[sku] = typed
    return taken
