from __future__ import annotations

import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from oms.demo.people import PASSWORD
from oms.demo.screens import SCREENS, Screen

CHROMIUM = "/usr/bin/chromium"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIGN_IN = "/admin/login/?next=/admin/"
COLOURS = 200
WAIT_MS = 60_000


class Command(BaseCommand):
    help = "Take the documentation's pictures of a running demo (needs requirements-dev.txt and Chromium)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", default="http://127.0.0.1:8000", help="where it runs, on this database")
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR / "docs" / "screens")
        parser.add_argument("--only", action="append", help="the name of one screen; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise CommandError("Playwright is missing: install requirements-dev.txt.") from error
        # Everything is looked up before the browser starts: its loop and the database do not go together.
        wanted = [screen for screen in SCREENS if not options["only"] or screen.name in options["only"]]
        found = [(screen, screen.path()) for screen in wanted]
        options["into"].mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
            for screen, path in found:
                if path is None:
                    self.stderr.write(f"{screen.name}: the demo has nothing to show there now")
                    continue
                picture = _taken(browser, screen, options["at"], path)
                (options["into"] / f"{screen.name}.png").write_bytes(picture)
                self.stdout.write(f"{screen.name}: {len(picture) // 1024} KB")
            browser.close()


def _taken(browser: Any, screen: Screen, at: str, path: str) -> bytes:
    """The screen as its person sees it, in light colours."""
    width, height = screen.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=screen.language, color_scheme="light"
    )
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": screen.language, "url": at}])
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    if screen.person:
        page.goto(f"{at}{SIGN_IN}")
        page.fill("#id_username", screen.person)
        page.fill("#id_password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_load_state()
    page.goto(path if path.startswith("http") else f"{at}{path}")
    for selector, text in screen.steps:
        if selector.startswith("/"):
            page.goto(f"{at}{selector}")
        elif text:
            page.fill(selector, text)
        else:
            page.click(selector)
            page.wait_for_load_state()
    page.wait_for_load_state("networkidle")
    picture = _small(page.screenshot())
    context.close()
    return picture


def _small(picture: bytes) -> bytes:
    """The same picture in fewer colours: screens have few, and a repository keeps every byte for ever."""
    from PIL import Image

    small = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    return small.getvalue()
