from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from stock.services.replenishing import replenish_stock


class Command(BaseCommand):
    help = "Propose transfers between stock points and purchases from the figures of now, as the nightly task does."

    def handle(self, *args: Any, **options: Any) -> None:
        found = replenish_stock()
        self.stdout.write(
            f"{found.transfers} transfers of {found.units} units proposed, {found.purchases} purchases dated"
        )
