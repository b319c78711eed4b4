"""Which units of an order come back, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from oms.core.access import Access
from oms.core.errors import Invalid
from oms.store.queries.codes import scanned
from oms.store.returning.pages import ReturningView
from orders.models import Order
from returns.models import Return
from returns.queries.finding import order_by_number
from returns.queries.policies import policy_for, reasons_of
from returns.queries.returnable import Returnable, banner_of, returnable_lines
from returns.services.requesting import request_return
from returns.services.requests import ReturnRequest, WantedLine
from returns.states import ReturnState, Way


class AskView(ReturningView):
    """Goods may be brought to any store: the order's number on the receipt is what shows that they are one's own."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        policy = policy_for(banner_of(order))
        lines = returnable_lines(order, policy)
        code = request.GET.get("scanned", "").strip()
        read = scanned(code, [each.line.variant for each in lines]) if code else None
        return self.show(
            "returning/ask.html",
            order=order,
            policy=policy,
            lines=lines,
            reasons=reasons_of(policy, language=get_language() or "en"),
            scanned=code,
            read=read,
            earlier=Return.objects.filter(order=order, stock_point=self.here)
            .exclude(state__in=ReturnState.in_vain())
            .order_by("pk"),
        )

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        lines = _wanted(request, returnable_lines(order, policy_for(banner_of(order))))
        asked = ReturnRequest(way=Way.STORE, order=order.number, stock_point=self.here.code, lines=lines)
        returned = request_return(request=asked, access=self._any_orders)
        return redirect("store:return", returned.number)

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:return-ask", args=[kwargs["number"]])

    @property
    def _any_orders(self) -> Access:
        return Access(stock_points=frozenset({self.here.pk}), channels=self.access.channels)

    def order(self, number: str) -> Order:
        return order_by_number(number, access=self._any_orders)


def _wanted(request: HttpRequest, lines: Sequence[Returnable]) -> tuple[WantedLine, ...]:
    """Units and reason of every line somebody gives back, as typed."""
    wanted = []
    for each in lines:
        typed = request.POST.get(f"units-{each.line.pk}", "0").strip() or "0"
        if not (typed.isascii() and typed.isdigit()) or len(typed) > 6:
            raise Invalid(errors={"units": [_("How many come back? Type a number.")]})
        if int(typed):
            reason = request.POST.get(f"reason-{each.line.pk}", "").strip()
            if not reason:
                raise Invalid(errors={"reason": [_("Say why each article comes back.")]})
            wanted.append(WantedLine(each.line.sku, int(typed), reason[:40]))
    if not wanted:
        raise Invalid(errors={"units": [_("Nothing is chosen: say how many units come back.")]})
    return tuple(wanted)
