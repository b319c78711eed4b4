"""A source says once what its figures mean, and its files are applied one after the other."""

from datetime import timedelta
from typing import Any

import pytest

from oms.core.clock import now
from oms.core.errors import BodyTooLarge, Invalid
from stock.feeds.errors import BasisConflict
from stock.models import StockImport, StockSource
from stock.states import StockImportState
from tests.stock.events import told
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network, on_hand, queue, run
from tests.stock.making import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _network() -> None:
    make_network()


def test_its_first_import_fixes_its_basis() -> None:
    feed(file_of("A,paris,1"), source="wms", basis="net_of_reservations")
    assert StockSource.objects.get(name="wms").basis == "net_of_reservations"
    assert feed(file_of("A,paris,2"), source="wms", as_of=NOON + HOUR).basis == "net_of_reservations"
    with pytest.raises(BasisConflict) as caught:
        queue(file_of("A,paris,3"), source="wms", basis="physical")
    assert (caught.value.status, caught.value.code) == (409, "basis_conflict")
    assert StockImport.objects.count() == 2


def test_is_physical_unless_told_otherwise() -> None:
    assert feed(file_of("A,paris,1"), source="erp").basis == "physical"
    with pytest.raises(BasisConflict):
        queue(file_of("A,paris,3"), source="erp", basis="net_of_reservations")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", ""),
        ("source", "x" * 65),
        ("kind", "partial"),
        ("basis", "net"),
        ("delimiter", "#"),
        ("as_of", now() + timedelta(days=1)),
    ],
)
def test_refuses_what_makes_no_sense(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        queue(file_of("A,paris,1"), **{field: value})
    assert list(caught.value.errors or ()) == [field]
    assert StockImport.objects.count() == 0


def test_a_clock_a_little_ahead_is_no_reason_to_refuse() -> None:
    assert feed(file_of("A,paris,1"), as_of=now() + timedelta(minutes=4)).state == StockImportState.APPLIED


def test_refuses_more_bytes_than_an_upload_may_have(settings: Any) -> None:
    settings.STOCK_IMPORT_MAX_BYTES = 30
    with pytest.raises(BodyTooLarge):
        queue(file_of("A,paris,1"))
    assert StockImport.objects.count() == 0


def test_one_import_of_a_source_waits_for_the_other_and_is_woken_by_it() -> None:
    first, second = queue(file_of("A,paris,1")), queue(file_of("A,paris,2"), as_of=NOON + HOUR)
    StockImport.objects.filter(pk=first.pk).update(state=StockImportState.STAGED)
    StockImport.objects.filter(pk=first.pk).update(state=StockImportState.APPLYING)
    assert run(second).state == StockImportState.STAGED
    assert told("stock_import.due") == []
    assert run(first).state == StockImportState.APPLIED
    assert told("stock_import.due") == [{"import_id": second.pk}]
    assert run(second).state == StockImportState.APPLIED
    assert on_hand("A", "paris") == 2


def test_imports_of_two_sources_do_not_wait_for_each_other() -> None:
    first, second = queue(file_of("A,paris,1")), queue(file_of("A,lyon,2"), source="wms")
    StockImport.objects.filter(pk=first.pk).update(state=StockImportState.STAGED)
    StockImport.objects.filter(pk=first.pk).update(state=StockImportState.APPLYING)
    assert run(second).state == StockImportState.APPLIED


def test_keeps_the_newest_moment_and_the_highest_sequence_it_has_told() -> None:
    feed(file_of("A,paris,1"), sequence=7)
    feed(file_of("A,paris,2"), sequence=6, as_of=NOON - HOUR)
    source = StockSource.objects.get()
    assert (source.last_as_of, source.last_sequence) == (NOON, 7)
