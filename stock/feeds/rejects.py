"""Lines that cannot be used, each with its number and the reason: out of the staged lines, into the report."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from oms.core.formulas import harmless
from stock.feeds.errors import FileRefused
from stock.feeds.reading import COLUMNS, Malformed
from stock.feeds.tables import StagingTables, execute, fetch_one
from stock.models import StockImport, StockImportReject

LONGEST_SHOWN: Final = 200
ROWS_AT_ONCE: Final = 2000

UNREADABLE_CODES: Final = ("malformed", "wrong_columns", "missing_sku", "missing_stock_point")
"""After these it is not known which level the line spoke of."""

_INTO_REPORT: Final = """
INSERT INTO stock_stockimportreject
    (stock_import_id, line_number, sku, stock_point, quantity, unavailable, code, detail, is_quarantined)
"""


def is_whole(column: str) -> str:
    """SQL: the text is a number of one to nine digits. (`translate` costs a third of a regular expression.)"""
    return f"(octet_length({column}) BETWEEN 1 AND 9 AND translate({column}, '0123456789', '') = '')"


USABLE: Final = f"""({is_whole("i.quantity")}
    AND (i.unavailable IS NULL OR i.unavailable = '' OR {is_whole("i.unavailable")}))"""
"""SQL over a staged line `i`: its figures can be read. Never true for a missing one."""


def _number_code(column: str) -> str:
    return f"""CASE
        WHEN {is_whole(column)} THEN NULL
        WHEN coalesce({column}, '') = '' THEN 'empty'
        WHEN {column} ~ '^-[0-9]+$' THEN 'negative'
        WHEN {column} ~ '^[0-9]{{10,}}$' THEN 'too_large'
        WHEN {column} ~ '^[+-]?[0-9]*,[0-9]+$' THEN 'decimal_comma'
        ELSE 'not_a_whole_number' END"""


_SHOWN: Final = f"""
    left(coalesce(b.sku, ''), {LONGEST_SHOWN}), left(coalesce(b.stock_point, ''), {LONGEST_SHOWN}),
    left(coalesce(b.quantity, ''), {LONGEST_SHOWN}), left(coalesce(b.unavailable, ''), {LONGEST_SHOWN})"""

_DETAILS: Final = """CASE b.code
        WHEN 'missing_sku' THEN 'The line names no SKU.'
        WHEN 'missing_stock_point' THEN 'The line names no stock point.'
        WHEN 'empty' THEN 'The line tells no quantity.'
        WHEN 'negative' THEN 'A quantity is never negative.'
        WHEN 'too_large' THEN 'A quantity has at most nine digits.'
        WHEN 'decimal_comma' THEN 'A quantity is a whole number without a decimal comma.'
        ELSE 'A quantity is a whole number, written with digits only.' END"""


def report_malformed(stock_import: StockImport, columns: tuple[str, ...], lines: Iterable[Malformed]) -> None:
    """Lines the reader could not take apart. Their fields are shown under the header's names as far as they go."""
    StockImportReject.objects.bulk_create(
        StockImportReject(
            stock_import=stock_import,
            line_number=line.line_number,
            code=line.code,
            detail=line.detail[:300],
            **{column: field[:LONGEST_SHOWN] for column, field in zip(columns, line.fields, strict=False)},
        )
        for line in lines
    )


def report_unusable(stock_import: StockImport, tables: StagingTables) -> None:
    """Lines without a SKU or a stock point, or with a figure that is not a whole number."""
    execute(
        f"""
        WITH gone AS (
            DELETE FROM {tables.lines} i
            WHERE {USABLE} IS NOT TRUE OR coalesce(i.sku, '') = '' OR coalesce(i.stock_point, '') = ''
            RETURNING i.*
        ), b AS (
            SELECT gone.*, coalesce(
                CASE WHEN coalesce(sku, '') = '' THEN 'missing_sku'
                     WHEN coalesce(stock_point, '') = '' THEN 'missing_stock_point' END,
                {_number_code("quantity")}, {_number_code("unavailable")}) AS code
            FROM gone
        )
        {_INTO_REPORT}
        SELECT %(import)s, b.line_number, {_SHOWN}, b.code, {_DETAILS}, false FROM b
        """,  # noqa: S608 (our own fragments)
        {"import": stock_import.pk},
    )


def report_duplicates(stock_import: StockImport, tables: StagingTables) -> None:
    """A SKU named twice at a stock point: the first line counts."""
    execute(
        f"""
        WITH ranked AS (
            SELECT line_number, min(line_number) OVER (PARTITION BY sku, stock_point) AS first_line
            FROM {tables.lines}
        ), b AS (
            DELETE FROM {tables.lines} i USING ranked
            WHERE i.line_number = ranked.line_number AND ranked.first_line < ranked.line_number
            RETURNING i.*, ranked.first_line
        )
        {_INTO_REPORT}
        SELECT %(import)s, b.line_number, {_SHOWN}, 'duplicate',
               'Line ' || b.first_line || ' already names this SKU at this stock point.', false FROM b
        """,  # noqa: S608 (our own fragments)
        {"import": stock_import.pk},
    )


def report_unknown(stock_import: StockImport, tables: StagingTables) -> None:
    """Set aside what names an unknown SKU or stock point, to be tried again once it exists.

    For a sender that is bound to stock points any other is refused as unknown, and never tried again.
    """
    execute(
        f"""
        WITH known AS (
            SELECT i.line_number, v.id AS variant_id, p.id AS stock_point_id,
                   %(bound_to)s::bigint[] IS NOT NULL
                   AND (p.id = ANY (%(bound_to)s::bigint[])) IS NOT TRUE AS is_foreign
            FROM {tables.lines} i
            LEFT JOIN stock_variant v ON v.sku = i.sku
            LEFT JOIN stock_stockpoint p ON p.code = i.stock_point
        ), b AS (
            DELETE FROM {tables.lines} i USING known k
            WHERE i.line_number = k.line_number AND (k.variant_id IS NULL OR k.stock_point_id IS NULL OR k.is_foreign)
            RETURNING i.*, k.variant_id, k.stock_point_id, k.is_foreign
        )
        {_INTO_REPORT}
        SELECT %(import)s, b.line_number, {_SHOWN},
               CASE WHEN b.stock_point_id IS NULL OR b.is_foreign THEN 'unknown_stock_point' ELSE 'unknown_sku' END,
               CASE WHEN b.is_foreign THEN 'There is no such stock point.'
                    WHEN length(b.sku) > {LONGEST_SHOWN} OR length(b.stock_point) > {LONGEST_SHOWN}
                    THEN 'There is no such SKU or stock point.'
                    WHEN b.stock_point_id IS NULL THEN 'There is no such stock point; kept until there is.'
                    ELSE 'There is no such SKU; kept until there is.' END,
               NOT b.is_foreign AND length(b.sku) <= {LONGEST_SHOWN} AND length(b.stock_point) <= {LONGEST_SHOWN}
        FROM b
        """,  # noqa: S608 (our own fragments)
        {"import": stock_import.pk, "bound_to": stock_import.bound_to},
    )


def report_older(stock_import: StockImport, tables: StagingTables, *, changes: str) -> None:
    """The lines of which the source has spoken since with another figure; those that say the same are unchanged.

    `changes`: SQL over a difference, whether its figures differ.
    """
    StockImportReject.objects.filter(stock_import=stock_import, code="older").delete()
    (any_is_older,) = fetch_one(f"SELECT EXISTS (SELECT FROM {tables.difference} WHERE is_older AND {changes})")  # noqa: S608
    if not any_is_older:
        return  # as of most files; the million lines need not be read for it
    execute(
        f"""
        WITH older AS (SELECT line_number FROM {tables.difference} WHERE is_older AND {changes}),
        b AS (SELECT i.* FROM {tables.lines} i JOIN older USING (line_number))
        {_INTO_REPORT}
        SELECT %(import)s, b.line_number, {_SHOWN}, 'older',
               'The source has told a newer figure, and it says something else.', false FROM b
        """,  # noqa: S608 (our own fragments)
        {"import": stock_import.pk},
    )


def refuse_decimal_commas(stock_import: StockImport) -> None:
    """A file with decimal commas is written in another number format: none of its figures can be trusted."""
    commas = StockImportReject.objects.filter(stock_import=stock_import, code="decimal_comma")
    if first := commas.order_by("line_number").first():
        raise FileRefused(
            "decimal_comma",
            f"Line {first.line_number} has a decimal comma; a quantity is a whole number.",
            line_number=first.line_number,
        )


def count_rejects(stock_import: StockImport) -> tuple[int, int]:
    """How many lines were rejected, and how many are in quarantine."""
    rejected, quarantined = fetch_one(
        """SELECT count(*) FILTER (WHERE NOT is_quarantined), count(*) FILTER (WHERE is_quarantined)
        FROM stock_stockimportreject WHERE stock_import_id = %s""",
        [stock_import.pk],
    )
    return rejected, quarantined


REPORTED_BESIDE: Final = ("line", "code", "detail")
"""The columns of the report that no stock file has."""


def rejects_csv(stock_import: StockImport, *, tell: Callable[[str], str] = str) -> Iterator[bytes]:
    """The report as CSV, streamed; `tell` says the reasons in the reader's words. A text that a spreadsheet would run
    as a formula is made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = ["line_number", *COLUMNS, *REPORTED_BESIDE[1:]]
    writer.writerow([REPORTED_BESIDE[0], *columns[1:]])
    rows = StockImportReject.objects.filter(stock_import=stock_import).order_by("line_number", "id")
    for number, row in enumerate(rows.values_list(*columns).iterator(chunk_size=ROWS_AT_ONCE), start=1):
        writer.writerow([row[0], *(harmless(text) for text in row[1:-1]), harmless(tell(row[-1]))])
        if number % ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
