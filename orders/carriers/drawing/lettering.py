"""Text that a label can show: which characters, how wide, cut into lines that fit.

The PDF is set in Helvetica, which every reader and PDF printer has; embedding a font would make each
label ten times larger. With its Windows-1252 encoding it has the letters of Western Europe. Anything
else is transliterated to Latin letters, as the post expects of an international address: `Łódź` becomes
`Lódz`, `Москва` becomes `Moskva`. Characters are transliterated one by one without knowing the language:
Japanese written in kanji comes out in its Chinese reading, Arabic and Hebrew without their short vowels,
and a character without a Latin form as `?`. Postcode, country and the codes stay exact.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics
from text_unidecode import unidecode

REGULAR, BOLD = "Helvetica", "Helvetica-Bold"
ENCODING = "cp1252"
LEADING = 1.18  # distance of baselines, in font sizes
_ELLIPSIS = "…"
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Zs"}
_FORMATTING = "Cf"  # joiners, direction marks, the soft hyphen: nothing to see
_ACCENT = "Mn"  # one that could not be composed with its letter
_STEP = 2  # dots between two sizes tried

# Arabic letters that the general table leaves out or gives a sign for.
_ALEFS = {"\N{ARABIC LETTER ALEF}": "a", "\N{ARABIC LETTER ALEF MAKSURA}": "a", "\N{ARABIC LETTER TEH MARBUTA}": "a"}

# Widths of the 256 codes in thousandths of the font size.
_WIDTHS: dict[str, tuple[float, ...]] = {font: tuple(pdfmetrics.getFont(font).widths) for font in (REGULAR, BOLD)}


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """The text in characters the font has, composed, with single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = "".join(_shown(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(shown.split())


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return "" if category == _FORMATTING else " "
    try:
        character.encode(ENCODING)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKC", character)
        if plain != character:  # superscripts, full-width forms, circled digits
            return "".join(map(_shown, plain))
        latin = _ALEFS.get(character) or unidecode(character).replace("[?]", "?")
        return latin or ("" if category == _ACCENT else "?")
    return character


def width(text: str, size: int, font: str = REGULAR) -> float:
    """How wide printable text is, in the unit of `size`."""
    return sum(map(_WIDTHS[font].__getitem__, text.encode(ENCODING))) * size / 1000


class Lines(NamedTuple):
    """Lines of one size, each not wider than what was asked for."""

    size: int
    lines: list[str]


def fit_line(text: str, room: float, sizes: tuple[int, int], font: str = REGULAR) -> Lines:
    """One line at the largest size that fits, cut with an ellipsis where the smallest does not."""
    text = printable(text)
    size, smallest = sizes
    full = width(text, size, font)
    if full > room:
        size = max(smallest, int(size * room / full))
        text = _cut(text, room, size, font)
    return Lines(size, [text])


def fit_lines(texts: Sequence[str], room: tuple[float, float], sizes: tuple[int, int], font: str = REGULAR) -> Lines:
    """Several texts as one block of (width, height) `room`, wrapped, at the largest size that fits.

    Empty texts are left out. What is too long even at the smallest size loses its end, marked with
    an ellipsis.
    """
    across, down = room
    shown = [text for text in map(printable, texts) if text]
    largest, smallest = sizes
    for size in range(largest, smallest - 1, -_STEP):
        lines = [line for text in shown for line in _wrap(text, across, size, font)]
        if len(lines) * size * LEADING <= down:
            return Lines(size, lines)
    kept = lines[: int(down / (smallest * LEADING))]
    kept[-1] = _cut(kept[-1] + _ELLIPSIS, across, smallest, font)
    return Lines(smallest, kept)


def _wrap(text: str, room: float, size: int, font: str) -> list[str]:
    if width(text, size, font) <= room:
        return [text]
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        longer = f"{current} {word}" if current else word
        if width(longer, size, font) <= room:
            current = longer
            continue
        if current:
            lines.append(current)
        *full, current = _broken(word, room, size, font)
        lines += full
    return [*lines, current]


def _broken(word: str, room: float, size: int, font: str) -> list[str]:
    """A word cut into pieces that fit, after a hyphen where it has one; one piece when it fits whole."""
    pieces = []
    while width(word, size, font) > room:
        end = len(word) - 1
        while end > 1 and width(word[:end], size, font) > room:
            end -= 1
        end = word.rfind("-", 1, end) + 1 or end
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


def _cut(text: str, room: float, size: int, font: str) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if width(text, size, font) <= room:
        return text
    kept = text.removesuffix(_ELLIPSIS)
    while kept and width(kept + _ELLIPSIS, size, font) > room:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS
