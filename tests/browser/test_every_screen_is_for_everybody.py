"""Every screen of the store and every page of customers: axe, width, a finger's size, and no English in French."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, TABLET, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import Retailer
from tests.store.furnished import Furnished, customers_pages, furnish
from tests.support.reading import english, raw_codes

A_FINGER = 48
ON_EACH_DEVICE = pytest.mark.parametrize(
    ("language", "viewport"), [("en", TABLET), ("fr", PHONE)], ids=["tablet-en", "phone-fr"]
)


@pytest.fixture
def furnished(shop: Retailer) -> Furnished:
    return furnish(shop)


def too_small(page: Page) -> list[str]:
    """Buttons that a finger may miss."""
    found = page.locator("button:visible, a.button:visible, a.chip:visible, nav a:visible")
    return [
        each.inner_text()
        for each in found.all()
        if (box := each.bounding_box()) and min(box["width"], box["height"]) < A_FINGER - 0.5
    ]


def faults(page: Page, language: str) -> list[str]:
    found = stumbles(page) + [f"a finger misses “{name}”" for name in too_small(page)]
    if is_wider_than_the_screen(page):
        found.append("wider than the screen")
    if page.get_attribute("html", "lang") != language:
        found.append("in another language")
    if language == "fr":
        found += [f"in English: {text}" for text in english(page.content())]
    found += [f"as programs call it: {text}" for text in raw_codes(page.content())]
    return found


@ON_EACH_DEVICE
def test_of_the_store(screens: Screens, furnished: Furnished, language: str, viewport: dict[str, int]) -> None:
    furnished.manager.language = language
    furnished.manager.save()
    page = screens.signed_in(user=furnished.manager, language=language, viewport=viewport)
    found = {}
    for name, address in furnished.addresses.items():
        page.goto(address)
        assert page.url.endswith(address), f"{name} leads elsewhere"
        found[name] = faults(page, language)
    assert {name: told for name, told in found.items() if told} == {}


@ON_EACH_DEVICE
def test_of_customers(screens: Screens, furnished: Furnished, language: str, viewport: dict[str, int]) -> None:
    page = screens.page(language=language, viewport=viewport)
    found = {}
    for name, address in {**customers_pages(), "broken": "/order/none/", "unpaid": "/pay/none/"}.items():
        page.goto(address)
        found[name] = faults(page, language)
    assert {name: told for name, told in found.items() if told} == {}
