from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from oms.core.errors import OmsError
from stock.services.archiving import archive_movements


class Command(BaseCommand):
    help = "Move old movements to the archive; they are still counted and explained."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than", type=int, default=400, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moved = archive_movements(older_than_days=options["older_than"])
        except OmsError as refused:
            raise CommandError(refused.detail) from refused
        self.stdout.write(f"{moved} movements archived")
