"""A customer with a telephone: follows the order, shows the code, reads the mails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from orders.queries.tracking_links import tracking_token
from tests.browser.conftest import DESK, PHONE, Screens, is_wider_than_the_screen, stumbles
from tests.factories.retailer import PARIS, Retailer

pytestmark = pytest.mark.django_db(transaction=True)

HOURS = {day: [["10:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def ready(shop: Retailer, settings: Any) -> tuple[str, str]:
    """Number and pickup code of an order that waits in a store; its mails are kept."""
    settings.EMAIL_BACKEND = "oms.integrations.mailbox.MailboxBackend"
    shop.add_points(["paris"], name="Paris Marais", opening_hours=HOURS, **PARIS)
    shop.add_articles(["shirt", "hat"])
    shop.report("receipt", {("shirt", "paris"): 5, ("hat", "paris"): 5})
    number = shop.place({"shirt": 2, "hat": 1}, mode="pickup", pickup_point="paris", language="fr")["number"]
    work = shop.pick(shop.accept(shop.one_work(number)))
    shop.drain()
    return number, shop.code_for(work)


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_in_both_languages_on_a_telephone(screens: Screens, ready: tuple[str, str], dark: bool) -> None:
    number, code = ready
    page = screens.page(language="fr", viewport=PHONE, dark=dark)
    page.goto(f"/order/{tracking_token(number)}/")
    expect(page.locator("h1")).to_have_text("Prêt à retirer")
    expect(page.locator(".pass .code")).to_have_text(code)
    assert (stumbles(page), is_wider_than_the_screen(page)) == ([], False)

    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Ready for pickup")
    assert (stumbles(page), is_wider_than_the_screen(page)) == ([], False)


def test_the_order_is_found_again_without_the_link(screens: Screens, ready: tuple[str, str]) -> None:
    page = screens.page(viewport=PHONE)
    page.goto("/order/")
    page.get_by_label("Order number").fill(ready[0])
    page.get_by_label("E-mail").fill("somebody@example.org")
    page.get_by_role("button", name="Show my order").click()
    expect(page.get_by_role("alert")).to_contain_text("We find no order")
    assert (stumbles(page), is_wider_than_the_screen(page)) == ([], False)

    page.get_by_label("E-mail").fill("camille@example.org")
    page.get_by_role("button", name="Show my order").click()
    expect(page.locator(".pass .code")).to_have_text(ready[1])


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_the_mails_are_read_like_mails(
    screens: Screens, ready: tuple[str, str], settings: Any, viewport: dict[str, int], drain: Callable[[], None]
) -> None:
    settings.DEBUG = True  # as in development: whoever sits at this machine may read them
    page = screens.page(viewport=viewport)
    page.goto("/mailbox/")
    page.get_by_role("link", name="est prête à être retirée").click()

    mail = page.frame_locator("iframe")
    expect(mail.locator("body")).to_contain_text(ready[1])
    picture = mail.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100  # once it has come
    assert (stumbles(page), is_wider_than_the_screen(page)) == ([], False)
    assert mail.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
