"""The whole way in a browser: sold in Lille, prepared in Lyon, handed over in Lille, one unit brought back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from orders.models import Order, Parcel
from tests.browser.conftest import Screens, stumbles
from tests.execution.watching import level
from tests.factories.retailer import LILLE, LYON, PARIS, Json, Retailer
from tests.support.holding import assert_invariants_hold

EAN = "4006381333931"
Drain = Callable[[], None]


def furnish(shop: Retailer) -> None:
    """Lyon has three shirts by its books, the hub far more, dearer; Lille sells what it does not have."""
    shop.add_points(["lille"], name="Lille", **LILLE)
    shop.add_points(["lyon"], name="Lyon", **LYON)
    shop.add_points(["hub"], name="Hub", kind="warehouse", handling_cost="25", currency="EUR", **PARIS)
    shop.add_channel("order-in-store", kind="store")
    shop.add_articles(["shirt"], gtin=EAN)
    shop.report("receipt", {("shirt", "lyon"): 3, ("shirt", "hub"): 10})


def scan(page: Page, field: str, code: str) -> None:
    """As a wedge scanner does: it types into the field that has the focus, and sends Enter."""
    expect(page.locator(field)).to_be_focused()
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: Page, locator: str) -> None:
    with page.expect_navigation():
        page.locator(locator).first.click()


def sell_three_to_be_collected_here(page: Page) -> Order:
    page.goto("/store/sell/")
    scan(page, "#q", EAN)
    press(page, "form:has(input[value=delivered]) button")
    page.locator("main input[type=number]").first.fill("3")
    page.keyboard.press("Enter")
    expect(page.locator("main input[type=number]").first).to_have_value("3")
    page.goto("/store/sell/delivery/")
    page.locator("[name=pickup_point]").select_option("lille")
    press(page, "form[action$='/destination/'] button")
    page.get_by_role("radio", name=re.compile("Ship to store")).check()
    press(page, "form:has([name=option]) button")
    page.locator("[name=name]").fill("Camille Martin")
    page.locator("[name=email]").fill("camille@example.org")
    page.locator("[name=has_consented]").check()
    press(page, "form:has([name=has_consented]) button")
    press(page, "form:has(input[value=terminal]) button")
    press(page, "button[value=accepted]")
    page.wait_for_url("**/receipt/")
    return Order.objects.get()


def prepare_all_but_one(page: Page, drain: Drain) -> None:
    page.goto("/store/prepare/")
    press(page, "main a.list__title")
    press(page, "form[action$='/accept/'] button")
    press(page, "a[href*='/pick/']")
    scan(page, "#code", EAN)
    scan(page, "#code", "3057068108783")
    expect(page.locator(".notice--error, .notice--danger").first).to_be_visible()
    expect(page.locator("p[role=status]")).to_have_text("1 / 3")
    scan(page, "#code", EAN)
    assert stumbles(page) == []
    press(page, "button:has-text('Finish picking')")
    expect(page.get_by_role("heading", name="Not everything was found")).to_be_visible()
    press(page, "button:has-text('They are not here')")
    drain()
    press(page, "a[href$='/pack/']")
    press(page, "button:has-text('Close and make the label')")
    drain()
    page.reload()
    press(page, "a[href*='/parcels/']")
    label = page.locator(".label-picture img")
    expect(label).to_be_visible()
    assert label.evaluate("image => image.complete && image.naturalWidth > 400")
    assert stumbles(page) == []
    press(page, "a.crumb")
    press(page, "form[action$='/hand-over/'] button")
    drain()


def receive(page: Page, parcel: Parcel) -> None:
    page.goto("/store/receive/")
    scan(page, "#scanned", str(parcel.tracking_number))
    expect(page.locator(".notice--success")).to_be_visible()


def hand_over(page: Page, shop: Retailer, number: str) -> None:
    """The customer shows one code after the other: the goods came in two parcels."""
    for work in shop.work(number):
        page.goto("/store/counter/")
        scan(page, "#q", f"H:{number}:{shop.code_for(work)}")
        assert stumbles(page) == []
        press(page, "button:has-text('Hand over')")
        expect(page.locator(".notice--ok").first).to_be_visible()


def bring_one_back(page: Page, order: Json) -> None:
    (line,) = order["lines"]
    page.goto("/store/returns/")
    scan(page, "#q", order["number"])
    scan(page, "#scanned", EAN)
    expect(page.locator(f"#units-{line['id']}")).to_have_value("1")
    page.locator(f"#reason-{line['id']}").select_option("too_small")
    press(page, "button:has-text('Look at the articles')")
    page.locator(".choice", has_text="As new").first.click()
    press(page, "button:has-text('Take back')")
    press(page, "button:has-text('Refund €10.00')")
    page.wait_for_url("**/receipt/")


def test_three_shirts_travel_and_one_comes_back(screens: Screens, shop: Retailer, drain: Drain) -> None:
    furnish(shop)
    lille = screens.signed_in("lille")
    order = sell_three_to_be_collected_here(lille)
    drain()
    assert level("shirt", "lyon") == (3, 3, 0)

    prepare_all_but_one(screens.signed_in("lyon"), drain)
    assert level("shirt", "lyon") == (0, 0, 0)
    for work in shop.work(order.number, stock_point="hub"):
        shop.ship(work)

    for parcel in Parcel.objects.filter(fulfilment__order=order).order_by("pk"):
        receive(lille, parcel)
    drain()
    hand_over(lille, shop, order.number)
    drain()
    assert shop.order(order.number)["state"] == "fulfilled"

    bring_one_back(lille, shop.order(order.number))
    drain()
    (payment,) = shop.order(order.number)["payments"]
    assert (payment["captured"], payment["refunded"]) == ("30.00", "10.00")
    assert level("shirt", "lille") == (1, 0, 0)
    assert_invariants_hold()
