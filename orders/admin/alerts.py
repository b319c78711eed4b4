"""Promises in danger: whom they were told to, and how they ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.moment_filters import MomentRangeFilter
from oms.core.templatetags.halles import hours
from orders.models import PromiseAlert


class StandingFilter(admin.SimpleListFilter):
    """What calls for somebody now, which is what one comes for."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Open")), ("late", _("Open and late")), ("no", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[PromiseAlert]:
        found: QuerySet[PromiseAlert] = {
            "yes": queryset.standing,
            "late": queryset.late,
            "no": lambda: queryset.filter(closed_at__isnull=False),
        }.get(self.value() or "", queryset.all)()
        return found


@admin.register(PromiseAlert)
class PromiseAlertAdmin(ReadOnlyMixin, ScopedAdmin):
    """Every alert, told once to each audience."""

    list_display = (
        "order",
        "milestone",
        "stage",
        "audience",
        "stock_point",
        "moment",
        "lateness",
        "raised_at",
        "closed_at",
        "outcome",
    )
    list_select_related = ("order", "stock_point", "fulfilment")
    list_filter = (
        StandingFilter,
        "audience",
        "milestone",
        "stage",
        ("stock_point", AutocompleteSelectFilter),
        ("raised_at", MomentRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("order__number__exact",)
    search_help_text = _("A whole order number.")
    fields = (
        "order",
        "fulfilment",
        "stock_point",
        "milestone",
        "due_at",
        "stage",
        "audience",
        "raised_at",
        "closed_at",
        "outcome",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromiseAlert]:
        return super().get_queryset(request).select_related("order", "stock_point", "fulfilment")

    def get_readonly_fields(self, request: HttpRequest, obj: PromiseAlert | None = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("last moment"), ordering="due_at")
    def moment(self, alert: PromiseAlert) -> datetime:
        return alert.due_at

    @admin.display(description=_("left, or late by"))
    def lateness(self, alert: PromiseAlert) -> str:
        """Of an alert that is over: how long before or after the last moment it ended, so that nobody hurries."""
        if alert.closed_at is not None:
            spare = alert.due_at - alert.closed_at
            text = _("over, %(time)s before") if spare >= timedelta(0) else _("over, %(time)s after")
            return str(text % {"time": hours(abs(spare))})
        left = alert.left
        if left >= timedelta(0):
            return str(_("%(time)s left") % {"time": hours(left)})
        return str(_("%(time)s late") % {"time": hours(-left)})
