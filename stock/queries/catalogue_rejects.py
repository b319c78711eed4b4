"""The lines of a file of articles that cannot be used, as a file that can be mended and sent again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, cast

from oms.core.formulas import harmless
from stock.feeds.articles import REQUIRED_COLUMNS, read_cells
from stock.feeds.rejects import REPORTED_BESIDE
from stock.models import CatalogueImport

ROWS_AT_ONCE: Final = 2000
_LINE: Final = REPORTED_BESIDE[0]


def catalogue_rejects_csv(found: CatalogueImport, *, tell: Callable[[str], str] = str) -> Iterator[str]:
    """All of them, line by line, however many: as they stand in the file, with why they are not used, as `tell` says
    it."""
    writer = csv.writer(_Echo())
    columns: list[str] | None = None
    for line, cells, code, detail in _rejected(found):
        if columns is None:
            columns = list(cells)
            yield writer.writerow([_LINE, *columns, *REPORTED_BESIDE[1:]])
        texts = [*(cells[column] for column in columns), code, tell(detail)]
        yield writer.writerow([line, *map(harmless, texts)])
    if columns is None:
        yield writer.writerow([_LINE, *REQUIRED_COLUMNS, *REPORTED_BESIDE[1:]])


def _rejected(found: CatalogueImport) -> Iterator[tuple[int, dict[str, str], str, str]]:
    """Both are read once, side by side: they stand in the order of the lines."""
    rejects = found.rejects.values_list("line", "code", "detail").iterator(chunk_size=ROWS_AT_ONCE)
    reject = next(rejects, None)
    if reject is None:
        return
    with found.file.open("rb") as stored:
        stream = cast(BinaryIO, stored.file)
        for number, cells in read_cells(stream, delimiter=found.delimiter, encoding=found.encoding):
            while reject is not None and reject[0] == number:
                yield number, cells, *reject[1:]
                reject = next(rejects, None)
            if reject is None:
                return


class _Echo:
    def write(self, text: str) -> str:
        return text
