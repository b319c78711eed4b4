"""The label's QR code: what it says, and its modules as rectangles.

It carries what a sorting line needs without asking anyone: tracking number, order, destination and
which of the order's parcels this is, separated by `*`:

    HA00000000421725*H26-0000421*FR*75011*1/2

All of it fits the QR code's alphanumeric mode while the order number does (capitals, digits,
` $%*+-./:`), else the symbol grows. Error correction level M, the version the smallest that holds it.
"""

from __future__ import annotations

from math import isqrt
from typing import Any, NamedTuple, cast

import zxingcpp

from orders.carriers.protocol import LabelRequest

QUIET_MODULES = 4
ERROR_CORRECTION = "M"


class Modules(NamedTuple):
    """A QR symbol without its quiet zone: modules per side, and the dark ones as (x, y, width, height)."""

    side: int
    rectangles: list[tuple[int, int, int, int]]


def content(request: LabelRequest, tracking_number: str) -> str:
    to = request.recipient
    parcel = f"{request.parcel_index}/{request.parcel_count}"
    return "*".join((tracking_number, request.order_number, to.country, to.postcode, parcel))


def encode(text: str) -> Modules:
    """Dark modules merged into runs along a row, and equal runs of following rows into one rectangle."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=ERROR_CORRECTION)
    grey = bytes(cast(Any, symbol.to_image(scale=1, add_quiet_zones=False)))  # 0 is dark, 255 light
    side = isqrt(len(grey))
    open_runs: dict[tuple[int, int], int] = {}
    rectangles: list[tuple[int, int, int, int]] = []
    for y in range(side + 1):
        runs = _dark_runs(grey[y * side : (y + 1) * side])
        for run in open_runs.keys() - runs:
            first = open_runs.pop(run)
            rectangles.append((run[0], first, run[1], y - first))
        for run in runs:
            open_runs.setdefault(run, y)
    rectangles.sort(key=lambda rectangle: (rectangle[1], rectangle[0]))
    return Modules(side, rectangles)


def _dark_runs(row: bytes) -> set[tuple[int, int]]:
    """The row's dark modules (zero bytes) as runs (x, width)."""
    found = set()
    x = row.find(b"\x00")
    while x >= 0:
        end = row.find(b"\xff", x)
        end = len(row) if end < 0 else end
        found.add((x, end - x))
        x = row.find(b"\x00", end)
    return found
