"""A stock file as a stream: its header, whole lines in blocks, and lines one by one where that is needed.

Nothing is guessed: a file is UTF-8 (with or without a byte order mark) under the declared delimiter,
its header names the columns, one physical line is one row. What is not so is refused with the number
of the line; the header is line 1.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.utils.translation import gettext_noop

from stock.feeds.errors import FileRefused

REQUIRED_COLUMNS: Final = ("sku", "stock_point", "quantity")
COLUMNS: Final = (*REQUIRED_COLUMNS, "unavailable")
DELIMITERS: Final = (",", ";", "\t", "|")
BLOCK_BYTES: Final = 256 * 1024
LONGEST_LINE: Final = 64 * 1024

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
FOREIGN_STARTS: Final = {
    b"\x1f\x8b": ("compressed_file", gettext_noop("The file is compressed (gzip); send it as plain text.")),
    b"PK\x03\x04": ("compressed_file", gettext_noop("The file is an archive or a spreadsheet; send it as plain text.")),
    b"BZh": ("compressed_file", gettext_noop("The file is compressed (bzip2); send it as plain text.")),
    b"\xfd7zXZ": ("compressed_file", gettext_noop("The file is compressed (xz); send it as plain text.")),
    b"\x28\xb5\x2f\xfd": ("compressed_file", gettext_noop("The file is compressed (zstd); send it as plain text.")),
    b"\xff\xfe": ("wrong_encoding", gettext_noop("The file is UTF-16; send it as UTF-8.")),
    b"\xfe\xff": ("wrong_encoding", gettext_noop("The file is UTF-16; send it as UTF-8.")),
}


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that has no clear fields. `fields` is what could be made out, for the report only."""

    line_number: int
    fields: Sequence[str]
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    line_number: int
    fields: Sequence[str]


class StockFile:
    """One pass over a file. Read either `blocks()` or `lines()`, once.

    `line_count` and `has_quotes_across_lines` hold once the pass has ended.
    """

    def __init__(self, stream: BinaryIO, *, delimiter: str = ",") -> None:
        self._stream = stream
        self.delimiter = delimiter
        self.line_count = 0
        self.bytes_read = 0
        self.has_quotes_across_lines = False
        self._first_block, self.columns = self._read_header()
        self.line_count = 1

    def blocks(self) -> Iterator[bytes]:
        """The lines after the header, whole, in blocks of valid UTF-8. Raises `FileRefused`.

        A block whose quotes do not pair up sets `has_quotes_across_lines` and ends the pass: only
        line by line can it be told which line is at fault.
        """
        begun = b""
        chunk = self._first_block or self._stream.read(BLOCK_BYTES)
        while chunk:
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield self._checked(begun + chunk[:cut])
                if self.has_quotes_across_lines:
                    return
                begun = b""
            begun += chunk[cut:]
            self._refuse_endless_line(begun)
            chunk = self._stream.read(BLOCK_BYTES)
        if begun:
            self._refuse_truncated(begun)
            yield self._checked(begun)

    def lines(self) -> Iterator[Line | Malformed]:
        """The rows after the header, each from one physical line. Empty lines are passed over."""
        number = 1
        for block in self.blocks():
            self.has_quotes_across_lines = False
            for text in block.decode().removesuffix("\n").split("\n"):
                number += 1
                if row := text.removesuffix("\r"):
                    yield self._parsed(number, row)

    def _checked(self, block: bytes) -> bytes:
        try:
            block.decode()
        except UnicodeDecodeError as error:
            number = self.line_count + block.count(b"\n", 0, error.start) + 1
            raise FileRefused(
                "wrong_encoding", f"Line {number}: byte 0x{block[error.start]:02x} is not UTF-8.", line_number=number
            ) from error
        if b"\0" in block:
            number = self.line_count + block.count(b"\n", 0, block.index(b"\0")) + 1
            raise FileRefused("binary_content", f"Line {number} holds a zero byte.", line_number=number)
        self.has_quotes_across_lines = block.count(b'"') % 2 == 1
        self.line_count += block.count(b"\n") + (not block.endswith(b"\n"))
        self.bytes_read += len(block)
        return block

    def _parsed(self, number: int, text: str) -> Line | Malformed:
        if '"' not in text:
            fields = text.split(self.delimiter)
        else:
            try:
                fields = next(csv.reader([text], delimiter=self.delimiter, strict=True))
            except csv.Error as error:
                return Malformed(number, [text], "malformed", f"The quotes of the line do not pair up ({error}).")
        wanted = len(self.columns)
        if len(fields) == wanted:
            return Line(number, fields)
        if wanted < len(fields) <= wanted + 2 and all(field.isdigit() for field in fields[wanted - 1 :]):
            return Malformed(
                number, fields, "decimal_comma", f"{len(fields)} fields where the header has {wanted}: a decimal comma?"
            )
        return Malformed(number, fields, "wrong_columns", f"{len(fields)} fields where the header has {wanted}.")

    def _read_header(self) -> tuple[bytes, tuple[str, ...]]:
        """What follows the header in the first block, and the columns."""
        block = self._stream.read(BLOCK_BYTES)
        if not block:
            raise FileRefused("empty_file", gettext_noop("The file is empty."))
        for start, (code, detail) in FOREIGN_STARTS.items():
            if block.startswith(start):
                raise FileRefused(code, detail, line_number=1)
        block = block.removeprefix(_BYTE_ORDER_MARK)
        header, newline, rest = block.partition(b"\n")
        if not newline:
            self._refuse_endless_line(header)
        try:
            text = header.decode().removesuffix("\r")
        except UnicodeDecodeError as error:
            raise FileRefused(
                "wrong_encoding", gettext_noop("Line 1: the header is not UTF-8."), line_number=1
            ) from error
        columns = tuple(next(csv.reader([text], delimiter=self.delimiter), ()))
        self._refuse_wrong_columns(text, columns)
        return rest, columns

    def _refuse_wrong_columns(self, header: str, columns: tuple[str, ...]) -> None:
        other = [mark for mark in DELIMITERS if mark != self.delimiter and mark in header]
        shown = header[:100]
        if other and len(columns) == 1:
            raise FileRefused(
                "wrong_delimiter",
                f"Line 1: {shown!r} is not separated by {self.delimiter!r}; declare the delimiter {other[0]!r}.",
                line_number=1,
            )
        if missing := [column for column in REQUIRED_COLUMNS if column not in columns]:
            raise FileRefused(
                "missing_columns", f"Line 1: {shown!r} does not name {', '.join(missing)}.", line_number=1
            )
        unknown = [column for column in columns if column not in COLUMNS]
        if unknown or len(set(columns)) < len(columns):
            raise FileRefused(
                "unknown_columns",
                f"Line 1: {shown!r} names other columns than {', '.join(COLUMNS)}, or one twice.",
                line_number=1,
            )

    def _refuse_endless_line(self, line: bytes) -> None:
        if len(line) > LONGEST_LINE:
            number = self.line_count + 1
            raise FileRefused(
                "line_too_long", f"Line {number} is longer than {LONGEST_LINE} bytes.", line_number=number
            )

    def _refuse_truncated(self, last_line: bytes) -> None:
        """A last line that lacks its line break and something of its content was cut off: so may be more."""
        text = last_line.decode(errors="replace")
        number = self.line_count + 1
        row = self._parsed(number, text)
        if len(row.fields) < len(self.columns) or not row.fields[-1] or text.endswith("\ufffd"):
            raise FileRefused(
                "truncated", f"Line {number}, the last one, breaks off: {text[:100]!r}.", line_number=number
            )
