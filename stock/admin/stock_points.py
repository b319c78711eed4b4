from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from oms.core import clock
from oms.core.admin.base import OmsAdmin, ScopedAdmin
from oms.core.admin.csv_files import CsvMixin
from oms.core.admin.hours_and_days import DaysField, WeekField, days_told, keep_what_was
from oms.core.punctuation import with_colon
from stock.admin.stock_point_files import StockPointResource
from stock.models import ChannelMember, ClientAccess, StockPoint, StockPointGroup, StockPointMember
from stock.queries.opening_hours import openings
from stock.services.organising import protect_again
from stock.services.pausing import openness_of, tell_openness


@admin.register(StockPointGroup)
class StockPointGroupAdmin(OmsAdmin):
    """Named sets of stock points, for rules."""

    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)


class PauseFilter(admin.SimpleListFilter):
    title = _("pause")
    parameter_name = "pause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("paused now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockPoint]) -> QuerySet[StockPoint]:
        return queryset.paused(at=clock.now()) if self.value() == "now" else queryset  # type: ignore[attr-defined, no-any-return]


class StockPointMemberInline(TabularInline):
    model = StockPointMember
    autocomplete_fields = ("user",)
    extra = 0


class StockPointForm(forms.ModelForm):
    """Hours by day of the week and closed days one by one."""

    opening_hours = WeekField(
        required=False,
        label=_("opening hours"),
        help_text=_("A day without hours is closed. Midnight at the end of the day is 00:00."),
    )
    closed_on = DaysField(
        required=False,
        label=_("closed on"),
        help_text=_("Holidays, stocktaking: nothing is prepared on these days. Empty one to take it away."),
    )

    class Meta:
        widgets: ClassVar[dict[str, Any]] = {"tags": UnfoldAdminTextInputWidget}
        help_texts: ClassVar[dict[str, Any]] = {"tags": _("Words separated by commas.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_what_was(self)


@admin.register(StockPoint)
class StockPointAdmin(CsvMixin, ScopedAdmin):
    """Every place that holds stock: what it offers, when it works, what it costs; as CSV too."""

    form = StockPointForm
    resource_classes: ClassVar[list[Any]] = [StockPointResource]

    list_display = (
        "code",
        "name",
        "kind",
        "postcode",
        "country",
        "is_active",
        "paused_until",
        "priority",
        "daily_order_capacity",
    )
    list_filter = (PauseFilter, "kind", "is_active", "country")
    search_fields = ("code", "name", "postcode", "city")
    autocomplete_fields = ("banner", "groups")
    ordering = ("code",)
    inlines = (StockPointMemberInline,)
    fieldsets = (
        (None, {"fields": ("code", "name", "kind", "banner", "groups", "tags", "is_active")}),
        (_("Place"), {"fields": (("latitude", "longitude"), "line1", ("postcode", "city", "country"), "timezone")}),
        (
            _("Services"),
            {
                "fields": (
                    ("ships_orders", "offers_pickup", "offers_reservation"),
                    ("takes_orders", "accepts_returns"),
                )
            },
        ),
        (_("Work"), {"fields": ("opening_hours", "closed_on", "cut_off", "preparation_minutes")}),
        (
            _("Capacity and costs"),
            {
                "fields": (
                    ("daily_order_capacity", "hourly_order_capacity"),
                    "paused_until",
                    "priority",
                    ("handling_cost", "currency"),
                    "expected_decline_percent",
                )
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: StockPoint | None = None) -> Any:
        """Who may only read is told the hours in words."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        told = {"opening_hours": "hours_told", "closed_on": "closed_days_told"}
        return [
            (title, {**options, "fields": tuple(told.get(str(name), name) for name in options["fields"])})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: StockPoint | None = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "hours_told", "closed_days_told")

    @admin.display(description=_("opening hours"))
    def hours_told(self, point: StockPoint) -> str:
        told = [with_colon(each.days, each.hours) for each in openings(point)]
        return "; ".join(told) or str(_("Always open"))

    @admin.display(description=_("closed on"))
    def closed_days_told(self, point: StockPoint) -> str:
        return days_told(point.closed_on)

    def save_model(self, request: HttpRequest, obj: StockPoint, form: Any, change: bool) -> None:
        were_open = openness_of(StockPoint.objects.filter(pk=obj.pk))
        super().save_model(request, obj, form, change)
        tell_openness(before=were_open, points=[obj])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and {"kind", "groups"} & set(form.changed_data):
            protect_again([form.instance])


@admin.register(ChannelMember)
class ChannelMemberAdmin(OmsAdmin):
    """People who look after one channel, and so see its orders only."""

    list_display = ("user", "channel")
    list_select_related = ("user", "channel")
    autocomplete_fields = ("user", "channel")


@admin.register(ClientAccess)
class ClientAccessAdmin(OmsAdmin):
    """What an API client's key is bound to; a client that is not here sees everything."""

    list_display = ("client", "sees_all_stock_points", "sees_all_channels")
    list_select_related = ("client",)
    autocomplete_fields = ("client", "stock_points", "channels")
