"""Writing what an import has found to be different. Each step commits, and any can be run again.

First the levels that do not exist yet. The others are written in lanes: ranges of levels, each with a cursor and a
database connection of its own, because a database writes for one connection on one core. Where others write the same
levels the lanes take turns, and with smaller steps: nobody is to wait for more than one of them.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import inf
from threading import Event, Lock
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F

from oms.core import clock
from oms.core.retrying import retry_on_conflict
from oms.core.side_by_side import side_by_side
from stock.feeds.applying import Applier, Written
from stock.feeds.running import use_memory
from stock.models import ImportLane, StockImport
from stock.services.announcing import announce_raised, announce_short
from stock.services.protecting import apply_protection

COMPARED_AT: Final = 40
"""Per cent of the progress that a person sees, when writing begins."""
LEVELS_PER_LANE: Final = 20_000
"""For fewer a second lane is not worth a connection."""
SHARE_BESIDE_OTHERS: Final = 3
"""A step is of so many times less levels where others write the same ones: they wait for it. Alone it would only cost
time."""
DENSE_FOR_S: Final = 5.0
"""After others were met, wherever that was: who places orders needs the database's cores, too."""
TURN_WAITED_FOR_S: Final = 1.0


def lanes_for(levels: int) -> int:
    """In how many lanes so many levels are written."""
    return max(1, min(settings.STOCK_IMPORT_LANES, levels // LEVELS_PER_LANE))


def lay_lanes(stock_import: StockImport, *, ends: Sequence[int]) -> None:
    """One up to each of the `ends` (ids of levels, rising), and one for what follows, with nothing done yet.

    Of lanes there were before, what they have done stays known.
    """
    earlier = ImportLane.objects.filter(stock_import=stock_import)
    earlier.filter(cursor=F("after_level")).delete()
    earlier.update(last_level=F("cursor"))
    bounds = [0, *ends, ImportLane.LAST_OF_ALL]
    ImportLane.objects.bulk_create(
        ImportLane(stock_import=stock_import, after_level=after, cursor=after, last_level=last)
        for after, last in pairwise(bounds)
    )


class ImportWriter:
    """Writes one import's differences from where it was left."""

    def __init__(self, stock_import: StockImport) -> None:
        self._import = stock_import

    def steps(self) -> Iterator[StockImport]:
        """Write everything; the import as it is after each step."""
        yield from iter(self._create_some, None)
        lanes = list(ImportLane.objects.filter(stock_import=self._import, cursor__lt=F("last_level")))
        traffic = _Traffic(lanes=len(lanes))
        yield from side_by_side([LaneWriter(self._import, lane, traffic).steps() for lane in lanes])

    @retry_on_conflict
    @transaction.atomic
    def _create_some(self) -> StockImport | None:
        """None when there are none left."""
        use_memory()
        written = _applier(self._import, settings.STOCK_IMPORT_CHUNK_LEVELS).create_some()
        return None if written is None else _note(self._import, written)


class _Traffic:
    """Whether others write the same levels, and so how the lanes get on."""

    def __init__(self, *, lanes: int) -> None:
        self._lanes = lanes
        self._met_others_at = -inf
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    @property
    def is_dense(self) -> bool:
        return monotonic() - self._met_others_at < DENSE_FOR_S

    @property
    def levels_at_once(self) -> int:
        at_once: int = settings.STOCK_IMPORT_CHUNK_LEVELS
        return max(1, at_once // (SHARE_BESIDE_OTHERS if self.is_dense else self._lanes))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within it the lane may take a step: in dense traffic one after the other, as they came.

        One that is held up does not hold the others up for longer than `TURN_WAITED_FOR_S`: turns are for the orders'
        sake, and nothing is wrong without.
        """
        if not self.is_dense:
            yield
            return
        mine = Event()
        with self._lock:
            self._waiting.append(mine)
            self._waiting[0].set()
        mine.wait(TURN_WAITED_FOR_S)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.remove(mine)
                if self._waiting:
                    self._waiting[0].set()

    def others_were_met(self) -> None:
        """A lane has found levels that somebody else had written since they were compared."""
        self._met_others_at = monotonic()


class LaneWriter:
    """Writes the levels of one lane."""

    def __init__(self, stock_import: StockImport, lane: ImportLane, traffic: _Traffic) -> None:
        self._import = stock_import
        self._lane_id = lane.pk
        self._traffic = traffic
        self._again_up_to: int | None = None

    def steps(self) -> Iterator[StockImport]:
        while True:
            with self._traffic.turn():
                noted = self._write_some()
            if noted is None:
                return
            yield noted

    @retry_on_conflict
    @transaction.atomic
    def _write_some(self) -> StockImport | None:
        """One step in a transaction of its own; None when the lane's levels are all written."""
        use_memory()
        lane = ImportLane.objects.select_for_update(no_key=True).get(pk=self._lane_id)
        again_up_to = self._again_up_to
        if again_up_to is not None and again_up_to <= lane.cursor:
            again_up_to = None  # whoever else runs the import has been there
        changed = _applier(self._import, self._traffic.levels_at_once).change_some(
            lane.cursor, up_to=lane.last_level, again_up_to=again_up_to
        )
        if changed is None:
            return None
        written, lane.cursor, self._again_up_to = changed
        if self._again_up_to is not None:
            self._traffic.others_were_met()
        lane.save(update_fields=["cursor"])
        return _note(self._import, written)


def _applier(stock_import: StockImport, levels_at_once: int) -> Applier:
    return Applier(stock_import, at=clock.now(), actor=stock_import.created_by, levels_at_once=levels_at_once)


def _note(stock_import: StockImport, written: Written) -> StockImport:
    """Tell what was written; the import as it is then. The last thing in a step: the lanes wait for each other here."""
    apply_protection(level_ids=written.created_level_ids)
    announce_raised(written.raised_variant_ids)
    announce_short(written.lowered_level_ids)
    locked = StockImport.objects.select_for_update(no_key=True).get(pk=stock_import.pk)
    locked.applied += written.changed_lines
    locked.closed += written.closed_levels
    locked.attempts = 0
    done, total = locked.applied + locked.closed, max(locked.rows_to_write, 1)
    locked.progress = min(99, COMPARED_AT + (100 - COMPARED_AT) * done // total)
    locked.save(update_fields=["applied", "closed", "attempts", "progress"])
    return locked
