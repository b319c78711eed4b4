"""Carriers' services, written by hand or brought and taken as CSV."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource
from import_export.widgets import ManyToManyWidget
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from oms.core.admin.base import OmsAdmin
from oms.orchestration.admin.simulator import SimulatorView
from oms.orchestration.models import CarrierService
from oms.orchestration.tariffs import CARRIED_MODES
from stock.models import StockPoint


class CarrierServiceResource(ModelResource):
    """One row a service; zones and tables are JSON, stock points codes separated by commas."""

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
            "working_days", "closed_on", "holidays", "max_weight_g", "emission_g_per_t_km", "currency",
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
        return [path("promises/", simulator, name="promise-simulator"), *super().get_urls()]
