"""A file that comes twice, or late: a replay changes nothing, an older figure is refused."""

import pytest

from stock.models import StockLevel, StockMovement
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of, make_network, on_hand, rejects
from tests.stock.making import NOON, receive

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]
NOTHING = {"applied": 0, "rejected": 0, "quarantined": 0}


@pytest.fixture(autouse=True)
def _network() -> None:
    make_network()


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_the_same_file_again_changes_nothing(kind: str) -> None:
    text = file_of("A,paris,5", "B,paris,0", "A,lyon,7")
    feed(text, kind=kind)
    before = StockMovement.objects.count()
    again = feed(text, kind=kind)
    assert counters(again) == {"rows": 3, "unchanged": 3, **NOTHING}
    assert StockMovement.objects.count() == before


def test_the_same_file_after_a_sale_changes_nothing() -> None:
    text = file_of("A,paris,5")
    feed(text)
    _move("A", -2, at=NOON + HOUR)
    assert on_hand("A", "paris") == 3
    assert counters(feed(text)) == {"rows": 1, "unchanged": 1, **NOTHING}
    assert on_hand("A", "paris") == 3


def test_an_older_figure_is_refused_and_named_by_its_line() -> None:
    feed(file_of("A,paris,5", "B,paris,2"))
    late = feed(file_of("B,paris,2", "A,paris,9", "C,paris,1"), as_of=NOON - HOUR)
    assert rejects(late) == [(3, "older")]
    assert counters(late) == {"rows": 3, "applied": 1, "unchanged": 1, "rejected": 1, "quarantined": 0}
    assert (on_hand("A", "paris"), on_hand("C", "paris")) == (5, 1)


def test_another_figure_of_the_same_moment_is_refused_too() -> None:
    feed(file_of("A,paris,5"))
    assert rejects(feed(file_of("A,paris,6"))) == [(2, "older")]
    assert on_hand("A", "paris") == 5


def test_an_older_figure_is_refused_where_the_newer_file_had_found_the_level_unchanged() -> None:
    feed(file_of("A,paris,5"))
    assert feed(file_of("A,paris,5"), as_of=NOON + 2 * HOUR).unchanged == 1
    assert StockLevel.objects.get(variant__sku="A").as_of == NOON, "the level was not rewritten"
    assert rejects(feed(file_of("A,paris,9"), as_of=NOON + HOUR)) == [(2, "older")]
    assert on_hand("A", "paris") == 5


def test_a_figure_between_two_files_counts_for_a_level_the_newer_delta_did_not_list() -> None:
    feed(file_of("A,paris,5", "B,paris,2"))
    feed(file_of("A,paris,6"), as_of=NOON + 2 * HOUR)
    between = feed(file_of("A,paris,9", "B,paris,3"), as_of=NOON + HOUR)
    assert rejects(between) == [(2, "older")]
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (6, 3)


def test_an_older_figure_is_refused_for_what_a_newer_snapshot_did_not_list_at_a_point_it_names() -> None:
    feed(file_of("A,paris,5"), kind="snapshot", as_of=NOON + HOUR)
    late = feed(file_of("B,paris,4", "B,lyon,4"))
    assert rejects(late) == [(2, "older")]
    assert (on_hand("B", "paris"), on_hand("B", "lyon")) == (None, 4)


def test_an_older_snapshot_closes_nothing_that_a_newer_file_has_spoken_of() -> None:
    feed(file_of("A,paris,5", "B,paris,2"), as_of=NOON - HOUR)
    feed(file_of("A,paris,6"), as_of=NOON + HOUR)
    late = feed(file_of("C,paris,1"), kind="snapshot")
    assert (late.applied, late.closed) == (1, 1)
    assert [on_hand(sku, "paris") for sku in "ABC"] == [6, 0, 1]


def test_what_a_snapshot_could_not_use_is_not_taken_as_told() -> None:
    feed(file_of("A,paris,5"), as_of=NOON - 2 * HOUR)
    assert rejects(feed(file_of("A,paris,many", "B,paris,1"), kind="snapshot")) == [(2, "not_a_whole_number")]
    assert feed(file_of("A,paris,7"), as_of=NOON - HOUR).applied == 1
    assert on_hand("A", "paris") == 7


def test_sources_do_not_count_each_other_as_older() -> None:
    feed(file_of("A,paris,5"), source="erp")
    assert feed(file_of("A,paris,8"), source="wms", as_of=NOON - HOUR).applied == 1
    assert on_hand("A", "paris") == 8


def test_files_older_than_what_is_remembered_are_refused(settings: object) -> None:
    from datetime import timedelta

    from stock.services.import_tidying import prune_imports
    from tests.stock.feeds.feeding import at

    feed(file_of("A,paris,5"))
    with at(NOON + timedelta(days=91)):
        prune_imports()
        late = feed(file_of("A,paris,9"))
        assert (late.state, late.code) == ("refused", "older_than_history")
        assert feed(file_of("A,paris,9"), as_of=NOON + HOUR).applied == 1


def _move(sku: str, quantity: int, *, at: object) -> None:
    from stock.models import StockPoint, Variant

    receive(Variant.objects.get(sku=sku), StockPoint.objects.get(code="paris"), quantity, kind="sale", occurred_at=at)
