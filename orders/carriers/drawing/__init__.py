"""The house label, 100 × 150 mm: pure functions from a request to a PDF and to ZPL.

`lay_out` places everything in printer dots; `draw_labels` and `draw_zpl` only write down what it placed.
The words are in `captions`, the fitting of text in `lettering`, the symbols in `code128` and `qr`.
"""

from orders.carriers.drawing.layout import Layout, lay_out
from orders.carriers.drawing.pdf import draw_labels
from orders.carriers.drawing.zpl import draw_zpl

__all__ = ["Layout", "draw_labels", "draw_zpl", "lay_out"]
