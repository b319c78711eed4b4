"""JSON out: times end in Z, decimals are texts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
from django.utils.duration import duration_iso_string
from django.utils.functional import Promise


def to_json(data: Any) -> bytes:
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
