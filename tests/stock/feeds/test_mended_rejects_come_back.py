"""The file of rejected lines is mended and sent again as it is, whatever sign a spreadsheet chose."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from oms.core.formulas import as_it_was, harmless
from stock.feeds.rejects import rejects_csv
from stock.models import StockImport
from tests.admin.people import signed_in
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of, make_network, on_hand
from tests.stock.feeds.test_imports_in_the_admin import newest, upload
from tests.stock.making import NOON

pytestmark = pytest.mark.django_db

APPLIED = {"rows": 2, "applied": 2, "unchanged": 0, "rejected": 0, "quarantined": 0}


def mended(first: StockImport) -> str:
    """Both lines, put right where they stood in the report."""
    report = b"".join(rejects_csv(first)).decode()
    assert report.startswith("line,sku,stock_point,quantity,unavailable,code,detail\r\n")
    return report.replace("'-4", "4").replace("douze", "12")


@pytest.fixture
def first() -> StockImport:
    make_network("A B", "paris")
    found = feed(file_of("A,paris,-4", "B,paris,douze"))
    assert counters(found)["rejected"] == 2
    return found


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_it_is_applied(first: StockImport, sign: str) -> None:
    text = "\ufeff" + mended(first).replace("number, written", "number").replace(",", sign)
    assert counters(feed(text, as_of=NOON + HOUR)) == APPLIED
    assert (on_hand("A", "paris"), on_hand("B", "paris")) == (4, 12)


def test_it_is_looked_at_in_the_admin_and_confirmed(first: StockImport) -> None:
    page = upload(signed_in("merchandiser"), mended(first)).content.decode()
    assert "unknown_columns" not in page and "names other columns" not in page
    assert (newest().pk > first.pk, newest().state, newest().rows, newest().rejected) == (True, "staged", 2, 0)


def test_a_sku_that_looks_like_a_formula_comes_back_as_it_was() -> None:
    make_network("-A '-B 'C", "paris")
    first = feed(file_of("-A,paris,x", "'-B,paris,x", "'C,paris,x"))
    report = b"".join(rejects_csv(first)).decode()
    assert "'-A,paris" in report and "''-B,paris" in report
    assert counters(feed(report.replace(",x,", ",3,"), as_of=NOON + HOUR))["applied"] == 3
    assert [on_hand(sku, "paris") for sku in ("-A", "'-B", "'C")] == [3, 3, 3]


@pytest.mark.parametrize("text", ["", "A", "-1", "'-1", "''=1", "'A", "''", "@", "\t1", "'\n", "+", "a-1"])
def test_whatever_was_made_harmless_comes_back(text: str) -> None:
    assert as_it_was(harmless(text)) == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_reasons_are_told_in_the_readers_language_and_the_file_still_comes_back(first: StockImport) -> None:
    address = reverse("admin:stock_stockimport_rejects", args=[first.pk])
    reader = signed_in("merchandiser")

    def report_in(language: str) -> str:
        get_user_model().objects.update(language=language)
        return b"".join(reader.get(address).streaming_content).decode()

    english, french = report_in("en"), report_in("fr")
    assert "nombre" not in english
    assert "nombre" in french and "whole number" not in french
    assert french.splitlines()[0] == english.splitlines()[0]
    text = french.replace("'-4", "4").replace("douze", "12")
    assert counters(feed(text, as_of=NOON + HOUR)) == APPLIED
