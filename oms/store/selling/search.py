"""Finding an article: one field for the scanner and for words, and the article's page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from oms.store.preparing.selecting import whole_number
from oms.store.queries.searching import product_sheet, search_results
from oms.store.selling.seller import SellerView
from stock.queries.catalogue import product_with_code, variant_with_code

MOST_PAGES = 40


class SearchView(SellerView):
    """A code that is exactly one article's opens it; anything else is words."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:200]
        if not text:
            return self.answer(request, "store/selling/search.html")
        variant = variant_with_code(text)
        if variant is not None:
            address = reverse("store:sell-product", args=[variant.product.code])
            return redirect(f"{address}?{urlencode({'sku': variant.sku})}")
        results = search_results(
            text=text, channel=self.channel, own_id=self.own_id, page=_page(request.GET.get("page", ""))
        )
        return self.answer(request, "store/selling/search.html", text=text, results=results)


class ProductView(SellerView):
    """Sizes and colours, and where the chosen one lies."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        product = product_with_code(code)
        sheet = product and product_sheet(
            product=product, sku=request.GET.get("sku", ""), channel=self.channel, own=self.own
        )
        if not sheet:
            raise Http404
        sells_ahead = self.channel.allows_preorders or self.channel.allows_backorders
        return self.answer(request, "store/selling/product.html", sheet=sheet, sells_ahead=sells_ahead)


def _page(text: str) -> int:
    return min(whole_number(text) or 1, MOST_PAGES)
