"""Ticked rows, as forms and addresses name them."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict
from django.utils.http import urlencode

AT_MOST = 60


def selected(fields: QueryDict, name: str = "work") -> list[int]:
    """The ids that were ticked, each once; whatever is none is left out."""
    ids = [int(value) for value in fields.getlist(name) if value.isascii() and value.isdigit() and len(value) < 19]
    return list(dict.fromkeys(ids))[:AT_MOST]


def naming(ids: Sequence[int], name: str = "work") -> str:
    """`?work=1&work=2`"""
    return "?" + urlencode([(name, each) for each in ids])


def whole_number(text: str | None) -> int | None:
    """A quantity as somebody typed it; None for anything else."""
    value = (text or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else None
