"""Smaller CSV files, row by row under the names of their header: counts, articles. Nothing is guessed."""

import csv
import io
from collections.abc import Collection, Iterator
from typing import BinaryIO, Final

from django.utils.translation import gettext_noop

from stock.feeds.errors import FileRefused
from stock.feeds.reading import DELIMITERS, FOREIGN_STARTS, LONGEST_LINE

ROWS_AT_MOST: Final = 200_000


def read_sheet(
    stream: BinaryIO,
    *,
    columns: Collection[str],
    required: Collection[str],
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row's last line, and its fields by column; empty lines are passed over.

    Raises `FileRefused` with the line: for another encoding, a header without `required` or with more than
    `columns`, a row with more or fewer fields than the header, quotes that do not pair up.
    """
    _refuse_foreign(stream)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    reader = csv.reader(_short_lines(text), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        _refuse_header(header, columns, required, delimiter)
        for number, fields in enumerate(reader, start=1):
            if number > ROWS_AT_MOST:
                raise FileRefused("too_many_rows", f"The file has more than {ROWS_AT_MOST} rows.")
            if not fields:
                continue
            if len(fields) != len(header):
                raise FileRefused(
                    "wrong_columns",
                    f"Line {reader.line_num}: {len(fields)} fields where the header has {len(header)}.",
                    line_number=reader.line_num,
                )
            yield reader.line_num, dict(zip(header, (field.strip() for field in fields), strict=True))
    except UnicodeDecodeError as error:
        line = reader.line_num + 1
        raise FileRefused(
            "wrong_encoding", f"After line {reader.line_num}: {error.reason}.", line_number=line
        ) from error
    except csv.Error as error:
        raise FileRefused("malformed", f"Line {reader.line_num}: {error}.", line_number=reader.line_num) from error
    finally:
        text.detach()


def _refuse_foreign(stream: BinaryIO) -> None:
    start = stream.read(8)
    stream.seek(0)
    for mark, (code, detail) in FOREIGN_STARTS.items():
        if start.startswith(mark):
            raise FileRefused(code, detail, line_number=1)


def _short_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """A line without an end must not fill the memory."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise FileRefused("line_too_long", f"A line is longer than {LONGEST_LINE} characters.")
        if "\0" in line:
            raise FileRefused("binary_content", gettext_noop("The file holds a zero byte."))
        yield line


def _refuse_header(header: list[str], columns: Collection[str], required: Collection[str], delimiter: str) -> None:
    shown = delimiter.join(header)[:100]
    if not header:
        raise FileRefused("empty_file", gettext_noop("The file is empty."))
    other = [mark for mark in DELIMITERS if mark != delimiter and mark in header[0]]
    if other and len(header) == 1:
        raise FileRefused(
            "wrong_delimiter",
            f"Line 1: {shown!r} is not separated by {delimiter!r}; is it {other[0]!r}?",
            line_number=1,
        )
    if missing := [column for column in required if column not in header]:
        raise FileRefused("missing_columns", f"Line 1: {shown!r} does not name {', '.join(missing)}.", line_number=1)
    unknown = [column for column in header if column not in columns]
    if unknown or len(set(header)) < len(header):
        raise FileRefused(
            "unknown_columns",
            f"Line 1: {shown!r} names other columns than {', '.join(columns)}, or one twice.",
            line_number=1,
        )
