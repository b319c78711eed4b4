"""What is not needed any more of imports that are done: files, and the history of what they covered."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from oms.core import clock
from stock.models import (
    CatalogueImport,
    CatalogueImportReject,
    FeedCoverage,
    QuarantinedFigure,
    StockImport,
    StockImportReject,
    StockSource,
)

ROWS_AT_ONCE: Final = 5000


def prune_imports() -> None:
    """After `STOCK_IMPORT_HISTORY_DAYS` the files of finished imports and the lines they did not use are deleted, and
    what was covered is forgotten. The imports themselves, with their counters, stay.
    """
    horizon = clock.now() - timedelta(days=settings.STOCK_IMPORT_HISTORY_DAYS)
    for stock_import in StockImport.objects.filter(finished_at__lt=horizon).exclude(file="").iterator():
        stock_import.file.delete(save=False)
        StockImport.objects.filter(pk=stock_import.pk).update(file="")
    _forget_rejects(horizon)
    for catalogue_import in CatalogueImport.objects.filter(finished_at__lt=horizon).exclude(file="").iterator():
        catalogue_import.file.delete(save=False)
        CatalogueImport.objects.filter(pk=catalogue_import.pk).update(file="")
    QuarantinedFigure.objects.filter(as_of__lt=horizon).delete()
    for source in StockSource.objects.filter(pk__in=FeedCoverage.objects.filter(as_of__lt=horizon).values("source")):
        _forget_coverage(source, horizon)


def _forget_rejects(horizon: datetime) -> None:
    """A batch at a time, so that no lock lasts."""
    for old in (
        StockImportReject.objects.filter(stock_import__finished_at__lt=horizon),
        CatalogueImportReject.objects.filter(catalogue_import__finished_at__lt=horizon),
    ):
        while ids := list(old.order_by("pk").values_list("pk", flat=True)[:ROWS_AT_ONCE]):
            old.model._default_manager.filter(pk__in=ids).delete()


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
