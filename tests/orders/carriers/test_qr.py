from itertools import chain

import pytest
import segno

from orders.carriers.drawing import qr
from tests.orders.carriers.examples import a_request

TEXTS = ["HA00000000421725*H26-0000421*FR*75011*1/2", "HELLO WORLD", "lower case, été", "A" * 150]


def dark_modules(symbol: qr.Modules) -> list[tuple[int, int]]:
    return [(x + across, y) for x, y, width in symbol.runs for across in range(width)]


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
def test_neighbours_in_a_row_are_one_run(text):
    runs = qr.encode(text).runs
    starts = {(x, y) for x, y, _ in runs}
    assert not [run for run in runs if (run[0] + run[2], run[1]) in starts]


def test_every_module_lies_inside_the_symbol():
    symbol = qr.encode(TEXTS[0])
    assert symbol.side == 29
    assert set(chain.from_iterable(dark_modules(symbol))) == set(range(29))
