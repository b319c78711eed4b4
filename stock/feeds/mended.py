"""A file of rejected lines that comes back mended: what the report says beside our columns is passed over."""

from __future__ import annotations

import csv
from collections.abc import Collection
from typing import BinaryIO

from stock.feeds.profiles import Profile
from stock.feeds.reading import COLUMNS, DELIMITERS, LONGEST_LINE, REQUIRED_COLUMNS
from stock.feeds.rejects import REPORTED_BESIDE

# One alone may be a column of the sender's own, of which it must be told that we have none such.
_REPORTED_AT_LEAST = 2


def mended_profile(stream: BinaryIO) -> Profile | None:
    """How such a file of stock is written; None for any other. The stream is left at its beginning."""
    delimiter = mended_delimiter(stream, columns=COLUMNS, required=REQUIRED_COLUMNS)
    if delimiter is None:
        return None
    return Profile(delimiter=delimiter, columns={column: column for column in COLUMNS}, is_mended=True)


def mended_delimiter(stream: BinaryIO, *, columns: Collection[str], required: Collection[str]) -> str | None:
    """What a spreadsheet has put between the columns of such a file; None where it is any other.

    The stream is left at its beginning.
    """
    stream.seek(0)
    line = stream.readline(LONGEST_LINE)
    stream.seek(0)
    for delimiter in DELIMITERS:
        names = set(_names(line, delimiter))
        is_report = len(names.intersection(REPORTED_BESIDE)) >= _REPORTED_AT_LEAST
        if is_report and names.issuperset(required) and names.issubset({*columns, *REPORTED_BESIDE}):
            return delimiter
    return None


def _names(header: bytes, delimiter: str) -> list[str]:
    """Nothing where they cannot be read: whoever reads the file says why."""
    try:
        return next(csv.reader([header.decode("utf-8-sig").rstrip("\r\n")], delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error):
        return []
