"""What waits in the stock room: transfers proposed, accepted and on their way, and a count to be approved."""

from __future__ import annotations

from oms.core.bulk import Row
from oms.demo.drawing import STAFFED
from stock.models import StockLevel, StockPoint, Transfer
from stock.services.counting import open_count, submit_count, write_counted
from stock.services.replenishing import replenish_stock
from stock.services.transferring import accept_transfer, ship_transfer

COUNTED_CATEGORY = "Maille"
FEW = 6


def furnish_stock_room() -> None:
    """As after a night and a morning: the machine has proposed, people have accepted some of it and counted."""
    replenish_stock()
    here = Transfer.objects.filter(receiver__code=STAFFED[0]).order_by("-is_urgent", "pk")
    for number, transfer in enumerate(here[:2]):
        accept_transfer(transfer_id=transfer.pk)
        if number == 0:
            ship_transfer(transfer_id=transfer.pk)
    _count(StockPoint.objects.get(code=STAFFED[0]))


def _count(store: StockPoint) -> None:
    """A few articles, one of them counted one short."""
    counted = open_count(reference=f"{store.code}-demo", stock_point=store, category=COUNTED_CATEGORY)
    levels = StockLevel.objects.filter(
        stock_point=store, variant__product__category=COUNTED_CATEGORY, on_hand__gt=1
    ).select_related("variant")
    rows = [
        Row(number, {"sku": level.variant.sku, "counted": level.on_hand - (number == 0)})
        for number, level in enumerate(levels.order_by("pk")[:FEW])
    ]
    if rows:
        write_counted(stock_count=counted, rows=rows)
        submit_count(stock_count=counted)
