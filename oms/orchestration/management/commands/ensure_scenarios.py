"""`manage.py ensure_scenarios --web-channel web --shop-channel shops --warehouse-group … --store-group …`"""

from typing import Any

from oms.core.actors import acting_as
from oms.orchestration.management.commands import ensure_default_rule_sets
from oms.orchestration.services.scenarios import ensure_scenarios


class Command(ensure_default_rule_sets.Command):
    help = "Write the shipped scenarios that do not exist yet as drafts, for these channels and groups."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as("command:ensure_scenarios"):
            made = ensure_scenarios(
                web_channels=options["web_channel"],
                shop_channels=options["shop_channel"],
                warehouse_groups=options["warehouse_group"],
                store_groups=options["store_group"],
            )
        self.stdout.write(f"drafted: {', '.join(made) or 'none, all exist already'}")
