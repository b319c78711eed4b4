"""A delta speaks of the rows it lists, and of no other."""

import pytest

from stock.models import StockLevel
from stock.states import StockImportState
from tests.stock.feeds.feeding import counters, feed, file_of, make_network, on_hand
from tests.stock.making import NOON, ledger

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]


def test_creates_the_levels_that_do_not_exist_and_books_each_difference() -> None:
    (a, *_), (paris, lyon) = make_network()
    done = feed(file_of("A,paris,5", "A,lyon,7", "B,paris,0"))
    assert done.state == StockImportState.APPLIED
    assert counters(done) == {"rows": 3, "applied": 2, "unchanged": 1, "rejected": 0, "quarantined": 0}
    assert (on_hand("A", "paris"), on_hand("A", "lyon"), on_hand("B", "paris")) == (5, 7, None)
    assert ledger(a, paris) == [("feed", 5)]
    level = StockLevel.objects.get(variant=a, stock_point=lyon)
    assert (level.as_of, level.source_id) == (NOON, done.source_id)
