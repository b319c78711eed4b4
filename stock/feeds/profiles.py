"""How a source writes its files, where that is not plainly UTF-8 with our own columns: declared, never guessed.

A declared file is rewritten line by line, as it is read, into the form every reader understands. Lines keep their
numbers, so whatever is refused later is refused with the number of the line in the sender's file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Final, cast

from django.utils.translation import gettext_noop

from oms.core.formulas import as_it_was
from stock.feeds.errors import FileRefused
from stock.feeds.reading import BLOCK_BYTES, COLUMNS, FOREIGN_STARTS, LONGEST_LINE, REQUIRED_COLUMNS

ENCODINGS: Final = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "utf-16")
DECIMAL_SIGNS: Final = (",", ".")
NUMBERS: Final = ("quantity", "unavailable")

_UTF_8_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Profile:
    """`decimal_sign`: empty where figures are whole. `columns`: the file's name of each of our columns; where any is
    told the others keep our names, and columns that are neither are passed over. `is_mended`: its cells are as a report
    of ours wrote them, formulas made harmless.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal_sign: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    is_mended: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether only the delimiter differs: such a file is read as it stands."""
        return self.encoding == "utf-8" and not self.decimal_sign and not self.columns

    def as_dict(self) -> dict[str, Any]:
        """What is not said is left out: a process of an older version reads the profile as well."""
        told = asdict(self)
        if not self.is_mended:
            del told["is_mended"]
        return told


def rewritten(stream: BinaryIO, profile: Profile) -> BinaryIO:
    """The file as UTF-8 with our columns, separated by commas. Reading it raises `FileRefused` with the line."""
    return cast(BinaryIO, _Rewritten(_lines(stream, profile)))


class _Rewritten:
    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Whole lines, about so many bytes of them; nothing at the end."""
        taken: list[bytes] = []
        length = 0
        for line in self._lines:
            taken.append(line.encode())
            length += len(taken[-1])
            if length >= size:
                break
        return b"".join(taken)


def _lines(stream: BinaryIO, profile: Profile) -> Iterator[str]:
    _refuse_foreign(stream, profile)
    lines = _decoded(stream, profile.encoding)
    header = _fields(next(lines, ""), profile) or []
    chosen = _chosen(header, profile)
    yield _row([column for column, _ in chosen]) + "\n"
    for line in lines:
        yield _rewritten_line(line, chosen, len(header), profile)


def _decoded(stream: BinaryIO, encoding: str) -> Iterator[str]:
    if encoding == "utf-16":
        yield from _two_bytes_each(stream)
        return
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        _refuse_endless(line, number)
        try:
            yield line.decode("utf-8-sig" if number == 1 and encoding == "utf-8" else encoding)
        except UnicodeDecodeError as error:
            raise FileRefused(
                "wrong_encoding",
                f"Line {number}: byte 0x{line[error.start]:02x} is not {encoding}.",
                line_number=number,
            ) from error


def _two_bytes_each(stream: BinaryIO) -> Iterator[str]:
    """A line break is two bytes here: only the decoder knows where lines end, some thousand bytes ahead."""
    text = io.TextIOWrapper(stream, encoding="utf-16", newline="\n")
    number = 0
    try:
        while line := text.readline(LONGEST_LINE + 1):
            number += 1
            _refuse_endless(line, number)
            yield line
    except UnicodeError as error:
        detail = f"Line {number + 1} or soon after is not UTF-16."
        raise FileRefused("wrong_encoding", detail, line_number=number + 1) from error
    finally:
        text.detach()


def _refuse_endless(line: bytes | str, number: int) -> None:
    if len(line) > LONGEST_LINE:
        raise FileRefused("line_too_long", f"Line {number} is longer than {LONGEST_LINE}.", line_number=number)


def _rewritten_line(line: str, chosen: list[tuple[str, int]], width: int, profile: Profile) -> str:
    """A line without clear fields stays what it is, in one field: the reader reports it."""
    body, newline = (line[:-1], "\n") if line.endswith("\n") else (line, "")
    body = body.removesuffix("\r")
    if not body:
        return newline
    fields = _fields(body, profile)
    if fields is None or len(fields) != width:
        return _row([body]) + newline
    return _row([_cell(column, fields[place], profile) for column, place in chosen]) + newline


def _fields(text: str, profile: Profile) -> list[str] | None:
    """None where the quotes do not pair up."""
    text = text.rstrip("\r\n")
    if '"' not in text:
        return text.split(profile.delimiter)
    try:
        return next(csv.reader([text], delimiter=profile.delimiter, strict=True), [])
    except csv.Error:
        return None


def _cell(column: str, value: str, profile: Profile) -> str:
    """A figure written with decimals that are none is whole; any other is refused by the reader."""
    value = as_it_was(value.strip()) if profile.is_mended else value.strip()
    if column not in NUMBERS or not profile.decimal_sign:
        return value
    whole = re.fullmatch(rf"([+-]?[0-9]+){re.escape(profile.decimal_sign)}0*", value)
    return whole[1] if whole else value.replace(",", ".")


def _chosen(header: list[str], profile: Profile) -> list[tuple[str, int]]:
    """Our columns, and where they stand in the file."""
    names = [name.strip() for name in header]
    if not profile.columns:
        return [(name, place) for place, name in enumerate(names)]
    wanted = {column: profile.columns.get(column) or column for column in COLUMNS}
    if missing := [wanted[column] for column in REQUIRED_COLUMNS if wanted[column] not in names]:
        shown = profile.delimiter.join(names)[:100]
        raise FileRefused("missing_columns", f"Line 1: {shown!r} does not name {', '.join(missing)}.", line_number=1)
    if twice := [name for name in wanted.values() if names.count(name) > 1]:
        raise FileRefused("unknown_columns", f"Line 1 names {twice[0]} twice.", line_number=1)
    return [(column, names.index(name)) for column, name in wanted.items() if name in names]


def _refuse_foreign(stream: BinaryIO, profile: Profile) -> None:
    start = stream.read(8)
    stream.seek(0)
    for mark, (code, detail) in FOREIGN_STARTS.items():
        is_declared = code == "wrong_encoding" and profile.encoding == "utf-16"
        if start.startswith(mark) and not is_declared:
            raise FileRefused(code, detail, line_number=1)
    if start.startswith(_UTF_8_MARK) and profile.encoding != "utf-8":
        raise FileRefused("wrong_encoding", f"The file is UTF-8, declared as {profile.encoding}.", line_number=1)
    if not start:
        raise FileRefused("empty_file", gettext_noop("The file is empty."))


def _row(fields: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(fields)
    return buffer.getvalue()
