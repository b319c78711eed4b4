"""The pages head office, merchandisers and customer service work on every day, before axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.urls import reverse
from playwright.sync_api import Page, expect

from oms.core import clock
from oms.core.bulk import Row
from oms.core.models import User
from stock.admin import protection as protection_admin
from stock.models import PurchaseProposal, StockPoint, Transfer, Variant
from stock.services.counting import open_count
from stock.services.setting_aside import set_aside
from tests.browser.conftest import DESK, PHONE, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import LYON, PARIS, Retailer
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
    "stock_transfer",
    "stock_purchaseproposal",
    "stock_stockcount",
    "stock_unavailability",
    "stock_expectedreceipt",
    "stock_leveldifference",
    "stock_catalogueimport",
    "stock_channelallotment",
    "orders_payment",
    "orders_promisealert",
    "orchestration_ruleset",
    "orchestration_sourcingrun",
    "orchestration_runoutcome",
)
# What one opens from a list: its newest object.
OBJECTS = (
    "orders_order",
    "orders_fulfilment",
    "orders_payment",
    "stock_stocklevel",
    "stock_stockpoint",
    "stock_transfer",
    "stock_purchaseproposal",
    "stock_stockcount",
    "stock_unavailability",
    "orchestration_sourcingrun",
)
FORMS = ("stock_stockcount_add", "stock_unavailability_add", "stock_expectedreceipt_add", "stock_catalogueimport_add")


@pytest.fixture
def number(shop: Retailer) -> str:
    """Of an order that waits in a store; the shop has stock, movements and an import."""
    shop.add_points(["paris"], name="Paris Marais", **PARIS)
    shop.add_points(["lyon"], **LYON)
    shop.add_articles(["shirt", "hat"])
    shop.import_stock({("shirt", "paris"): 5, ("hat", "paris"): 5})
    number = str(shop.place({"shirt": 2, "hat": 1}, mode="pickup", pickup_point="paris")["number"])
    shop.pick(shop.accept(shop.one_work(number)))
    shop.drain()
    stock_room()
    return number


def stock_room() -> None:
    """A transfer with its reason, a purchase, a count and units set aside."""
    points = {point.code: point for point in StockPoint.objects.all()}
    hat, today = Variant.objects.get(sku="hat"), clock.now().date()
    figures = {
        "here": 0,
        "incoming": 0,
        "sold": 1,
        "days": 28,
        "lasts_days": 17,
        "target": 2,
        "giver_here": 5,
        "giver_sold": 0,
        "giver_keeps": 3,
    }
    Transfer.objects.create(
        reference="TR-A",
        variant=hat,
        giver=points["paris"],
        receiver=points["lyon"],
        source="slow",
        quantity=2,
        unit_cost=1,
        figures=figures,
    )
    worked_out = {"here": 5, "incoming": 0, "sold": 1, "sold_days": 28, "lead_days": 21, "lead_cases": 0, "safety": 1}
    PurchaseProposal.objects.create(
        variant=hat, order_by=today, runs_out_on=today, quantity=1, computed_at=clock.now(), **worked_out
    )
    open_count(reference="count-1", stock_point=points["paris"])
    aside = {"sku": "hat", "stock_point": "paris", "quantity": 1, "reason": "damaged", "reference": "A-1"}
    assert not set_aside(rows=[Row(0, aside)]).errors


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
    newest = {name: apps.get_model(name.replace("_", ".")).objects.latest("pk").pk for name in OBJECTS}
    addresses = [
        reverse("admin:index"),
        reverse("admin:orders_order_queues"),
        reverse("admin:kept-promises"),
        reverse("admin:stock_stockimport_import"),
        *(reverse(f"admin:{name}_changelist") for name in LISTS),
        *(reverse(f"admin:{name}") for name in FORMS),
        *(reverse(f"admin:{name}_change", args=[pk]) for name, pk in newest.items()),
    ]
    for address in addresses:
        page.goto(address)
        assert stumbles(page) == [], address
        assert not is_wider_than_the_screen(page), address


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
