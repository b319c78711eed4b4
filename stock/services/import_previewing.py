"""A small file, staged and compared while a person waits; it goes on once they have confirmed it."""

from typing import Any

from django.db import transaction

from stock.models import StockImport
from stock.services.import_running import run_import
from stock.services.importing import create_import


def preview_import(**request: Any) -> StockImport:
    """Create the import (`create_import`'s arguments) and take it to `staged`, or to `refused` with its reason.

    One transaction: a worker that hears of the import finds it waiting for a person already.
    """
    created: StockImport | None = None
    try:
        with transaction.atomic():
            created = create_import(**request, needs_review=True)
            run_import(import_id=created.pk)
    except BaseException:
        if created is not None and created.file:
            created.file.delete(save=False)
        raise
    return StockImport.objects.select_related("source").get(pk=created.pk)
