"""A file of rejected lines that comes back mended: what the report says beside our columns is passed over."""

from __future__ import annotations

import csv
from typing import BinaryIO, Final

from stock.feeds.profiles import Profile
from stock.feeds.reading import COLUMNS, DELIMITERS, LONGEST_LINE, REQUIRED_COLUMNS
from stock.feeds.rejects import REPORTED_BESIDE

_KNOWN: Final = {*COLUMNS, *REPORTED_BESIDE}


def mended_profile(stream: BinaryIO) -> Profile | None:
    """How such a file is written, whatever sign a spreadsheet has put between its columns; None for any other.

    The stream is left at its beginning.
    """
    stream.seek(0)
    line = stream.readline(LONGEST_LINE)
    stream.seek(0)
    for delimiter in DELIMITERS:
        names = _names(line, delimiter)
        if _KNOWN.issuperset(names) and set(REQUIRED_COLUMNS) <= set(names) and not set(COLUMNS).issuperset(names):
            return Profile(delimiter=delimiter, columns={column: column for column in COLUMNS})
    return None


def _names(header: bytes, delimiter: str) -> list[str]:
    """Nothing where they cannot be read: whoever reads the file says why."""
    try:
        return next(csv.reader([header.decode("utf-8-sig").rstrip("\r\n")], delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error):
        return []
