"""Stock points as CSV: place, services, opening hours and closed days, preparation, cut-off, capacity, costs."""

from __future__ import annotations

from typing import Any

from import_export.fields import Field
from import_export.results import Result
from import_export.widgets import TimeWidget
from tablib import Dataset

from oms.core.admin.csv_files import (
    CodesWidget,
    CodeWidget,
    CsvResource,
    DaysWidget,
    DocumentWidget,
    FlagWidget,
    WordsWidget,
    column,
)
from stock.models import Banner, StockPoint, StockPointGroup
from stock.services.organising import name_groups, protect_again
from stock.services.pausing import openness_of, tell_openness


def _flag(name: str) -> Field:
    return column(name, FlagWidget(), default=True)


class StockPointResource(CsvResource):
    """One row a stock point; the columns are those of `PUT /stock-points/`. Groups are made as they are named."""

    banner = column("banner", CodeWidget(Banner))
    groups = column("groups", CodesWidget(StockPointGroup))
    tags = column("tags", WordsWidget())
    opening_hours = column("opening_hours", DocumentWidget(dict))
    closed_on = column("closed_on", DaysWidget())
    cut_off = column("cut_off", TimeWidget(format="%H:%M"))
    is_active = _flag("is_active")
    ships_orders = _flag("ships_orders")
    offers_pickup = _flag("offers_pickup")
    offers_reservation = _flag("offers_reservation")
    takes_orders = _flag("takes_orders")
    accepts_returns = _flag("accepts_returns")

    class Meta:
        model = StockPoint
        exclude = ("id",)
        import_id_fields = ("code",)

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        if "groups" in dataset.headers:
            cells = (str(cell or "") for cell in dataset["groups"])
            name_groups({code.strip() for cell in cells for code in cell.split(",") if code.strip()})
        codes = dataset["code"] if "code" in dataset.headers else []
        self.were_open = openness_of(StockPoint.objects.filter(code__in=[str(code).strip() for code in codes]))

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        changed = {row.object_id for row in result.rows if row.is_update()}
        points = list(StockPoint.objects.filter(pk__in=changed).order_by("pk"))
        protect_again(points)
        tell_openness(before=self.were_open, points=points)
