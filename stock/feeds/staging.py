"""Bring a file into its staging table and set aside the lines that cannot be used.

The lines go to the database as they stand, by COPY: no Python per line. Only a file the database
cannot take apart is read again, line by line, to tell which lines are at fault and keep the others.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Final

import psycopg
from django.db import connection, transaction
from django.utils.translation import gettext_noop
from psycopg import sql

from stock.feeds import rejects
from stock.feeds.errors import FileRefused
from stock.feeds.reading import Line, Malformed, StockFile
from stock.feeds.running import use_memory
from stock.feeds.tables import StagingTables, execute
from stock.models import StockImport, StockImportReject

Opener = Callable[[], AbstractContextManager[BinaryIO]]
Progress = Callable[[int], None]
"""Told the number of bytes read."""

BYTES_PER_COPY: Final = 64 * 1024 * 1024
MOST_REJECTS: Final = 1_000_000


def stage(stock_import: StockImport, open_file: Opener, *, on_progress: Progress) -> int:
    """Stage the whole file anew; how many rows it has. Raises `FileRefused`; the caller then drops the tables.

    Not one transaction: a file may take minutes, and nothing but its own tables is written.
    """
    tables = StagingTables(stock_import.pk)
    rows = _copy_as_it_stands(stock_import, tables, open_file, on_progress)
    if rows is None:
        rows = _copy_line_by_line(stock_import, tables, open_file, on_progress)
    _refuse_wrong_count(stock_import, rows)
    rejects.refuse_decimal_commas(stock_import)
    return rows


def stage_quarantined(stock_import: StockImport) -> int:
    """Stage what another import left in quarantine and is known by now; how many rows."""
    tables = StagingTables(stock_import.pk)
    _begin(stock_import, tables)
    return execute(
        f"""
        INSERT INTO {tables.lines} (line_number, sku, stock_point, quantity, unavailable)
        SELECT q.line_number, q.sku, q.stock_point, q.quantity::text, q.unavailable::text
        FROM stock_quarantinedfigure q
        JOIN stock_variant v ON v.sku = q.sku JOIN stock_stockpoint p ON p.code = q.stock_point
        WHERE q.stock_import_id = %(origin)s
          AND (%(bound_to)s::bigint[] IS NULL OR p.id = ANY (%(bound_to)s::bigint[]))
        """,  # noqa: S608 (our own fragments)
        {"origin": stock_import.retry_of_id, "bound_to": stock_import.bound_to},
    )


def _begin(stock_import: StockImport, tables: StagingTables) -> None:
    StockImportReject.objects.filter(stock_import=stock_import).delete()
    tables.drop()
    tables.create_lines()


def _copy_as_it_stands(
    stock_import: StockImport, tables: StagingTables, open_file: Opener, on_progress: Progress
) -> int | None:
    """How many rows were copied; None where the file has to be read line by line."""
    _begin(stock_import, tables)
    with open_file() as stream:
        file = StockFile(stream, delimiter=stock_import.delimiter)
        blocks = file.blocks()
        rows, more = 0, True
        try:
            while more:
                copied, more = _copy_some(tables, file, blocks)
                rows += copied
                on_progress(file.bytes_read)
        except psycopg.DataError:
            return None
    if file.has_quotes_across_lines:
        return None
    # Only if every physical line became one row are the rows' numbers the lines' numbers.
    return rows if rows == file.line_count - 1 else None


def _copy_some(tables: StagingTables, file: StockFile, blocks: Iterator[bytes]) -> tuple[int, bool]:
    """One COPY of limited length, so that progress is seen: how many rows, and whether there may be more."""
    end = file.bytes_read + BYTES_PER_COPY
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, DELIMITER {})").format(
        sql.Identifier(tables.lines),
        sql.SQL(", ").join(map(sql.Identifier, file.columns)),
        sql.Literal(file.delimiter),
    )
    more = False
    with transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
                more = file.bytes_read >= end
                if more:
                    break
        return cursor.rowcount, more


def _copy_line_by_line(
    stock_import: StockImport, tables: StagingTables, open_file: Opener, on_progress: Progress
) -> int:
    _begin(stock_import, tables)
    rows = 0
    with open_file() as stream:
        file = StockFile(stream, delimiter=stock_import.delimiter)
        lines = file.lines()
        more = True
        while more:
            copied, malformed, more = _copy_good_lines(tables, file, lines)
            rejects.report_malformed(stock_import, file.columns, malformed)
            rows += copied + len(malformed)
            on_progress(file.bytes_read)
    return rows


def _copy_good_lines(
    tables: StagingTables, file: StockFile, lines: Iterator[Line | Malformed]
) -> tuple[int, list[Malformed], bool]:
    """How many lines were copied, those that could not be, and whether there may be more."""
    copied, malformed = 0, []
    end = file.bytes_read + BYTES_PER_COPY
    statement = sql.SQL("COPY {} (line_number, {}) FROM STDIN").format(
        sql.Identifier(tables.lines), sql.SQL(", ").join(map(sql.Identifier, file.columns))
    )
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in lines:
            if isinstance(line, Line):
                copy.write_row((line.line_number, *line.fields))
                copied += 1
            else:
                malformed.append(line)
            if file.bytes_read >= end or len(malformed) >= rejects.ROWS_AT_ONCE:
                return copied, malformed, True
    return copied, malformed, False


def _refuse_wrong_count(stock_import: StockImport, rows: int) -> None:
    if not rows:
        raise FileRefused("empty_file", gettext_noop("The file has a header and no rows."), line_number=1)
    if stock_import.expected_rows is not None and stock_import.expected_rows != rows:
        raise FileRefused("wrong_row_count", f"The file has {rows} rows; {stock_import.expected_rows} were announced.")


def set_aside(stock_import: StockImport) -> None:
    """Take the lines that cannot be used off the table, into the report. Raises `FileRefused`."""
    tables = StagingTables(stock_import.pk)
    with transaction.atomic():
        use_memory()
        rejects.report_unusable(stock_import, tables)
        rejects.report_duplicates(stock_import, tables)
        rejects.report_unknown(stock_import, tables)
    rejects.refuse_decimal_commas(stock_import)
    gone = sum(rejects.count_rejects(stock_import))
    if gone > MOST_REJECTS:
        raise FileRefused("too_many_rejects", f"{gone} lines cannot be used; {MOST_REJECTS} are the most.")
