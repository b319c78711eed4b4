"""Stock files for the tests, fed through the very service every door uses."""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from oms.core import clock
from stock.models import StockImport, StockImportReject, StockLevel, StockPoint, Variant
from stock.services.import_running import run_import
from stock.services.importing import create_import
from tests.stock.making import NOON, make_point, make_variant

HEADER = "sku,stock_point,quantity"
HOUR = timedelta(hours=1)


def file_of(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def feed(
    text: str | bytes, *, kind: str = "delta", as_of: datetime = NOON, source: str = "erp", **more: Any
) -> StockImport:
    """Create and run an import of the text; the import as it then is."""
    stock_import = queue(text, kind=kind, as_of=as_of, source=source, **more)
    return run(stock_import)


def queue(
    text: str | bytes, *, kind: str = "delta", as_of: datetime = NOON, source: str = "erp", **more: Any
) -> StockImport:
    content = text.encode() if isinstance(text, str) else text
    return create_import(source=source, kind=kind, as_of=as_of, file=ContentFile(content, name="stock.csv"), **more)


def run(stock_import: StockImport) -> StockImport:
    run_import(import_id=stock_import.pk)
    return StockImport.objects.get(pk=stock_import.pk)


def counters(stock_import: StockImport) -> dict[str, int]:
    names = ("rows", "applied", "unchanged", "rejected", "quarantined")
    return {name: getattr(stock_import, name) for name in names}


def rejects(stock_import: StockImport) -> list[tuple[int, str]]:
    """(line, code), in the order of the lines."""
    rows = StockImportReject.objects.filter(stock_import=stock_import).order_by("line_number", "id")
    return list(rows.values_list("line_number", "code"))


def on_hand(sku: str, point: str) -> int | None:
    """None where there is no level."""
    levels = StockLevel.objects.filter(variant__sku=sku, stock_point__code=point)
    return levels.values_list("on_hand", flat=True).first()


def make_network(skus: str = "A B C", points: str = "paris lyon") -> tuple[list[Variant], list[StockPoint]]:
    return [make_variant(sku) for sku in skus.split()], [make_point(code) for code in points.split()]


def at(moment: datetime) -> Any:
    """The clock stands at the moment."""
    return clock.set_clock(moment)
