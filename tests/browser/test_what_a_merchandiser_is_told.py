"""Why a line is not used can be read on any screen; a button says what it does."""

from __future__ import annotations

import pytest

from stock.models import StockImportReject
from stock.services.counting import open_count
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


@pytest.mark.parametrize("takes", ["Enter", "Submit for approval"])
def test_the_enter_key_saves_what_was_counted_and_does_not_submit_it(screens: Screens, takes: str) -> None:
    point = make_point("PARIS")
    receive(make_variant("SHIRT"), point, 9)
    count = open_count(reference="C-1", stock_point=point)
    page = screens.signed_in(role="merchandiser", viewport=LAPTOP)
    page.goto(f"/admin/stock/stockcount/{count.pk}/change/")
    field = page.locator("input[name^=counted-]")
    field.fill("7")
    if takes == "Enter":
        field.press("Enter")
    else:
        page.get_by_role("button", name=takes).click()
    page.get_by_text("Done.").wait_for()
    count.refresh_from_db()
    assert count.state == ("open" if takes == "Enter" else "submitted")
    assert count.lines.get().counted == 7
    assert not is_wider_than_the_screen(page)
