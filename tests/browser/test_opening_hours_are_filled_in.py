"""Hours are filled in with the keyboard: the day above is taken over, one more pair is added, a closed day says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.core.models import User
from stock.models import StockPoint
from tests.browser.conftest import DESK, PHONE, Screens
from tests.factories.retailer import open_retailer
from tests.store.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def opened(screens: Screens, point: StockPoint, viewport: dict[str, int]) -> Page:
    User.objects.create_superuser("office", password=PASSWORD, language="en")
    page = screens.page(viewport=viewport)
    page.goto(f"/admin/login/?next=/admin/stock/stockpoint/{point.pk}/change/")
    page.locator("[name=username]").fill("office")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    page.wait_for_url("**/change/")
    return page


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_week_is_filled_in_and_kept(screens: Screens, viewport: dict[str, int]) -> None:
    shop = open_retailer()
    shop.add_points(["paris"], name="Paris Marais")
    point = StockPoint.objects.get(code="paris")
    page = opened(screens, point, viewport)
    expect(page.get_by_role("group", name="Monday")).to_be_hidden()
    page.get_by_label("Open at these hours").check()
    monday, tuesday = (page.get_by_role("group", name=day, exact=True) for day in ("Monday", "Tuesday"))
    expect(monday.get_by_text("closed")).to_be_visible()
    times = monday.locator("input[type=time]")
    for place, text in enumerate(("09:00", "10:00", "11:00", "12:00")):
        times.nth(place).fill(text)
    expect(monday.get_by_text("closed")).to_be_hidden()
    monday.get_by_role("button", name="more hours").press("Enter")
    expect(times.nth(4)).to_be_focused()
    times.nth(4).fill("14:00")
    times.nth(5).fill("00:00")
    tuesday.get_by_role("button", name="the same hours").press("Enter")
    page.get_by_role("button", name="One more day").press("Enter")
    page.locator("[name=closed_on]").last.fill("2031-12-25")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[name=_save]").last.click()
    page.wait_for_url("**/stock/stockpoint/")
    point.refresh_from_db()
    hours = [["09:00", "10:00"], ["11:00", "12:00"], ["14:00", "24:00"]]
    assert point.opening_hours == {"mon": hours, "tue": hours}
    assert [str(day) for day in point.closed_on] == ["2031-12-25"]
