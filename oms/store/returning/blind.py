"""Goods without a receipt: into stock on a manager's word, their order to be found later."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from oms.core.errors import Invalid
from oms.store.queries.codes import known_article
from oms.store.queries.returns import managers_at
from oms.store.returning.pages import ReturningView
from oms.store.views import LONGEST_TYPED
from returns.queries.policies import policy_for, reasons_of
from returns.services.approving import approve_by_pin
from returns.services.requesting import request_return
from returns.services.requests import ReturnRequest, WantedLine
from returns.states import Way
from stock.models import Variant

_SCANNED: Final = "blind_return"
_REASON, _MANAGER = "reason-", "manager"
MOST_UNITS: Final = 99


class BlindView(ReturningView):
    """Articles are scanned one after the other; the last step takes a manager's PIN."""

    def get(self, request: HttpRequest) -> HttpResponse:
        units: dict[str, int] = request.session.get(_SCANNED, {})
        variants = Variant.objects.filter(sku__in=units).select_related("product").order_by("sku")
        return self.show(
            "returning/blind.html",
            rows=[
                (variant, units[variant.sku], request.GET.get(f"{_REASON}{variant.sku}", "")) for variant in variants
            ],
            reasons=reasons_of(policy_for(self.here.banner_id), language=get_language() or "en"),
            managers=managers_at(self.here),
            manager=request.GET.get(_MANAGER, ""),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if "scan" in request.POST:
            return self._scan(request)
        if "empty" in request.POST:
            request.session.pop(_SCANNED, None)
            return redirect("store:return-blind")
        return self._finish(request)

    def back(self, *args: Any, **kwargs: Any) -> str:
        """With what was chosen; the PIN is typed again."""
        return self.with_what_was_typed(reverse("store:return-blind"), _MANAGER, _REASON)

    def _scan(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("scanned", "").strip()[:64]
        article = known_article(code)
        if article is None:
            messages.error(request, _("“%(code)s” is no article of ours. Nothing was added.") % {"code": code})
        else:
            units = request.session.get(_SCANNED, {})
            units[article.sku] = min(MOST_UNITS, units.get(article.sku, 0) + 1)
            request.session[_SCANNED] = units
        return redirect("store:return-blind")

    def _finish(self, request: HttpRequest) -> HttpResponse:
        units: dict[str, int] = request.session.get(_SCANNED, {})
        if not units:
            raise Invalid(errors={"lines": [_("Scan what the customer brings.")]})
        chosen = request.POST.get(_MANAGER, "")
        manager = next((each for each in managers_at(self.here) if str(each.pk) == chosen), None)
        if manager is None:
            raise Invalid(errors={"manager": [_("Choose the manager who stands for it.")]})
        lines = tuple(
            WantedLine(sku, quantity, request.POST.get(f"{_REASON}{sku}", "")[:LONGEST_TYPED] or "other")
            for sku, quantity in units.items()
        )
        approved_by = approve_by_pin(manager=manager, pin=request.POST.get("pin", "").strip())
        asked = ReturnRequest(way=Way.BLIND, stock_point=self.here.code, lines=lines, approved_by=approved_by)
        returned = request_return(request=asked, access=self.access_here)
        request.session.pop(_SCANNED, None)
        messages.success(request, _("Taken back. Look at each article now; the order can be found later."))
        return redirect("store:return", returned.number)
