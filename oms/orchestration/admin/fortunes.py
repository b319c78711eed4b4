"""Why a stock point receives much or little, and which rules do the work, over the last days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from oms.core import clock
from oms.core.access import access_for
from oms.orchestration.admin.reading import language
from oms.orchestration.queries.fortunes import (
    MOST_RUNS,
    MOST_RUNS_OF_RULES,
    PointFortune,
    point_fortunes,
    rule_fortunes,
)

SHOWN = 100


class FortunesForm(forms.Form):
    """Everything has a value to begin with: the page answers before anybody asks."""

    PERIODS: ClassVar[Any] = [(1, _("last day")), (7, _("last 7 days")), (30, _("last 30 days"))]
    ORDERS: ClassVar[Any] = [("most", _("those that receive most")), ("least", _("those that receive least"))]

    days = forms.TypedChoiceField(choices=PERIODS, coerce=int, required=False, label=_("Decisions of"))
    first = forms.ChoiceField(choices=ORDERS, required=False, label=_("First"))
    stock_point = forms.CharField(max_length=64, required=False, label=_("Stock point (code)"))


class FortunesView(View):
    """Asks by GET, so that an answer can be sent as a link. Only for who may read decisions."""

    model_admin: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        access = access_for(request)
        if not request.user.has_perm("orchestration.view_sourcingrun") or access.stock_points is not None:
            raise PermissionDenied
        form = FortunesForm(request.GET or {"days": 7, "first": "most"})
        asked = form.cleaned_data if form.is_valid() else {}
        since = clock.now() - timedelta(days=asked.get("days") or 7)
        points = point_fortunes(since=since, access=access, language=language())
        context = {
            **self.model_admin.admin_site.each_context(request),
            # Without `opts` the heading is this page, not the list it lies below.
            "title": _("Who receives orders, and why"),
            "content_title": _("Who receives orders, and why"),
            "form": form,
            "rules": rule_fortunes(since=since, access=access),
            "points": _in_order(points, asked)[:SHOWN],
            "points_in_all": len(points),
            "one": _one(points, asked.get("stock_point", "")),
            "asked_for": asked.get("stock_point", ""),
            "decisions": max((each.decisions for each in points), default=0),
            "most_runs": MOST_RUNS,
            "most_of_rules": MOST_RUNS_OF_RULES,
        }
        return render(request, "admin/orchestration/fortunes.html", context)


def _in_order(points: list[PointFortune], asked: dict[str, Any]) -> list[PointFortune]:
    return points[::-1] if asked.get("first") == "least" else points


def _one(points: list[PointFortune], code: str) -> PointFortune | None:
    return next((each for each in points if each.stock_point == code.strip()), None)
