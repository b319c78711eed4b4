"""QR codes for people's telephones and for the counter's scanner: as SVG on pages, as PNG in mails."""

from __future__ import annotations

import struct
import zlib

from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.carriers.drawing.qr import QUIET_MODULES, Modules, encode

_PIXELS_PER_MODULE = 8


def pickup_pass(number: str, code: str) -> str:
    """What a customer's QR code says at the counter."""
    return f"H:{number}:{code}"


def qr_svg(text: str, *, title: str) -> SafeString:
    """Dark on white whatever the page's colours are: scanners want it so. Scales with its container."""
    symbol = encode(text)
    side = symbol.side + 2 * QUIET_MODULES
    path = "".join(f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{width}v1h-{width}z" for x, y, width in symbol.runs)
    return format_html(
        '<svg viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<rect width="{0}" height="{0}" fill="#fff"/><path d="{2}" fill="#000"/></svg>',
        side,
        title,
        path,
    )


def qr_png(text: str) -> bytes:
    """One bit per pixel, which any mail program shows."""
    symbol = encode(text)
    side = (symbol.side + 2 * QUIET_MODULES) * _PIXELS_PER_MODULE
    rows = b"".join(b"\0" + row for row in _rows(symbol, side))
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _rows(symbol: Modules, side: int) -> list[bytes]:
    """Rows of pixels as bits, white is 1."""
    white = (1 << side) - 1
    rows = [white] * side
    for x, y, width in symbol.runs:
        pixels = width * _PIXELS_PER_MODULE
        right = side - (x + QUIET_MODULES) * _PIXELS_PER_MODULE - pixels
        first = (y + QUIET_MODULES) * _PIXELS_PER_MODULE
        for row in range(first, first + _PIXELS_PER_MODULE):
            rows[row] &= ~(((1 << pixels) - 1) << right)
    size = (side + 7) // 8
    return [(row << (size * 8 - side)).to_bytes(size, "big") for row in rows]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
