"""A label as a picture: tablets and telephones show no PDF inside a page."""

from __future__ import annotations

import io
import threading

import pypdfium2

# The resolution of the printers that labels are made for: one dot, one pixel.
DOTS_PER_INCH = 203
_POINTS_PER_INCH = 72
# PDFium knows one thread at a time.
_LOCK = threading.Lock()


def label_picture(pdf: bytes) -> bytes:
    """The first page as PNG, in greys. Raises `pypdfium2.PdfiumError` for what is no PDF."""
    with _LOCK, pypdfium2.PdfDocument(pdf) as document:
        page = document[0].render(scale=DOTS_PER_INCH / _POINTS_PER_INCH, grayscale=True).to_pil()
    picture = io.BytesIO()
    page.save(picture, "PNG")
    return picture.getvalue()
