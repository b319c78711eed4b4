"""Labels read back: rendered as a 203 dpi printer would, decoded by a barcode reader."""

from __future__ import annotations

from typing import NamedTuple

import pypdfium2
import zxingcpp
from PIL.Image import Image

PRINTER_DPI = 203
POINTS_PER_INCH = 72


class Codes(NamedTuple):
    code128: list[str]
    qr: list[str]


def render(pdf: bytes, page: int = 0) -> Image:
    document = pypdfium2.PdfDocument(pdf)
    return document[page].render(scale=PRINTER_DPI / POINTS_PER_INCH, grayscale=True).to_pil()


def codes_in(picture: Image) -> Codes:
    found = zxingcpp.read_barcodes(picture, try_rotate=False, try_invert=False)
    of_format = {
        wanted: [code.text for code in found if code.format == wanted]
        for wanted in (zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode)
    }
    assert sum(map(len, of_format.values())) == len(found), f"unexpected codes among {found}"
    return Codes(*of_format.values())
