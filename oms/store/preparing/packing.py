"""Packing: what goes into which parcel, and what each weighs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.store.preparing.pages import OneWorkView
from oms.store.preparing.selecting import whole_number
from orders.errors import QuantityMismatch
from orders.services.packing import Packing, pack_fulfilment
from orders.services.work import SkuQuantity

MOST_PARCELS = 9


class PackView(OneWorkView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.work.to_pack:
            return redirect("store:work", pk)
        return self.page(parcels=_count(request.GET.get("parcels")))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = _count(request.POST.get("parcels"))
        weights = [whole_number(request.POST.get(f"weight-{position}")) for position in range(1, count + 1)]
        if not all(weights):
            return self.page(parcels=count, problem=_("Weigh each parcel: its weight in whole grams is needed."))
        packings = [
            Packing(weight or 0, self.lines(request, position)) for position, weight in enumerate(weights, start=1)
        ]
        if not all(packing.lines for packing in packings):
            return self.page(parcels=count, problem=_("A parcel is empty: put something in, or make fewer parcels."))
        try:
            pack_fulfilment(fulfilment_id=pk, parcels=packings, access=self.access_here)
        except QuantityMismatch:
            told = _("Every picked unit goes into exactly one parcel. Count again: nothing was packed.")
            return self.page(parcels=count, problem=told)
        told = ngettext("Packed into %(count)d parcel.", "Packed into %(count)d parcels.", count)
        messages.success(request, told % {"count": count})
        return redirect("store:work", pk)

    def lines(self, request: HttpRequest, position: int) -> list[SkuQuantity]:
        """What is in one parcel; a single parcel holds everything."""
        lines = []
        for article in self.work.articles:
            given = whole_number(request.POST.get(f"units-{position}-{article.variant.pk}"))
            if given:
                lines.append(SkuQuantity(article.variant.sku, given))
        return lines

    def page(self, *, parcels: int, problem: str = "") -> HttpResponse:
        given = self.request.POST
        context = {
            "work": self.work,
            "parcels": [_parcel(self.work.articles, position, parcels, given) for position in range(1, parcels + 1)],
            "count": parcels,
            "counts": range(1, min(MOST_PARCELS, self.work.units) + 1),
            "problem": problem,
        }
        return self.show("preparing/pack.html", status=422 if problem else 200, **context)


def _parcel(articles: Any, position: int, count: int, given: Any) -> dict[str, Any]:
    """Its fields as typed before, else everything in the first parcel with what the articles weigh."""
    rows = []
    for article in articles:
        name = f"units-{position}-{article.variant.pk}"
        rows.append((article, name, given.get(name, article.picked if position == 1 else 0)))
    weight = sum(article.variant.weight_g * article.picked for article in articles) if position == 1 else ""
    name = f"weight-{position}"
    return {"position": position, "rows": rows, "weight_name": name, "weight": given.get(name, weight or "")}


def _count(text: str | None) -> int:
    return min(max(whole_number(text) or 1, 1), MOST_PARCELS)
