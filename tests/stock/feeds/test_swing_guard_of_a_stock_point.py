"""A store that would fall to nothing holds the file, however large the file and however calm the others."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stock.feeds import swinging
from stock.models import StockImport
from stock.services.import_running import run_import
from stock.services.importing import approve_import, confirm_import
from stock.states import StockImportState
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network, on_hand, queue, run
from tests.stock.making import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]
LATER = NOON + HOUR
NETWORK = ("A,paris,20000", "B,paris,20000", "A,lyon,300", "B,lyon,100", "A,lille,300", "B,lille,100")


@pytest.fixture(autouse=True)
def _stock() -> None:
    make_network(points="paris lyon lille")
    feed(file_of(*NETWORK))


def test_one_store_falling_to_nothing_holds_a_file_that_is_calm_as_a_whole() -> None:
    held = feed(file_of("A,paris,20000", "B,paris,20000", "A,lyon,0", "B,lyon,0", "A,lille,299"), as_of=LATER)
    assert held.state == StockImportState.AWAITING_APPROVAL
    assert held.reason == "lyon would lose 400 of 400 units, and 2 of its 2 articles."
    assert (on_hand("A", "lyon"), on_hand("A", "lille")) == (300, 300)


def test_a_snapshot_that_hardly_lists_a_store_is_held() -> None:
    held = feed(file_of("A,paris,20000", "B,paris,20000", "B,lyon,100"), kind="snapshot", as_of=LATER)
    assert held.reason == "lyon would lose 300 of 400 units, and 1 of its 2 articles."


def test_the_reason_names_the_worst_and_counts_the_others() -> None:
    held = feed(file_of("A,lyon,0", "A,lille,0", "B,lille,0"), as_of=LATER)
    assert (
        held.reason == "lille would lose 400 of 400 units, and 2 of its 2 articles. 1 more stock points fall like it."
    )


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (["A,lyon,101"], "applied"),  # 199 units
        (["A,lyon,100"], "applied"),  # 200 units are a half, not more
        (["A,lyon,99"], "awaiting_approval"),  # 201 of 400
        (["A,lyon,99", "B,lyon,5000"], "awaiting_approval"),  # a rise makes no fall good
        (["A,paris,19000"], "applied"),  # 1,000 of the 40,000 the store has, listed or not
    ],
)
def test_the_share_is_of_all_the_store_has(rows: list[str], state: str) -> None:
    assert feed(file_of(*rows), as_of=LATER).state == state


def test_a_store_left_without_most_of_its_articles_is_held_though_few_units_go(settings: Any) -> None:
    settings.STOCK_IMPORT_POINT_SWING_LEVELS = 2
    feed(file_of("A,lyon,900", "B,lyon,1", "C,lyon,1"), as_of=LATER)
    held = feed(file_of("A,lyon,900", "B,lyon,0", "C,lyon,0"), as_of=LATER + HOUR)
    assert held.reason == "lyon would lose 2 of 902 units, and 2 of its 3 articles."


def test_what_a_store_cannot_lose_is_not_held(settings: Any) -> None:
    settings.STOCK_IMPORT_POINT_SWING_UNITS = 0
    settings.STOCK_IMPORT_POINT_SWING_LEVELS = 0
    assert feed(file_of("C,lyon,0", "C,lille,7"), as_of=LATER).state == StockImportState.APPLIED


def test_approved_it_is_applied() -> None:
    held = feed(file_of("A,lyon,0", "B,lyon,0"), as_of=LATER)
    approve_import(stock_import=held)
    assert run(held).state == StockImportState.APPLIED
    assert (on_hand("A", "lyon"), on_hand("B", "lyon")) == (0, 0)


def test_what_was_confirmed_before_another_store_fell_too_is_held_again() -> None:
    seen = queue(file_of("A,lyon,0", "B,lyon,0", "A,lille,0", "B,lille,0"), as_of=LATER, needs_review=True)
    feed(file_of("A,lille,0", "B,lille,0"), as_of=NOON + HOUR / 2)
    approve_import(stock_import=StockImport.objects.exclude(pk=seen.pk).latest("pk"))
    run_import(import_id=StockImport.objects.exclude(pk=seen.pk).latest("pk").pk)
    first = run(seen)
    assert first.difference is not None
    assert [fall["stock_point"] for fall in first.difference["falls"]] == ["lyon"]
    confirm_import(stock_import=first)
    feed(file_of("A,lille,350", "B,lille,50"), as_of=NOON + HOUR * 3 / 4)
    again = run(seen)
    assert again.state == StockImportState.AWAITING_APPROVAL
    assert again.reason.endswith("1 more stock points fall like it.")
    assert on_hand("A", "lyon") == 300


def test_the_page_tells_which_stores_would_lose_what(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swinging, "SHOWN_FALLS", 1)
    held = feed(file_of("A,lyon,0", "A,lille,0", "B,lille,0"), as_of=LATER)
    shown = admin_client.get(reverse("admin:stock_stockimport_change", args=[held.pk])).content.decode()
    assert "These stock points would lose most of what they have:" in shown
    assert '<th scope="row">lille</th>' in shown
    assert "400 of 400" in shown
    assert '<th scope="row">lyon</th>' not in shown
    assert "And 1 more." in shown
