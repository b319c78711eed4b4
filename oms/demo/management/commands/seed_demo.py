from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from oms.demo.seeding import SIZES, seed


class Command(BaseCommand):
    help = "Make the demo retailer, once. Everybody knows its passwords, so never in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=sorted(SIZES), default="small")
        parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's passwords are public; it is seeded only where DEBUG is on.")
        started = time.monotonic()
        made = seed(size=SIZES[options["size"]], seed=options["seed"], say=self._say)
        if not made:
            self.stdout.write("The demo retailer is here already; nothing was changed.")
            return
        self.stdout.write(f"The demo retailer is ready after {time.monotonic() - started:.0f} s.")

    def _say(self, text: str) -> None:
        self.stdout.write(f"seeding: {text}")
