from functools import cache
from itertools import product

import numpy
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.drawing import code128

PRINTABLE_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)


def read(bars: code128.Bars) -> list[str]:
    """What a reader sees: modules three dots wide, ten modules of quiet zone."""
    row = numpy.full((bars.width + 20) * 3, 255, dtype=numpy.uint8)
    for at, wide in bars.bars:
        row[(10 + at) * 3 : (10 + at + wide) * 3] = 0
    picture = numpy.tile(row, (90, 1))
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.Code128)]


def fewest_symbols(text: str) -> int:
    """Start and data symbols of the shortest possible coding in sets B and C, by trying everything."""

    @cache
    def rest(position: int, code_set: str) -> int:
        if position == len(text):
            return 0
        ways = [(code_set != "B") + 1 + rest(position + 1, "B")]
        if text[position : position + 2].isdigit() and position + 2 <= len(text):
            ways.append((code_set != "C") + 1 + rest(position + 2, "C"))
        return min(ways)

    return rest(0, "none yet")


def test_a_text_of_letters_and_digits_switches_to_pairs():
    # Start B, H, A, switch to C, seven pairs, check symbol, stop:
    # 104 + 1×40 + 2×33 + 3×99 + 8×42 + 9×17 + 10×25 = 1246 = 12 × 103 + 10.
    assert code128.symbol_values("HA00000000421725") == [104, 40, 33, 99, 0, 0, 0, 0, 42, 17, 25, 10, 106]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("12", [("C", "12")]),
        ("123", [("B", "123")]),
        ("1234", [("C", "1234")]),
        ("12345", [("C", "1234"), ("B", "5")]),
        ("A123", [("B", "A123")]),
        ("A1234", [("B", "A"), ("C", "1234")]),
        ("A12345", [("B", "A1"), ("C", "2345")]),
        ("1234A", [("C", "1234"), ("B", "A")]),
        ("A12345B", [("B", "A12345B")]),
        ("A123456B", [("B", "A"), ("C", "123456"), ("B", "B")]),
        ("A1234567B", [("B", "A1"), ("C", "234567"), ("B", "B")]),
    ],
)
def test_digits_are_paired_where_that_is_shorter(text, runs):
    assert code128.runs(text) == runs


def test_no_coding_is_shorter():
    for length in range(1, 12):
        for characters in product("A1", repeat=length):
            text = "".join(characters)
            assert len(code128.symbol_values(text)) - 2 == fewest_symbols(text), text


@given(PRINTABLE_ASCII)
def test_a_reader_reads_what_was_encoded(text):
    assert read(code128.encode(text)) == [text]


def test_a_reader_reads_every_pair_of_digits():
    for pair in range(100):
        text = f"{pair:02d}" * 3
        assert read(code128.encode(text)) == [text]


def test_a_reader_refuses_a_wrong_check_symbol(monkeypatch):
    right = code128.symbol_values("HA00000000421725")
    monkeypatch.setattr(code128, "symbol_values", lambda text: [*right[:-2], (right[-2] + 1) % 103, right[-1]])
    assert read(code128.encode("HA00000000421725")) == []


def test_every_symbol_is_eleven_modules_wide_and_no_two_are_alike():
    widths = [sum(map(int, pattern)) for pattern in code128.PATTERNS]
    assert widths == [11] * 106 + [13]
    assert len(set(code128.PATTERNS)) == 107


@pytest.mark.parametrize("text", ["", "é", "tab\t", "\x7f", "１２"])
def test_refuses_what_set_b_does_not_hold(text):
    with pytest.raises(ValueError, match="Code 128 set B cannot hold"):
        code128.encode(text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("HA00000000421725", ">:HA>500000000421725"),
        ("123456", ">;123456"),
        ("1234A", ">;1234>6A"),
        ("a>b^c~d", ">:a>0b><c>=d"),
    ],
)
def test_the_printer_is_told_the_same_code_sets(text, field):
    assert code128.zpl_field(text) == field
