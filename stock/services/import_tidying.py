"""What is not needed any more of imports that are done: files, and the history of what they covered."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from oms.core import clock
from stock.models import FeedCoverage, QuarantinedFigure, StockImport, StockSource


def prune_imports() -> None:
    """Delete the files of finished imports, and forget what was covered, after `STOCK_IMPORT_HISTORY_DAYS`."""
    horizon = clock.now() - timedelta(days=settings.STOCK_IMPORT_HISTORY_DAYS)
    for stock_import in StockImport.objects.filter(finished_at__lt=horizon).exclude(file="").iterator():
        stock_import.file.delete(save=False)
        StockImport.objects.filter(pk=stock_import.pk).update(file="")
    QuarantinedFigure.objects.filter(as_of__lt=horizon).delete()
    for source in StockSource.objects.filter(pk__in=FeedCoverage.objects.filter(as_of__lt=horizon).values("source")):
        _forget_coverage(source, horizon)


@transaction.atomic
def _forget_coverage(source: StockSource, horizon: datetime) -> None:
    """From here on a file as old as what is forgotten is refused: nothing says any more whether it is older."""
    locked = StockSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    old = FeedCoverage.objects.filter(source=locked, as_of__lt=horizon)
    newest = old.aggregate(newest=Max("as_of"))["newest"]
    if newest is None:
        return
    old.delete()
    locked.history_from = max(newest, locked.history_from or newest)
    locked.save(update_fields=["history_from"])
