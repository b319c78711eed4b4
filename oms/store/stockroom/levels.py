"""What lies here of one article, and by which movements: the figure opened to its last unit."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oms.store.queries.codes import known_article
from oms.store.roles import LOOK
from oms.store.views import StoreView
from stock.models import StockLevel
from stock.queries.level_pages import level_page

LONGEST_CODE: Final = 64


class LevelView(StoreView):
    """Scanned or opened from wherever its figure is shown; another store's level is nobody's here."""

    permission = LOOK

    def get(self, request: HttpRequest) -> HttpResponse:
        code = request.GET.get("code", "").strip()[:LONGEST_CODE]
        variant = known_article(code)
        if variant is None:
            messages.error(request, _("“%(code)s” is no article we know.") % {"code": code})
            return redirect("store:transfers")
        here = StockLevel.objects.filter(variant=variant, stock_point=self.here)
        level = here.select_related("variant__product", "stock_point").first()
        before = request.GET.get("before", "")
        older_than = int(before) if before.isdecimal() else None
        page = level and level_page(level, access=self.access_here, before=older_than)
        return self.show("stockroom/level.html", variant=variant, page=page)

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:transfers")
