"""How many of something, to be read: 8,480 in English, 8 480 in French. What a program reads stays bare."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext

MINUS: Final = "−"


def grouped(amount: Any) -> Any:
    """A whole number by thousands; what is none as it is."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        return amount
    return with_minus(number_format(amount, force_grouping=True))


def signed(amount: int) -> str:
    """What came with a plus, what went with a minus."""
    return f"{'+' if amount >= 0 else MINUS}{grouped(abs(amount))}"


def with_minus(text: str) -> str:
    """A written number with the sign for less than nothing, not the hyphen that computers write."""
    return text.replace("-", MINUS, 1)


def share(percent: Decimal) -> str:
    """`25%`, `12.5%`: without the noughts that a column keeps behind the sign."""
    return gettext("%(number)s%%") % {"number": number_format(percent.normalize())}
