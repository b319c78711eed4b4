"""Deliveries of several parts on the tablet: a part collected here, a rest without a day, a promise that is over."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from tests.browser.conftest import PHONE, TABLET, Screens
from tests.browser.test_order_in_store import add, choose_home, find, is_for_everybody, name_customer
from tests.orders.counter import Counter, open_counter


@pytest.fixture
def counter(transactional_db: None) -> Counter:
    """Two hats lie in Lille and one shirt; five more shirts lie elsewhere."""
    return open_counter()


def put_in(page: Page, sku: str, units: int) -> None:
    find(page, sku)
    add(page, "delivered")
    row = page.locator("form:has([name=quantity]:not([type=hidden]))").last
    row.locator("[name=quantity]:not([type=hidden])").fill(str(units))
    row.locator("button").first.click()


def told(page: Page, **destination: str) -> None:
    page.goto("/store/sell/delivery/")
    page.locator("[name=postcode]").fill("59800")
    for name, code in destination.items():
        page.locator(f"select[name={name}]").evaluate(
            "(field, code) => { field.value = code; field.dispatchEvent(new Event('change', {bubbles: true})) }", code
        )
    page.locator("form[action$='/destination/'] button").last.click()


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", TABLET)], ids=["phone-fr", "tablet-en"])
def test_what_lies_here_is_collected_here_and_the_rest_brought(
    screens: Screens, counter: Counter, language: str, viewport: dict[str, int]
) -> None:
    page = screens.signed_in(counter.lille.code, language=language, viewport=viewport)
    put_in(page, counter.hat.sku, 2)
    put_in(page, counter.shirt.sku, 2)
    told(page, pickup_point=counter.lille.code)
    title = {"fr": "une partie retirée", "en": "a part collected in the shop"}[language]
    card = page.locator("label:has([name=option])").filter(has_text=title)
    expect(card.first).to_contain_text({"fr": "à retirer à partir du", "en": "collected from"}[language])
    is_for_everybody(page)


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", TABLET)], ids=["phone-fr", "tablet-en"])
def test_a_rest_without_a_day_says_so_on_its_card_and_before_paying(
    screens: Screens, counter: Counter, language: str, viewport: dict[str, int]
) -> None:
    counter.channel.allows_backorders = True
    counter.channel.save()
    page = screens.signed_in(counter.lille.code, language=language, viewport=viewport)
    put_in(page, counter.shirt.sku, 8)
    told(page)
    words = {"fr": "aucune date", "en": "no day is known"}[language]
    expect(page.locator("label:has([name=option])").first).to_contain_text(words)
    is_for_everybody(page)
    page.locator("[name=option]").first.check()
    page.locator("form:has([name=option]) button").click()
    page.wait_for_url("**/customer/")
    name_customer(page)
    expect(page.locator("dl").first).to_contain_text(
        {"fr": "Ce qui est là, promis pour", "en": "What is there, promised for"}[language]
    )
    is_for_everybody(page)


def test_a_promise_that_is_over_is_told_with_the_best_there_is_now(
    screens: Screens, counter: Counter, settings: Any
) -> None:
    page = screens.signed_in(counter.lille.code)
    settings.PROMISE_KEPT_MINUTES = 0
    find(page, counter.shirt.sku)
    add(page, "delivered")
    choose_home(page)
    name_customer(page)
    page.locator("form:has(input[value=terminal]) button").click()
    page.wait_for_url("**/delivery/")
    expect(page.locator("main, .messages, body").first).to_contain_text("The best now:")
    expect(page.locator("[name=option]:checked")).to_have_count(1)
    is_for_everybody(page)
    assert not Order.objects.exists()
