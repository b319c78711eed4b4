import ctypes
from itertools import combinations

import pypdfium2
import pypdfium2.raw
import pytest

from orders.carriers.drawing import code128, draw_labels, lay_out, qr
from orders.carriers.drawing.layout import HEIGHT, WIDTH, Box
from orders.carriers.house import tracking_number
from tests.orders.carriers.examples import RECIPIENTS, a_request
from tests.orders.carriers.reading import render

NUMBER = tracking_number(4217)
POINTS_PER_MM = 72 / 25.4
TEXT, PATH = pypdfium2.raw.FPDF_PAGEOBJ_TEXT, pypdfium2.raw.FPDF_PAGEOBJ_PATH


def page_of(pdf: bytes, index: int = 0) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(pdf)[index]


def bounds_in_mm(page: pypdfium2.PdfPage, kind: int) -> list[tuple[float, ...]]:
    """Left, bottom, right, top of what is really drawn."""
    found = []
    for item in page.get_objects(filter=[kind]):
        corners = [ctypes.c_float() for _ in range(4)]
        assert pypdfium2.raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, corners))
        found.append(tuple(corner.value / POINTS_PER_MM for corner in corners))
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def label_for(recipient, **changes) -> bytes:
    return draw_labels([lay_out(a_request(recipient=recipient, **changes), NUMBER)])


def test_a_page_is_exactly_100_by_150_millimetres():
    width, height = page_of(label_for(RECIPIENTS[0])).get_size()
    assert width / POINTS_PER_MM == pytest.approx(100, abs=1e-4)
    assert height / POINTS_PER_MM == pytest.approx(150, abs=1e-4)


def test_the_same_labels_give_the_same_bytes():
    layouts = [lay_out(a_request(recipient=recipient), NUMBER) for recipient in RECIPIENTS]
    assert draw_labels(layouts) == draw_labels(layouts)
    assert draw_labels(layouts[:1]) != draw_labels(layouts[1:2])


def test_several_labels_are_pages_of_one_document_in_order():
    pdf = draw_labels([lay_out(a_request(recipient=recipient), NUMBER) for recipient in RECIPIENTS[:3]])
    document = pypdfium2.PdfDocument(pdf)
    names = [page.get_textpage().get_text_bounded().splitlines() for page in document]
    assert len(document) == 3
    assert all(
        recipient.name in lines
        for recipient, lines in zip((RECIPIENTS[0], RECIPIENTS[2]), (names[0], names[2]), strict=True)
    )


def test_refuses_a_document_without_labels():
    with pytest.raises(ValueError, match="There is no label to draw"):
        draw_labels([])


@pytest.mark.parametrize("index", range(len(RECIPIENTS)))
def test_nothing_is_drawn_in_the_margins_and_no_text_touches_another(index):
    page = page_of(label_for(RECIPIENTS[index], sender=RECIPIENTS[-index]))
    texts = bounds_in_mm(page, TEXT)
    for left, bottom, right, top in texts + bounds_in_mm(page, PATH):
        assert 2.99 <= left < right <= 97.01
        assert 2.99 <= bottom < top <= 147.01
    assert len(texts) >= 18
    assert not [pair for pair in combinations(texts, 2) if overlap(*pair)]


@pytest.mark.parametrize("index", range(len(RECIPIENTS)))
def test_the_quiet_zones_stay_empty(index):
    layout = lay_out(a_request(recipient=RECIPIENTS[index], sender=RECIPIENTS[-index]), NUMBER)
    page = page_of(draw_labels([layout]))
    _, bars, modules = bounds_in_mm(page, PATH)
    around_bars = grown(bars, across=10 * layout.barcode.module / 8)
    around_modules = grown(modules, across=4 * layout.matrix.module / 8, down=4 * layout.matrix.module / 8)
    for zone in (around_bars, around_modules):
        assert 0 <= zone[0] < zone[2] <= 100
        assert not [text for text in bounds_in_mm(page, TEXT) if overlap(text, zone)]
        assert not [box for box in layout.boxes if overlap(in_mm(box), zone)]


def grown(area: tuple[float, ...], across: float, down: float = 0) -> tuple[float, ...]:
    """The area with its quiet zone, less a hundredth of a millimetre for the reader's rounding."""
    left, bottom, right, top = area
    return left - across + 0.01, bottom - down + 0.01, right + across - 0.01, top + down - 0.01


def in_mm(box: Box) -> tuple[float, ...]:
    x, y, width, height = (dots / 8 for dots in box)
    return x, 150 - y - height, x + width, 150 - y


def test_all_bars_are_one_path_and_all_modules_another():
    page = page_of(label_for(RECIPIENTS[0]))
    segments = [pypdfium2.raw.FPDFPath_CountSegments(path) for path in page.get_objects(filter=[PATH])]
    symbol = qr.encode(qr.content(a_request(recipient=RECIPIENTS[0]), NUMBER))
    bars = code128.encode(NUMBER).bars
    per_rectangle = segments[1] // len(bars)
    assert segments[1:] == [len(bars) * per_rectangle, len(symbol.runs) * per_rectangle]


def test_every_bar_and_module_is_a_whole_number_of_printer_dots():
    page = page_of(label_for(RECIPIENTS[0]))
    for path in list(page.get_objects(filter=[PATH])):
        matrix = path.get_matrix()
        for index in range(pypdfium2.raw.FPDFPath_CountSegments(path)):
            x, y = ctypes.c_float(), ctypes.c_float()
            segment = pypdfium2.raw.FPDFPath_GetPathSegment(path, index)
            pypdfium2.raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            for point in matrix.on_point(x.value, y.value):
                dots = point / POINTS_PER_MM * 8
                assert dots == pytest.approx(round(dots), abs=0.01)


def test_the_number_is_also_written_for_people():
    assert "HA 0000 0000 4217 25" in page_of(label_for(RECIPIENTS[0])).get_textpage().get_text_bounded()


def test_the_picture_has_ink_where_the_layout_says():
    layout = lay_out(a_request(), NUMBER)
    picture = render(draw_labels([layout])).resize((WIDTH, HEIGHT))
    middle = layout.barcode.y + layout.barcode.height // 2
    for at, wide in layout.barcode.bars:
        centre = layout.barcode.x + (at + wide / 2) * layout.barcode.module
        assert picture.getpixel((int(centre), middle)) < 64


def test_a_number_too_long_to_print_is_refused():
    with pytest.raises(ValueError, match="too long for a barcode that prints at 203 dpi"):
        lay_out(a_request(), "A" * 40)


def test_an_order_number_too_long_for_the_qr_code_is_refused():
    with pytest.raises(ValueError, match="too long for the label's QR code"):
        lay_out(a_request(order_number="é" * 500), NUMBER)
