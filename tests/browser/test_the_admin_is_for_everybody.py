"""The pages head office, merchandisers and customer service work on every day, before axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from oms.core.models import User
from orders.models import Order
from stock.admin import protection as protection_admin
from stock.models import StockLevel
from tests.browser.conftest import DESK, PHONE, Screens, stumbles
from tests.factories.retailer import PARIS, Retailer
from tests.store.people import PASSWORD

LISTS = (
    "orders_order",
    "orders_fulfilment",
    "orders_parcel",
    "returns_return",
    "stock_stocklevel",
    "stock_stockmovement",
    "stock_protectionrule",
    "stock_stockimport",
    "stock_stockpoint",
    "stock_variant",
    "orchestration_ruleset",
)


@pytest.fixture
def number(shop: Retailer) -> str:
    """Of an order that waits in a store; the shop has stock, movements and an import."""
    shop.add_points(["paris"], name="Paris Marais", **PARIS)
    shop.add_articles(["shirt", "hat"])
    shop.import_stock({("shirt", "paris"): 5, ("hat", "paris"): 5})
    number = str(shop.place({"shirt": 2, "hat": 1}, mode="pickup", pickup_point="paris")["number"])
    shop.pick(shop.accept(shop.one_work(number)))
    shop.drain()
    return number


def office(screens: Screens, *, language: str = "en", dark: bool = False, viewport: dict[str, int] = DESK) -> Page:
    """The admin's first page, as its administrator sees it."""
    User.objects.create_superuser("office", password=PASSWORD, language=language)
    page = screens.page(language=language, viewport=viewport, dark=dark)
    page.goto("/admin/login/")
    assert stumbles(page) == []
    page.locator("[name=username]").fill("office")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    page.wait_for_url(lambda url: "login" not in url)
    return page


@pytest.mark.parametrize(
    ("language", "dark", "viewport"), [("en", False, DESK), ("fr", True, PHONE)], ids=["desk-en", "phone-fr-dark"]
)
def test_what_people_look_at(
    screens: Screens, number: str, language: str, dark: bool, viewport: dict[str, int]
) -> None:
    page = office(screens, language=language, dark=dark, viewport=viewport)
    order = Order.objects.get(number=number)
    addresses = [
        reverse("admin:index"),
        reverse("admin:orders_order_queues"),
        reverse("admin:kept-promises"),
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:stock_stocklevel_change", args=[StockLevel.objects.earliest("pk").pk]),
        reverse("admin:stock_stockimport_import"),
        *(reverse(f"admin:{name}_changelist") for name in LISTS),
    ]
    for address in addresses:
        page.goto(address)
        assert stumbles(page) == [], address


@pytest.mark.parametrize("is_large", [False, True], ids=["in-the-request", "in-the-background"])
def test_a_protection_rule_and_its_preview(
    screens: Screens,
    number: str,
    drain: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    is_large: bool,
) -> None:
    if is_large:
        monkeypatch.setattr(protection_admin, "LEVELS_AT_ONCE", 1)
    page = office(screens)
    page.goto(reverse("admin:stock_protectionrule_add"))
    assert stumbles(page) == []
    page.locator("[name=code]").fill("everywhere")
    page.locator("[name=quantity]").fill("3")
    page.get_by_role("button", name="Preview").click()
    if is_large:
        expect(page.get_by_role("status").get_by_text("Being counted")).to_be_visible()
        assert stumbles(page) == []
        drain()
    expect(page.get_by_role("button", name="Save the rule")).to_be_visible()
    expect(page.get_by_text("Units hidden", exact=True)).to_be_visible()
    assert stumbles(page) == []
    page.get_by_role("button", name="Save the rule").click()
    page.wait_for_url(lambda url: url.split("?")[0].endswith("/protectionrule/"))
    expect(page.locator("#result_list").get_by_role("link", name="everywhere")).to_be_visible()
