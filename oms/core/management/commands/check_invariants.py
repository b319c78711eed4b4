from typing import Any

from django.core.management.base import BaseCommand

from oms.core.invariants import REGISTRY, violations


class Command(BaseCommand):
    help = "Prove what must always be true. Exit 0 when nothing is violated, else 1 with each violation named."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(violations())
        for violation in found:
            self.stdout.write(f"{violation.invariant}: {violation.detail}")
        self.stdout.write(f"invariants: {len(REGISTRY)} checked, {len(found)} violated")
        if found:
            raise SystemExit(1)
