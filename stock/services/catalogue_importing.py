"""Articles in by file: accepted, looked at without writing, confirmed, written in batches by a task."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import get_valid_filename

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.bulk import BulkResult, Row
from oms.core.errors import BodyTooLarge, StateConflict
from oms.core.events import emit
from stock.feeds.articles import Article, Unusable, mended_articles, read_articles
from stock.feeds.errors import FileRefused
from stock.models import CatalogueImport, CatalogueImportReject
from stock.services.cataloguing import save_variants
from stock.states import CatalogueImportState

ROWS_AT_ONCE: Final = 1000
LONGEST_DETAIL: Final = 500


def create_catalogue_import(
    *,
    file: File,
    file_name: str = "",
    delimiter: str = ",",
    encoding: str = "utf-8",
    decimal_sign: str = ".",
    needs_review: bool = False,
) -> CatalogueImport:
    """Accept a file; a task looks at it, and writes it once it is confirmed, or at once without `needs_review`.

    A file of rejected lines that somebody has mended is known by its header: it is UTF-8, whatever sign a spreadsheet
    has put between its columns. Its amounts are as they were in the first file.
    """
    limit: int = settings.STOCK_IMPORT_MAX_BYTES
    if file.size is not None and file.size > limit:
        raise BodyTooLarge(f"A catalogue file may have {limit} bytes.", data={"max_bytes": limit})
    if mended := mended_articles(cast(BinaryIO, file)):
        delimiter, encoding = mended, "utf-8"
    name = get_valid_filename(file_name or file.name or "articles.csv")[-100:]
    stored = default_storage.save(f"catalogue-imports/{clock.now():%Y/%m}/{name}", file)
    try:
        with transaction.atomic():
            found = CatalogueImport.objects.create(
                file=stored,
                file_name=file_name[:255] or name,
                size_bytes=file.size or 0,
                delimiter=delimiter,
                encoding=encoding,
                decimal_sign=decimal_sign,
                needs_review=needs_review,
                created_by=current_actor(),
            )
            record_audit("catalogue_import.created", subject=f"catalogue_import:{found.pk}")
            emit("catalogue_import.due", import_id=found.pk)
    except BaseException:
        default_storage.delete(stored)
        raise
    return found


@transaction.atomic
def confirm_catalogue_import(*, catalogue_import: CatalogueImport) -> None:
    """A person has seen what it would do and wants it done."""
    locked = _locked(catalogue_import.pk)
    CatalogueImport.moves.move(locked, CatalogueImportState.APPLYING, confirmed_by=current_actor(), progress=0)
    record_audit("catalogue_import.confirmed", subject=f"catalogue_import:{locked.pk}")
    emit("catalogue_import.due", import_id=locked.pk)
    catalogue_import.refresh_from_db()


@transaction.atomic
def refuse_catalogue_import(*, catalogue_import: CatalogueImport, reason: str) -> None:
    """Nothing of it is written. Raises `StateConflict` once it is being written."""
    locked = _locked(catalogue_import.pk)
    CatalogueImport.moves.move(
        locked, CatalogueImportState.REFUSED, reason=reason[:500], finished_at=clock.now(), progress=100
    )
    record_audit("catalogue_import.refused", subject=f"catalogue_import:{locked.pk}")
    catalogue_import.refresh_from_db()


def run_catalogue_import(*, import_id: int) -> None:
    """Take it as far as it goes without a person. Running it again is harmless: what is written is written alike."""
    found = CatalogueImport.objects.get(pk=import_id)
    if found.state == CatalogueImportState.CHECKING:
        _check(found)
    if found.state == CatalogueImportState.APPLYING:
        _go_through(found, is_written=True)
        _finish(found)


def _check(found: CatalogueImport) -> None:
    try:
        _go_through(found, is_written=False)
        goes_on = not found.needs_review
        CatalogueImport.moves.move(found, CatalogueImportState.APPLYING if goes_on else CatalogueImportState.CHECKED)
    except FileRefused as refused:
        refuse_catalogue_import(catalogue_import=found, reason=refused.detail)
    except StateConflict:
        found.refresh_from_db()  # a person has refused it meanwhile


def _finish(found: CatalogueImport) -> None:
    CatalogueImport.moves.move(found, CatalogueImportState.APPLIED, finished_at=clock.now(), progress=100)
    record_audit(
        "catalogue_import.applied",
        subject=f"catalogue_import:{found.pk}",
        changes={"created": found.created, "updated": found.updated, "rejected": found.rejected},
    )


def _go_through(found: CatalogueImport, *, is_written: bool) -> None:
    """The whole file in batches, each written, or undone, in a transaction of its own; the counters are kept."""
    totals = BulkResult()
    found.rejects.all().delete()
    rows = rejected = 0
    with found.file.open("rb") as stored:
        stream = cast(BinaryIO, stored.file)
        articles = read_articles(
            stream, delimiter=found.delimiter, encoding=found.encoding, decimal_sign=found.decimal_sign
        )
        while batch := list(islice(articles, ROWS_AT_ONCE)):
            result = _save(batch, is_written=is_written)
            refused = sorted(_refusals(batch, result))
            rows, rejected = rows + len(batch), rejected + len(refused)
            CatalogueImportReject.objects.bulk_create(
                CatalogueImportReject(catalogue_import=found, line=line, code=code, detail=detail[:LONGEST_DETAIL])
                for line, code, detail in refused
            )
            totals.created += result.created
            totals.updated += result.updated
            totals.unchanged += result.unchanged
            progress = min(99, 100 * stream.tell() // max(found.size_bytes, 1))
            CatalogueImport.objects.filter(pk=found.pk).update(progress=progress, rows=rows)
    CatalogueImport.objects.filter(pk=found.pk).update(
        rows=rows,
        created=totals.created,
        updated=totals.updated,
        unchanged=totals.unchanged,
        rejected=rejected,
    )
    found.refresh_from_db()


def _save(batch: list[Article | Unusable], *, is_written: bool) -> BulkResult:
    articles = [Row(article.line_number, article.values) for article in batch if isinstance(article, Article)]
    with transaction.atomic():
        result = save_variants(rows=articles) if articles else BulkResult()
        if not is_written:
            transaction.set_rollback(True)
    return result


def _refusals(batch: list[Article | Unusable], result: BulkResult) -> Iterator[tuple[int, str, str]]:
    for line in batch:
        if isinstance(line, Unusable):
            yield line.line_number, line.code, line.detail
    for error in result.errors:
        yield error.index, error.code, error.detail


def _locked(pk: int) -> CatalogueImport:
    return CatalogueImport.objects.select_for_update(no_key=True).get(pk=pk)
