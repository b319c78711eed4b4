"""The same label in ZPL II, for printers that draw it themselves.

Text is UTF-8 (`^CI28`) set in the printer's scalable font 0, which is narrower than the font the lines
were fitted with, so what fits the PDF fits here. Both codes are drawn by the printer from their text.
"""

from __future__ import annotations

from orders.carriers.drawing import code128
from orders.carriers.drawing.layout import HEIGHT, WIDTH, Barcode, Box, Layout, Matrix, Text
from orders.carriers.drawing.qr import ERROR_CORRECTION

# Under ^FH an underscore opens a hexadecimal escape, so it must itself be escaped.
_ESCAPES = str.maketrans({"^": "_5E", "~": "_7E", "_": "_5F", "\\": "_5C"})


def draw_zpl(layout: Layout) -> str:
    """One label format, `^XA` to `^XZ`, for a 203 dpi printer."""
    return "\n".join(
        [
            "^XA",
            "^CI28",
            f"^PW{WIDTH}",
            f"^LL{HEIGHT}",
            "^LH0,0",
            *map(_box, layout.boxes),
            *map(_text, layout.texts),
            _barcode(layout.barcode),
            _matrix(layout.matrix),
            "^XZ",
            "",
        ]
    )


def _box(box: Box) -> str:
    x, y, width, height = box
    return f"^FO{x},{y}^GB{width},{height},{min(width, height)}^FS"


def _text(text: Text) -> str:
    reversed_out = "^FR" if text.is_white else ""
    return f"^FT{text.x},{text.baseline}^A0N,{text.size},{text.size}{reversed_out}^FH^FD{_escaped(text.text)}^FS"


def _barcode(barcode: Barcode) -> str:
    """Mode N draws the code sets the field data names, so the width is the one laid out."""
    field = code128.zpl_field(barcode.text)
    return f"^FO{barcode.x},{barcode.y}^BY{barcode.module}^BCN,{barcode.height},N,N,N,N^FD{field}^FS"


def _matrix(matrix: Matrix) -> str:
    """The firmware sinks a QR code by the height last given to ^BY, so that is pinned to one dot."""
    data = f"{ERROR_CORRECTION}A,{_escaped(matrix.text)}"
    return f"^FO{matrix.x},{matrix.y}^BY{matrix.module},2,1^BQN,2,{matrix.module}^FH^FD{data}^FS"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
