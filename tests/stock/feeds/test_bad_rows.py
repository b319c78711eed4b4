"""A row that cannot be used is reported by its line, and the good rows are applied."""

import pytest

from stock.models import StockImportReject
from stock.states import StockImportState
from tests.stock.feeds.feeding import counters, feed, file_of, make_network, on_hand, rejects

pytestmark = pytest.mark.django_db

ROWS = {
    "B,paris,-1": "negative",
    "B,paris,99999999999": "too_large",
    "B,paris,2147483648": "too_large",
    "B,paris,NaN": "not_a_whole_number",
    "B,paris,inf": "not_a_whole_number",
    "B,paris,1.0": "not_a_whole_number",
    "B,paris,1e3": "not_a_whole_number",
    "B,paris,1_000": "not_a_whole_number",
    "B,paris,0x1F": "not_a_whole_number",
    "B,paris, 4": "not_a_whole_number",
    "B,paris,+4": "not_a_whole_number",
    "B,paris,٣": "not_a_whole_number",
    "B,paris,many": "not_a_whole_number",
    "B,paris,": "empty",
    'B,paris,""': "empty",
    ",paris,4": "missing_sku",
    "B,,4": "missing_stock_point",
    "B,paris": "wrong_columns",
    "B,paris,4,x": "wrong_columns",
    'B,"paris,4': "malformed",
}


@pytest.mark.parametrize(("row", "code"), ROWS.items())
def test_one_bad_row_is_reported_and_the_others_are_applied(row: str, code: str) -> None:
    make_network()
    done = feed(file_of("A,paris,1", row, "C,paris,3"))
    assert done.state == StockImportState.APPLIED
    assert counters(done) == {"rows": 3, "applied": 2, "unchanged": 0, "rejected": 1, "quarantined": 0}
    assert rejects(done) == [(3, code)]
    assert [on_hand(sku, "paris") for sku in "ABC"] == [1, None, 3]


def test_all_bad_rows_of_a_file_are_reported_each_by_its_line() -> None:
    make_network()
    done = feed(file_of("A,paris,1", *ROWS, "C,paris,3"))
    assert rejects(done) == list(enumerate(ROWS.values(), start=3))
    assert counters(done) == {
        "rows": len(ROWS) + 2,
        "applied": 2,
        "unchanged": 0,
        "rejected": len(ROWS),
        "quarantined": 0,
    }


def test_keeps_what_the_line_said() -> None:
    make_network()
    done = feed("quantity,sku,unavailable,stock_point\nmany,B,2,paris\n")
    reject = StockImportReject.objects.get(stock_import=done)
    assert (reject.sku, reject.stock_point, reject.quantity, reject.unavailable) == ("B", "paris", "many", "2")
    assert reject.detail == "A quantity is a whole number, written with digits only."


def test_counts_the_first_of_two_lines_about_one_level_and_names_it() -> None:
    make_network()
    done = feed(file_of("A,paris,1", "B,paris,2", "A,paris,9", "A,lyon,4", "A,paris,8"))
    assert rejects(done) == [(4, "duplicate"), (6, "duplicate")]
    details = StockImportReject.objects.filter(stock_import=done).values_list("detail", flat=True)
    assert set(details) == {"Line 2 already names this SKU at this stock point."}
    assert (on_hand("A", "paris"), on_hand("A", "lyon"), on_hand("B", "paris")) == (1, 4, 2)
    assert counters(done)["applied"] == 3


def test_reports_a_duplicate_that_says_the_same_or_changes_nothing() -> None:
    make_network()
    feed(file_of("A,paris,1"), source="earlier")
    done = feed(file_of("A,paris,1", "A,paris,1"))
    assert counters(done) == {"rows": 2, "applied": 0, "unchanged": 1, "rejected": 1, "quarantined": 0}


def test_a_line_that_cannot_be_used_is_no_first_line() -> None:
    make_network()
    done = feed(file_of("A,paris,many", "A,paris,4"))
    assert rejects(done) == [(2, "not_a_whole_number")]
    assert on_hand("A", "paris") == 4
