from __future__ import annotations

import gc
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from oms.demo import fewest, nearest, olist
from oms.demo.carriage import Carriage, carriages
from oms.demo.nearest import Tally
from oms.demo.replay_setting import CURRENCY, DEFAULT, shipped_rules
from oms.demo.replaying import Replay, left_behind, paid
from oms.demo.report import render, rows
from stock.models import Banner


class Command(BaseCommand):
    help = "Replay the orders of an Olist data set through placing, sourcing and execution, and compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="where the data set's files are")
        parser.add_argument("--seed", type=int, default=1, help="of the stock plan (default 1)")
        parser.add_argument(
            "--rules",
            nargs="+",
            default=[DEFAULT],
            choices=[DEFAULT, *shipped_rules("")],
            help="replay once under each of these shipped rule sets, on the same stock (default: what is shipped "
            "where none is published)",
        )
        parser.add_argument(
            "--freight",
            default="house",
            choices=list(carriages()),
            help="what a parcel costs: by the built-in service, or what the data set's customers paid by region and "
            "weight (default: house)",
        )
        parser.add_argument(
            "--only-source", action="store_true", help="end with the decisions: nothing is picked, shipped or paid for"
        )
        parser.add_argument("--limit", type=int, help="only the first so many orders")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        if Banner._meta.db_table not in connection.introspection.table_names():
            raise CommandError("The database has no tables yet: run `python manage.py migrate` first.")
        data, carriage = self._read(options["folder"], options["limit"], options["freight"])
        # Django keeps the text of every statement while DEBUG is on, and the collector would walk the whole
        # data set again and again: a tenth of the time, for nothing.
        settings.DEBUG = False
        gc.collect()
        gc.freeze()
        self.stderr.write(f"{len(data.orders)} orders to replay, {data.skipped} without items skipped")
        tallies: dict[str, Tally] = {}
        left: dict[str, int] = {}
        told: list[str] = []
        for rules in dict.fromkeys(options["rules"]):
            self.stderr.write(f"rules: {rules}")
            replay = Replay(data, options["seed"], self._show_progress, carriage, rules, not options["only_source"])
            tallies[rules], setting = replay.run()
            told.append(f"{rules}: captured {paid(setting):,} {CURRENCY}, refused orders {replay.refused}")
            left |= left_behind(setting) if replay.ships else {}
        tallies["nearest seller"] = nearest.run(data, setting.stock, carriage)
        tallies["fewest parcels"] = fewest.run(data, setting.stock, carriage)
        self.stdout.write(render(rows(tallies, currency=CURRENCY)))
        self.stdout.write(f"\nskipped, without items: {data.skipped}; seed: {options['seed']}")
        self.stdout.write("\n".join(told))
        self.stdout.write(f"wall time: {time.monotonic() - started:.0f} s")
        if left:
            raise CommandError(f"some work never ended: {left}")

    def _read(self, folder: Path, limit: int | None, freight: str) -> tuple[olist.DataSet, Carriage]:
        try:
            data = olist.read(folder)
            carriage = carriages()[freight](data)
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"{folder} does not hold the data set's files: {error}") from error
        if limit is None:
            return data, carriage
        return olist.DataSet(data.sellers, data.products, data.orders[:limit], data.skipped), carriage

    def _show_progress(self, done: int, total: int) -> None:
        if done % 50 == 0 or done == total:
            self.stderr.write(f"\r{done} / {total} orders placed", ending="" if done < total else "\n")
            self.stderr.flush()
