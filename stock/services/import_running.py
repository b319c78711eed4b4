"""Running a stock import: stage, compare, hold or apply, finish. Each step commits, and any can be run again.

One process runs an import at a time (a lock its connection holds, gone with the process). Whoever
comes after a crash goes on from what was committed: the difference table and its lanes, or the lines,
or the file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO, Final, cast

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from stock.feeds import coverage, quarantine, staging
from stock.feeds.comparing import CHANGES, Comparison, may_close, speaks_of_all
from stock.feeds.coverage import Marks
from stock.feeds.errors import FileRefused
from stock.feeds.profiles import Profile, rewritten
from stock.feeds.rejects import count_rejects, report_older
from stock.feeds.running import alone, use_all_cores, use_memory
from stock.feeds.swinging import Difference
from stock.feeds.tables import StagingTables, fetch_one
from stock.models import StockImport, StockSource
from stock.services.import_writing import COMPARED_AT, ImportWriter, lanes_for, lay_lanes
from stock.services.importing import refuse_import
from stock.states import StockImportState

STAGED_AT: Final = 30
"""Per cent of the progress that a person sees."""
ATTEMPTS_AT_MOST: Final = 8

Watcher = Callable[[StockImport], None]

logger = structlog.get_logger(__name__)


def run_import(*, import_id: int, watcher: Watcher | None = None) -> None:
    """Take the import as far as it gets: applied, refused, held for a person or waiting for its source.

    Does nothing while another process runs it. `watcher` is told whenever it got on.
    """
    with alone(import_id) as is_alone:
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
        if self._refuses_forgotten() or not self._read_file() or not self._compare():
            return False
        with transaction.atomic():
            StockImport.moves.move(self._import, StockImportState.STAGED, staged_at=clock.now())
        self._watcher(self._import)
        return True

    def _read_file(self) -> bool:
        """Stage the lines; False when the file was refused, or cannot be read at all."""
        try:
            if self._import.retry_of_id is not None:
                rows = staging.stage_quarantined(self._import)
            else:
                rows = staging.stage(self._import, self._opened, on_progress=self._tell_bytes)
        except FileRefused as refusal:
            return self._refuse(refusal.code, refusal.detail)
        except FileNotFoundError:
            return self._refuse("file_lost", gettext_noop("The file is not there any more."))
        rejected, quarantined = count_rejects(self._import)
        self._save(rows=rows, rejected=rejected, quarantined=quarantined, progress=STAGED_AT, attempts=0)
        return True

    def _compare(self) -> bool:
        """Find the differences with the levels as they are now; False when the file was refused."""
        with transaction.atomic():
            marks = coverage.take_marks(self._import)
        with transaction.atomic():
            use_all_cores()
            comparison = self._comparison(marks)
            is_clean = comparison.find(lines=self._lines)
        if not is_clean:
            try:
                staging.set_aside(self._import)
            except FileRefused as refusal:
                return self._refuse(refusal.code, refusal.detail)
            rejected, quarantined = count_rejects(self._import)
            self._save(rejected=rejected, quarantined=quarantined)
        with transaction.atomic():
            if not is_clean:
                comparison = self._comparison(marks)
                comparison.find(lines=self._lines)
            comparison.look_closer()
            difference = comparison.sum_up(exactly=self._import.needs_review)
            if self._may_still_be_held and not self._has_been_seen(difference):
                self._save(confirmed_at=None)  # what a person has confirmed was another thing
            self._save(
                difference=difference.as_dict(),
                comparison=asdict(replace(marks, points=comparison.points)),
                progress=COMPARED_AT,
                attempts=0,
            )
        return True

    @property
    def _may_still_be_held(self) -> bool:
        """Once a part is written the rest follows: who confirmed it stands by it."""
        return self._import.state != StockImportState.APPLYING

    def _has_been_seen(self, difference: Difference) -> bool:
        """Whether the difference of the last comparison already showed what is suspicious of this one."""
        kept = self._import.difference
        return not difference.is_suspicious or (
            kept is not None and difference.is_covered_by(Difference.from_dict(kept))
        )

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """The file under our columns, whatever its source calls them."""
        profile = self._import.profile
        if self._import.local_path:
            with Path(self._import.local_path).open("rb") as stream:
                yield rewritten(stream, Profile(**profile)) if profile else stream
            return
        with self._import.file.open("rb") as stored:
            # The file beneath Django's wrapper: whole, and closed with it.
            yield rewritten(cast(BinaryIO, stored.file), Profile(**profile)) if profile else cast(BinaryIO, stored)

    def _tell_bytes(self, bytes_read: int) -> None:
        done = min(bytes_read, self._import.size_bytes) / max(self._import.size_bytes, 1)
        self._save(progress=int(STAGED_AT * done), attempts=0)
        self._watcher(self._import)

    # --- staged → applying, or held ---------------------------------------------------------------

    def _begin(self) -> bool:
        if self._import.needs_review and self._import.confirmed_at is None:
            return False
        if not self._has_fresh_difference() and not self._compare_anew():
            return False
        with transaction.atomic():
            if not self._has_its_turn():
                self._save(attempts=0)
                return False
            if self._refuses_forgotten():
                return False
            if not self._has_fresh_difference():
                return True
            if self._has_to_be_held():
                return False
            StockImport.moves.move(self._import, StockImportState.APPLYING, started_at=clock.now())
            self._settle()
        self._watcher(self._import)
        return True

    def _compare_anew(self) -> bool:
        return (self._has_lines() or self._read_file()) and self._compare()

    def _has_fresh_difference(self) -> bool:
        """Whether no other import of the source has begun since it was found, and it is (still) there."""
        return (
            self._import.comparison is not None
            and Marks(**self._import.comparison).last_begun == self._import.source.last_begun
            and self._has_lines()
            and self._tables.holds_difference()
        )

    def _has_its_turn(self) -> bool:
        """Lock the source; False while another import of it is being applied, which wakes this one when it is done."""
        self._import.source = self._locked_source()
        applying = StockImport.objects.filter(source_id=self._import.source_id, state=StockImportState.APPLYING)
        return not applying.exists()

    def _has_to_be_held(self) -> bool:
        """Hold it where it would take much away, unless a person has seen that."""
        difference = Difference.from_dict(self._import.difference or {})
        if not difference.is_suspicious or self._import.confirmed_at is not None:
            return False
        StockImport.moves.move(
            self._import,
            StockImportState.AWAITING_APPROVAL,
            reason=difference.why_held(),
        )
        record_audit("stock_import.held", subject=f"stock_import:{self._id}", changes=difference.as_dict())
        self._watcher(self._import)
        return True

    # --- applying → applied -----------------------------------------------------------------------

    def _apply(self) -> bool:
        if not self._has_whole_difference():
            # The database has lost its unlogged tables.
            if not self._compare_anew():
                return False
            with transaction.atomic():
                self._import.source = self._locked_source()
                self._settle(is_begun=True)
        for written in ImportWriter(self._import).steps():
            self._watcher(written)
        self._finish()
        self._watcher(self._fresh())
        return False

    def _settle(self, *, is_begun: bool = False) -> None:
        """Fix what is going to be written, without what was once it `is_begun`, and that the source has spoken."""
        marks = Marks(**(self._import.comparison or {}))
        comparison = self._comparison(marks)
        coverage.note(self._import, self._tables, marks, may_close=may_close(self._import))
        if late := coverage.levels_with_late_movements(self._import, marks):
            comparison.find_again(late)
        if is_begun:
            comparison.forget_what_is_done()
        report_older(self._import, self._tables, changes=CHANGES)
        rejected, _ = count_rejects(self._import)
        rows, new = comparison.leave_what_is_written()
        lay_lanes(self._import, ends=comparison.split(lanes_for(rows - new)))
        self._save(
            rejected=rejected,
            difference={**(self._import.difference or {}), "rows": rows},
            comparison=asdict(replace(marks, is_settled=True)),
            attempts=0,
        )
        source = self._import.source
        sequences = [number for number in (source.last_sequence, self._import.sequence) if number is not None]
        StockSource.objects.filter(pk=source.pk).update(
            last_as_of=max(source.last_as_of or self._import.as_of, self._import.as_of),
            last_sequence=max(sequences, default=None),
            last_begun=self._id,
        )

    def _has_whole_difference(self) -> bool:
        """Whether the table that the lanes lead through is (still) there, with everything on it."""
        is_settled = self._import.comparison is not None and Marks(**self._import.comparison).is_settled
        if not is_settled or not self._has_lines() or not self._tables.holds_difference():
            return False
        if not self._import.lanes.exists():
            return False
        (has_rows,) = fetch_one(f"SELECT EXISTS (SELECT FROM {self._tables.difference})")  # noqa: S608 (a name of our own)
        # Levels that were created are taken off it; a crash of the database empties it.
        return has_rows or self._import.rows_to_write == self._import.applied

    @retry_on_conflict
    @transaction.atomic
    def _finish(self) -> None:
        use_memory()
        source = self._locked_source()
        stock_import = StockImport.objects.select_for_update(no_key=True).get(pk=self._id)
        quarantine.settle_quarantine(stock_import, self._tables)
        used = stock_import.applied + stock_import.rejected + stock_import.quarantined
        StockImport.moves.move(
            stock_import,
            StockImportState.APPLIED,
            unchanged=stock_import.rows - used,
            progress=100,
            finished_at=clock.now(),
            reason=""
            if speaks_of_all(stock_import)
            else gettext_noop("A line could not be read, so nothing was set to 0."),
        )
        StockSource.objects.filter(pk=source.pk).update(last_applied_at=clock.now())
        self._tables.drop()
        stock_import.lanes.all().delete()
        record_audit("stock_import.applied", subject=f"stock_import:{self._id}")
        for waiting in StockImport.objects.waiting_for(source.pk)[:1]:
            emit("stock_import.due", import_id=waiting.pk)

    # --- shared -----------------------------------------------------------------------------------

    def _comparison(self, marks: Marks) -> Comparison:
        use_memory()
        return Comparison(self._import, marks)

    def _locked_source(self) -> StockSource:
        return StockSource.objects.select_for_update(no_key=True).get(pk=self._import.source_id)

    @property
    def _lines(self) -> int:
        """How many lines are left to use."""
        return self._import.rows - self._import.rejected - self._import.quarantined

    def _has_lines(self) -> bool:
        return self._tables.holds_lines() or (self._lines == 0 and self._tables.exist())

    def _refuses_forgotten(self) -> bool:
        horizon = self._import.source.history_from
        if horizon is None or self._import.as_of > horizon:
            return False
        self._refuse("older_than_history", f"What was told before {horizon:%Y-%m-%d} is not known any more.")
        return True

    def _refuse(self, code: str, reason: str) -> bool:
        """Always False: there is no next step."""
        logger.warning("stock_import.refused", stock_import=self._id, code=code, reason=reason)
        refuse_import(stock_import=self._import, code=code, reason=reason)
        self._watcher(self._import)
        return False

    def _save(self, **changes: object) -> None:
        StockImport.objects.filter(pk=self._id).update(**changes)
        for name, value in changes.items():
            setattr(self._import, name, value)

    def _fresh(self) -> StockImport:
        return StockImport.objects.select_related("source").get(pk=self._id)
