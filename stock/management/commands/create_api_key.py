from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from oms.core.errors import OmsError
from oms.core.models.clients import Scope
from oms.core.services.clients import create_client
from stock.services.binding import bind_client


class Command(BaseCommand):
    help = "Create an API client. Its key is printed once, alone on the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", required=True, choices=Scope.values, help="repeatable")
        parser.add_argument(
            "--channel", action="append", default=[], metavar="CODE", help="bind it to this channel; repeatable"
        )
        parser.add_argument(
            "--stock-point", action="append", default=[], metavar="CODE", help="bind it to this point; repeatable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                client, key = create_client(name=options["name"], scopes=options["scope"])
                bind_client(client=client, channels=options["channel"], stock_points=options["stock_point"])
        except OmsError as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(key)
