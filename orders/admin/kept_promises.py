"""Promised against real, by carrier, lane or stock point: a table for a period, and its file."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from oms.core.access import access_for
from oms.core.formulas import harmless
from oms.core.today import today
from orders.queries.kept_promises import By, Kept, kept_promises

PERIOD_DAYS = 30
LONGEST_DAYS = 400
COLUMNS = (
    "carrier",
    "service",
    "stock_point",
    "zone",
    "sent",
    "arrived",
    "on_time",
    "late",
    "overdue",
    "on_time_percent",
    "promised_days",
    "real_days",
    "late_days",
    "worst_days",
    "left_late",
)


class PeriodForm(forms.Form):
    by = forms.ChoiceField(choices=By.choices, label=_("By"))
    since = forms.DateField(label=_("Placed from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Placed until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The period ends before it begins."))
        if since and until and (until - since).days > LONGEST_DAYS:
            raise forms.ValidationError(_("The period is longer than %(days)s days.") % {"days": LONGEST_DAYS})
        return given


class KeptPromisesView(View):
    """Asks by GET, so that a table can be sent to a colleague as a link. One sees one's own stock points only."""

    model_admin: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("orders.view_order"):
            raise PermissionDenied
        form = PeriodForm(_standard() | {name: value for name, value in request.GET.items() if value})
        rows: list[Kept] = []
        if form.is_valid():
            asked = form.cleaned_data
            by = By(asked["by"])
            rows = kept_promises(by=by, since=asked["since"], until=asked["until"], access=access_for(request))
            if request.GET.get("format") == "csv":
                return _file(rows, by=by, since=asked["since"], until=asked["until"])
        query = request.GET.copy()
        query["format"] = "csv"
        context = {
            **self.model_admin.admin_site.each_context(request),
            # Without `opts` the heading is this page, not the list it lies below.
            "title": _("Promised against real"),
            "content_title": _("Promised against real"),
            "form": form,
            "rows": rows,
            "by": form.cleaned_data.get("by", "") if form.is_valid() else "",
            "csv_query": query.urlencode(),
        }
        return render(request, "admin/orders/kept_promises.html", context)


def _standard() -> dict[str, str]:
    until = today()
    return {
        "by": By.CARRIER.value,
        "since": (until - timedelta(days=PERIOD_DAYS)).isoformat(),
        "until": until.isoformat(),
    }


def _file(rows: list[Kept], *, by: By, since: date, until: date) -> HttpResponse:
    """A text that a spreadsheet would run as a formula is made harmless."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="promises-by-{by.value}-{since}-{until}.csv"'
    writer = csv.writer(response, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = (getattr(row, name) for name in COLUMNS)
        writer.writerow(
            "" if value is None else harmless(value) if isinstance(value, str) else value for value in values
        )
    return response
