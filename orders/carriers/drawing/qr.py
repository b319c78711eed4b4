"""The label's QR code: what it says, and its dark modules in runs along the rows.

It carries what a sorting line needs without asking anyone: tracking number, order, destination and
which of the order's parcels this is, separated by `*`:

    HA00000000421725*H26-0000421*FR*75011*1/2

All of it fits the QR code's alphanumeric mode while the order number does (capitals, digits,
` $%*+-./:`), else the symbol grows. Error correction level M, the version the smallest that holds it.
"""

from __future__ import annotations

import re
from math import isqrt
from typing import Any, NamedTuple, cast

import zxingcpp

from orders.carriers.protocol import LabelRequest

QUIET_MODULES = 4
ERROR_CORRECTION = "M"
_DARK = re.compile(rb"\x00+")  # among bytes of grey, one per module


class Modules(NamedTuple):
    """A QR symbol without its quiet zone: modules per side, and the dark ones as runs (x, y, width)."""

    side: int
    runs: list[tuple[int, int, int]]


def content(request: LabelRequest, tracking_number: str) -> str:
    to = request.recipient
    parcel = f"{request.parcel_index}/{request.parcel_count}"
    return "*".join((tracking_number, request.order_number, to.country, to.postcode, parcel))


def encode(text: str) -> Modules:
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=ERROR_CORRECTION)
    grey = bytes(cast(Any, symbol.to_image(scale=1, add_quiet_zones=False)))
    side = isqrt(len(grey))
    runs = [
        (dark.start(), y, dark.end() - dark.start())
        for y in range(side)
        for dark in _DARK.finditer(grey[y * side : (y + 1) * side])
    ]
    return Modules(side, runs)
