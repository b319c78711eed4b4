"""When carriers come to single stock points: a week of times, written by hand or brought and taken as CSV."""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from tablib import Dataset

from oms.core.admin.base import OmsAdmin
from oms.core.admin.csv_files import CodeWidget, CsvMixin, CsvResource, WordsWidget, column
from oms.core.admin.hours_and_days import TimesField, keep_what_was
from oms.orchestration.models import CarrierService, PickUpTimes
from oms.orchestration.pick_ups import told_week
from oms.sourcing.calendars import WEEKDAYS
from stock.models import StockPoint


class TimesOfDayWidget(WordsWidget):
    """Times of day separated by commas: `12:00,18:00`."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[time]:  # type: ignore[override]
        try:
            return sorted({time.fromisoformat(text.zfill(5)) for text in super().clean(value, row, **kwargs)})
        except ValueError as error:
            raise ValueError(gettext("Times of day like 09:30, separated by commas.")) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ",".join(at.strftime("%H:%M") for at in value or ())


class PickUpTimesResource(CsvResource):
    """One row for each service and stock point, a column for each day. A row without a single time takes the stock
    point's own times away."""

    carrier = Field(column_name="carrier", attribute="carrier_service__carrier", readonly=True)
    service = Field(column_name="service", attribute="carrier_service__service", readonly=True)
    stock_point = column("stock_point", CodeWidget(StockPoint))
    mon = column("mon", TimesOfDayWidget())
    tue = column("tue", TimesOfDayWidget())
    wed = column("wed", TimesOfDayWidget())
    thu = column("thu", TimesOfDayWidget())
    fri = column("fri", TimesOfDayWidget())
    sat = column("sat", TimesOfDayWidget())
    sun = column("sun", TimesOfDayWidget())

    class Meta:
        model = PickUpTimes
        fields = ("carrier", "service", "stock_point", *WEEKDAYS)
        import_id_fields = ("carrier", "service", "stock_point")

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.services = {(each.carrier, each.service): each for each in CarrierService.objects.all()}

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        carrier, service = (str(row.get(name) or "").strip() for name in ("carrier", "service"))
        row |= {"carrier": carrier, "service": service}
        if (carrier, service) not in self.services:
            raise ValidationError(
                gettext("%(carrier)s has no service %(service)s.") % {"carrier": carrier, "service": service}
            )

    def init_instance(self, row: dict[str, Any] | None = None) -> PickUpTimes:
        row = row or {}
        return PickUpTimes(carrier_service=self.services[row["carrier"], row["service"]])

    def for_delete(self, row: dict[str, Any], instance: PickUpTimes) -> bool:
        return all(day in row and not str(row[day] or "").strip() for day in WEEKDAYS)


def _day(name: str) -> TimesField:
    return TimesField(required=False, label=DAY_NAMES[WEEKDAYS.index(name)])


class PickUpTimesForm(forms.ModelForm):
    """A field for each day: as many times as the carrier comes."""

    mon = _day("mon")
    tue = _day("tue")
    wed = _day("wed")
    thu = _day("thu")
    fri = _day("fri")
    sat = _day("sat")
    sun = _day("sun")

    class Meta:
        model = PickUpTimes
        fields = ("carrier_service", "stock_point", *WEEKDAYS)
        help_texts: ClassVar[dict[str, Any]] = {
            "stock_point": _("The times are those of its own clock. What is ready by then goes along."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_what_was(self)


@admin.register(PickUpTimes)
class PickUpTimesAdmin(CsvMixin, OmsAdmin):
    """Stock points at which a carrier comes at times of their own; elsewhere its service's pick-up time holds."""

    form = PickUpTimesForm
    resource_classes: ClassVar[list[Any]] = [PickUpTimesResource]
    list_display = ("stock_point", "carrier_service", "told")
    list_display_links = ("stock_point",)
    list_select_related = ("carrier_service", "stock_point")
    list_filter = (("carrier_service", admin.RelatedOnlyFieldListFilter), "stock_point__kind")
    search_fields = ("stock_point__code", "stock_point__name", "carrier_service__carrier", "carrier_service__service")
    autocomplete_fields = ("carrier_service", "stock_point")
    ordering = ("stock_point__code", "carrier_service__carrier", "carrier_service__service")

    @admin.display(description=_("Pick-up times"))
    def told(self, found: PickUpTimes) -> str:
        return told_week(found.week)
