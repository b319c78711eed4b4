"""The pages head office, merchandisers and customer service work on every day, before axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Page, expect

from oms.core import clock
from oms.core.bulk import Row
from oms.core.models import User
from oms.core.today import today as the_day_it_is
from oms.orchestration.models import CarrierService
from returns.models import ReturnPolicy
from stock.admin import protection as protection_admin
from stock.models import Banner, ProtectionRule, PurchaseProposal, StockPoint, Transfer, Variant
from stock.services.counting import open_count
from stock.services.protection_rules import save_rule
from stock.services.setting_aside import set_aside
from tests.browser.conftest import DESK, LAPTOP, PHONE, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import Retailer
from tests.orchestration.test_carrier_services_are_written_in_tables import FIELDS
from tests.store.furnished import HERE, THERE, furnish
from tests.store.people import PASSWORD

# Pages of the admin that are about no one object; those of one object follow from `admin.site`.
PAGES = ("index", "orders_order_queues", "kept-promises", "stock_stockimport_import", "orders_order_batch")


def addresses() -> list[str]:
    """Every list, every form to add and the newest object of every kind, as its administrator may open them."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="office")
    found = [reverse(f"admin:{name}") for name in PAGES]
    for model, shown in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"admin:{name}_changelist"))
        if shown.has_add_permission(request):
            found.append(reverse(f"admin:{name}_add"))
        newest = model._default_manager.order_by("pk").last()
        if newest is not None:
            found.append(reverse(f"admin:{name}_change", args=[newest.pk]))
    return found


@pytest.fixture
def furnished(shop: Retailer) -> None:
    """Something of nearly every kind that the admin shows."""
    furnish(shop)
    shop.import_stock({("shirt", HERE): 5, ("hat-0", HERE): 5})
    shop.publish_rules("web-home", modes=["home"], rules=[{"name": "any", "max_parcels": 3}])
    CarrierService.objects.create(carrier="post", service="parcel", currency="EUR", **FIELDS)
    save_rule(rule=ProtectionRule(code="shirts", category="things", quantity=1))
    ReturnPolicy.objects.create(banner=Banner.objects.get())
    stock_room()


def stock_room() -> None:
    """A transfer with its reason, a purchase, a count and units set aside."""
    points = {point.code: point for point in StockPoint.objects.all()}
    hat, today = Variant.objects.get(sku="hat-0"), the_day_it_is()
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
        giver=points[HERE],
        receiver=points[THERE],
        source="slow",
        quantity=2,
        unit_cost=1,
        figures=figures,
    )
    worked_out = {"here": 5, "incoming": 0, "sold": 1, "sold_days": 28, "lead_days": 21, "lead_cases": 0, "safety": 1}
    PurchaseProposal.objects.create(
        variant=hat, order_by=today, runs_out_on=today, quantity=1, computed_at=clock.now(), **worked_out
    )
    open_count(reference="count-1", stock_point=points[HERE])
    aside = {"sku": "hat-0", "stock_point": HERE, "quantity": 1, "reason": "damaged", "reference": "A-1"}
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
    screens: Screens, furnished: None, language: str, dark: bool, viewport: dict[str, int]
) -> None:
    page = office(screens, language=language, dark=dark, viewport=viewport)
    found = {}
    for address in addresses():
        page.goto(address)
        told = stumbles(page) + (["wider than the screen"] if is_wider_than_the_screen(page) else [])
        if told:
            found[address] = told
    assert found == {}, "\n".join(f"{where} {each}" for where, told in found.items() for each in told)


def test_forms_with_tables_and_two_lists_side_by_side_fit_a_laptop(screens: Screens, furnished: None) -> None:
    """In the longer language; whoever may add what is chosen from has a button more beside the lists."""
    page = office(screens, language="fr", viewport=LAPTOP)
    found = []
    for kind in ("orchestration_carrierservice", "core_user"):
        for address in (each for each in addresses() if f"/{kind.replace('_', '/')}/" in each):
            page.goto(address)
            found += [address] if is_wider_than_the_screen(page) else []
    assert found == []


@pytest.mark.parametrize("is_large", [False, True], ids=["in-the-request", "in-the-background"])
def test_a_protection_rule_and_its_preview(
    screens: Screens,
    furnished: None,
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
