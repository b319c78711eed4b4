"""Stock files as django-import-export sees them: read by the feeds' reader, judged by the feeds' staging.

The library's dry run is the staging of a real import that waits for a person: what they confirm is the
very difference they have seen, and it is written as a set, as through every other door.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult
from import_export.tmp_storages import BaseStorage
from tablib import Dataset

from oms.core.errors import OmsError
from oms.core.refusals import told
from stock.feeds.mended import mended_profile
from stock.feeds.profiles import rewritten
from stock.feeds.reading import COLUMNS, Line, StockFile
from stock.models import StockImport, StockImportReject
from stock.queries.import_differences import DifferingLine, Verdict, differing_lines
from stock.services.import_previewing import preview_import
from stock.states import StockImportState

ROWS_AT_MOST = 20_000
BYTES_AT_MOST = 8 * 1024 * 1024
"""A larger file is staged by a task, with progress: this one is held in memory."""


class StockCsv(Format):
    """A stock file under one delimiter. Raises `FileRefused` with the line, where it is not what it is declared."""

    delimiter: ClassVar[str] = ","
    title: ClassVar[Any] = _("comma")

    def get_title(self) -> str:
        return str(self.title)

    def create_dataset(self, in_stream: bytes) -> Dataset:
        stream: BinaryIO = io.BytesIO(in_stream)
        mended = mended_profile(stream)
        file = StockFile(rewritten(stream, mended)) if mended else StockFile(stream, delimiter=self.delimiter)
        dataset = Dataset(headers=["line", *COLUMNS])
        for line in file.lines():
            fields = dict(zip(file.columns, line.fields, strict=isinstance(line, Line)))
            dataset.append([line.line_number, *(fields.get(column, "") for column in COLUMNS)])
        return dataset

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv"

    def can_import(self) -> bool:
        return True


class ProfileCsv(StockCsv):
    """By the source's profile; one that is not plain is read in the background, like a large file."""

    title = _("as the source's profile says")


class SemicolonCsv(StockCsv):
    delimiter = ";"
    title = _("semicolon")


class TabCsv(StockCsv):
    delimiter = "\t"
    title = _("tab")


class BarCsv(StockCsv):
    delimiter = "|"
    title = _("vertical bar")


class RequestStorage(BaseStorage):
    """Holds the file while the request lasts; what is kept of it belongs to its import."""

    def save(self, data: bytes) -> None:
        self.name, self._data = "upload", data

    def read(self) -> bytes:
        return self._data

    def remove(self) -> None:
        self._data = b""


class StockFileResult(Result):
    """`stock_import` waits for confirmation; None where the file was refused before there was one."""

    stock_import: StockImport | None = None


class StockFileResource(Resource):
    """One row per line of a stock file, under its line number."""

    line = Field(column_name="line")
    sku = Field(column_name="sku")
    stock_point = Field(column_name="stock_point")
    quantity = Field(column_name="quantity")
    unavailable = Field(column_name="unavailable")

    class Meta:
        import_id_fields = ("sku", "stock_point")
        instance_loader_class = BaseInstanceLoader
        report_skipped = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._differences: Mapping[int, DifferingLine] = {}
        self._rejects: Mapping[int, StockImportReject] = {}

    @classmethod
    def get_display_name(cls) -> str:
        return str(_("Stock figures"))

    def get_result_class(self) -> type[StockFileResult]:
        return StockFileResult

    def get_user_visible_fields(self) -> list[Field]:
        return [self.fields[name] for name in COLUMNS]

    def import_data(
        self, dataset: Dataset, dry_run: bool = False, *, file_request: Mapping[str, Any], **kwargs: Any
    ) -> StockFileResult:
        """`file_request`: what `create_import` wants to know. Nothing is written but the staged import."""
        try:
            stock_import = preview_import(**file_request)
        except OmsError as refused:
            return _refused(refused.sentences())
        if stock_import.state == StockImportState.REFUSED:
            return _refused([stock_import.reason])
        self._differences = {row.line_number: row for row in differing_lines(stock_import) if row.line_number}
        rejects = StockImportReject.objects.filter(stock_import=stock_import).order_by("-id")
        self._rejects = {reject.line_number: reject for reject in rejects}
        # No savepoint per row: the rows were judged as a set, and `import_row` writes nothing.
        result: StockFileResult = super().import_data(dataset, dry_run=False, use_transactions=False, **kwargs)
        result.stock_import = stock_import
        return result

    def import_row(self, row: Mapping[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        """What the staging said of the line."""
        result = self.get_row_result_class()()
        result.row_values = dict(row)
        number = row["line"]
        difference = self._differences.get(number)
        if (reject := self._rejects.get(number)) is not None:
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError(told(reject.detail), code=reject.code)
        elif difference is None:
            result.import_type = RowResult.IMPORT_TYPE_SKIP
        elif difference.verdict == Verdict.OLDER:
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError(_("The source has told a newer figure."), code="older")
        else:
            is_new = difference.verdict == Verdict.NEW
            result.import_type = RowResult.IMPORT_TYPE_NEW if is_new else RowResult.IMPORT_TYPE_UPDATE
            result.instance = difference
        result.diff = [str(row[column]) for column in ("line", *COLUMNS)]
        return result

    def get_diff_headers(self) -> Sequence[str]:
        return ["line", *COLUMNS]


def _refused(reasons: Iterable[str]) -> StockFileResult:
    result = StockFileResult()
    for reason in reasons:
        result.append_base_error(Error(OmsError(told(reason))))
    return result
