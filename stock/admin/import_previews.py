"""What a person sees of an import before they confirm it: how much is new, changed and rejected, and samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from import_export.results import RowResult

from stock.admin.import_resources import StockFileResult
from stock.feeds.swinging import Difference
from stock.models import StockImport, StockImportReject
from stock.queries.import_differences import DifferingLine, Verdict, differing_lines
from stock.states import StockImportState

SHOWN_LINES: Final = 50
PREVIEWED_LINES: Final = 200
BEFORE_WRITING: Final = (StockImportState.STAGED, StockImportState.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True)
class RejectedLine:
    line_number: int
    sku: str
    stock_point: str
    quantity: str
    unavailable: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """Counts of all lines, and the first lines of each kind."""

    stock_import: StockImport
    difference: Difference | None
    unchanged: int
    lines: list[DifferingLine]
    rejects: list[RejectedLine]

    @property
    def swing_percent(self) -> int:
        """How much of what lies on the levels it speaks of it takes away."""
        if self.difference is None or not self.difference.units_touched:
            return 0
        return round(100 * self.difference.units_fallen / self.difference.units_touched)

    @property
    def differing(self) -> int:
        found = self.difference
        return 0 if found is None else found.new + found.changed + found.closed + found.older


def preview_of_result(result: StockFileResult, stock_import: StockImport) -> ImportPreview:
    """From the rows django-import-export has gone through, and the levels that a snapshot does not list."""
    new, changed = RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE
    lines = [row.instance for row in result.rows if row.import_type in (new, changed)][:PREVIEWED_LINES]
    closed = differing_lines(stock_import, verdict=Verdict.CLOSED, limit=SHOWN_LINES)
    return ImportPreview(
        stock_import=stock_import,
        difference=difference_of_import(stock_import),
        unchanged=result.totals[RowResult.IMPORT_TYPE_SKIP],
        lines=[*lines, *closed],
        rejects=[_rejected(row) for row in result.invalid_rows[:PREVIEWED_LINES]],
    )


def _rejected(row: Any) -> RejectedLine:
    error = row.error
    line_number, sku, stock_point, quantity, unavailable = row.values
    detail = " ".join(error.messages)
    return RejectedLine(line_number, sku, stock_point, quantity, unavailable, error.code, detail)


def preview_of_import(stock_import: StockImport, *, with_lines: bool = True) -> ImportPreview:
    """From what the staging has kept."""
    is_shown = with_lines and stock_import.state in BEFORE_WRITING
    rejects = StockImportReject.objects.filter(stock_import=stock_import).order_by("line_number", "id")
    columns = ("line_number", "sku", "stock_point", "quantity", "unavailable", "code", "detail")
    found = difference_of_import(stock_import)
    used = 0 if found is None else found.new + found.changed + found.older
    return ImportPreview(
        stock_import=stock_import,
        difference=found,
        unchanged=stock_import.rows - stock_import.rejected - stock_import.quarantined - used,
        lines=_some_of_each(stock_import) if is_shown else [],
        rejects=[RejectedLine(*row) for row in rejects.values_list(*columns)[:SHOWN_LINES]],
    )


def _some_of_each(stock_import: StockImport) -> list[DifferingLine]:
    return [line for verdict in Verdict for line in differing_lines(stock_import, verdict=verdict, limit=SHOWN_LINES)]


def difference_of_import(stock_import: StockImport) -> Difference | None:
    return None if stock_import.difference is None else Difference.from_dict(stock_import.difference)
