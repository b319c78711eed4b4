"""`manage.py ensure_default_rule_sets --web-channel web --shop-channel shops --warehouse-group … --store-group …`"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from oms.core.actors import acting_as
from oms.orchestration.services.defaults import ensure_default_rule_sets


class Command(BaseCommand):
    help = "Publish the shipped rule sets that do not exist yet, for these channels and groups of stock points."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("web-channel", "shop-channel", "warehouse-group", "store-group"):
            parser.add_argument(f"--{name}", action="append", required=True, metavar="CODE", help="Repeatable.")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as("command:ensure_default_rule_sets"):
            made = ensure_default_rule_sets(
                web_channels=options["web_channel"],
                shop_channels=options["shop_channel"],
                warehouse_groups=options["warehouse_group"],
                store_groups=options["store_group"],
            )
        self.stdout.write(f"published: {', '.join(made) or 'none, all exist already'}")
