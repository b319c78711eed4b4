"""Where the stock cannot be read in time a sale goes on as far as it can, and every other page says so at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.orders.counter import Counter
from tests.store.selling import Tablet, opened
from tests.support.locking import locked

LEVELS = "stock_stocklevel"


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> tuple[Counter, Tablet]:
    settings.PROMISE_STATEMENT_MS = settings.SCREEN_STATEMENT_MS = 200
    counter, tablet = opened()
    tablet.add(counter.shirt)
    tablet.post("sell-destination", postcode="59800", country="FR")
    assert tablet.get("sell-delivery").context["cards"]
    return counter, tablet


def test_the_deliveries_are_told_with_about_their_days(shop: tuple[Counter, Tablet]) -> None:
    _, tablet = shop
    with locked(LEVELS):
        page = tablet.get("sell-delivery")
    assert (page.status_code, page.context["cards"]) == (200, [])
    assert page.context["about"]
    assert "could not be read in time" in page.content.decode()
    assert tablet.get("sell-delivery").context["cards"]


def test_what_was_chosen_goes_on_to_the_customer(shop: tuple[Counter, Tablet]) -> None:
    _, tablet = shop
    tablet.post("sell-delivery", option="0")
    with locked(LEVELS):
        page = tablet.get("sell-customer")
    assert page.status_code == 200
    assert page.context["form"].fields


@pytest.mark.parametrize("page", ["sell-basket", "sell-product"])
def test_a_page_of_figures_says_that_it_cannot_be_shown(shop: tuple[Counter, Tablet], page: str) -> None:
    counter, tablet = shop
    about = [counter.shirt.product.code] if page == "sell-product" else []
    with locked(LEVELS):
        answer = tablet.get(page, *about)
    assert answer.status_code == 503
    assert "did not answer in time" in answer.content.decode()
    assert answer.context["again"] in answer.content.decode()
    assert tablet.get(page, *about).status_code == 200
