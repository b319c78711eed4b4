from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from oms.core.models import EventDelivery
from oms.core.services.dead_letters import replay_dead_letters


class Command(BaseCommand):
    help = "Give dead letters a fresh set of attempts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subscription", help="only those of this task, e.g. orders.tasks.make_label")
        parser.add_argument("--id", type=int, action="append", dest="ids", help="only this delivery (repeatable)")

    def handle(self, *args: Any, **options: Any) -> None:
        deliveries = EventDelivery.objects.dead()
        if options["subscription"]:
            deliveries = deliveries.filter(subscription=options["subscription"])
        if options["ids"]:
            deliveries = deliveries.filter(pk__in=options["ids"])
        self.stdout.write(f"{replay_dead_letters(deliveries=deliveries)} replayed")
