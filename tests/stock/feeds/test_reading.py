"""A stock file as a stream: what its bytes must be, and on which line they are not."""

import gzip
import io

import pytest

from stock.feeds.errors import FileRefused
from stock.feeds.reading import BLOCK_BYTES, Line, Malformed, StockFile

HEADER = b"sku,stock_point,quantity\n"


def lines_of(content: bytes, *, delimiter: str = ",") -> list[Line | Malformed]:
    return list(StockFile(io.BytesIO(content), delimiter=delimiter).lines())


def refusal_of(content: bytes, *, delimiter: str = ",") -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        for _ in StockFile(io.BytesIO(content), delimiter=delimiter).blocks():
            pass
    return caught.value


def test_reads_each_line_with_its_number() -> None:
    assert lines_of(HEADER + b"A,paris,1\nB,lyon,2\n") == [Line(2, ["A", "paris", "1"]), Line(3, ["B", "lyon", "2"])]


def test_accepts_a_byte_order_mark() -> None:
    assert lines_of(b"\xef\xbb\xbf" + HEADER + b"A,paris,1\n") == [Line(2, ["A", "paris", "1"])]


def test_accepts_windows_line_breaks_and_a_last_line_without_one() -> None:
    content = b"sku,stock_point,quantity\r\nA,paris,1\r\nB,lyon,2"
    assert lines_of(content) == [Line(2, ["A", "paris", "1"]), Line(3, ["B", "lyon", "2"])]


def test_takes_the_columns_in_the_order_of_the_header() -> None:
    file = StockFile(io.BytesIO(b"quantity,unavailable,sku,stock_point\n"))
    assert file.columns == ("quantity", "unavailable", "sku", "stock_point")


def test_passes_over_empty_lines_and_still_counts_them() -> None:
    assert lines_of(HEADER + b"\nA,paris,1\n\n\nB,lyon,2\n\n") == [
        Line(3, ["A", "paris", "1"]),
        Line(6, ["B", "lyon", "2"]),
    ]


def test_reads_quoted_fields() -> None:
    assert lines_of(HEADER + b'"A,1","the ""paris"" one",3\n') == [Line(2, ["A,1", 'the "paris" one', "3"])]


def test_reads_by_a_declared_delimiter() -> None:
    assert lines_of(b"sku;stock_point;quantity\nA;paris;3\n", delimiter=";") == [Line(2, ["A", "paris", "3"])]


@pytest.mark.parametrize(
    ("content", "code", "line_number"),
    [
        (b"", "empty_file", None),
        (HEADER + b"A,paris,1\nB,lyon\xe9,2\n", "wrong_encoding", 3),
        ("sku,stock_point,quantity\nA,paris,1\n".encode("utf-16"), "wrong_encoding", 1),
        (b"sk\xfc,stock_point,quantity\n", "wrong_encoding", 1),
        (HEADER + b"A,paris,1\nB,ly\0on,2\n", "binary_content", 3),
        (b"sku;stock_point;quantity\nA;paris;3\n", "wrong_delimiter", 1),
        (b"sku\tstock_point\tquantity\nA\tparis\t3\n", "wrong_delimiter", 1),
        (b"sku,quantity\nA,3\n", "missing_columns", 1),
        (b"A,paris,3\nB,paris,4\n", "missing_columns", 1),
        (b"sku,stock_point,quantity,price\nA,paris,3,9.90\n", "unknown_columns", 1),
        (b"sku,stock_point,quantity,sku\nA,paris,3,A\n", "unknown_columns", 1),
        (gzip.compress(HEADER, mtime=0), "compressed_file", 1),
        (b"PK\x03\x04 a spreadsheet", "compressed_file", 1),
        (b"x" * 70_000, "line_too_long", 1),
        (HEADER + b"A,paris,1\n" + b"x" * 2 * BLOCK_BYTES, "line_too_long", 3),
        (HEADER + b"A,paris,1\nB,lyon", "truncated", 3),
        (HEADER + b"A,paris,1\nB,lyon,", "truncated", 3),
        (HEADER + b'A,paris,1\n"B', "truncated", 3),
        (HEADER + b"A,paris,1\nB,ly\xc3", "truncated", 3),
    ],
)
def test_refuses_a_file_that_is_not_what_it_should_be_and_names_the_line(
    content: bytes, code: str, line_number: int | None
) -> None:
    refusal = refusal_of(content)
    assert (refusal.code, refusal.line_number) == (code, line_number)
    assert (
        line_number is None
        or code == "compressed_file"
        or "UTF-16" in refusal.detail
        or (f"ine {line_number}" in refusal.detail)
    )


def test_names_the_line_of_a_wrong_byte_far_into_the_file() -> None:
    good = b"SOME-SKU,paris,12\n" * 100_000
    assert len(good) > 4 * BLOCK_BYTES
    assert refusal_of(HEADER + good + b"caf\xe9,paris,1\n" + good).line_number == 100_002


def test_tells_lines_without_clear_fields_from_the_others() -> None:
    content = HEADER + b'A,paris,1\n"B,lyon,2\nC,lyon\nD,lyon,3,5\nE,lyon,1,x\nF,lyon,6\n'
    found = [(row.line_number, getattr(row, "code", "")) for row in lines_of(content)]
    assert found == [
        (2, ""),
        (3, "malformed"),
        (4, "wrong_columns"),
        (5, "decimal_comma"),
        (6, "wrong_columns"),
        (7, ""),
    ]


def test_holds_one_block_of_a_large_file_at_a_time() -> None:
    row = b"SOME-SKU,paris,12\n"

    class Endless(io.RawIOBase):
        """A hundred million bytes that are nowhere."""

        left = 100_000_000

        def read(self, size: int = -1) -> bytes:
            if self.left <= 0:
                return b""
            taken = (row * (size // len(row) + 1))[: size - size % len(row)]
            start = HEADER if self.left == 100_000_000 else b""
            self.left -= len(taken)
            return start + taken

    longest = max(len(block) for block in StockFile(Endless()).blocks())  # type: ignore[arg-type]
    assert longest <= 2 * BLOCK_BYTES
