"""Write the differences, some tens of thousands of levels per transaction, in the order of the levels' ids.

What each transaction does is worked out under its locks from what holds then: figures found while
comparing only tell which levels to look at. First the levels that do not exist yet (their lines are
taken off the difference table), then the others (the import's `cursor` is the last level done).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stock.feeds.coverage import hold_late_movements_back
from stock.feeds.figures import Figures
from stock.feeds.tables import StagingTables, execute, fetch_one
from stock.models import StockImport


@dataclass(frozen=True, slots=True)
class Written:
    """What one step has done. `levels`: how many differences it dealt with; `changed_lines` and
    `closed_levels`: how many of them were still to be written."""

    levels: int = 0
    changed_lines: int = 0
    closed_levels: int = 0
    created_level_ids: tuple[int, ...] = ()
    raised_variant_ids: tuple[int, ...] = ()
    lowered_level_ids: tuple[int, ...] = ()


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
        last = self._bound("variant_id", "level_id IS NULL")
        if last is None:
            return None
        levels, created, level_ids, variant_ids, overtaken = fetch_one(
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
            SELECT (SELECT count(*) FROM batch), count(*), coalesce(array_agg(id), '{{}}'),
                   coalesce(array_agg(DISTINCT variant_id), '{{}}'), (SELECT count(*) FROM overtaken)
            FROM created
            """,  # noqa: S608 (our own fragments)
            {**self._parameters, "last": last},
        )
        if overtaken:
            self._name_overtaken_levels()
        return Written(levels - overtaken, created, 0, tuple(level_ids), tuple(variant_ids))

    def change_some(self, after_level: int) -> tuple[Written, int] | None:
        """The next levels that exist, and the last of them; None when there are none left."""
        last = self._bound("level_id", "level_id > %(after)s", after=after_level)
        if last is None:
            return None
        parameters = {**self._parameters, "after": after_level, "last": last}
        # The range is said of both sides, so that a dense one is read as a range of both.
        chosen = f"""SELECT level_id, line_number, quantity, unavailable FROM {self._tables.difference}
            WHERE level_id > %(after)s AND level_id <= %(last)s"""  # noqa: S608 (our own fragments)
        in_range = "s.id > %(after)s AND s.id <= %(last)s"
        locked = self._lock(chosen, in_range, parameters)
        figures = Figures(self._import)
        lines, closed, raised, lowered = fetch_one(
            f"""
            {figures.with_ctes(f"chosen AS ({chosen})")},
            found AS MATERIALIZED (
                SELECT s.id, c.line_number, s.variant_id, s.stock_point_id, s.reserved, s.on_hand AS before,
                       {figures.on_hand("coalesce(c.quantity, 0)")} AS after, s.unavailable AS unavailable_before,
                       coalesce({figures.unavailable("c.unavailable")}, s.unavailable) AS unavailable, s.source_id
                FROM chosen c JOIN stock_stocklevel s ON s.id = c.level_id AND {in_range}
                {figures.joins("s.variant_id", "s.stock_point_id")}
            ), written AS (
                UPDATE stock_stocklevel s
                SET on_hand = f.after, unavailable = f.unavailable, as_of = %(as_of)s, source_id = %(source)s
                FROM found f
                WHERE s.id = f.id AND {in_range}
                  AND (f.before <> f.after OR f.unavailable <> f.unavailable_before OR f.source_id IS NULL)
            ), booked AS (
                {self._book("found", "after - before")}
            ), noted AS (
                {self._mark("found", "unavailable - unavailable_before")}
            ), differing AS (
                SELECT * FROM found WHERE before <> after OR unavailable <> unavailable_before
            )
            SELECT count(*) FILTER (WHERE line_number IS NOT NULL), count(*) FILTER (WHERE line_number IS NULL),
                   coalesce(array_agg(DISTINCT variant_id)
                            FILTER (WHERE after - unavailable > before - unavailable_before), '{{}}'),
                   coalesce(array_agg(id)
                            FILTER (WHERE reserved > 0 AND after - unavailable < before - unavailable_before), '{{}}')
            FROM differing
            """,  # noqa: S608 (our own fragments)
            parameters,
        )
        return Written(locked, lines, closed, (), tuple(raised), tuple(lowered)), last

    def _lock(self, chosen: str, in_range: str, parameters: Mapping[str, Any]) -> int:
        """In a statement of its own: only the next one sees everything that was committed before the locks."""
        (locked,) = fetch_one(
            f"""
            WITH chosen AS ({chosen}), locked AS MATERIALIZED (
                SELECT s.id FROM stock_stocklevel s WHERE {in_range} AND s.id IN (SELECT level_id FROM chosen)
                ORDER BY s.id FOR NO KEY UPDATE OF s)
            SELECT count(*) FROM locked
            """,  # noqa: S608 (our own fragments)
            parameters,
        )
        return int(locked)

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

    def _bound(self, column: str, condition: str, **parameters: Any) -> int | None:
        """The column's value where the next step ends; None when nothing is left."""
        table = self._tables.difference
        last: int | None
        (last,) = fetch_one(
            f"""SELECT coalesce(
                (SELECT {column} FROM {table} WHERE {condition} ORDER BY {column} OFFSET %(skipped)s LIMIT 1),
                (SELECT max({column}) FROM {table} WHERE {condition}))""",  # noqa: S608 (our own fragments)
            {**parameters, "skipped": self._levels_at_once - 1},
        )
        return last

    def _name_overtaken_levels(self) -> None:
        execute(
            f"""UPDATE {self._tables.difference} d SET level_id = s.id FROM stock_stocklevel s
            WHERE d.level_id = 0 AND s.variant_id = d.variant_id AND s.stock_point_id = d.stock_point_id"""  # noqa: S608
        )
