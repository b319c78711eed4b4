"""Labels as a PDF, one page each, drawn by reportlab.

Everything is drawn in dots, whole numbers, under one scale: short to write and never off the printer's
grid. All bars are one path, all modules another, and the fixed artwork is written once per process.
Pages are not compressed: deflating costs a quarter of the speed to save three of six kilobytes, which the
database's own compression saves as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from orders.carriers.drawing.layout import (
    DOTS_PER_MM,
    FIXED_BOXES,
    HEIGHT,
    WIDTH,
    Barcode,
    Box,
    Layout,
    Matrix,
    Text,
)
from orders.carriers.drawing.lettering import BOLD, ENCODING, REGULAR

PAGE = (WIDTH / DOTS_PER_MM * mm, HEIGHT / DOTS_PER_MM * mm)
_DOT = mm / DOTS_PER_MM

# A PDF string in plain ASCII: each code of the font's encoding as itself or as an octal escape.
_ESCAPED = [chr(code) if 32 <= code < 127 and chr(code) not in "()\\" else f"\\{code:03o}" for code in range(256)]


def draw_labels(layouts: Sequence[Layout]) -> bytes:
    """One PDF with a page of 100 × 150 mm per label; the same labels give the same bytes.

    Raises ValueError when there is none.
    """
    if not layouts:
        raise ValueError("There is no label to draw.")
    file = BytesIO()
    canvas = Canvas(file, pagesize=PAGE, invariant=1, pageCompression=0)
    canvas.setTitle(layouts[0].barcode.text)
    for layout in layouts:
        _draw_page(canvas, layout)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw_page(canvas: Canvas, layout: Layout) -> None:
    canvas.scale(_DOT, _DOT)
    canvas.addLiteral(_FIXED)
    canvas.addLiteral(_bars_path(layout.barcode))
    canvas.addLiteral(_modules_path(layout.matrix))
    font = None
    for text in layout.texts:
        if font != (font := (BOLD if text.is_bold else REGULAR, text.size)):
            canvas.setFont(*font)
        canvas.addLiteral(_shown(text))


def _shown(text: Text) -> str:
    string = "".join(map(_ESCAPED.__getitem__, text.text.encode(ENCODING)))
    colour = "1 g" if text.is_white else "0 g"
    return f"{colour} BT {text.x} {HEIGHT - text.baseline} Td ({string}) Tj ET"


def _rectangle(x: int, y: int, width: int, height: int) -> str:
    return f"{x} {HEIGHT - y - height} {width} {height} re"


def _boxes_path(boxes: Sequence[Box]) -> str:
    return " ".join(_rectangle(*box) for box in boxes) + " f"


def _bars_path(barcode: Barcode) -> str:
    module, bottom, height = barcode.module, HEIGHT - barcode.y - barcode.height, barcode.height
    drawn = [f"{barcode.x + at * module} {bottom} {wide * module} {height} re" for at, wide in barcode.bars]
    return " ".join(drawn) + " f"


def _modules_path(matrix: Matrix) -> str:
    """Drawn in modules under its own scale, which keeps the numbers short."""
    drawn = [f"{x} {-y - 1} {width} 1 re" for x, y, width in matrix.runs]
    placed = f"q {matrix.module} 0 0 {matrix.module} {matrix.x} {HEIGHT - matrix.y} cm"
    return f"{placed} {' '.join(drawn)} f Q"


_FIXED = _boxes_path(FIXED_BOXES)
