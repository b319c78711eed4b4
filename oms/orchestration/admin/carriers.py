"""Carriers' services, written by hand or brought and taken as CSV."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource
from import_export.widgets import JSONWidget, ManyToManyWidget, SimpleArrayWidget, Widget
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from oms.core.admin.base import OmsAdmin
from oms.orchestration.admin.network_map import NetworkMapView
from oms.orchestration.admin.simulator import SimulatorView
from oms.orchestration.models import CarrierService
from oms.orchestration.tariffs import CARRIED_MODES
from stock.models import StockPoint


class WholeNumbersWidget(SimpleArrayWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[int]:
        return [int(number) for number in super().clean(value, row, **kwargs)]


class DaysWidget(SimpleArrayWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[date]:
        return [date.fromisoformat(day.strip()) for day in super().clean(value, row, **kwargs)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ",".join(day.isoformat() for day in value or ())


class RowsWidget(JSONWidget):
    """A table as JSON; an empty cell is a table without rows."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(value, row, **kwargs) or []


def _column(name: str, widget: Widget) -> Field:
    return Field(column_name=name, attribute=name, widget=widget)


class CarrierServiceResource(ModelResource):
    """One row a service; zones and tables are JSON, stock points codes separated by commas."""

    working_days = _column("working_days", WholeNumbersWidget())
    closed_on = _column("closed_on", DaysWidget())
    price_table = _column("price_table", RowsWidget())
    cost_table = _column("cost_table", RowsWidget())
    barred = _column("barred", RowsWidget())
    slots = _column("slots", RowsWidget())
    stock_points = Field(
        column_name="stock_points", attribute="stock_points", widget=ManyToManyWidget(StockPoint, field="code")
    )

    class Meta:
        model = CarrierService
        exclude = ("id",)
        import_id_fields = ("carrier", "service")
        clean_model_instances = True
        skip_unchanged = True


class CarrierServiceForm(forms.ModelForm):
    modes = forms.MultipleChoiceField(choices=[(mode, mode) for mode in CARRIED_MODES], label=_("Modes"))

    class Meta:
        model = CarrierService
        fields = (
            "carrier", "service", "is_active", "modes", "zones", "transit_days", "price_table", "cost_table", "cut_off",
            "working_days", "closed_on", "holidays", "max_weight_g", "max_length_mm", "max_girth_mm",
            "max_km", "barred", "slots", "emission_g_per_t_km", "emission_g_per_parcel", "emission_source", "currency",
            "collects_everywhere", "stock_points",
        )  # fmt: skip


@admin.register(CarrierService)
class CarrierServiceAdmin(ImportExportMixin, OmsAdmin):
    """Where carriers go, when they collect, how long they take and for how much."""

    form = CarrierServiceForm
    resource_classes: ClassVar[list[Any]] = [CarrierServiceResource]
    import_form_class = ImportForm
    export_form_class = ExportForm
    formats: ClassVar[list[Any]] = [CSV]
    list_display = ("carrier", "service", "modes", "cut_off", "currency", "is_active")
    list_filter = ("is_active", "carrier")
    search_fields = ("carrier", "service")
    ordering = ("carrier", "service")
    filter_horizontal = ("stock_points",)

    def get_urls(self) -> list[URLPattern]:
        simulator = self.admin_site.admin_view(SimulatorView.as_view(model_admin=self))
        drawn = self.admin_site.admin_view(NetworkMapView.as_view(model_admin=self))
        return [
            path("promises/", simulator, name="promise-simulator"),
            path("map/", drawn, name="network-map"),
            *super().get_urls(),
        ]
