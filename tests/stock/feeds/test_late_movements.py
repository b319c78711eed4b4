"""A movement that happened before a figure was taken and is told after it: the figure already counts it."""

import pytest

from stock.models import StockPoint, Variant
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network, on_hand
from tests.stock.making import NOON, ledger, receive
from tests.support.holding import assert_invariants_hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]


@pytest.fixture
def a() -> Variant:
    (variant, *_), _ = make_network()
    return variant


@pytest.fixture
def paris(a: Variant) -> StockPoint:
    return StockPoint.objects.get(code="paris")


def test_is_recorded_and_absorbed(a: Variant, paris: StockPoint) -> None:
    feed(file_of("A,paris,5"))
    receive(a, paris, -1, kind="sale", occurred_at=NOON - HOUR)
    assert on_hand("A", "paris") == 5
    assert ledger(a, paris) == [("feed", 5), ("sale", -1), ("absorbed", 1)]
    assert_invariants_hold()


def test_of_the_very_moment_is_absorbed_and_one_after_it_counts(a: Variant, paris: StockPoint) -> None:
    feed(file_of("A,paris,5"))
    receive(a, paris, -1, kind="sale", occurred_at=NOON)
    assert on_hand("A", "paris") == 5
    receive(a, paris, -1, kind="sale", occurred_at=NOON + HOUR)
    assert on_hand("A", "paris") == 4


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_is_absorbed_where_the_file_had_found_the_level_unchanged(a: Variant, paris: StockPoint, kind: str) -> None:
    feed(file_of("A,paris,5"), as_of=NOON - 3 * HOUR)
    assert feed(file_of("A,paris,5"), kind=kind).unchanged == 1
    receive(a, paris, -1, kind="sale", occurred_at=NOON - HOUR)
    assert on_hand("A", "paris") == 5


def test_is_absorbed_at_a_level_that_did_not_exist_when_a_snapshot_came(a: Variant, paris: StockPoint) -> None:
    feed(file_of("B,paris,1"), kind="snapshot")
    receive(a, paris, 3, occurred_at=NOON - HOUR)
    assert on_hand("A", "paris") == 0
    receive(a, paris, 3, occurred_at=NOON + HOUR)
    assert on_hand("A", "paris") == 3


def test_counts_at_a_level_the_delta_did_not_list(a: Variant, paris: StockPoint) -> None:
    feed(file_of("B,paris,1"))
    receive(a, paris, 3, occurred_at=NOON - HOUR)
    assert on_hand("A", "paris") == 3


def test_counts_at_a_level_the_file_listed_on_a_line_that_could_not_be_used(a: Variant, paris: StockPoint) -> None:
    receive(a, paris, 3, occurred_at=NOON - 2 * HOUR)
    feed(file_of("A,paris,many", "B,paris,1"), kind="snapshot")
    receive(a, paris, 2, occurred_at=NOON - HOUR)
    assert on_hand("A", "paris") == 5


def test_does_not_come_back_with_the_next_figure(a: Variant, paris: StockPoint) -> None:
    feed(file_of("A,paris,5"))
    receive(a, paris, -1, kind="sale", occurred_at=NOON - HOUR)
    assert feed(file_of("A,paris,5"), as_of=NOON + HOUR).unchanged == 1
    assert on_hand("A", "paris") == 5


def test_counts_again_when_another_source_goes_back_before_it(a: Variant, paris: StockPoint) -> None:
    feed(file_of("A,paris,5"))
    receive(a, paris, -1, kind="sale", occurred_at=NOON - HOUR)
    feed(file_of("A,paris,8"), source="wms", as_of=NOON - 2 * HOUR)
    assert on_hand("A", "paris") == 7
    receive(a, paris, -1, kind="sale", occurred_at=NOON - HOUR)
    assert on_hand("A", "paris") == 6
    assert_invariants_hold()
