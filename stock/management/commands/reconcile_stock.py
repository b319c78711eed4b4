from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from stock.models import LevelDifference
from stock.services.reconciling import reconcile_stock


class Command(BaseCommand):
    help = (
        "Hold every level against the ledger, the reservations and what was set aside. "
        "Exit 1 with each difference named; none is mended."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = reconcile_stock()
        for row in LevelDifference.objects.open().select_related("variant", "stock_point")[:1000]:
            self.stdout.write(
                f"{row.variant.sku} at {row.stock_point.code}: {row.figure} {row.kept}, proven {row.proven}"
            )
        self.stdout.write(f"{count} differences")
        if count:
            raise SystemExit(1)
