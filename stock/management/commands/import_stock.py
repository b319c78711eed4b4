from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from oms.core.errors import OmsError
from stock.feeds.reading import DELIMITERS
from stock.models import ImportBasis, ImportKind, StockImport
from stock.services.import_running import run_import
from stock.services.importing import create_import
from stock.states import StockImportState


def moment(text: str) -> datetime:
    """A time with its zone; one without is in the settings' zone."""
    parsed = parse_datetime(text)
    if parsed is None:
        raise ValueError(text)
    return parsed if timezone.is_aware(parsed) else timezone.make_aware(parsed)


class Command(BaseCommand):
    help = "Import a stock file, read where it lies, and wait until it is done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV: sku,stock_point,quantity[,unavailable]")
        parser.add_argument("--kind", choices=ImportKind.values, required=True)
        parser.add_argument("--as-of", type=moment, required=True, help="the moment the figures speak of, ISO 8601")
        parser.add_argument("--source", required=True, help="whose figures they are")
        parser.add_argument("--basis", choices=ImportBasis.values, help="fixed by a source's first import")
        parser.add_argument("--sequence", type=int)
        parser.add_argument(
            "--delimiter", choices=DELIMITERS, help="UTF-8 with our own columns; else as the source's profile says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].resolve()
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            stock_import = create_import(
                source=options["source"],
                kind=options["kind"],
                as_of=options["as_of"],
                basis=options["basis"],
                sequence=options["sequence"],
                delimiter=options["delimiter"],
                local_path=path,
            )
        except OmsError as refused:
            raise CommandError(f"{refused.detail} {refused.errors or ''}".strip()) from refused
        run_import(import_id=stock_import.pk, watcher=self._show)
        stock_import.refresh_from_db()
        self.stderr.write("")
        self._conclude(stock_import)

    def _show(self, stock_import: StockImport) -> None:
        self.stderr.write(f"\r{stock_import.get_state_display()}: {stock_import.progress} %   ", ending="")
        self.stderr.flush()

    def _conclude(self, stock_import: StockImport) -> None:
        self.stdout.write(
            f"import {stock_import.pk}: {stock_import.state}; {stock_import.rows} rows, "
            f"{stock_import.applied} applied, {stock_import.unchanged} unchanged, "
            f"{stock_import.rejected} rejected, {stock_import.quarantined} quarantined"
        )
        if stock_import.state == StockImportState.REFUSED:
            raise CommandError(f"{stock_import.code}: {stock_import.reason}")
        if stock_import.state == StockImportState.AWAITING_APPROVAL:
            raise CommandError(f"Held for approval: {stock_import.reason}")
