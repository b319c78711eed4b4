"""The doors of a stock import: it is accepted, approved, confirmed or refused here; `import_running` runs it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.errors import BodyTooLarge, Invalid, StateConflict
from oms.core.events import emit
from stock.feeds.errors import BasisConflict
from stock.feeds.mended import mended_profile
from stock.feeds.profiles import Profile
from stock.feeds.quarantine import forget_quarantined
from stock.feeds.reading import DELIMITERS
from stock.feeds.tables import StagingTables, fetch_all
from stock.models import ImportBasis, ImportKind, StockImport, StockSource
from stock.services.profiling import profile_of
from stock.states import StockImportState

AHEAD_AT_MOST: Final = timedelta(minutes=5)
"""A source's clock may run ahead of ours by this much; a figure cannot speak of a later moment."""


def create_import(
    *,
    source: str,
    kind: str,
    as_of: datetime,
    file: File | None = None,
    local_path: Path | None = None,
    file_name: str = "",
    basis: str | None = None,
    sequence: int | None = None,
    delimiter: str | None = None,
    expected_rows: int | None = None,
    needs_review: bool = False,
    bound_to: Sequence[int] | None = None,
) -> StockImport:
    """Accept a file; a task reads and applies it.

    `file` is kept in the storage; a `local_path` is read where it lies, by whoever called, who then
    runs the import. The source's first import fixes its basis: another one later is a `BasisConflict`.
    `bound_to`: the only stock points the sender may speak of. Without a `delimiter` the file is read by its source's
    profile; with one it is UTF-8 with our own columns. A file of rejected lines that somebody has mended is known by
    its header.
    """
    _check(source, kind, as_of, basis, delimiter)
    mended = _mended_profile(file, local_path)
    with _kept_file(file, file_name) as stored, transaction.atomic():
        found = _source(source, basis)
        profile = mended or (Profile(delimiter=delimiter) if delimiter else profile_of(found))
        stock_import = StockImport.objects.create(
            source=found,
            kind=kind,
            basis=found.basis,
            as_of=as_of,
            sequence=sequence,
            file=stored,
            local_path=str(local_path or ""),
            file_name=file_name[:255] or Path(stored or local_path or "").name,
            size_bytes=file.size if file is not None else _size_of(local_path),
            delimiter=profile.delimiter if profile.is_plain else ",",
            profile=None if profile.is_plain else profile.as_dict(),
            expected_rows=expected_rows,
            needs_review=needs_review,
            bound_to=None if bound_to is None else sorted(bound_to),
            created_by=current_actor(),
        )
        record_audit("stock_import.created", subject=f"stock_import:{stock_import.pk}")
        if local_path is None:
            emit("stock_import.created", import_id=stock_import.pk)
    return stock_import


def _mended_profile(file: File | None, local_path: Path | str | None) -> Profile | None:
    if file is not None:
        return mended_profile(cast(BinaryIO, file))
    if local_path is None or not Path(local_path).is_file():
        return None
    with Path(local_path).open("rb") as stream:
        return mended_profile(stream)


@contextmanager
def _kept_file(file: File | None, file_name: str) -> Iterator[str]:
    """The name under which the storage keeps the file, empty where there is none; removed where what follows fails."""
    stored = _stored(file, file_name) if file is not None else ""
    try:
        yield stored
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise


def _stored(file: File, file_name: str) -> str:
    """The name under which the storage keeps it."""
    refuse_too_large(file.size)
    name = get_valid_filename(file_name or file.name or "import.csv")[-100:]
    return default_storage.save(f"stock-imports/{clock.now():%Y/%m}/{name}", file)


def refuse_too_large(size: int | None) -> None:
    """Raises `BodyTooLarge` for more bytes than an upload may have."""
    limit: int = settings.STOCK_IMPORT_MAX_BYTES
    if size is not None and size > limit:
        raise BodyTooLarge(f"A stock file may have {limit} bytes.", data={"max_bytes": limit})


@transaction.atomic
def approve_import(*, stock_import: StockImport) -> None:
    """Let a held import be applied: next, or once the one of its source that runs now is done.

    It is compared anew first; where it would take much more than what was shown, it is held again.
    """
    locked = _locked(stock_import)
    if locked.state != StockImportState.AWAITING_APPROVAL:
        raise StateConflict(
            f"This import is {locked.state}; only one that awaits approval can be approved.",
            data={"state": locked.state},
        )
    StockImport.moves.move(
        locked,
        StockImportState.STAGED,
        confirmed_at=clock.now(),
        confirmed_by=current_actor(),
        reason="",
        # What was compared when it was held is out of date.
        comparison=None,
    )
    record_audit("stock_import.approved", subject=f"stock_import:{locked.pk}")
    emit("stock_import.approved", import_id=locked.pk)
    stock_import.refresh_from_db()


@transaction.atomic
def confirm_import(*, stock_import: StockImport) -> None:
    """A person has seen what a staged import would do and wants it done."""
    locked = _locked(stock_import)
    if locked.state != StockImportState.STAGED or locked.difference is None or locked.confirmed_at is not None:
        raise StateConflict(
            f"This import is {locked.state}; there is nothing to confirm.", data={"state": locked.state}
        )
    StockImport.objects.filter(pk=locked.pk).update(confirmed_at=clock.now(), confirmed_by=current_actor())
    record_audit("stock_import.confirmed", subject=f"stock_import:{locked.pk}")
    emit("stock_import.approved", import_id=locked.pk)
    stock_import.refresh_from_db()


@transaction.atomic
def refuse_import(*, stock_import: StockImport, code: str, reason: str) -> None:
    """Nothing of it is applied. Raises `StateConflict` once it is being applied."""
    locked = _locked(stock_import)
    StockImport.moves.move(
        locked, StockImportState.REFUSED, code=code, reason=reason[:500], finished_at=clock.now(), progress=100
    )
    StagingTables(locked.pk).drop()
    if locked.retry_of_id is not None:
        forget_quarantined(locked)
    record_audit("stock_import.refused", subject=f"stock_import:{locked.pk}", changes={"code": code})
    stock_import.refresh_from_db()


def retry_quarantined() -> list[int]:
    """Make an import of the figures whose SKU and stock point are known by now; the imports' ids.

    One per import that left some, of its own `as_of`: what the source or we did since still counts.
    """
    waiting = fetch_all(
        """
        SELECT q.stock_import_id, count(*) FROM stock_quarantinedfigure q
        JOIN stock_variant v ON v.sku = q.sku JOIN stock_stockpoint p ON p.code = q.stock_point
        WHERE NOT EXISTS (
            SELECT FROM stock_stockimport r
            WHERE r.retry_of_id = q.stock_import_id AND r.state NOT IN ('applied', 'refused'))
        GROUP BY q.stock_import_id ORDER BY min(q.as_of), q.stock_import_id
        """
    )
    return [_retry(left_by) for left_by, _ in waiting]


@transaction.atomic
def _retry(left_by: int) -> int:
    origin = StockImport.objects.get(pk=left_by)
    stock_import = StockImport.objects.create(
        source_id=origin.source_id,
        kind=ImportKind.DELTA,
        basis=origin.basis,
        as_of=origin.as_of,
        retry_of=origin,
        bound_to=origin.bound_to,
        created_by=current_actor(),
    )
    emit("stock_import.created", import_id=stock_import.pk)
    return stock_import.pk


def _check(source: str, kind: str, as_of: datetime, basis: str | None, delimiter: str | None) -> None:
    errors: dict[str, list[str]] = {}
    if not 0 < len(source) <= 64:
        errors["source"] = [gettext_noop("A source's name has 1 to 64 characters.")]
    if kind not in ImportKind.values:
        errors["kind"] = [f"One of {', '.join(ImportKind.values)}."]
    if basis is not None and basis not in ImportBasis.values:
        errors["basis"] = [f"One of {', '.join(ImportBasis.values)}."]
    if as_of > clock.now() + AHEAD_AT_MOST:
        errors["as_of"] = [gettext_noop("This moment has not come yet.")]
    if delimiter is not None and delimiter not in DELIMITERS:
        errors["delimiter"] = [f"One of {', '.join(map(repr, DELIMITERS))}."]
    if errors:
        raise Invalid(errors=errors)


def _source(name: str, basis: str | None) -> StockSource:
    defaults: dict[str, Any] = {"basis": basis or ImportBasis.PHYSICAL}
    source, _ = StockSource.objects.get_or_create(name=name, defaults=defaults)
    if basis is not None and source.basis != basis:
        raise BasisConflict(
            f"The figures of {name} are {source.basis}; that cannot change.", data={"basis": source.basis}
        )
    return source


def _locked(stock_import: StockImport) -> StockImport:
    return StockImport.objects.select_for_update(no_key=True).get(pk=stock_import.pk)


def _size_of(path: Path | None) -> int:
    return path.stat().st_size if path is not None else 0
