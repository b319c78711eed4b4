"""Signing in and the home screen: readable, reachable, as wide as the screen, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, TABLET, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import Retailer


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
def test_the_home_screen_is_for_everybody(
    screens: Screens, shop: Retailer, language: str, viewport: dict[str, int]
) -> None:
    shop.add_points(["store-a"])
    page = screens.signed_in("store-a", language=language, viewport=viewport)
    assert page.get_attribute("html", "lang") == language
    assert not is_wider_than_the_screen(page)
    assert stumbles(page) == []


def test_signing_in_is_for_everybody(screens: Screens) -> None:
    page = screens.page()
    page.goto("/store/sign-in/")
    assert stumbles(page) == []


def test_a_finger_finds_every_button(screens: Screens, shop: Retailer) -> None:
    shop.add_points(["store-a"])
    page = screens.signed_in("store-a", viewport=PHONE)
    boxes = [each.bounding_box() for each in page.locator("a:visible:not(.skip), button:visible").all()]
    assert [box for box in boxes if box and min(box["width"], box["height"]) < 48] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_a_phone_the_rooms_lie_where_a_thumb_is(screens: Screens, shop: Retailer, language: str) -> None:
    shop.add_points(["store-a"])
    shop.add_channel("in-store", kind="store")
    page = screens.signed_in("store-a", language=language, viewport=PHONE)
    links = page.locator("nav a").all()
    boxes = [box for each in links if (box := each.bounding_box())]
    assert len(boxes) == len(links) == 6
    assert {round(box["y"] + box["height"]) for box in boxes} == {PHONE["height"]}
    assert sum(box["width"] for box in boxes) == pytest.approx(PHONE["width"], abs=1)
    assert all(each.evaluate("link => link.scrollWidth <= link.clientWidth") for each in links)
    # A wheel would scroll in its own time.
    page.evaluate("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
    last = page.locator("main a:visible, main button:visible").last.bounding_box()
    assert last is not None and last["y"] + last["height"] <= boxes[0]["y"]


@pytest.mark.parametrize("where", ["receive/", "counter/", "sell/", "returns/"])
def test_a_scanner_is_heard_wherever_the_cursor_stands(screens: Screens, shop: Retailer, where: str) -> None:
    shop.add_points(["store-a"])
    shop.add_channel("in-store", kind="store")
    page = screens.signed_in("store-a")
    page.goto(f"/store/{where}")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("4006381")
    expect(page.locator("[data-scan]")).to_have_value("4006381")
