from itertools import chain

import pytest
import segno

from orders.carriers.drawing import qr
from tests.orders.carriers.examples import a_request

TEXTS = ["HA00000000421725*H26-0000421*FR*75011*1/2", "HELLO WORLD", "lower case, été", "A" * 150]


def dark_modules(symbol: qr.Modules) -> list[tuple[int, int]]:
    return [
        (x + across, y + down)
        for x, y, width, height in symbol.rectangles
        for across in range(width)
        for down in range(height)
    ]


def test_it_names_the_parcel_its_order_and_its_destination():
    content = qr.content(a_request(parcel_index=2, parcel_count=3), "HA00000000421725")
    assert content == "HA00000000421725*H26-0000421*FR*75011*2/3"


@pytest.mark.parametrize("text", ["A", "HELLO WORLD", "ABCDE-FGHI/JKL*MNO:PQR $%+.", "A" * 150])
def test_another_encoder_draws_the_same_modules(text):
    symbol = qr.encode(text)
    drawn = set(dark_modules(symbol))
    others = []
    for mask in range(8):
        matrix = segno.make(text, micro=False, error=qr.ERROR_CORRECTION, boost_error=False, mask=mask).matrix
        others.append({(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark})
        assert len(matrix) == symbol.side
    assert drawn in others


@pytest.mark.parametrize("text", TEXTS)
def test_no_module_is_drawn_twice(text):
    modules = dark_modules(qr.encode(text))
    assert len(modules) == len(set(modules))


@pytest.mark.parametrize("text", TEXTS)
def test_runs_are_merged_across_and_down(text):
    symbol = qr.encode(text)
    assert len(symbol.rectangles) < len(dark_modules(symbol)) / 2
    rectangles = set(symbol.rectangles)
    for x, y, width, height in rectangles:
        below = {(x, y + height, width, other) for other in range(1, symbol.side)}
        assert not below & rectangles
        beside = {(x + width, row) for row in range(y, y + height)}
        assert not beside & set(dark_modules(symbol))


def test_every_module_lies_inside_the_symbol():
    symbol = qr.encode(TEXTS[0])
    assert symbol.side == 29
    assert set(chain.from_iterable(dark_modules(symbol))) == set(range(29))
