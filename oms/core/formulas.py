"""Texts in a file that a spreadsheet would run: an apostrophe makes them harmless, and is taken off again."""

from __future__ import annotations

from typing import Final

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if _begins_as_formula(text) else text


def as_it_was(text: str) -> str:
    """The text that `harmless` was given, also one that had such an apostrophe of its own."""
    return text[1:] if text.startswith("'") and _begins_as_formula(text) else text


def _begins_as_formula(text: str) -> bool:
    return text.lstrip("'").startswith(_STARTS)
