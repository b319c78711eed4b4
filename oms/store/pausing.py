"""Whoever leads the store pauses it until a day, and opens it again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.core import clock
from oms.core.days import day_text
from oms.core.errors import Invalid
from oms.store.views import StoreView
from orders.services.waiting import accepted_and_not_begun, hand_on_accepted, offered_to
from stock.roles import PAUSE
from stock.services.pausing import LONGEST_PAUSE, pause_stock_point, reopen_stock_point

HAND_ON = "hand-on"


class PauseView(StoreView):
    permission = PAUSE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = request.POST.get("until", "")
        offered = offered_to(stock_point_id=self.here.pk)
        try:
            pause_stock_point(stock_point_id=self.here.pk, until=_day(typed), access=self.access_here)
        except Invalid:
            return self.page(until=typed, problem=_("Choose a day to come, within a year."))
        day = day_text(_day(typed))
        messages.success(request, _("Paused: no new orders until %(day)s.") % {"day": day})
        if offered:
            leaving = ngettext(
                "%(count)d order offered here goes to others; one that only this store can serve waits until it opens.",
                "%(count)d orders offered here go to others; one that only this store can serve waits until it opens.",
                offered,
            )
            messages.info(request, leaving % {"count": offered})
        if request.POST.get("accepted") == HAND_ON:
            count = hand_on_accepted(stock_point_id=self.here.pk)
            told = ngettext(
                "%(count)d accepted order goes to others.", "%(count)d accepted orders go to others.", count
            )
            messages.success(request, told % {"count": count})
        return redirect("store:home")

    def page(self, *, until: str = "", problem: str = "") -> HttpResponse:
        today = self.here.local_day(clock.now())
        context = {
            "until": until or (today + timedelta(days=1)).isoformat(),
            "earliest": (today + timedelta(days=1)).isoformat(),
            "latest": (today + LONGEST_PAUSE).isoformat(),
            "problem": problem,
            "offered": offered_to(stock_point_id=self.here.pk),
            "accepted": accepted_and_not_begun(stock_point_id=self.here.pk),
        }
        return self.show("pause.html", status=422 if problem else 200, **context)


class ReopenView(StoreView):
    permission = PAUSE

    def post(self, request: HttpRequest) -> HttpResponse:
        reopen_stock_point(stock_point_id=self.here.pk, access=self.access_here)
        messages.success(request, _("Open: this store takes new orders again."))
        return redirect("store:home")

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:pause")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid from error
