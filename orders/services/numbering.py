"""Order numbers: unique, readable aloud, telling nothing but the month.

`H2611K7Q2XD4M9`: H, year and month of placing, eight random characters (40 bits), one check character.
Random rather than counted, so that a number tells neither how many orders there are nor its neighbours'
numbers; the unique constraint catches the rare double (one in a million months of a million orders
would see a handful) and the order is placed again with another. The alphabet is Crockford's: no I, L,
O or U, so what is read aloud or typed from paper stays right; the check character (Luhn, modulo 32)
catches any one wrong character and neighbours swapped.
"""

from __future__ import annotations

import secrets
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {sign: value for value, sign in enumerate(_ALPHABET)}
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
_RANDOM_LENGTH = 8
_BASE = 32


def new_order_number(at: datetime) -> str:
    return new_number("H", at)


def new_number(prefix: str, at: datetime) -> str:
    """A number of the same form under another letter: what hangs on an order is read aloud as easily."""
    drawn = secrets.randbits(5 * _RANDOM_LENGTH)
    body = "".join(_ALPHABET[(drawn >> (5 * place)) % _BASE] for place in range(_RANDOM_LENGTH))
    stem = f"{prefix}{at:%y%m}{body}"
    return stem + _check_character(stem)


def is_order_number(text: str) -> bool:
    """Whether the check character fits: a typing mistake is told from an unknown order."""
    number = normalised(text)
    return (
        len(number) == 1 + 4 + _RANDOM_LENGTH + 1
        and set(number) <= _VALUES.keys()
        and _check_character(number[:-1]) == number[-1]
    )


def normalised(text: str) -> str:
    """As stored: capitals, no separators, letters that are taken for digits put right."""
    return text.strip().upper().replace("-", "").replace(" ", "").translate(_MISREAD)


def _check_character(stem: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(stem)):
        weighted = _VALUES[sign] * (2 if place % 2 == 0 else 1)
        total += weighted // _BASE + weighted % _BASE
    return _ALPHABET[-total % _BASE]
