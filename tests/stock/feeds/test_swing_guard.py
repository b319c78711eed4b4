"""A file that would take much of the stock away waits for a person."""

from typing import Any

import pytest

from oms.core.errors import StateConflict
from stock.feeds.tables import StagingTables
from stock.models import StockImport, StockPoint, Variant
from stock.services import import_writing
from stock.services.importing import approve_import, refuse_import
from stock.states import StockImportState
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network, on_hand, run
from tests.stock.making import NOON, receive

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]
LATER = NOON + HOUR


@pytest.fixture(autouse=True)
def _stock(settings: Any) -> None:
    make_network()
    feed(file_of("A,paris,2000", "B,paris,1000", "A,lyon,500"))


def test_holds_a_fall_of_more_than_thirty_per_cent_and_a_thousand_units() -> None:
    held = feed(file_of("A,paris,999"), as_of=LATER)
    assert held.state == StockImportState.AWAITING_APPROVAL
    assert held.reason == "It takes 1001 of 2000 units off the levels it touches."
    assert on_hand("A", "paris") == 2000


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (["A,paris,1001"], "applied"),  # 999 units
        (["A,paris,1000"], "awaiting_approval"),  # 1,000 units, a half
        (["A,paris,1100", "B,paris,900"], "awaiting_approval"),  # 1,000 units, a third
        (["A,paris,1000", "B,paris,1000", "A,lyon,500"], "applied"),  # 1,000 units of 3,500: 28.6 %
        (["A,paris,9000", "B,paris,0"], "awaiting_approval"),  # a rise makes no fall good
    ],
)
def test_counts_falls_only_in_units_and_in_per_cent(rows: list[str], state: str) -> None:
    assert feed(file_of(*rows), as_of=LATER).state == state


def test_what_stays_as_it_is_counts_among_the_levels_touched(settings: Any) -> None:
    settings.STOCK_IMPORT_SWING_UNITS = 900
    calm = feed(file_of("A,paris,2000", "B,paris,100", "A,lyon,500"), as_of=LATER)
    assert (calm.state, calm.applied) == (StockImportState.APPLIED, 1)
    assert feed(file_of("A,lyon,500", "A,paris,1000"), as_of=LATER + HOUR).state == StockImportState.AWAITING_APPROVAL


def test_counts_what_a_snapshot_does_not_list() -> None:
    held = feed(file_of("B,paris,1000"), kind="snapshot", as_of=LATER)
    assert held.state == StockImportState.AWAITING_APPROVAL
    assert held.difference is not None
    assert (held.difference["closed"], held.difference["units_fallen"], held.difference["units_touched"]) == (
        1,
        2000,
        3000,
    )


def test_new_levels_never_count() -> None:
    assert feed(file_of("C,paris,0", "C,lyon,9000"), as_of=LATER).state == StockImportState.APPLIED


def test_an_approved_file_is_applied_with_what_happened_meanwhile() -> None:

    held = feed(file_of("A,paris,100"), as_of=LATER)
    receive(
        Variant.objects.get(sku="A"), StockPoint.objects.get(code="paris"), -7, kind="sale", occurred_at=LATER + HOUR
    )
    approve_import(stock_import=held)
    assert held.state == StockImportState.STAGED
    done = run(held)
    assert (done.state, done.applied, done.confirmed_by) == (StockImportState.APPLIED, 1, "system")
    assert on_hand("A", "paris") == 93


def test_an_approved_file_that_would_take_much_more_by_now_is_held_again() -> None:
    held = feed(file_of("A,paris,100", "A,lyon,490"), as_of=LATER)
    assert held.state == StockImportState.AWAITING_APPROVAL
    feed(file_of("A,lyon,5000"), source="wms", as_of=LATER)
    approve_import(stock_import=held)
    again = run(held)
    assert (again.state, again.confirmed_at) == (StockImportState.AWAITING_APPROVAL, None)
    assert (on_hand("A", "paris"), on_hand("A", "lyon")) == (2000, 5000)
    approve_import(stock_import=again)
    assert run(again).state == StockImportState.APPLIED
    assert (on_hand("A", "paris"), on_hand("A", "lyon")) == (100, 490)


def test_an_approved_file_that_is_compared_anew_while_it_is_written_stays_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The tables it is compared in are lost while it is being applied, and the other stock point's level has grown."""
    held = feed(file_of("A,paris,100", "A,lyon,490"), as_of=LATER)
    approve_import(stock_import=held)
    with monkeypatch.context() as patch:
        patch.setattr(import_writing, "_note", _killed)
        with pytest.raises(KeyboardInterrupt):
            run(held)
    stopped = StockImport.objects.get(pk=held.pk)
    assert stopped.state == StockImportState.APPLYING
    StagingTables(held.pk).drop()
    feed(file_of("A,lyon,5000"), source="wms", as_of=LATER)
    done = run(held)
    assert (done.state, done.confirmed_at) == (StockImportState.APPLIED, stopped.confirmed_at)
    assert (on_hand("A", "paris"), on_hand("A", "lyon")) == (100, 490)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_approved_file_that_a_newer_one_has_overtaken_changes_nothing() -> None:
    held = feed(file_of("A,paris,100"), as_of=LATER)
    feed(file_of("A,paris,1990"), as_of=LATER + HOUR)
    approve_import(stock_import=held)
    done = run(held)
    assert (done.state, done.applied, done.rejected) == (StockImportState.APPLIED, 0, 1)
    assert on_hand("A", "paris") == 1990


def test_a_refused_file_is_never_applied() -> None:
    held = feed(file_of("A,paris,100"), as_of=LATER)
    refuse_import(stock_import=held, code="refused_by_person", reason="Half the store is missing.")
    assert run(held).state == StockImportState.REFUSED
    assert on_hand("A", "paris") == 2000
    with pytest.raises(StateConflict):
        approve_import(stock_import=held)


def test_only_a_held_file_can_be_approved() -> None:
    done = feed(file_of("A,paris,1999"), as_of=LATER)
    with pytest.raises(StateConflict) as caught:
        approve_import(stock_import=done)
    assert caught.value.data == {"state": "applied"}
    assert StockImport.objects.get(pk=done.pk).state == StockImportState.APPLIED
