"""Sent to the customer from the warehouse, brought back to the shop: by scan, looked at, refunded; and exchanged."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from returns.models import Return
from tests.browser.conftest import PHONE, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import Json
from tests.returns.conftest import Counter, open_counter
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def counter(transactional_db: None) -> Counter:
    return open_counter()


def is_for_everybody(page: Page) -> None:
    assert stumbles(page) == []
    assert not is_wider_than_the_screen(page)


def scan(page: Page, code: str) -> None:
    """As a wedge scanner does: it types where the cursor stands and sends Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def begin(page: Page, order: Json, sku: str = "shirt") -> None:
    """From the returns' front page to the condition of the articles."""
    page.goto("/store/returns/")
    is_for_everybody(page)
    expect(page.locator("#q")).to_be_focused()
    scan(page, order["number"])
    page.wait_for_url("**/order/**")
    is_for_everybody(page)
    expect(page.locator("#scanned")).to_be_focused()
    scan(page, sku)
    page.wait_for_url("**found=**")
    line = next(line for line in order["lines"] if line["sku"] == sku)
    expect(page.locator(f"#units-{line['id']}")).to_have_value("1")
    page.locator(f"#reason-{line['id']}").select_option("too_small")
    page.get_by_role("button", name="Look at the articles").click()
    page.wait_for_url("**/returns/R*/")
    is_for_everybody(page)


def grade(page: Page, name: str) -> None:
    page.locator(".choice", has_text=name).first.click()
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Refund €").wait_for()
    is_for_everybody(page)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["tablet", "phone"])
def test_brought_back_looked_at_and_refunded(
    screens: Screens, counter: Counter, viewport: dict[str, int] | None
) -> None:
    order = counter.delivered({"shirt": 2})
    page = screens.signed_in("paris", viewport=viewport)
    begin(page, order)
    assert counter.level("shirt", "paris") == (5, 0, 0)
    grade(page, "As new")
    assert counter.level("shirt", "paris") == (6, 0, 0)
    page.get_by_role("button", name="Refund €10.00").click()
    page.wait_for_url("**/receipt/")
    expect(page.get_by_text("on its way")).to_be_visible()
    counter.retailer.drain()
    page.reload()
    expect(page.get_by_text("given back", exact=True)).to_be_visible()
    is_for_everybody(page)
    assert counter.refunded(order) == ["10.00"]
    assert_invariants_hold()


def test_a_wrong_scan_changes_nothing(screens: Screens, counter: Counter) -> None:
    order = counter.sold()
    page = screens.signed_in("paris")
    page.goto(f"/store/returns/order/{order['number']}/")
    scan(page, "cap")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(page.locator(f"#units-{order['lines'][0]['id']}")).to_have_value("0")
    assert Return.objects.count() == 0


def test_exchanged_for_the_same_article(screens: Screens, counter: Counter) -> None:
    order = counter.sold()
    page = screens.signed_in("paris")
    begin(page, order)
    grade(page, "Damaged")
    page.get_by_role("link", name="Exchange instead").click()
    page.locator(".choice", has_text="the same again").click()
    is_for_everybody(page)
    page.get_by_role("button", name="Exchange").click()
    page.wait_for_url("**/receipt/")
    expect(page.get_by_role("heading", name="Exchange receipt")).to_be_visible()
    counter.retailer.drain()
    assert counter.level("shirt", "paris") == (4, 0, 1)
    assert counter.refunded(order) == ["0.00"]
    assert_invariants_hold()


def test_without_a_receipt_on_a_managers_pin(screens: Screens, counter: Counter) -> None:
    order = counter.sold()
    manager = screens.signed_in("paris", role="store_manager")
    manager.goto("/store/returns/pin/")
    is_for_everybody(manager)
    manager.locator("#password").fill("a-good-password-1")
    for field in ("#pin", "#again"):
        manager.locator(field).fill("274951")
    manager.get_by_role("button", name="Set PIN").click()
    manager.wait_for_url("**/store/returns/")
    page = screens.signed_in("paris")
    page.goto("/store/returns/blind/")
    is_for_everybody(page)
    scan(page, "shirt")
    page.locator("#pin").wait_for()
    is_for_everybody(page)
    page.locator("[name=reason-shirt]").select_option("changed_mind")
    page.locator("#pin").fill("274951")
    page.get_by_role("button", name="Take back").click()
    page.wait_for_url("**/returns/R*/")
    is_for_everybody(page)
    page.locator("#order").fill(order["number"])
    page.get_by_role("button", name="Match").click()
    page.get_by_text("The order was found").wait_for()
    page.locator(".choice", has_text="As new").first.click()
    page.get_by_role("button", name="Note the condition").click()
    page.get_by_role("button", name="Refund €10.00").click()
    page.wait_for_url("**/receipt/")
    assert Return.objects.get().state == "settled"
    assert_invariants_hold()
