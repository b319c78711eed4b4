"""Carriers' services, written by hand or brought and taken as CSV."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from oms.core.admin.base import OmsAdmin
from oms.core.admin.csv_files import (
    CodesWidget,
    CsvMixin,
    CsvResource,
    DaysWidget,
    DocumentWidget,
    FlagWidget,
    WholeNumbersWidget,
    WordsWidget,
    column,
)
from oms.core.admin.hours_and_days import DaysField, HoursField, keep_what_was
from oms.core.admin.tables import AMOUNT, WHOLE, WORDS, Column, MappingField, TableField
from oms.orchestration.admin.network_map import NetworkMapView
from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_texts import option_label
from oms.orchestration.admin.simulator import SimulatorView
from oms.orchestration.emissions import BY_CODE, PUBLISHED
from oms.orchestration.models import CarrierService
from oms.orchestration.models.carriers import weekdays
from oms.orchestration.tariffs import CARRIED_MODES
from stock.models import StockPoint


class CarrierServiceResource(CsvResource):
    """One row a service; zones and tables are JSON, stock points codes separated by commas."""

    is_active = column("is_active", FlagWidget(), default=True)
    modes = column("modes", WordsWidget())
    zones = column("zones", DocumentWidget())
    transit_days = column("transit_days", DocumentWidget(dict))
    working_days = column("working_days", WholeNumbersWidget(), default=weekdays)
    closed_on = column("closed_on", DaysWidget())
    price_table = column("price_table", DocumentWidget())
    cost_table = column("cost_table", DocumentWidget())
    barred = column("barred", DocumentWidget())
    slots = column("slots", DocumentWidget())
    emission_is_estimate = column("emission_is_estimate", FlagWidget(), default=True)
    collects_everywhere = column("collects_everywhere", FlagWidget(), default=True)
    stock_points = column("stock_points", CodesWidget(StockPoint))

    class Meta:
        model = CarrierService
        exclude = ("id",)
        import_id_fields = ("carrier", "service")


def _mode_choices() -> list[tuple[str, Any]]:
    return [(mode, option_label("applies_to.modes", mode, language())) for mode in CARRIED_MODES]


def _day_choices() -> list[tuple[int, str]]:
    return [(day + 1, str(name).capitalize()) for day, name in WEEKDAYS.items()]


_ZONE = Column("zone", _("Zone"), is_required=True)
_TARIFF = (
    _ZONE,
    Column("up_to_g", _("Up to (g)"), WHOLE, empty=None),
    Column("amount", _("Amount"), AMOUNT, is_required=True),
)


class CarrierServiceForm(forms.ModelForm):
    """Every table as a table, days and ways of delivery ticked: nobody types JSON."""

    modes = forms.MultipleChoiceField(
        choices=_mode_choices, label=_("Ways of delivery"), widget=forms.CheckboxSelectMultiple
    )
    zones = TableField(
        columns=(
            Column("code", _("Zone"), is_required=True),
            Column("countries", _("Countries"), WORDS, empty=()),
            Column("postcode_prefixes", _("Postcodes that begin with"), WORDS, empty=()),
        ),
        label=_("zones"),
        help_text=_("Countries by their two letters, separated by commas. Without countries: everywhere."),
    )
    transit_days = MappingField(
        columns=(_ZONE, Column("days", _("Working days"), WHOLE, is_required=True)), label=_("transit days")
    )
    price_table = TableField(
        columns=_TARIFF,
        required=False,
        label=_("price table"),
        help_text=_("What customers pay, by zone and weight. Without a weight: every heavier parcel."),
    )
    cost_table = TableField(
        columns=_TARIFF,
        required=False,
        label=_("cost table"),
        help_text=_("What the retailer pays for a parcel, likewise."),
    )
    barred = TableField(
        columns=(
            Column("zones", _("Zones"), WORDS, empty=()),
            Column("categories", _("Categories"), WORDS, empty=()),
            Column("skus", _("SKUs"), WORDS, empty=()),
        ),
        required=False,
        label=_("articles that may not travel"),
        help_text=_("Separated by commas. Without zones: nowhere."),
    )
    slots = HoursField(
        required=False, label=_("delivery slots"), help_text=_("The hours in which it comes, at the destination.")
    )
    working_days = forms.TypedMultipleChoiceField(
        choices=_day_choices, coerce=int, label=_("Working days"), widget=forms.CheckboxSelectMultiple
    )
    closed_on = DaysField(required=False, label=_("closed on"), help_text=_("Empty one to take it away."))
    published = forms.ChoiceField(
        choices=[("", "–"), *((factor.code, f"{factor.name} – {factor.source}") for factor in PUBLISHED)],
        required=False,
        label=_("Take a published factor"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Its figures and its source replace those below."),
    )

    class Meta:
        model = CarrierService
        fields = (
            "carrier", "service", "carrier_name", "service_name", "is_active", "modes", "zones", "transit_days",
            "price_table", "cost_table", "cut_off",
            "working_days", "closed_on", "holidays", "max_weight_g", "max_length_mm", "max_girth_mm",
            "max_km", "barred", "slots", "published", "emission_g_per_t_km", "emission_g_per_parcel", "emission_source",
            "emission_is_estimate", "currency",
            "collects_everywhere", "stock_points",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_what_was(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("modes", "working_days"):
            kept = getattr(self.instance, name) if self.instance.pk else None
            if kept and name in given and set(kept) == set(given[name]):
                given[name] = kept
        factor = BY_CODE.get(given.get("published") or "")
        if factor is not None:
            given |= {
                "emission_g_per_t_km": factor.g_per_t_km,
                "emission_g_per_parcel": factor.g_per_parcel,
                "emission_source": factor.source,
                "emission_is_estimate": factor.g_per_parcel is None,
            }
        return given


@admin.register(CarrierService)
class CarrierServiceAdmin(CsvMixin, OmsAdmin):
    """Where carriers go, when they collect, how long they take and for how much."""

    form = CarrierServiceForm
    resource_classes: ClassVar[list[Any]] = [CarrierServiceResource]
    list_display = (
        "carrier",
        "service",
        "carrier_name",
        "service_name",
        "modes",
        "cut_off",
        "currency",
        "is_active",
        "has_measured_emissions",
    )
    list_filter = ("is_active", "emission_is_estimate", "carrier")
    search_fields = ("carrier", "service", "carrier_name", "service_name")
    ordering = ("carrier", "service")
    filter_horizontal = ("stock_points",)
    readonly_fields = ("own_times",)

    def get_fields(self, request: HttpRequest, obj: CarrierService | None = None) -> list[Any]:
        """What differs from a figure stands below it."""
        fields = [name for name in super().get_fields(request, obj) if name != "own_times"]
        place = fields.index("cut_off") + 1
        return [*fields[:place], "own_times", *fields[place:]]

    @admin.display(description=_("Other pick-up times"))
    def own_times(self, service: CarrierService) -> str:
        """How many stock points have their own, and where they are."""
        if not service.pk:
            return "–"
        count = service.pick_ups.count()
        told = ngettext("at %(count)d stock point", "at %(count)d stock points", count) % {"count": count}
        address = reverse("admin:orchestration_pickuptimes_changelist")
        return format_html(
            '<a class="halles-link" href="{}?carrier_service__id__exact={}">{}</a>', address, service.pk, told
        )

    @admin.display(description=_("Emissions with a source"), boolean=True, ordering="emission_is_estimate")
    def has_measured_emissions(self, service: CarrierService) -> bool:
        return not service.emission_is_estimate

    def get_urls(self) -> list[URLPattern]:
        simulator = self.admin_site.admin_view(SimulatorView.as_view(model_admin=self))
        drawn = self.admin_site.admin_view(NetworkMapView.as_view(model_admin=self))
        return [
            path("promises/", simulator, name="promise-simulator"),
            path("map/", drawn, name="network-map"),
            *super().get_urls(),
        ]
