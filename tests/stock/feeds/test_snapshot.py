"""A snapshot also says what is no longer there, at the stock points it names."""

import pytest

from stock.states import StockImportState
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of, make_network, on_hand
from tests.stock.making import NOON, ledger, receive

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


def test_sets_what_it_does_not_list_to_zero_at_the_points_it_names_only() -> None:
    (_, b, _), (paris, _) = make_network()
    feed(file_of("A,paris,5", "B,paris,6", "A,lyon,7"))
    done = feed(file_of("A,paris,5"), kind="snapshot", as_of=LATER)
    assert done.state == StockImportState.APPLIED
    assert counters(done) == {"rows": 1, "applied": 0, "unchanged": 1, "rejected": 0, "quarantined": 0}
    assert done.closed == 1
    assert (on_hand("A", "paris"), on_hand("B", "paris"), on_hand("A", "lyon")) == (5, 0, 7)
    assert ledger(b, paris) == [("feed", 6), ("feed", -6)]


def test_closes_levels_no_source_owns_yet() -> None:
    (_, b, _), (paris, _) = make_network()
    receive(b, paris, 4, occurred_at=NOON - HOUR)
    assert feed(file_of("A,paris,5"), kind="snapshot").closed == 1
    assert on_hand("B", "paris") == 0


def test_leaves_what_another_source_owns() -> None:
    make_network()
    feed(file_of("B,paris,6"), source="consignment")
    assert feed(file_of("A,paris,5"), kind="snapshot", source="erp", as_of=LATER).closed == 0
    assert on_hand("B", "paris") == 6


def test_owns_a_level_it_has_found_as_it_was() -> None:
    (_, b, _), (paris, _) = make_network()
    receive(b, paris, 6, occurred_at=NOON - HOUR)
    assert feed(file_of("B,paris,6"), source="consignment").unchanged == 1
    assert feed(file_of("A,paris,5"), kind="snapshot", source="erp", as_of=LATER).closed == 0
    assert on_hand("B", "paris") == 6


def test_a_line_that_cannot_be_used_still_lists_its_level() -> None:
    make_network()
    feed(file_of("A,paris,5", "B,paris,6"))
    done = feed(file_of("A,paris,-4", "C,paris,1"), kind="snapshot", as_of=LATER)
    assert (done.rejected, done.closed) == (1, 1)
    assert [on_hand(sku, "paris") for sku in "ABC"] == [5, 0, 1]


@pytest.mark.parametrize("row", ["A,paris", '"A,paris,4', ",paris,4", "A,,4"])
def test_closes_nothing_when_a_line_may_have_been_about_any_level(row: str) -> None:
    make_network()
    feed(file_of("A,paris,5", "B,paris,6"))
    done = feed(file_of("C,paris,1", row), kind="snapshot", as_of=LATER)
    assert (done.applied, done.rejected, done.closed) == (1, 1, 0)
    assert done.reason == "A line could not be read, so nothing was set to 0."
    assert [on_hand(sku, "paris") for sku in "ABC"] == [5, 6, 1]


def test_names_a_point_by_lines_about_unknown_articles_too() -> None:
    make_network()
    feed(file_of("A,paris,5"))
    done = feed(file_of("NEW,paris,3"), kind="snapshot", as_of=LATER)
    assert (done.quarantined, done.closed) == (1, 1)
    assert on_hand("A", "paris") == 0


def test_a_listed_zero_and_an_unlisted_level_come_to_the_same() -> None:
    make_network()
    feed(file_of("A,paris,5", "B,paris,6"))
    done = feed(file_of("A,paris,0"), kind="snapshot", as_of=LATER)
    assert (done.applied, done.closed) == (1, 1)
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (0, 0)
