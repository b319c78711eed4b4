"""Why a line is not used can be read on any screen; a button says what it does."""

from __future__ import annotations

import pytest

from stock.models import StockImportReject
from tests.browser.conftest import LAPTOP, Screens, is_wider_than_the_screen
from tests.stock.feeds.feeding import feed, file_of, make_network
from tests.stock.making import make_point, make_variant, receive

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = {"width": 768, "height": 1024}
SKU = "COAT-LONG-NAVY-0042"


@pytest.mark.parametrize(("language", "viewport"), [("en", LAPTOP), ("fr", SMALL)], ids=["laptop-en", "small-fr"])
def test_why_a_line_is_not_used_is_read_whole(screens: Screens, language: str, viewport: dict[str, int]) -> None:
    make_network()
    done = feed(file_of(f"{SKU},paris,4", "A,paris,-3", "A,lyon,9", "A,lyon,8", f"{SKU},nowhere,1"))
    assert StockImportReject.objects.filter(stock_import=done).count() == 4
    page = screens.signed_in(role="merchandiser", language=language, viewport=viewport)
    page.goto(f"/admin/stock/stockimport/{done.pk}/change/")
    frame = page.locator(".halles-scrolled", has=page.locator("td", has_text=SKU))
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    assert not is_wider_than_the_screen(page)
    sku = frame.locator("td", has_text=SKU).first
    assert sku.evaluate("cell => getComputedStyle(cell).whiteSpace") == "nowrap"


def test_a_rule_that_is_changed_after_its_preview_is_counted_again(screens: Screens) -> None:
    receive(make_variant("SHIRT", category="tops"), make_point("PARIS"), 9)
    page = screens.signed_in(role="merchandiser", viewport=LAPTOP)
    page.goto("/admin/stock/protectionrule/add/")
    page.locator("[name=code]").fill("tops")
    page.locator("[name=category]").fill("tops")
    page.locator("[name=quantity]").fill("2")
    button = page.locator("[name=_save]")
    button.click()
    page.locator("#preview").wait_for()
    assert button.inner_text().strip() == "Save the rule"
    page.locator("[name=quantity]").fill("3")
    assert button.inner_text().strip() == "Count again"
    page.locator("[name=quantity]").fill("2")
    assert button.inner_text().strip() == "Save the rule"
