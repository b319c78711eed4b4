"""Selling in Lille what lies in Lyon, before a real browser: to the receipt, by link, refused, and not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from tests.browser.conftest import PHONE, TABLET, Screens, is_wider_than_the_screen, stumbles
from tests.orders.counter import Counter, open_counter
from tests.orders.making import slices, state_of
from tests.stock.making import expect as expect_receipt
from tests.stock.making import ledger, make_variant, receive
from tests.store.test_a_seller_sells_what_is_to_come_and_puts_aside import carriers

TITLES = {"relay": "Point relais", "slot": "créneau"}


@pytest.fixture
def counter(transactional_db: None) -> Counter:
    """The shirt lies in Lyon alone; two hats lie in Lille."""
    counter = open_counter()
    receive(counter.shirt, counter.lille, -1, kind="sale")
    receive(counter.shirt, counter.warehouse, -3, kind="sale")
    return counter


def is_for_everybody(page: Page) -> None:
    assert stumbles(page) == []
    assert not is_wider_than_the_screen(page)


def find(page: Page, sku: str) -> None:
    """As a wedge scanner does: it types and sends Enter."""
    page.goto("/store/sell/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(sku)
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/**")


def add(page: Page, way: str) -> None:
    page.locator(f"form:has(input[value={way}]) button").click()
    page.wait_for_url("**/basket/")


def choose_home(page: Page) -> None:
    page.goto("/store/sell/delivery/")
    is_for_everybody(page)
    page.locator("[name=postcode]").fill("59800")
    page.locator("form[action$='/destination/'] button").click()
    page.locator("[name=option]").first.check()
    is_for_everybody(page)
    page.locator("form:has([name=option]) button").click()
    page.wait_for_url("**/customer/")


def name_customer(page: Page) -> None:
    for name, value in (
        ("name", "Camille Martin"),
        ("email", "camille@example.org"),
        ("line1", "1 place du Théâtre"),
        ("city", "Lille"),
    ):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=has_consented]").check()
    is_for_everybody(page)
    page.locator("form:has([name=has_consented]) button").click()
    page.wait_for_url("**/payment/")


def ready_to_pay(page: Page, counter: Counter) -> None:
    find(page, counter.shirt.sku)
    is_for_everybody(page)
    add(page, "delivered")
    choose_home(page)
    name_customer(page)
    is_for_everybody(page)


def pay(page: Page, means: str) -> Order:
    page.locator(f"form:has(input[value={means}]) button").click()
    page.wait_for_url("**/orders/*/payment/")
    is_for_everybody(page)
    return Order.objects.get()


@pytest.mark.parametrize(("language", "viewport"), [("en", TABLET), ("fr", PHONE)], ids=["tablet-en", "phone-fr"])
def test_sold_in_lille_from_lyons_stock(
    screens: Screens, counter: Counter, drain: Callable[[], None], language: str, viewport: dict[str, int]
) -> None:
    page = screens.signed_in(counter.lille.code, language=language, viewport=viewport)
    find(page, counter.hat.sku)
    add(page, "carried")
    is_for_everybody(page)
    ready_to_pay(page, counter)
    order = pay(page, "terminal")
    assert page.locator("[data-countdown]").inner_text().startswith(("59:", "60:"))
    page.locator("button[value=accepted]").click()
    page.wait_for_url("**/receipt/")
    is_for_everybody(page)
    assert order.number in page.locator("h1").inner_text()
    drain()
    assert {(sku, point) for sku, point, *_ in slices(order)} == {
        (counter.shirt.sku, counter.lyon.code),
        (counter.hat.sku, counter.lille.code),
    }
    assert ledger(counter.hat, counter.lille)[-1] == ("sale", -1)


def test_the_customer_pays_a_link_and_the_tablet_sees_it(screens: Screens, counter: Counter, settings: Any) -> None:
    settings.PUBLIC_URL = screens.server.url
    page = screens.signed_in(counter.lille.code)
    ready_to_pay(page, counter)
    order = pay(page, "link")
    expect(page.locator(".qr svg")).to_be_visible()
    link = page.locator("main a[target=_blank]").get_attribute("href")
    customer = screens.page(language="fr", viewport=PHONE)
    customer.goto(str(link))
    is_for_everybody(customer)
    customer.locator("button[value=pay]").click()
    expect(customer.locator(".notice--ok")).to_be_visible()
    page.wait_for_url("**/receipt/")
    assert state_of(order) == "confirmed"


@pytest.mark.parametrize(("mode", "viewport"), [("relay", PHONE), ("slot", TABLET)])
def test_a_relay_point_or_hours_are_told_on_a_page_for_everybody(
    screens: Screens, counter: Counter, mode: str, viewport: dict[str, int]
) -> None:
    carriers(mode)
    page = screens.signed_in(counter.lille.code, language="fr", viewport=viewport)
    find(page, counter.shirt.sku)
    add(page, "delivered")
    page.goto("/store/sell/delivery/")
    page.locator("[name=postcode]").fill("59800")
    page.locator("form[action$='/destination/'] button").click()
    page.locator("label:has([name=option])").filter(has_text=TITLES[mode]).locator("input").check()
    page.locator("form:has([name=option]) button").click()
    page.wait_for_url("**/delivery/details/")
    is_for_everybody(page)
    page.locator("form:has([name=relay_point], [name=slot]) button.button--primary").click()
    expect(page.locator("main .error, main [role=alert]")).to_be_visible()
    is_for_everybody(page)


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", TABLET)], ids=["phone-fr", "tablet-en"])
def test_all_of_it_when_complete_is_chosen_among_the_choices(
    screens: Screens, counter: Counter, drain: Callable[[], None], language: str, viewport: dict[str, int]
) -> None:
    counter.channel.allows_preorders = True
    counter.channel.save()
    expect_receipt(counter.shirt, counter.warehouse, 3)
    page = screens.signed_in(counter.lille.code, language=language, viewport=viewport)
    find(page, counter.shirt.sku)
    add(page, "delivered")
    page.locator("[name=quantity]").first.fill("4")
    page.locator("form:has([name=quantity]) button").first.click()
    page.goto("/store/sell/delivery/")
    page.locator("[name=postcode]").fill("59800")
    page.locator("form[action$='/destination/'] button").click()
    is_for_everybody(page)
    title = {"fr": "rien ne part avant", "en": "nothing leaves before"}[language]
    page.locator("label:has([name=option])").filter(has_text=title).locator("input").first.check()
    page.locator("form:has([name=option]) button").click()
    page.wait_for_url("**/customer/")
    name_customer(page)
    is_for_everybody(page)
    order = pay(page, "terminal")
    page.locator("button[value=accepted]").click()
    page.wait_for_url("**/receipt/")
    drain()
    order.refresh_from_db()
    assert order.consolidate
    assert {(point, units, state) for _, point, units, state in slices(order)} == {
        (counter.lyon.code, 2, "reserved"),
        (None, 2, "backordered"),
    }


def test_after_a_refused_card_another_one_is_tried(screens: Screens, counter: Counter) -> None:
    page = screens.signed_in(counter.lille.code)
    ready_to_pay(page, counter)
    order = pay(page, "terminal")
    page.locator("button[value=refused]").click()
    expect(page.locator(".notice--danger")).to_be_visible()
    is_for_everybody(page)
    page.locator("button[value=terminal]").click()
    page.locator("button[value=accepted]").click()
    page.wait_for_url("**/receipt/")
    assert state_of(order) == "confirmed"


def test_after_a_refused_card_the_basket_is_still_there(screens: Screens, counter: Counter) -> None:
    page = screens.signed_in(counter.lille.code)
    ready_to_pay(page, counter)
    order = pay(page, "terminal")
    page.locator("button[value=refused]").click()
    page.locator("form[action$='/abandon/'] button").click()
    page.wait_for_url("**/basket/")
    expect(page.locator(f"code:has-text('{counter.shirt.sku}')")).to_be_visible()
    assert state_of(order) == "cancelled"


def test_an_unknown_outcome_is_verified_before_anything_else(screens: Screens, counter: Counter) -> None:
    page = screens.signed_in(counter.lille.code)
    ready_to_pay(page, counter)
    order = pay(page, "terminal")
    page.locator("button[value=lost]").click()
    expect(page.locator(".notice--warn")).to_be_visible()
    is_for_everybody(page)
    assert page.locator("form[action$='/abandon/'], form[action$='/again/']").count() == 0
    page.locator("button[value=restored]").click()
    page.wait_for_url("**/receipt/")
    assert state_of(order) == "confirmed"


def test_every_size_is_in_sight_on_a_telephone(counter: Counter, screens: Screens) -> None:
    for size in ("XS", "S", "M", "L", "XL", "XXL"):
        make_variant(f"SIZE-{size}", product=counter.shirt.product, colour="ultramarine", size=size, price="10.00")
    page = screens.signed_in(counter.lille.code, viewport=PHONE)
    page.goto(f"/store/sell/products/{counter.shirt.product.code}/")
    frame = page.locator(".table-scroll")
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    expect(frame.get_by_label("ultramarine XXL")).to_be_visible()
    is_for_everybody(page)
