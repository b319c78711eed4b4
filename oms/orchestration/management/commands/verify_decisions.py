"""`manage.py verify_decisions`: decide every stored run once more and compare."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import StoredRun

_BATCH = 200


class Command(BaseCommand):
    help = "Feed the stored facts of sourcing runs to the engine again; exit 1 if any plan or cost differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reference", help="Only the runs of this order.")
        parser.add_argument("--limit", type=int, help="Only so many, the newest.")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = SourcingRun.objects.order_by("-pk")
        if options["reference"]:
            runs = runs.filter(reference=options["reference"])
        if options["limit"]:
            runs = runs[: options["limit"]]
        identical = foreign = 0
        different = []
        for run in runs.iterator(chunk_size=_BATCH):
            stored = StoredRun(run)
            if not stored.is_of_this_engine:
                foreign += 1
            elif stored.is_repeated_identically():
                identical += 1
            else:
                different.append(run.pk)
                self.stdout.write(f"run {run.pk} of {run.reference} is decided differently")
        summary = f"decisions: {identical} identical, {len(different)} different, {foreign} by another engine"
        if different:
            raise CommandError(summary)
        self.stdout.write(summary)
