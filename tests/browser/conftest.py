"""A real browser before a real server; what events bring about happens in this process, when the test says so.

The server's threads and the test share one database without a transaction around them, so every test here
is `transaction=True`. The tests' own code runs beside Playwright's event loop: Django is told that this is meant.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from oms.core.models import User
from oms.core.services.relaying import drain_events
from tests.factories.retailer import Retailer, open_retailer
from tests.store.people import PASSWORD, person

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
LAPTOP = {"width": 1280, "height": 800}
# What axe holds against us: WCAG 2.1, A and AA.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
# All elements that stumble, and not a description of each that does not: half of axe's time.
VIOLATIONS = {**RULES, "resultTypes": ["violations"]}
AXE = Axe().axe_script


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Debian's chromium is not installed"))


@pytest.fixture(scope="session", autouse=True)
def _django_beside_an_event_loop() -> None:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": list(ARGUMENTS)}


@dataclass
class Screens:
    """Pages before the running server, each signed in as somebody."""

    server: LiveServer
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, *, language: str = "en", viewport: dict[str, int] | None = None, dark: bool = False) -> Page:
        """A page of somebody who is not signed in: a customer."""
        context = self.browser.new_context(
            base_url=self.server.url,
            viewport=viewport or TABLET,  # type: ignore[arg-type]
            locale="fr-FR" if language == "fr" else "en-GB",
            color_scheme="dark" if dark else "light",
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": self.server.url}])
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        return context.new_page()

    def signed_in(
        self,
        *stock_points: str,
        role: str = "store_staff",
        language: str = "en",
        viewport: dict[str, int] | None = None,
        user: User | None = None,
    ) -> Page:
        """A page of a person in that role, a member of the stock points of these codes."""
        user = user or person(role=role, stock_points=stock_points)
        page = self.page(language=language, viewport=viewport)
        page.goto("/store/sign-in/")
        page.locator("[name=username]").fill(user.username)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main button[type=submit], main form button").last.click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page


@pytest.fixture
def screens(transactional_db: None, live_server: LiveServer, browser: Browser) -> Iterator[Screens]:
    screens = Screens(live_server, browser)
    yield screens
    for context in screens.contexts:
        context.close()


@pytest.fixture
def shop(transactional_db: None) -> Retailer:
    """A retailer to be furnished by the test, through the public API."""
    return open_retailer()


@pytest.fixture
def drain() -> Callable[[], None]:
    """What has been emitted is heard now, in this process."""
    return drain_events


def stumbles(page: Page) -> list[str]:
    """What somebody who cannot see well, or uses a keyboard, would stumble over on this page."""
    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(options).then(results => results.violations)", VIOLATIONS)
    return [f"{each['id']}: {each['help']} {node['html'][:160]}" for each in found for node in each["nodes"]]


def is_wider_than_the_screen(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
