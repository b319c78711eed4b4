"""The lines of a file of articles that cannot be used, as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from stock.feeds.rejects import harmless
from stock.models import CatalogueImport

ROWS_AT_ONCE = 2000


def catalogue_rejects_csv(found: CatalogueImport) -> Iterator[str]:
    """All of them, line by line, however many."""
    writer = csv.writer(_Echo())
    yield writer.writerow(("line", "code", "detail"))
    rejects = found.rejects.values_list("line", "code", "detail")
    for line, code, detail in rejects.iterator(chunk_size=ROWS_AT_ONCE):
        yield writer.writerow((line, code, harmless(detail)))


class _Echo:
    def write(self, text: str) -> str:
        return text
