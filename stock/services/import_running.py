"""Running a stock import: stage, compare, hold or apply, finish. Each step commits, and any can be run again.

One process runs an import at a time (a lock its connection holds, gone with the process). Whoever
comes after a crash goes on from what was committed: the difference table and the cursor, or the lines,
or the file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from stock.feeds import finishing, staging
from stock.feeds.applying import Applier, Written
from stock.feeds.comparing import Difference, compare, speaks_of_all
from stock.feeds.errors import FileRefused
from stock.feeds.rejects import count_rejects
from stock.feeds.tables import StagingTables, execute, fetch_one
from stock.models import StockImport, StockSource
from stock.services.announcing import announce_raised, announce_short
from stock.services.importing import refuse_import
from stock.services.protecting import apply_protection
from stock.states import StockImportState

STAGED_AT: Final = 30
COMPARED_AT: Final = 40
"""Per cent of the progress that a person sees."""
ATTEMPTS_AT_MOST: Final = 8
_RUNNING: Final = 731_001_002

Watcher = Callable[[StockImport], None]

logger = structlog.get_logger(__name__)


def run_import(*, import_id: int, watcher: Watcher | None = None) -> None:
    """Take the import as far as it gets: applied, refused, held for a person or waiting for its source.

    Does nothing while another process runs it. `watcher` is told whenever it got on.
    """
    with _alone(import_id) as is_alone:
        if not is_alone:
            return
        StockImport.objects.filter(pk=import_id).update(attempts=F("attempts") + 1)
        run = ImportRun(import_id, watcher or (lambda _: None))
        while run.advance():
            pass


def resume_imports() -> int:
    """Run what should be running and is not, because a message or a worker was lost; how many were looked at."""
    stopped = (
        StockImport.objects.unfinished()
        .exclude(state=StockImportState.AWAITING_APPROVAL)
        # A command reads its own file; once staged, anybody can go on.
        .exclude(state=StockImportState.QUEUED, local_path__gt="")
        .exclude(state=StockImportState.STAGED, needs_review=True, difference__isnull=False, confirmed_at=None)
        .filter(attempts__lt=ATTEMPTS_AT_MOST)
        .order_by("as_of", "id")
    )
    ids = list(stopped.values_list("pk", flat=True))
    for import_id in ids:
        run_import(import_id=import_id)
    return len(ids)


@contextmanager
def _alone(import_id: int) -> Iterator[bool]:
    """Whether this process may run the import; held on a connection of its own, and so until it ends or dies."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_RUNNING, import_id % 2**31])
            (is_alone,) = cursor.fetchone()
        yield is_alone
    finally:
        other.close()


class ImportRun:
    """One import on its way. `advance` takes one step and tells whether there may be another."""

    def __init__(self, import_id: int, watcher: Watcher) -> None:
        self._id = import_id
        self._tables = StagingTables(import_id)
        self._watcher = watcher
        self._import = self._fresh()

    def advance(self) -> bool:
        step = {
            StockImportState.QUEUED: self._stage,
            StockImportState.STAGED: self._begin,
            StockImportState.APPLYING: self._apply,
        }.get(StockImportState(self._import.state))
        if step is None or not step():
            return False
        self._import = self._fresh()
        return True

    # --- queued → staged --------------------------------------------------------------------------

    def _stage(self) -> bool:
        staged = None if self._refuses_forgotten() else self._read_file()
        if staged is None:
            return False
        with transaction.atomic():
            StockImport.moves.move(
                self._import,
                StockImportState.STAGED,
                rows=staged.rows,
                rejected=staged.rejected,
                quarantined=staged.quarantined,
                staged_at=clock.now(),
                progress=STAGED_AT,
                attempts=0,
            )
        self._watcher(self._import)
        return True

    def _read_file(self) -> staging.Staged | None:
        """Stage the lines; None when the file was refused, or cannot be read at all."""
        try:
            if self._import.retry_of_id is not None:
                return staging.stage_quarantined(self._import)
            return staging.stage(self._import, self._opened, on_progress=self._tell_bytes)
        except FileRefused as refusal:
            self._refuse(refusal.code, refusal.detail)
        except FileNotFoundError:
            self._refuse("file_lost", "The file is not there any more.")
        return None

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if self._import.local_path:
            with Path(self._import.local_path).open("rb") as stream:
                yield stream
            return
        with self._import.file.open("rb") as stored:
            yield cast(BinaryIO, stored)

    def _tell_bytes(self, bytes_read: int) -> None:
        self._tell(STAGED_AT * min(bytes_read, self._import.size_bytes) // max(self._import.size_bytes, 1))

    # --- staged → applying, or held ---------------------------------------------------------------

    def _begin(self) -> bool:
        if not self._has_lines() and self._read_file() is None:
            return False
        if self._import.needs_review and self._import.confirmed_at is None:
            return self._preview()
        mark = self._mark_ledger()
        with transaction.atomic():
            if not self._has_its_turn():
                self._save(attempts=0)
                return False
            if self._refuses_forgotten():
                return False
            difference = self._compared(exactly=False)
            if difference.is_suspicious and not self._was_seen_suspicious():
                self._hold(difference)
                return False
            self._settle(difference, mark)
            StockImport.moves.move(self._import, StockImportState.APPLYING, started_at=clock.now())
        self._watcher(self._import)
        return True

    def _preview(self) -> bool:
        if self._import.difference is None:
            with transaction.atomic():
                self._save(difference=self._compared(exactly=True).as_dict(), progress=COMPARED_AT, attempts=0)
            self._watcher(self._import)
        return False

    def _has_its_turn(self) -> bool:
        """Lock the source; False while another import of it is being applied, which wakes this one when it is done."""
        source = StockSource.objects.select_for_update(no_key=True).get(pk=self._import.source_id)
        self._import.source = source
        return not StockImport.objects.filter(source=source, state=StockImportState.APPLYING).exists()

    def _was_seen_suspicious(self) -> bool:
        seen = self._import.difference
        return self._import.confirmed_at is not None and seen is not None and Difference(**seen).is_suspicious

    def _hold(self, difference: Difference) -> None:
        StockImport.moves.move(
            self._import,
            StockImportState.AWAITING_APPROVAL,
            difference=difference.as_dict(),
            progress=COMPARED_AT,
            attempts=0,
            reason=f"It takes {difference.units_fallen} of {difference.units_touched} units off the levels it touches.",
        )
        record_audit("stock_import.held", subject=f"stock_import:{self._id}", changes=difference.as_dict())
        self._watcher(self._import)

    # --- applying → applied -----------------------------------------------------------------------

    def _apply(self) -> bool:
        if not (self._has_lines() and self._has_difference()) and not self._compare_again():
            return False
        while self._write_some():
            self._watcher(self._fresh())
        self._finish()
        self._watcher(self._fresh())
        return False

    def _has_difference(self) -> bool:
        """Whether the table that the cursor points into is (still) there, with everything on it."""
        if self._import.ledger_mark is None or not self._tables.holds_difference():
            return False
        (rows,) = fetch_one(f"SELECT count(*) FROM {self._tables.difference}")  # noqa: S608 (a name of our own)
        # Levels that were created are taken off it; a crash of the database empties it.
        return rows > 0 or _rows_of(self._import) == self._import.applied

    def _compare_again(self) -> bool:
        if not self._has_lines() and self._read_file() is None:
            return False
        mark = self._mark_ledger()
        with transaction.atomic():
            self._import.source = StockSource.objects.select_for_update(no_key=True).get(pk=self._import.source_id)
            self._settle(self._compared(exactly=False), mark)
        return True

    @retry_on_conflict
    @transaction.atomic
    def _write_some(self) -> bool:
        """One step in a transaction of its own; False when all is written."""
        _use_memory()
        locked = StockImport.objects.select_for_update(no_key=True).get(pk=self._id)
        applier = self._applier(locked)
        cursor = locked.cursor
        written = applier.create_some() if cursor is None else None
        if written is None:
            changed = applier.change_some(cursor or 0)
            if changed is None:
                return False
            written, cursor = changed
        self._announce(written)
        done = locked.applied + locked.closed + written.changed_lines + written.closed_levels
        total = max(_rows_of(locked), 1)
        StockImport.objects.filter(pk=self._id).update(
            applied=F("applied") + written.changed_lines,
            closed=F("closed") + written.closed_levels,
            cursor=cursor,
            progress=min(99, COMPARED_AT + (100 - COMPARED_AT) * done // total),
            attempts=0,
        )
        return True

    @retry_on_conflict
    @transaction.atomic
    def _finish(self) -> None:
        _use_memory()
        source = StockSource.objects.select_for_update(no_key=True).get(pk=self._import.source_id)
        stock_import = StockImport.objects.select_for_update(no_key=True).get(pk=self._id)
        stock_import.source = source
        finishing.note_coverage(stock_import, self._tables)
        finishing.settle_quarantine(stock_import, self._tables)
        late = finishing.catch_up(stock_import, self._tables, self._applier(stock_import))
        self._announce(late)
        applied = stock_import.applied + late.changed_lines
        StockImport.moves.move(
            stock_import,
            StockImportState.APPLIED,
            applied=applied,
            closed=stock_import.closed + late.closed_levels,
            unchanged=stock_import.rows - applied - stock_import.rejected - stock_import.quarantined,
            progress=100,
            finished_at=clock.now(),
            reason="" if speaks_of_all(stock_import) else "A line could not be read, so nothing was set to 0.",
        )
        StockSource.objects.filter(pk=source.pk).update(last_applied_at=clock.now())
        self._tables.drop()
        record_audit("stock_import.applied", subject=f"stock_import:{self._id}")
        for waiting in StockImport.objects.waiting_for(source.pk)[:1]:
            emit("stock_import.due", import_id=waiting.pk)

    # --- shared -----------------------------------------------------------------------------------

    def _compared(self, *, exactly: bool) -> Difference:
        _use_memory()
        return compare(self._import, self._tables, exactly=exactly)

    def _settle(self, difference: Difference, mark: int) -> None:
        """Fix what is going to be written, and that the source has spoken of this moment."""
        finishing.reject_older(self._import, self._tables)
        rejected, _ = count_rejects(self._import)
        self._save(
            difference=difference.as_dict(),
            ledger_mark=mark,
            rejected=rejected,
            cursor=None,
            progress=COMPARED_AT,
            attempts=0,
        )
        source = self._import.source
        sequences = [number for number in (source.last_sequence, self._import.sequence) if number is not None]
        StockSource.objects.filter(pk=source.pk).update(
            last_as_of=max(source.last_as_of or self._import.as_of, self._import.as_of),
            last_sequence=max(sequences, default=None),
        )

    def _announce(self, written: Written) -> None:
        apply_protection(level_ids=written.created_level_ids)
        announce_raised(written.raised_variant_ids)
        announce_short(written.lowered_level_ids)

    def _applier(self, stock_import: StockImport) -> Applier:
        return Applier(
            stock_import,
            at=clock.now(),
            actor=stock_import.created_by,
            levels_at_once=settings.STOCK_IMPORT_CHUNK_LEVELS,
        )

    @transaction.atomic
    def _mark_ledger(self) -> int:
        return finishing.mark_ledger()

    def _has_lines(self) -> bool:
        usable = self._import.rows - self._import.rejected - self._import.quarantined
        return self._tables.holds_lines() or (usable == 0 and self._tables.exist())

    def _refuses_forgotten(self) -> bool:
        horizon = self._import.source.history_from
        if horizon is None or self._import.as_of > horizon:
            return False
        self._refuse("older_than_history", f"What was told before {horizon:%Y-%m-%d} is not known any more.")
        return True

    def _refuse(self, code: str, reason: str) -> None:
        logger.warning("stock_import.refused", stock_import=self._id, code=code, reason=reason)
        refuse_import(stock_import=self._import, code=code, reason=reason)
        self._watcher(self._import)

    def _tell(self, progress: int) -> None:
        self._save(progress=progress, attempts=0)
        self._watcher(self._import)

    def _save(self, **changes: object) -> None:
        StockImport.objects.filter(pk=self._id).update(**changes)
        for name, value in changes.items():
            setattr(self._import, name, value)

    def _fresh(self) -> StockImport:
        return StockImport.objects.select_related("source").get(pk=self._id)


def _rows_of(stock_import: StockImport) -> int:
    """How many differences were on the table when writing began."""
    difference: dict[str, Any] = stock_import.difference or {}
    return int(difference.get("rows", 0))


def _use_memory() -> None:
    execute(f"SET LOCAL work_mem = '{staging.WORK_MEMORY}'")
