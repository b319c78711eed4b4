from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from oms.core.services.clients import create_webhook_secret


class Command(BaseCommand):
    help = "Create the secret a peer signs its messages with; printed once, alone on the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="whose messages it signs, e.g. carrier:house or wms:PARIS-DC")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(create_webhook_secret(name=options["name"]))
