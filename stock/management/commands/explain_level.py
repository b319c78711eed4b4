from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from oms.core import clock
from stock.management.commands.import_stock import moment
from stock.models import StockLevel
from stock.queries.explaining import explain_level


class Command(BaseCommand):
    help = "Tell how much of a SKU lay at a stock point at a moment, and by which movements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sku")
        parser.add_argument("stock_point", help="its code")
        parser.add_argument("--at", type=moment, help="ISO 8601; now where it is not told")

    def handle(self, *args: Any, **options: Any) -> None:
        named = {"variant__sku": options["sku"], "stock_point__code": options["stock_point"]}
        level = StockLevel.objects.filter(**named).first()
        if level is None:
            raise CommandError(f"There is no level of {options['sku']} at {options['stock_point']}.")
        told = explain_level(level, at=options["at"] or clock.now())
        self.stdout.write(f"{options['sku']} at {options['stock_point']}, {told.at.isoformat()}")
        for kind in told.kinds:
            self.stdout.write(f"{kind.units:+8d}  {kind.kind} ({kind.movements})")
        self.stdout.write(f"{told.on_hand:8d}  on hand, {told.reserved} reserved, {told.unavailable} unavailable")
        if told.told_later:
            self.stdout.write(f"{told.told_later:+8d}  told later: {told.known_now} by all that is known now")
        for row in told.movements:
            where = " (archive)" if row.is_archived else ""
            self.stdout.write(
                f"  {row.recorded_at.isoformat()} {row.kind} {row.quantity:+d} {row.reference} "
                f"of {row.occurred_at.isoformat()}{where}"
            )
        if told.has_older:
            self.stdout.write("  … and older ones")
