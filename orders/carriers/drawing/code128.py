"""Code 128 (ISO/IEC 15417), code sets B and C with automatic switching.

Set C packs two digits into one symbol, so a run of digits is drawn in C where that is shorter:
four digits or more at either end of the text, six or more inside it, or a text of two digits.
An odd digit of a run stays in set B, before the switch (after it, at the start of the text).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

CODE_C, CODE_B, START_B, START_C, STOP = 99, 100, 104, 105, 106
QUIET_MODULES = 10

# Widths in modules of the bars and spaces of each symbol value, bar first (ISO/IEC 15417, table 1).
_TABLE = """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212
    112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131
    311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321
    112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
    313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
    314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114
    122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
    124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
    114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
PATTERNS = _TABLE.split()


class Run(NamedTuple):
    """Consecutive characters drawn in one code set."""

    code_set: str
    text: str


def runs(text: str) -> list[Run]:
    """The text cut into code sets; raises ValueError for characters outside printable ASCII."""
    if not text or not all(" " <= character <= "~" for character in text):
        raise ValueError(f"Code 128 set B cannot hold {text!r}.")
    found: list[Run] = []
    position = 0
    for digits in re.finditer(r"[0-9]+", text):
        start, end = _packed(digits.start(), digits.end(), len(text))
        if start == end:
            continue
        if position < start:
            found.append(Run("B", text[position:start]))
        found.append(Run("C", text[start:end]))
        position = end
    if position < len(text):
        found.append(Run("B", text[position:]))
    return found


def _packed(start: int, end: int, length: int) -> tuple[int, int]:
    """The part of the digits [start, end) worth drawing in set C; empty when none is."""
    at_start, at_end = start == 0, end == length
    shortest = 4 if at_start or at_end else 6
    if end - start < shortest and not end - start == length == 2:
        return start, start
    if (end - start) % 2:
        return (start, end - 1) if at_start else (start + 1, end)
    return start, end


def symbol_values(text: str) -> list[int]:
    """Start symbol, data, check symbol (modulo 103) and stop."""
    values: list[int] = []
    for code_set, part in runs(text):
        if code_set == "C":
            values.append(CODE_C if values else START_C)
            values += [int(part[i : i + 2]) for i in range(0, len(part), 2)]
        else:
            values.append(CODE_B if values else START_B)
            values += [ord(character) - 32 for character in part]
    check = values[0] + sum(weight * value for weight, value in enumerate(values[1:], start=1))
    return [*values, check % 103, STOP]


@cache
def _bars_of(value: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """A symbol's width and its bars as (offset, width), in modules."""
    bars = []
    offset = 0
    for index, width in enumerate(int(digit) for digit in PATTERNS[value]):
        if index % 2 == 0:
            bars.append((offset, width))
        offset += width
    return offset, tuple(bars)


class Bars(NamedTuple):
    """A whole barcode without its quiet zones: total width and bars (offset, width), in modules."""

    width: int
    bars: list[tuple[int, int]]


def encode(text: str) -> Bars:
    offset = 0
    drawn: list[tuple[int, int]] = []
    for value in symbol_values(text):
        width, bars = _bars_of(value)
        drawn += [(offset + at, wide) for at, wide in bars]
        offset += width
    return Bars(offset, drawn)


# The printer's own field data language: which characters open or change a code set, and the three
# characters that are spelt by their symbol because the printer gives them another meaning.
_ZPL_OPENING = {"B": ">:", "C": ">;"}
_ZPL_SWITCH = {"B": ">6", "C": ">5"}
_ZPL_SPELT = str.maketrans({">": ">0", "^": "><", "~": ">="})


def zpl_field(text: str) -> str:
    """The field data that makes a ZPL printer draw exactly the symbols of `symbol_values`."""
    field = ""
    for code_set, part in runs(text):
        field += (_ZPL_SWITCH if field else _ZPL_OPENING)[code_set] + part.translate(_ZPL_SPELT)
    return field
