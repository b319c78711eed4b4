"""Labels per second: ours against the same content drawn with reportlab's own barcode widgets.

Both draw the same addresses, the same tracking numbers and the same QR content on the same page size,
one document per label, in turns within one run. A sample of ours is read back outside the timing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from statistics import median
from time import perf_counter
from typing import TypeVar

import pypdfium2
import zxingcpp
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from benchmarks.rows import Row, at_least, table
from orders.carriers import named
from orders.carriers.drawing import draw_labels, lay_out, qr
from orders.carriers.drawing.layout import DOTS_PER_MM, HEIGHT, Layout
from orders.carriers.drawing.pdf import PAGE
from orders.carriers.house import tracking_number
from orders.carriers.protocol import Address, LabelRequest

ROUNDS = 5
WIDGET_LABELS, OUR_LABELS = 20, 200  # per round
SAMPLE = 50
TARGET_RATIO = 10

Content = TypeVar("Content")

_DOT = mm / DOTS_PER_MM
_SENDER = Address("Halles Lyon Part-Dieu", "17 rue du Docteur Bouchut", "69003", "Lyon", "FR")
_RECIPIENTS = (
    Address(
        "Éloïse Œuvrard-Lefèvre",
        "12 bis avenue de l'Hôpital Général",
        "75011",
        "Paris",
        "FR",
        phone="+33 6 12 34 56 78",
    ),
    Address("Jürgen Groß", "Königsallee 1", "40212", "Düsseldorf", "DE", line2="Hinterhaus, 2. OG"),
    Address("Łukasz Żółć", "ul. Świętokrzyska 14/5", "00-050", "Warszawa", "PL"),
    Address("Maison de la Presse et du Livre", "Centre commercial des Trois Fontaines, " * 3, "95000", "Cergy", "FR"),
)


def _requests(first: int, quantity: int) -> list[LabelRequest]:
    common = LabelRequest(
        reference="",
        serial=1,
        sender=_SENDER,
        recipient=_SENDER,
        service="express",
        weight_g=1250,
        order_number="",
        stock_point="LYON-PD",
        ships_on=date(2026, 11, 23),
        language="fr",
    )
    return [
        replace(
            common,
            reference=f"parcel-{serial}",
            serial=serial,
            order_number=f"H26-{serial:07d}",
            recipient=replace(_RECIPIENTS[serial % len(_RECIPIENTS)], phone=f"+33 6 {serial:08d}"),
        )
        for serial in range(first, first + quantity)
    ]


def _ours(request: LabelRequest) -> bytes:
    return draw_labels([_laid_out(request)])


def _with_widgets(layout: Layout) -> bytes:
    """The label as one would write it with reportlab alone. Its texts come fitted: that is not timed."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=PAGE, invariant=1, pageCompression=0)
    for x, y, width, height in layout.boxes:
        canvas.rect(x * _DOT, (HEIGHT - y - height) * _DOT, width * _DOT, height * _DOT, stroke=0, fill=1)
    for text in layout.texts:
        canvas.setFillGray(1 if text.is_white else 0)
        canvas.setFont("Helvetica-Bold" if text.is_bold else "Helvetica", text.size * _DOT)
        canvas.drawString(text.x * _DOT, (HEIGHT - text.baseline) * _DOT, text.text)
    canvas.setFillGray(0)
    bars, matrix = layout.barcode, layout.matrix
    widget = Code128(bars.text, barWidth=bars.module * _DOT, barHeight=bars.height * _DOT, quiet=0)
    widget.drawOn(canvas, bars.x * _DOT, (HEIGHT - bars.y - bars.height) * _DOT)
    side = max(x + width for x, _, width in matrix.runs) * matrix.module * _DOT
    modules = QrCodeWidget(matrix.text, barLevel=qr.ERROR_CORRECTION, barBorder=0, barWidth=side, barHeight=side)
    drawing = Drawing(side, side)
    drawing.add(modules)
    renderPDF.draw(drawing, canvas, matrix.x * _DOT, HEIGHT * _DOT - matrix.y * _DOT - side)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _laid_out(request: LabelRequest) -> Layout:
    return lay_out(request, tracking_number(request.serial))


def _per_second(draw: Callable[[Content], object], contents: Sequence[Content]) -> float:
    started = perf_counter()
    for content in contents:
        draw(content)
    return len(contents) / (perf_counter() - started)


def _read_back(pdf: bytes, request: LabelRequest) -> bool:
    """Whether a reader finds the label's two codes, and exactly these, at a printer's resolution."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=203 / 72, grayscale=True).to_pil()
    number = tracking_number(request.serial)
    return {code.text for code in zxingcpp.read_barcodes(picture)} == {number, qr.content(request, number)}


def run() -> list[Row]:
    house = named("house")
    ours, theirs, bought = [], [], []
    for turn in range(ROUNDS + 1):  # the first one only warms up
        requests = _requests(turn * OUR_LABELS + 1, OUR_LABELS)
        layouts = [_laid_out(request) for request in requests[:WIDGET_LABELS]]
        theirs.append(_per_second(_with_widgets, layouts))
        ours.append(_per_second(_ours, requests))
        bought.append(_per_second(house.buy, requests))
    sample = _requests(900_000, SAMPLE)
    our_read = sum(_read_back(_ours(request), request) for request in sample)
    their_read = sum(_read_back(_with_widgets(_laid_out(request)), request) for request in sample)
    ratio = median(our / their for our, their in zip(ours[1:], theirs[1:], strict=True))
    return [
        at_least("labels: PDF, times reportlab's barcode widgets", ratio, "x", TARGET_RATIO),
        Row("labels: PDF, ours", median(ours[1:]), "per s"),
        Row("labels: PDF, reportlab's barcode widgets", median(theirs[1:]), "per s"),
        Row("labels: bought from the house carrier (PDF and ZPL)", median(bought[1:]), "per s"),
        at_least("labels: ours, read back", our_read, f"of {SAMPLE}", SAMPLE),
        at_least("labels: reportlab's barcode widgets, read back", their_read, f"of {SAMPLE}", SAMPLE),
    ]


if __name__ == "__main__":
    print(table(run()))
