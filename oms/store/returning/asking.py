"""Which units of an order come back, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from oms.core.errors import Invalid
from oms.store.preparing.selecting import whole_number
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
from stock.models import Variant


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the order, and what was said of it so far."""

    line: Returnable
    units: int
    reason: str


class AskView(ReturningView):
    """Goods may be brought to any store: the order's number on the receipt is what shows that they are one's own."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        policy = policy_for(banner_of(order))
        lines = returnable_lines(order, policy)
        code = request.GET.get("scanned", "").strip()
        read = scanned(code, [each.line.variant for each in lines]) if code else None
        if read is not None:
            before, rows = _rows(request.GET, lines), _rows(request.GET, lines, read)
            return redirect(self.counted(number, rows, read, has_room=rows != before))
        return self.show(
            "returning/ask.html",
            order=order,
            policy=policy,
            rows=_rows(request.GET, lines),
            reasons=reasons_of(policy, language=get_language() or "en"),
            scanned=code,
            found=request.GET.get("found", ""),
            full=request.GET.get("full", ""),
            earlier=Return.objects.filter(order=order, stock_point=self.here)
            .exclude(state__in=ReturnState.in_vain())
            .order_by("pk"),
        )

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        lines = _wanted(request, returnable_lines(order, policy_for(banner_of(order))))
        asked = ReturnRequest(way=Way.STORE, order=order.number, stock_point=self.here.code, lines=lines)
        returned = request_return(request=asked, access=self.access_here)
        return redirect("store:return", returned.number)

    def back(self, *args: Any, **kwargs: Any) -> str:
        """With what was typed: who forgot a reason does not scan again."""
        return self.with_what_was_typed(reverse("store:return-ask", args=[kwargs["number"]]), "units-", "reason-")

    @staticmethod
    def counted(number: str, rows: Sequence[Row], read: Variant, *, has_room: bool) -> str:
        """What the scan has counted, as an address: who loads the page again counts nothing."""
        said: dict[str, object] = {f"units-{each.line.line.pk}": each.units for each in rows}
        said |= {f"reason-{each.line.line.pk}": each.reason for each in rows if each.reason}
        said["found" if has_room else "full"] = read.sku
        return f"{reverse('store:return-ask', args=[number])}?{urlencode(said)}"

    def order(self, number: str) -> Order:
        return order_by_number(number, access=self.access_here)


def _rows(said: QueryDict, lines: Sequence[Returnable], read: Variant | None = None) -> list[Row]:
    """What was said before holds; a scan adds one unit to the first line of that article that has room for it."""
    rows = []
    for each in lines:
        units = min(whole_number(said.get(f"units-{each.line.pk}")) or 0, each.quantity)
        if each.line.variant == read and units < each.quantity:
            read, units = None, units + 1
        rows.append(Row(each, units, said.get(f"reason-{each.line.pk}", "")))
    return rows


def _wanted(request: HttpRequest, lines: Sequence[Returnable]) -> tuple[WantedLine, ...]:
    """Units and reason of every line somebody gives back, as typed."""
    wanted = []
    for each in lines:
        units = whole_number(request.POST.get(f"units-{each.line.pk}", "").strip() or "0")
        if units is None:
            raise Invalid(errors={"units": [_("How many come back? Type a number.")]})
        if units:
            reason = request.POST.get(f"reason-{each.line.pk}", "").strip()
            if not reason:
                raise Invalid(errors={"reason": [_("Say why each article comes back.")]})
            wanted.append(WantedLine(each.line.sku, units, reason[:40]))
    if not wanted:
        raise Invalid(errors={"units": [_("Nothing is chosen: say how many units come back.")]})
    return tuple(wanted)
