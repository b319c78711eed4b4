"""Stock points whose pause is over take part again."""

from django.db import transaction

from oms.core import clock
from stock.models import StockPoint


@transaction.atomic
def resume_stock_points() -> int:
    """Clear the pauses that have ended, so that the feed of changes hears of it; how many."""
    over = StockPoint.objects.with_pause_over(at=clock.now())
    ids = list(over.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    return StockPoint.objects.filter(pk__in=ids).update(paused_until=None)
