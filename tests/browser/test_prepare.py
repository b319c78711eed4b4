"""Preparing an order on the tablet: a wrong scan, one unit short, a label, gone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orders.models import Parcel
from tests.browser.conftest import Screens, stumbles
from tests.factories.retailer import LILLE, Json, Retailer


@pytest.fixture
def furnished(shop: Retailer) -> Retailer:
    shop.add_points(["lille"], **LILLE)
    shop.add_articles(["shirt"], gtin="4006381333931")
    shop.add_articles(["hat"], gtin="96385074")
    shop.report("receipt", {("shirt", "lille"): 5, ("hat", "lille"): 5})
    return shop


def offered(retailer: Retailer, lines: dict[str, int]) -> Json:
    return retailer.one_work(retailer.place(lines)["number"])


def scan(page: Page, code: str) -> None:
    """As a wedge scanner does: it types where the cursor is and sends Enter."""
    expect(page.locator("[data-scan]")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).first.click()


def test_from_the_offer_to_the_carrier(screens: Screens, furnished: Retailer, drain: Callable[[], None]) -> None:
    work = offered(furnished, {"shirt": 2, "hat": 1})
    page = screens.signed_in("lille")
    page.get_by_role("link", name=re.compile("To accept")).click()
    page.get_by_role("link", name=work["order"]).click()
    press(page, "Accept all")
    page.get_by_role("link", name="Pick", exact=True).click()

    scan(page, "4006381333931")
    expect(page.get_by_text("Shirt (shirt): 1 of 2")).to_be_visible()
    scan(page, "4006381333948")
    expect(page.get_by_text("No article has the code 4006381333948. Nothing was counted.")).to_be_visible()
    expect(page.locator("p.big")).to_have_text("1 / 3")
    scan(page, "96385074")
    press(page, "Finish picking")
    expect(page.get_by_role("heading", name="Not everything was found")).to_be_visible()
    expect(page.get_by_text("Your stock goes from 5 to 1.")).to_be_visible()
    assert stumbles(page) == []
    press(page, "They are not here")
    drain()

    page.get_by_role("link", name="Pack", exact=True).click()
    assert stumbles(page) == []
    page.get_by_label("Weight with packaging, in grams").fill("1200")
    press(page, "Close and make the label")
    expect(page.get_by_text("The label is being made.")).to_be_visible()
    drain()
    page.reload()
    page.get_by_role("link", name="Parcel 1 of 1").click()
    tracking_number = Parcel.objects.get().tracking_number
    expect(page.get_by_text(str(tracking_number))).to_be_visible()
    label = page.request.get(str(page.get_by_role("link", name=re.compile("Open the label")).get_attribute("href")))
    assert (label.status, label.headers["content-type"], label.body()[:5]) == (200, "application/pdf", b"%PDF-")
    page.get_by_role("link", name=work["order"]).click()
    press(page, "Hand over to the carrier")
    expect(page.get_by_text(f"Handed over: order {work['order']} is on its way.")).to_be_visible()
    assert furnished.levels("shirt", "hat") == {("shirt", "lille"): (0, 0), ("hat", "lille"): (4, 0)}
