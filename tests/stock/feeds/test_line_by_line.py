"""What the database cannot take apart as it stands is read line by line: same rows, exact line numbers."""

import pytest

from stock.states import StockImportState
from tests.stock.feeds.feeding import counters, feed, file_of, make_network, on_hand, rejects

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _network() -> None:
    make_network()


def test_a_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    done = feed(file_of('"A,paris,1', "B,paris,2", "C,paris,3"))
    assert rejects(done) == [(2, "malformed")]
    assert [on_hand(sku, "paris") for sku in "ABC"] == [None, 2, 3]


def test_two_such_quotes_do_not_swallow_the_lines_between_them() -> None:
    done = feed(file_of('A,"paris,1', "B,paris,2", 'C,"paris,3', "C,lyon,4"))
    assert rejects(done) == [(2, "malformed"), (4, "malformed")]
    assert (on_hand("B", "paris"), on_hand("C", "lyon")) == (2, 4)


def test_the_mark_of_an_end_of_data_does_not_end_the_file() -> None:
    done = feed(file_of("A,paris,1", "\\.", "B,paris,2"))
    assert rejects(done) == [(3, "wrong_columns")]
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (1, 2)


def test_empty_lines_are_no_rows_and_keep_the_numbers_right() -> None:
    done = feed(file_of("", "A,paris,1", "", "B,paris,-2", "", ""))
    assert counters(done) == {"rows": 2, "applied": 1, "unchanged": 0, "rejected": 1, "quarantined": 0}
    assert rejects(done) == [(5, "negative")]


def test_mixed_line_breaks_are_read() -> None:
    done = feed("sku,stock_point,quantity\r\nA,paris,1\r\nB,paris,2\nC,paris,3\r\n")
    assert done.state == StockImportState.APPLIED
    assert [on_hand(sku, "paris") for sku in "ABC"] == [1, 2, 3]


def test_a_backslash_or_a_tab_in_a_code_is_only_a_character() -> None:
    from tests.stock.making import make_variant

    make_variant("back\\slash")
    make_variant("tab\tbed")
    done = feed(file_of("back\\slash,paris,1", "tab\tbed,paris,2", "A,paris,3", "B,paris"))
    assert rejects(done) == [(5, "wrong_columns")]
    assert (on_hand("back\\slash", "paris"), on_hand("tab\tbed", "paris"), on_hand("A", "paris")) == (1, 2, 3)


def test_quoted_files_are_read_as_they_stand() -> None:
    done = feed(file_of('"A","paris","1"', '"B","paris","2"'))
    assert (counters(done)["applied"], rejects(done)) == (2, [])
