"""Write the differences, some tens of thousands of levels per transaction, in the order of the levels' ids.

First the levels that do not exist yet (their lines are taken off the difference table), then the others (a lane's
`cursor` is its last level done).

Levels that exist are written as they were compared, in one statement that passes over whatever somebody else wrote in
between. Only these are looked at again, under their locks, and written by what holds then: to lock a million levels
beforehand is to write each of them twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stock.feeds.coverage import hold_late_movements_back
from stock.feeds.figures import Figures
from stock.feeds.running import in_order_of_ids
from stock.feeds.tables import StagingTables, execute, fetch_one
from stock.models import StockImport

_IN_RANGE: Final = "s.id > %(after)s AND s.id <= %(last)s"
_IS_AS_COMPARED: Final = "s.xmin = c.version"
_IS_NEWS: Final = "(f.before <> f.after OR f.unavailable <> f.unavailable_before OR f.source_id IS NULL)"


@dataclass(frozen=True, slots=True)
class Written:
    """What one step has written: how many lines' levels, and how many that no line names any more."""

    changed_lines: int = 0
    closed_levels: int = 0
    created_level_ids: tuple[int, ...] = ()
    raised_variant_ids: tuple[int, ...] = ()
    lowered_level_ids: tuple[int, ...] = ()


def _done(levels: str) -> str:
    """SQL: the levels that were `written`, where there should have been more; else null."""
    return f"""CASE WHEN (SELECT count(*) FROM written) < {levels}
                THEN (SELECT coalesce(array_agg(id), '{{}}') FROM written) END"""  # noqa: S608 (our own fragments)


def _written(lines: int, closed: int, raised: Sequence[int], lowered: Sequence[int]) -> Written:
    return Written(lines, closed, (), tuple(raised), tuple(lowered))


class Applier:
    """Writes one import's differences. Every method belongs in a transaction of its caller."""

    def __init__(self, stock_import: StockImport, *, at: datetime, actor: str, levels_at_once: int) -> None:
        self._tables = StagingTables(stock_import.pk)
        self._import = stock_import
        self._levels_at_once = levels_at_once
        self._parameters: Mapping[str, Any] = {
            "as_of": stock_import.as_of,
            "source": stock_import.source_id,
            "reference": stock_import.reference,
            "at": at,
            "actor": actor,
        }

    def create_some(self) -> Written | None:
        """The next levels that do not exist yet, a variant's together; None when there are none left."""
        hold_late_movements_back()  # they, too, may create levels; who takes marks has to wait for both
        last = self._last_new_variant()
        if last is None:
            return None
        created, level_ids, variant_ids, overtaken = fetch_one(
            f"""
            WITH batch AS (
                DELETE FROM {self._tables.difference}
                WHERE level_id IS NULL AND variant_id <= %(last)s RETURNING *
            ), created AS (
                INSERT INTO stock_stocklevel (variant_id, stock_point_id, on_hand, unavailable, as_of, source_id)
                SELECT variant_id, stock_point_id, after, coalesce(unavailable, 0), %(as_of)s, %(source)s FROM batch
                ORDER BY variant_id, stock_point_id
                ON CONFLICT (variant_id, stock_point_id) DO NOTHING
                RETURNING id, variant_id, stock_point_id, on_hand, unavailable
            ), booked AS (
                {self._book("created", "on_hand")}
            ), noted AS (
                {self._mark("created", "unavailable")}
            ), overtaken AS (
                -- Somebody else created the level meanwhile: it is dealt with like any other that exists.
                INSERT INTO {self._tables.difference}
                    (line_number, level_id, variant_id, stock_point_id, quantity, unavailable)
                SELECT b.line_number, 0, b.variant_id, b.stock_point_id, b.quantity, b.unavailable
                FROM batch b LEFT JOIN created c USING (variant_id, stock_point_id) WHERE c.id IS NULL
                RETURNING 1
            )
            SELECT count(*), coalesce(array_agg(id), '{{}}'),
                   coalesce(array_agg(DISTINCT variant_id), '{{}}'), (SELECT count(*) FROM overtaken)
            FROM created
            """,  # noqa: S608 (our own fragments)
            {**self._parameters, "last": last},
        )
        if overtaken:
            self._name_overtaken_levels()
        return Written(created, 0, tuple(level_ids), tuple(variant_ids))

    def change_some(
        self, after_level: int, *, up_to: int, again_up_to: int | None
    ) -> tuple[Written, int, int | None] | None:
        """The next levels that exist: what was written, the last that is done with, and how far to look again.

        None when there are none left `up_to` the level. Where somebody else has written some of them since they were
        compared, these alone stay, and `after_level` is still the last: they are to be looked at again, in a
        transaction of its own that locks them first. In this one they would be locked after later ones.
        """
        if again_up_to is not None:
            last = again_up_to
            parameters = {**self._parameters, "after": after_level, "last": last}
            self._lock(parameters)
            written, done = self._write_as_they_are(parameters)
        else:
            found, levels = self._next_levels(after_level, up_to)
            if found is None:
                return None
            last = found
            parameters = {**self._parameters, "after": after_level, "last": last, "levels": levels}
            written, done = self._write_as_compared(parameters)
        if done is None:
            return written, last, None
        # Once this is committed another source may write them, and is not to be undone.
        execute(f"DELETE FROM {self._tables.difference} WHERE level_id = ANY (%s::bigint[])", [done])  # noqa: S608
        return written, after_level, last

    def _next_levels(self, after_level: int, up_to: int) -> tuple[int | None, int]:
        """The last level of the next step, and how many there are up to it."""
        last, levels = fetch_one(
            f"""SELECT max(level_id), count(*) FROM (
                SELECT level_id FROM {self._tables.difference} WHERE level_id > %(after)s AND level_id <= %(up_to)s
                ORDER BY level_id LIMIT %(at_once)s) AS step""",  # noqa: S608 (our own fragments)
            {"after": after_level, "up_to": up_to, "at_once": self._levels_at_once},
        )
        return last, levels

    def _write_as_compared(self, parameters: Mapping[str, Any]) -> tuple[Written, list[int] | None]:
        """Write the levels of the range that nobody else has written since they were compared; which these were, where
        there are others."""
        with in_order_of_ids():
            *counted, done = fetch_one(
                f"""
                WITH written AS (
                    UPDATE stock_stocklevel s
                    SET on_hand = c.after, unavailable = coalesce(c.unavailable_after, s.unavailable),
                        as_of = %(as_of)s, source_id = %(source)s
                    FROM ({self._chosen}) c
                    WHERE s.id = c.level_id AND {_IN_RANGE} AND {_IS_AS_COMPARED}
                    RETURNING s.id, c.line_number, s.variant_id, s.stock_point_id, s.reserved,
                              c.before, c.after, c.unavailable_before, s.unavailable
                ), {self._follow_up}, {_done("%(levels)s")}
                FROM differing
                """,  # noqa: S608 (our own fragments)
                parameters,
            )
        return _written(*counted), done

    def _write_as_they_are(self, parameters: Mapping[str, Any]) -> tuple[Written, list[int] | None]:
        """The same for the levels that are not written yet, by what holds of them now.

        What the file does not list is closed by its owner only, and another source may have told of it since.
        A level's place in the table (`ctid`) is another one once it is written. Whoever commits a movement has
        written its level, so what was read of either is still true wherever the level is in its place.
        """
        figures = Figures(self._import)
        with in_order_of_ids():
            *counted, done = fetch_one(
                f"""
                {figures.with_ctes(f"chosen AS ({self._chosen})")},
                found AS MATERIALIZED (
                    SELECT s.ctid AS place, s.id, c.line_number, s.variant_id, s.stock_point_id, s.reserved,
                           s.on_hand AS before, {figures.on_hand("coalesce(c.quantity, 0)")} AS after,
                           s.unavailable AS unavailable_before, s.source_id,
                           coalesce({figures.unavailable("c.unavailable")}, s.unavailable) AS unavailable
                    FROM chosen c JOIN stock_stocklevel s ON s.id = c.level_id AND {_IN_RANGE}
                    {figures.joins("s.variant_id", "s.stock_point_id")}
                    WHERE c.line_number IS NOT NULL OR coalesce(s.source_id = %(source)s, true)
                    ORDER BY s.id
                ), written AS (
                    UPDATE stock_stocklevel s
                    SET on_hand = f.after, unavailable = f.unavailable, as_of = %(as_of)s, source_id = %(source)s
                    FROM found f
                    WHERE s.id = f.id AND {_IN_RANGE} AND {_IS_NEWS} AND {figures.nothing_else}
                      AND s.ctid IS NOT DISTINCT FROM f.place
                    RETURNING f.*
                ), {self._follow_up}, {_done(f"(SELECT count(*) FROM found f WHERE {_IS_NEWS})")}
                FROM differing
                """,  # noqa: S608 (our own fragments)
                parameters,
            )
        return _written(*counted), done

    @property
    def _follow_up(self) -> str:
        """SQL: what follows from the levels that were `written`, and what is told of those that differ."""
        return f"""booked AS (
                    {self._book("written", "after - before")}
                ), noted AS (
                    {self._mark("written", "unavailable - unavailable_before")}
                ), differing AS (
                    SELECT * FROM written WHERE before <> after OR unavailable <> unavailable_before
                )
                SELECT count(*) FILTER (WHERE line_number IS NOT NULL), count(*) FILTER (WHERE line_number IS NULL),
                       coalesce(array_agg(DISTINCT variant_id)
                                FILTER (WHERE after - unavailable > before - unavailable_before), '{{}}'),
                       coalesce(array_agg(id) FILTER (
                           WHERE reserved > 0 AND after - unavailable < before - unavailable_before), '{{}}')"""  # noqa: S608 (our own fragments)

    @property
    def _chosen(self) -> str:
        """SQL: the differences of a range; it is said of the levels too, so that a dense one is read as one of both."""
        return f"""SELECT level_id, line_number, quantity, unavailable, before, after, unavailable_before,
                   unavailable_after, version FROM {self._tables.difference}
            WHERE level_id > %(after)s AND level_id <= %(last)s"""  # noqa: S608 (our own fragments)

    def _lock(self, parameters: Mapping[str, Any]) -> None:
        """In a statement of its own: only the next one sees all that came before the locks."""
        execute(
            f"""
            SELECT s.id FROM stock_stocklevel s WHERE {_IN_RANGE} AND s.id IN (SELECT level_id FROM ({self._chosen}) c)
            ORDER BY s.id FOR NO KEY UPDATE OF s
            """,  # noqa: S608 (our own fragments)
            parameters,
        )

    def _book(self, rows: str, quantity: str) -> str:
        """SQL: one `feed` movement per row whose on hand changes."""
        return f"""
            INSERT INTO stock_stockmovement
                (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
            SELECT variant_id, stock_point_id, 'feed', %(reference)s, {quantity}, %(as_of)s, %(at)s, %(actor)s
            FROM {rows} WHERE {quantity} <> 0 ORDER BY id"""  # noqa: S608 (our own fragments)

    def _mark(self, rows: str, quantity: str) -> str:
        """SQL: why `unavailable` changes, per row where it does."""
        return f"""
            INSERT INTO stock_unavailability (level_id, quantity, reason, reference, recorded_at, recorded_by)
            SELECT id, {quantity}, 'other', %(reference)s, %(at)s, %(actor)s
            FROM {rows} WHERE {quantity} <> 0 ORDER BY id"""  # noqa: S608 (our own fragments)

    def _last_new_variant(self) -> int | None:
        """The variant with which the next step of levels to be created ends."""
        table = self._tables.difference
        last: int | None
        (last,) = fetch_one(
            f"""SELECT coalesce(
                (SELECT variant_id FROM {table} WHERE level_id IS NULL ORDER BY variant_id OFFSET %(skipped)s LIMIT 1),
                (SELECT max(variant_id) FROM {table} WHERE level_id IS NULL))""",  # noqa: S608 (our own fragments)
            {"skipped": self._levels_at_once - 1},
        )
        return last

    def _name_overtaken_levels(self) -> None:
        execute(
            f"""UPDATE {self._tables.difference} d SET level_id = s.id FROM stock_stocklevel s
            WHERE d.level_id = 0 AND s.variant_id = d.variant_id AND s.stock_point_id = d.stock_point_id"""  # noqa: S608
        )
