"""A transfer from one tablet to the other by scan, and a count, in a real browser."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stock.models import StockCount, StockPoint, Transfer, Variant
from stock.services.transferring import accept_transfer
from tests.browser.conftest import PHONE, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import LILLE, PARIS, Retailer


@pytest.fixture
def moved(shop: Retailer) -> Transfer:
    shop.add_points(["lille"], **LILLE)
    shop.add_points(["paris"], **PARIS)
    shop.add_articles(["shirt"], gtin="4006381333931")
    shop.report("receipt", {("shirt", "lille"): 5})
    points = {point.code: point for point in StockPoint.objects.all()}
    made = Transfer.objects.create(
        reference="TR-A",
        variant=Variant.objects.get(sku="shirt"),
        giver=points["lille"],
        receiver=points["paris"],
        source="slow",
        quantity=2,
        unit_cost=1,
    )
    return accept_transfer(transfer_id=made.pk)


def picture(page: Page, name: str) -> None:
    """Kept where a person asks for it, to be looked at."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def scan(page: Page, code: str) -> None:
    """As a wedge scanner does: it types where the cursor is, once the page has put it there, and sends Enter."""
    expect(page.locator("input[autofocus]")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def test_what_one_store_sends_the_other_scans(screens: Screens, moved: Transfer) -> None:
    lille = screens.signed_in("lille")
    lille.get_by_role("link", name=re.compile("Transfers to send")).click()
    expect(lille.get_by_text("to Paris", exact=False)).to_be_visible()
    picture(lille, "stock-room")
    assert stumbles(lille) == []
    lille.get_by_role("button", name=re.compile("^Sent")).click()
    expect(lille.get_by_text("2 × shirt are on their way")).to_be_visible()

    paris = screens.signed_in("paris", viewport=PHONE)
    paris.goto("/store/receive/")
    scan(paris, "4006381333931")
    expect(paris.get_by_text("1 of 2, for sale at once")).to_be_visible()
    picture(paris, "receive")
    assert stumbles(paris) == []
    assert not is_wider_than_the_screen(paris)
    scan(paris, "4006381333931")
    moved.refresh_from_db()
    assert moved.state == "received"


def test_a_count_is_scanned_and_submitted(screens: Screens, moved: Transfer) -> None:
    page = screens.signed_in("lille", role="store_manager", viewport=PHONE, language="fr")
    page.goto("/store/stock/counts/")
    assert stumbles(page) == []
    page.get_by_role("button", name="Commencer un inventaire").click()
    for units in ("1", "2"):
        scan(page, "4006381333931")
        expect(page.locator(".list__item--done .big")).to_have_text(units)
    picture(page, "count")
    assert stumbles(page) == []
    assert not is_wider_than_the_screen(page)
    page.get_by_role("button", name="Transmettre l’inventaire").click()
    expect(page.get_by_text("transmis", exact=False).first).to_be_visible()
    assert StockCount.objects.get().state == "submitted"
