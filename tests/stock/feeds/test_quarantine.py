"""Figures for unknown SKUs and stock points are kept and counted, and used once they exist; none is made silently."""

import pytest

from stock.models import QuarantinedFigure, StockImport, StockLevel, StockPoint, Variant
from stock.services.importing import refuse_import, retry_quarantined
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of, make_network, on_hand, rejects, run
from tests.stock.making import NOON, ledger, make_point, make_variant, receive

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]
LATER = NOON + HOUR


@pytest.fixture(autouse=True)
def _network() -> None:
    make_network()


def retry() -> list[StockImport]:
    return [run(StockImport.objects.get(pk=pk)) for pk in retry_quarantined()]


def waiting() -> list[tuple[str, str, int]]:
    return list(QuarantinedFigure.objects.order_by("sku", "stock_point").values_list("sku", "stock_point", "quantity"))


def test_counts_and_reports_them_and_applies_the_rest() -> None:
    done = feed(file_of("A,paris,1", "NEW,paris,4", "A,nice,6", "NEW,nice,7"))
    assert counters(done) == {"rows": 4, "applied": 1, "unchanged": 0, "rejected": 0, "quarantined": 3}
    assert rejects(done) == [(3, "unknown_sku"), (4, "unknown_stock_point"), (5, "unknown_stock_point")]
    assert waiting() == [("A", "nice", 6), ("NEW", "nice", 7), ("NEW", "paris", 4)]
    assert (Variant.objects.count(), StockPoint.objects.count(), StockLevel.objects.count()) == (3, 2, 1)


def test_a_bad_figure_of_an_unknown_article_is_rejected() -> None:
    done = feed(file_of("NEW,paris,-4"))
    assert (rejects(done), waiting()) == ([(2, "negative")], [])


def test_the_first_of_two_lines_about_the_same_unknown_level_counts() -> None:
    done = feed(file_of("NEW,paris,4", "NEW,paris,5"))
    assert rejects(done) == [(2, "unknown_sku"), (3, "duplicate")]
    assert waiting() == [("NEW", "paris", 4)]


def test_a_figure_is_used_once_its_article_exists_with_what_happened_since() -> None:
    feed(file_of("NEW,paris,4", "OTHER,paris,9"))
    assert retry() == []
    new = make_variant("NEW")
    receive(new, StockPoint.objects.get(code="paris"), -1, kind="sale", occurred_at=LATER)
    (done,) = retry()
    assert counters(done) == {"rows": 1, "applied": 1, "unchanged": 0, "rejected": 0, "quarantined": 0}
    assert (done.as_of, on_hand("NEW", "paris")) == (NOON, 3)
    assert ledger(new, StockPoint.objects.get(code="paris")) == [("sale", -1), ("feed", 4)]
    assert waiting() == [("OTHER", "paris", 9)]
    assert retry() == []


def test_a_figure_is_used_once_its_stock_point_exists() -> None:
    feed(file_of("A,nice,4"))
    make_point("nice")
    assert [done.applied for done in retry()] == [1]
    assert (on_hand("A", "nice"), waiting()) == (4, [])


def test_a_figure_a_snapshot_left_out_is_used_though_the_snapshot_has_spoken_of_the_point() -> None:
    feed(file_of("A,paris,1", "NEW,paris,4"), kind="snapshot")
    make_variant("NEW")
    assert [done.applied for done in retry()] == [1]
    assert on_hand("NEW", "paris") == 4


def test_only_the_newest_figure_is_kept() -> None:
    feed(file_of("NEW,paris,4"), as_of=LATER)
    feed(file_of("NEW,paris,9"))
    assert waiting() == [("NEW", "paris", 4)]
    feed(file_of("NEW,paris,5"), as_of=LATER + HOUR)
    assert waiting() == [("NEW", "paris", 5)]


def test_a_newer_snapshot_without_the_article_makes_its_figure_old() -> None:
    feed(file_of("NEW,paris,4", "NEW,nice,4"))
    feed(file_of("A,paris,1"), kind="snapshot", as_of=LATER)
    assert waiting() == [("NEW", "nice", 4)]


def test_a_newer_line_about_the_article_makes_its_figure_old() -> None:
    feed(file_of("NEW,paris,4"))
    make_variant("NEW")
    feed(file_of("NEW,paris,6"), as_of=LATER)
    assert (waiting(), retry()) == ([], [])
    assert on_hand("NEW", "paris") == 6


def test_is_not_tried_twice_at_a_time() -> None:
    feed(file_of("NEW,paris,4"))
    make_variant("NEW")
    assert len(retry_quarantined()) == 1
    assert retry_quarantined() == []


def test_a_refused_retry_is_not_tried_again() -> None:
    feed(file_of("NEW,paris,4", "OTHER,paris,1"))
    make_variant("NEW")
    (retried,) = retry_quarantined()
    refuse_import(stock_import=StockImport.objects.get(pk=retried), code="refused_by_person", reason="No.")
    assert retry_quarantined() == []
    assert waiting() == [("OTHER", "paris", 1)]


def test_a_refused_file_leaves_nothing_behind() -> None:
    feed(file_of("NEW,paris,4", "A,par"))
    feed("sku,stock_point,quantity\nNEW,paris,4\nA,par")
    assert waiting() == [("NEW", "paris", 4)]
    QuarantinedFigure.objects.all().delete()
    feed("sku,stock_point,quantity\nNEW,paris,4\nA,par", as_of=LATER)
    assert waiting() == []
