"""Sizes in the order in which people look for theirs."""

from __future__ import annotations

import re
from typing import Final

_LETTERS: Final = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "XXXL", "4XL", "5XL")


def size_order(size: str) -> tuple[int, float, str]:
    """Letters as they grow, then numbers as they count, then whatever else."""
    if size.upper() in _LETTERS:
        return (0, _LETTERS.index(size.upper()), size)
    number = re.match(r"\d+(?:[.,]\d+)?", size)
    return (1, float(number[0].replace(",", ".")), size) if number else (2, 0, size)
