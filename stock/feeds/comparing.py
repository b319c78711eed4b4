"""The differences between a staged file and the levels, found as a set: what is equal leaves no trace.

A file that lists much of its stock points is joined with all their levels at once. That also shows
which levels it does not list and, by counting, whether it lists one twice; small ones look up theirs.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from stock.feeds import coverage
from stock.feeds.coverage import Marks
from stock.feeds.figures import Figures
from stock.feeds.rejects import UNREADABLE_CODES, USABLE, is_whole
from stock.feeds.swinging import Difference, PointSums, difference_of
from stock.feeds.tables import CREATE_DIFFERENCE, StagingTables, execute, fetch_all, fetch_one
from stock.models import ImportKind, StockImport, StockImportReject

WIDE_FROM: Final = 20_000
"""Rows from which on it is worth counting the levels of the stock points …"""
WIDE_SHARE: Final = 2
"""… and to join them all, when there are no more than so many times the rows."""
INDEX_FROM: Final = 5_000
"""Fewer differences than this are found by reading them all."""
SAMPLED_PER_CENT: Final = 1
"""Of the differences, to split them: the parts need not be alike."""

_TOLD: Final = f"""told AS (
    SELECT i.line_number, v.id AS variant_id, p.id AS stock_point_id,
           CASE WHEN {USABLE} THEN i.quantity::integer END AS quantity,
           CASE WHEN i.unavailable IS NOT NULL AND {is_whole("i.unavailable")}
                THEN i.unavailable::integer END AS unavailable
    FROM {{lines}} i
    LEFT JOIN stock_variant v ON v.sku = i.sku
    LEFT JOIN stock_stockpoint p ON p.code = i.stock_point
         AND (%(bound_to)s::bigint[] IS NULL OR p.id = ANY (%(bound_to)s::bigint[])))"""  # noqa: S608 (our own)

# Of a row of the difference table; none of them is ever null.
CHANGES: Final = """(line_number IS NOT NULL AND (
    before <> after OR coalesce(unavailable_after <> unavailable_before, false)))"""
_IS_ADOPTED: Final = f"(line_number IS NOT NULL AND level_id IS NOT NULL AND owner_id IS NULL AND NOT {CHANGES})"
_IS_CLOSED: Final = """(%(may_close)s AND line_number IS NULL AND before <> after
    AND coalesce(owner_id = %(source)s, true))"""
_IS_TO_BE_WRITTEN: Final = f"(NOT is_older AND ({CHANGES} OR {_IS_ADOPTED} OR {_IS_CLOSED}))"


def speaks_of_all(stock_import: StockImport) -> bool:
    """Whether it is known of which levels the file speaks: a line that could not be read may have been any."""
    unreadable = StockImportReject.objects.filter(stock_import=stock_import, code__in=UNREADABLE_CODES)
    return stock_import.kind == ImportKind.DELTA or not unreadable.exists()


def may_close(stock_import: StockImport) -> bool:
    """Whether what the file does not list is 0."""
    return stock_import.kind == ImportKind.SNAPSHOT and speaks_of_all(stock_import)


class Comparison:
    """One import against the levels as they are now. `marks` were taken before.

    `points`: the stock points with all of whose levels it was joined; None where it looked up those listed.
    """

    def __init__(self, stock_import: StockImport, marks: Marks) -> None:
        self.points: list[int] | None = None
        self._import = stock_import
        self._tables = StagingTables(stock_import.pk)
        self._figures = Figures(stock_import)
        self._parameters: dict[str, Any] = {
            **self._figures.parameters,
            "source": stock_import.source_id,
            "import": stock_import.pk,
            "bound_to": stock_import.bound_to,
            "may_close": may_close(stock_import),
            "level_mark": marks.level,
        }

    def find(self, *, lines: int) -> bool:
        """Find the differences anew; whether each of the lines is about another level and can be used.

        Where not, the lines have to be set aside and the differences found again.
        """
        self._tables.drop_difference()
        points = coverage.named_points(self._import, self._tables) if self._may_be_wide(lines) else []
        is_snapshot = self._import.kind == ImportKind.SNAPSHOT
        levels = self._levels_at(points, at_most=None if is_snapshot else WIDE_SHARE * lines)
        is_wide = is_snapshot or (lines >= WIDE_FROM and levels <= WIDE_SHARE * lines)
        self.points = points if is_wide else None
        if is_wide:
            self._join(
                CREATE_DIFFERENCE, "FULL JOIN", "stock_point_id = ANY (%(points)s::bigint[])", {"points": points}
            )
        else:
            self._join(CREATE_DIFFERENCE, "LEFT JOIN", "true", {})
        return self._has_clean_lines(lines, levels if is_wide else None)

    def find_again(self, levels: Sequence[int]) -> None:
        """What is different at these levels now, in the place of what was."""
        # By their keys: one of them may have been created since.
        execute(
            f"""DELETE FROM {self._tables.difference} d USING stock_stocklevel s WHERE s.id = ANY (%s::bigint[])
            AND d.variant_id = s.variant_id AND d.stock_point_id = s.stock_point_id""",  # noqa: S608 (our own)
            [list(levels)],
        )
        self._join("INSERT INTO {}", "RIGHT JOIN", "id = ANY (%(levels)s::bigint[])", {"levels": list(levels)})
        self.look_closer()

    def look_closer(self) -> None:
        """Lines that were set aside list their level too; and of some levels the source may have spoken since."""
        if self._import.rejected or self._import.quarantined:
            execute(
                f"""
                DELETE FROM {self._tables.difference} d
                USING stock_stockimportreject r, stock_variant v, stock_stockpoint p
                WHERE r.stock_import_id = %(import)s AND v.sku = r.sku AND p.code = r.stock_point
                  AND d.line_number IS NULL AND d.variant_id = v.id AND d.stock_point_id = p.id
                """,  # noqa: S608 (our own fragments)
                self._parameters,
            )
        last = self._import.source.last_as_of
        if last is not None and self._import.as_of <= last:
            coverage.mark_older(self._import, self._tables)

    def forget_what_is_done(self) -> None:
        """Levels that this import has written are done with, whatever was written to them since.

        All of those up to its lanes' cursors, and of the others those where the ledger tells of it.
        """
        execute(
            f"""DELETE FROM {self._tables.difference} d USING stock_importlane lane WHERE lane.stock_import_id = %s
            AND d.level_id > lane.after_level AND d.level_id <= lane.cursor""",  # noqa: S608 (our own)
            [self._import.pk],
        )
        execute(
            f"""DELETE FROM {self._tables.difference} d USING stock_stockmovement m
            WHERE m.variant_id = d.variant_id AND m.stock_point_id = d.stock_point_id
              AND m.kind = 'feed' AND m.reference = %s""",  # noqa: S608 (our own)
            [self._import.reference],
        )
        execute(
            f"""DELETE FROM {self._tables.difference} d USING stock_unavailability u
            WHERE u.level_id = d.level_id AND u.reference = %s""",  # noqa: S608 (our own)
            [self._import.reference],
        )

    def sum_up(self, *, exactly: bool) -> Difference:
        """`exactly`: count `units_touched` even where the guard can do without."""
        fallen = "greatest(0, greatest(before, 0) - greatest(after, 0))"
        sums = fetch_all(
            f"""
            SELECT stock_point_id, count(*) FILTER (WHERE {_IS_TO_BE_WRITTEN}),
                   count(*) FILTER (WHERE NOT is_older AND {CHANGES} AND level_id IS NULL),
                   count(*) FILTER (WHERE NOT is_older AND {CHANGES} AND level_id IS NOT NULL),
                   count(*) FILTER (WHERE NOT is_older AND {_IS_ADOPTED}),
                   count(*) FILTER (WHERE NOT is_older AND {_IS_CLOSED}),
                   count(*) FILTER (WHERE is_older AND {CHANGES}),
                   coalesce(sum({fallen}) FILTER (WHERE {_IS_TO_BE_WRITTEN}), 0)::bigint,
                   coalesce(sum(greatest(before, 0)) FILTER (WHERE {_IS_TO_BE_WRITTEN}), 0)::bigint,
                   count(*) FILTER (WHERE before > 0 AND after <= 0 AND {_IS_TO_BE_WRITTEN}),
                   count(*) FILTER (WHERE before > 0 AND {_IS_TO_BE_WRITTEN})
            FROM {self._tables.difference} GROUP BY stock_point_id
            """,  # noqa: S608 (our own fragments)
            self._parameters,
        )
        difference = difference_of([PointSums(*row) for row in sums])
        return self._with_all_units(difference) if exactly or difference.swings else difference

    def leave_what_is_written(self) -> tuple[int, int]:
        """Forget the other differences, and get the table ready to be worked off in order.

        How many rows are left, and of how many of these there is no level yet.
        """
        table = self._tables.difference
        rows, new, others = fetch_one(
            f"""SELECT count(*) FILTER (WHERE {_IS_TO_BE_WRITTEN}),
                       count(*) FILTER (WHERE level_id IS NULL AND {_IS_TO_BE_WRITTEN}),
                       count(*) FILTER (WHERE NOT {_IS_TO_BE_WRITTEN})
            FROM {table}""",  # noqa: S608 (our own fragments)
            self._parameters,
        )
        if others:
            execute(f"DELETE FROM {table} WHERE NOT {_IS_TO_BE_WRITTEN}", self._parameters)  # noqa: S608
        if rows >= INDEX_FROM:
            execute(f"CREATE INDEX ON {table} (level_id)")
            execute(f"ANALYZE {table} (level_id, variant_id)")
        if new >= INDEX_FROM:
            execute(f"CREATE INDEX ON {table} (variant_id) WHERE level_id IS NULL")
        return int(rows), int(new)

    def split(self, parts: int) -> list[int]:
        """The levels with which all but the last of so many parts end, each with about as many differences."""
        if parts == 1:
            return []
        (levels,) = fetch_one(
            f"""SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY level_id)
            FROM {self._tables.difference} TABLESAMPLE BERNOULLI (%s)""",  # noqa: S608 (a name of our own)
            [[part / parts for part in range(1, parts)], SAMPLED_PER_CENT],
        )
        return sorted({level for level in levels or () if level is not None})

    def _may_be_wide(self, lines: int) -> bool:
        return self._import.kind == ImportKind.SNAPSHOT or lines >= WIDE_FROM

    def _levels_at(self, points: list[int], *, at_most: int | None) -> int:
        """Counted before the join: a level that comes in between makes lines look doubled, never single.

        Beyond `at_most` only that there are more is of interest.
        """
        if not points:
            return 0
        (levels,) = fetch_one(
            """SELECT count(*) FROM (
                SELECT FROM stock_stocklevel WHERE stock_point_id = ANY (%s::bigint[]) LIMIT %s) counted""",
            [points, None if at_most is None else at_most + 1],
        )
        return int(levels)

    def _join(self, into: str, join: str, chosen: str, parameters: dict[str, Any]) -> None:
        """With the levels that are `chosen`. (Only CREATE TABLE AS runs in parallel.)

        `version`: the transaction that wrote the level as it was read. As long as it is that, everything is true that
        was read of the level, because whoever commits a movement, a mark or a reservation has written its level.
        Missing where what was left out of the figures had come in before they were read.
        """
        after = self._figures.on_hand("coalesce(told.quantity, 0)")
        unavailable = self._figures.unavailable("told.unavailable")
        variant, point = "coalesce(told.variant_id, s.variant_id)", "coalesce(told.stock_point_id, s.stock_point_id)"
        execute(
            f"""
            {into.format(self._tables.difference)}
            {self._figures.with_ctes(_TOLD.format(lines=self._tables.lines))}
            SELECT told.line_number, s.id AS level_id, {variant} AS variant_id, {point} AS stock_point_id,
                   told.quantity, told.unavailable, coalesce(s.on_hand, 0) AS before, {after} AS after,
                   coalesce(s.unavailable, 0) AS unavailable_before, {unavailable} AS unavailable_after,
                   s.source_id AS owner_id, false AS is_older,
                   CASE WHEN {self._figures.nothing_else} THEN s.version END AS version
            FROM told {join} (SELECT l.xmin AS version, l.* FROM stock_stocklevel l WHERE {chosen}) s
                ON s.variant_id = told.variant_id AND s.stock_point_id = told.stock_point_id
            {self._figures.joins(variant, point)}
            WHERE s.id IS NULL OR told.quantity IS NULL OR s.on_hand <> {after}
               OR {unavailable} <> s.unavailable OR s.source_id IS NULL OR s.id > %(level_mark)s
            """,  # noqa: S608 (our own fragments)
            {**self._parameters, **parameters},
        )

    def _has_clean_lines(self, lines: int, levels: int | None) -> bool:
        unusable, without_level, distinct, unlisted = fetch_one(
            f"""
            SELECT count(*) FILTER (WHERE variant_id IS NULL OR stock_point_id IS NULL
                                    OR (line_number IS NOT NULL AND quantity IS NULL)),
                   count(*) FILTER (WHERE level_id IS NULL),
                   count(DISTINCT (variant_id, stock_point_id)) FILTER (WHERE level_id IS NULL),
                   count(*) FILTER (WHERE line_number IS NULL)
            FROM {self._tables.difference}
            """  # noqa: S608 (our own fragments)
        )
        if unusable or distinct < without_level:
            return False
        if levels is not None:
            return bool(lines - without_level == levels - unlisted)
        return not self._lists_a_level_twice()

    def _lists_a_level_twice(self) -> bool:
        (twice,) = fetch_one(
            f"""SELECT EXISTS (SELECT FROM {self._tables.lines} GROUP BY sku, stock_point HAVING count(*) > 1)"""  # noqa: S608
        )
        return bool(twice)

    def _with_all_units(self, difference: Difference) -> Difference:
        (units,) = fetch_one(
            f"""
            SELECT coalesce((
                SELECT sum(greatest(s.on_hand, 0)) FROM {self._tables.lines} i
                JOIN stock_variant v ON v.sku = i.sku JOIN stock_stockpoint p ON p.code = i.stock_point
                JOIN stock_stocklevel s ON s.variant_id = v.id AND s.stock_point_id = p.id
            ), 0) + coalesce((
                SELECT sum(greatest(before, 0)) FROM {self._tables.difference} WHERE NOT is_older AND {_IS_CLOSED}
            ), 0)
            """,  # noqa: S608 (our own fragments)
            self._parameters,
        )
        return replace(difference, units_touched=int(units))
