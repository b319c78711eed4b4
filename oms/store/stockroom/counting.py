"""Stock counts: opened, scanned article by article, and submitted; somebody else decides about the differences."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from oms.core import clock
from oms.core.bulk import Row
from oms.core.errors import Invalid, NotFound
from oms.store.preparing.selecting import whole_number
from oms.store.queries.codes import known_article
from oms.store.queries.counting import categories_at, counts_at, sheet_of
from oms.store.roles import COUNT
from oms.store.views import StoreView
from stock.models import StockCount
from stock.services.counting import add_counted, open_count, submit_count, write_counted
from stock.states import StockCountState


class CountsView(StoreView):
    """The counts of this store, and a new one."""

    permission = COUNT

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(
            "stockroom/counts.html",
            counts=counts_at(self.here),
            categories=categories_at(self.here),
            may_open=request.user.has_perm("stock.add_stockcount"),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("stock.add_stockcount"):
            raise PermissionDenied
        opened = open_count(
            # Whoever opens two within a second means one.
            reference=f"{self.here.code[:40]}-{clock.now():%y%m%d-%H%M%S}",
            stock_point=self.here,
            category=request.POST.get("category", "").strip()[:100],
        )
        return redirect("store:count", opened.pk)

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:counts")


class CountView(StoreView):
    """One sheet. What is scanned is counted by one; a figure may be typed instead."""

    permission = COUNT

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        stock_count = self.stock_count(pk)
        return self.show(
            "stockroom/count.html",
            stock_count=stock_count,
            sheet=sheet_of(stock_count, latest=request.GET.get("sku", "")),
            is_open=stock_count.state == StockCountState.OPEN,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        stock_count = self.stock_count(pk)
        code = request.POST.get("code", "")
        article = known_article(code)
        if article is None:
            messages.error(request, _("“%(code)s” is no article we know. Nothing was counted.") % {"code": code[:64]})
            return redirect("store:count", pk)
        typed = request.POST.get("counted", "").strip()
        if typed:
            counted = whole_number(typed)
            if counted is None:
                raise Invalid(errors={"counted": [_("How many are there? Type a number.")]})
            write_counted(stock_count=stock_count, rows=[Row(0, {"sku": article.sku, "counted": counted})])
        else:
            counted = add_counted(stock_count=stock_count, variant=article)
        messages.success(request, _("%(name)s: %(counted)d.") % {"name": article.product.name, "counted": counted})
        return redirect(f"{self.back(pk=pk)}?{urlencode({'sku': article.sku})}")

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:count", args=[kwargs["pk"]])

    def stock_count(self, pk: int) -> StockCount:
        found: StockCount | None = StockCount.objects.visible_to(self.access_here).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found


class SubmitView(CountView):
    """It is counted; whoever approves sees the differences."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        submit_count(stock_count=self.stock_count(pk))
        messages.success(request, _("Submitted. The stock changes once somebody else has approved it."))
        return redirect("store:counts")
