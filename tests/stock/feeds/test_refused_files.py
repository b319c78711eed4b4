"""A file that cannot be trusted as a whole: nothing of it is applied, and it is told where that shows."""

import pytest

from oms.core.models import AuditEntry
from stock.feeds.tables import StagingTables
from stock.models import StockImport, StockMovement
from stock.states import StockImportState
from tests.stock.feeds.feeding import feed, file_of, make_network, on_hand, rejects

pytestmark = pytest.mark.django_db


def assert_nothing_moved(stock_import: StockImport, code: str) -> None:
    assert (stock_import.state, stock_import.code) == (StockImportState.REFUSED, code)
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (5, None)
    assert StockMovement.objects.count() == 1
    assert not StagingTables(stock_import.pk).exist()
    assert AuditEntry.objects.filter(action="stock_import.refused", subject=f"stock_import:{stock_import.pk}").exists()


@pytest.fixture(autouse=True)
def _five_in_paris() -> None:
    make_network()
    assert feed(file_of("A,paris,5"), source="earlier").applied == 1


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"sku,stock_point,quantity\nA,paris,1\nB,pari", "truncated", "Line 3, the last one, breaks off: 'B,pari'."),
        (b"sku,stock_point,quantity\nB,paris,1\nA,caf\xe9,1\n", "wrong_encoding", "Line 3: byte 0xe9 is not UTF-8."),
        (
            b"sku;stock_point;quantity\nA;paris;1\n",
            "wrong_delimiter",
            "Line 1: 'sku;stock_point;quantity' is not separated by ','; declare the delimiter ';'.",
        ),
        (b"sku,stock_point,quantity\n", "empty_file", "The file has a header and no rows."),
    ],
)
def test_says_what_is_wrong_and_where(content: bytes, code: str, told: str) -> None:
    refused = feed(content, kind="snapshot")
    assert_nothing_moved(refused, code)
    assert refused.reason == told


@pytest.mark.parametrize(
    ("content", "delimiter", "line_number"),
    [
        ("sku,stock_point,quantity\nB,paris,1\nA,paris,3,5\n", ",", 3),
        ('sku,stock_point,quantity\nB,paris,1\nA,paris,"3,5"\n', ",", 3),
        ("sku;stock_point;quantity\nA;paris;1,0\nB;paris;3,5\n", ";", 2),
    ],
)
def test_refuses_a_file_with_decimal_commas_and_reports_each(content: str, delimiter: str, line_number: int) -> None:
    refused = feed(content, delimiter=delimiter)
    assert_nothing_moved(refused, "decimal_comma")
    assert refused.reason == f"Line {line_number} has a decimal comma; a quantity is a whole number."
    assert rejects(refused)[0] == (line_number, "decimal_comma")


def test_reads_a_file_rightly_under_its_declared_delimiter() -> None:
    done = feed("sku;stock_point;quantity\nA;paris;1\n", delimiter=";")
    assert (done.state, done.applied, on_hand("A", "paris")) == (StockImportState.APPLIED, 1, 1)


def test_refuses_a_file_with_another_number_of_rows_than_announced() -> None:
    refused = feed(file_of("A,paris,1", "B,paris,1"), expected_rows=3)
    assert_nothing_moved(refused, "wrong_row_count")
    assert refused.reason == "The file has 2 rows; 3 were announced."


def test_applies_a_file_with_as_many_rows_as_announced() -> None:
    assert feed(file_of("A,paris,1", "B,paris,1"), expected_rows=2).applied == 2


def test_refuses_when_the_file_is_gone() -> None:
    from django.core.files.storage import default_storage

    from tests.stock.feeds.feeding import queue, run

    stock_import = queue(file_of("A,paris,1"))
    default_storage.delete(stock_import.file.name)
    assert_nothing_moved(run(stock_import), "file_lost")
