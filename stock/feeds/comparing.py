"""The differences between a staged file and the levels, found as a set: what is equal leaves no trace."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings

from stock.feeds import coverage
from stock.feeds.figures import Figures
from stock.feeds.rejects import UNREADABLE_CODES
from stock.feeds.tables import StagingTables, execute, fetch_one
from stock.models import ImportKind, StockImport, StockImportReject

INDEX_FROM: Final = 5_000
"""Fewer differences than this are found by reading them all."""

_LISTED: Final = """
    FROM {lines} i
    JOIN stock_variant v ON v.sku = i.sku
    JOIN stock_stockpoint p ON p.code = i.stock_point
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying the file would do. `closed`: levels a snapshot does not list. `older`: lines and levels
    of which the source has spoken since. `units_touched` is what lies on the levels the file speaks of; at
    least what lies on those that differ, where that already shows the fall to be harmless."""

    rows: int
    new: int
    changed: int
    closed: int
    older: int
    units_fallen: int
    units_touched: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def is_suspicious(self) -> bool:
        """Whether a person has to approve it: falls only count, and new levels never do."""
        return self.units_fallen >= settings.STOCK_IMPORT_SWING_UNITS and self.is_steep(self.units_touched)

    def is_steep(self, units: int) -> bool:
        return self.units_fallen * 100 > settings.STOCK_IMPORT_SWING_PERCENT * units


def speaks_of_all(stock_import: StockImport) -> bool:
    """Whether it is known of which levels the file speaks: a line that could not be read may have been any."""
    unreadable = StockImportReject.objects.filter(stock_import=stock_import, code__in=UNREADABLE_CODES)
    return stock_import.kind == ImportKind.DELTA or not unreadable.exists()


def may_close(stock_import: StockImport) -> bool:
    """Whether what the file does not list is 0."""
    return stock_import.kind == ImportKind.SNAPSHOT and speaks_of_all(stock_import)


def find_differences(stock_import: StockImport, tables: StagingTables, *, levels: Sequence[int] | None = None) -> None:
    """Find them anew, of all levels the file speaks of or only of these."""
    tables.drop_difference()
    figures = Figures(stock_import)
    _find_listed(stock_import, tables, figures, levels)
    if may_close(stock_import):
        _find_unlisted(stock_import, tables, figures, levels)
    source = stock_import.source
    if source.last_as_of is not None and stock_import.as_of <= source.last_as_of:
        coverage.mark_older(stock_import, tables)


def compare(stock_import: StockImport, tables: StagingTables, *, exactly: bool = False) -> Difference:
    """Find the differences and sum them up. `exactly`: count `units_touched` even where the guard can do without."""
    find_differences(stock_import, tables)
    difference = _summed_up(tables)
    if difference.rows >= INDEX_FROM:
        _index(tables)
    suspect = difference.units_fallen >= settings.STOCK_IMPORT_SWING_UNITS
    if exactly or (suspect and difference.is_steep(difference.units_touched)):
        return _with_units_touched(tables, difference)
    return difference


def _find_listed(
    stock_import: StockImport, tables: StagingTables, figures: Figures, levels: Sequence[int] | None
) -> None:
    """Lines whose figures differ, or whose level no source owns yet. (Only CREATE TABLE AS runs in parallel.)"""
    after = figures.on_hand("i.quantity::integer")
    told = "nullif(i.unavailable, '')::integer"
    unavailable = figures.unavailable(told)
    execute(
        f"""
        CREATE UNLOGGED TABLE {tables.difference} AS
        WITH {figures.ctes}
        SELECT i.line_number, s.id AS level_id, v.id AS variant_id, p.id AS stock_point_id,
               i.quantity::integer AS quantity, {told} AS unavailable,
               coalesce(s.on_hand, 0) AS before, {after} AS after,
               coalesce(s.unavailable, 0) AS unavailable_before, {unavailable} AS unavailable_after,
               false AS is_older
        {_LISTED.format(lines=tables.lines)}
        LEFT JOIN stock_stocklevel s ON s.variant_id = v.id AND s.stock_point_id = p.id
        {figures.joins("v.id", "p.id")}
        WHERE {_one_of(levels)} AND (
            coalesce(s.on_hand, 0) <> {after}
            OR {unavailable} <> coalesce(s.unavailable, 0)
            OR (s.id IS NOT NULL AND s.source_id IS NULL))
        """,
        {**figures.parameters, "levels": levels},
    )


def _find_unlisted(
    stock_import: StockImport, tables: StagingTables, figures: Figures, levels: Sequence[int] | None
) -> None:
    """Levels at the named points that hold something though the file does not list them: they are to hold 0.

    Those another source owns are left alone. A line that was set aside counts as listed.
    """
    execute(
        f"""
        INSERT INTO {tables.difference}
            (level_id, variant_id, stock_point_id, quantity, before, after, unavailable_before, is_older)
        WITH {figures.ctes}
        SELECT s.id, s.variant_id, s.stock_point_id, 0, s.on_hand, {figures.on_hand("0")}, s.unavailable, false
        FROM stock_stocklevel s
        {figures.joins("s.variant_id", "s.stock_point_id")}
        WHERE {_one_of(levels)} AND s.stock_point_id = ANY (%(points)s)
          AND (s.source_id = %(source)s OR s.source_id IS NULL)
          AND s.on_hand <> {figures.on_hand("0")}
          AND NOT EXISTS (
              SELECT {_LISTED.format(lines=tables.lines)} WHERE v.id = s.variant_id AND p.id = s.stock_point_id)
          AND NOT EXISTS (
              SELECT FROM stock_stockimportreject r
              JOIN stock_variant v ON v.sku = r.sku JOIN stock_stockpoint p ON p.code = r.stock_point
              WHERE r.stock_import_id = %(import)s AND v.id = s.variant_id AND p.id = s.stock_point_id)
        """,  # noqa: S608 (our own fragments)
        {
            **figures.parameters,
            "source": stock_import.source_id,
            "import": stock_import.pk,
            "points": coverage.named_points(stock_import, tables),
            "levels": levels,
        },
    )


def _one_of(levels: Sequence[int] | None) -> str:
    return "true" if levels is None else "s.id = ANY (%(levels)s)"


def _summed_up(tables: StagingTables) -> Difference:
    differs = "(before <> after OR unavailable_after <> unavailable_before)"
    fallen = "greatest(0, greatest(before, 0) - greatest(after, 0))"
    row: tuple[Any, ...] = fetch_one(
        f"""
        SELECT count(*),
               count(*) FILTER (WHERE NOT is_older AND level_id IS NULL),
               count(*) FILTER (WHERE NOT is_older AND level_id IS NOT NULL AND line_number IS NOT NULL AND {differs}),
               count(*) FILTER (WHERE NOT is_older AND line_number IS NULL),
               count(*) FILTER (WHERE is_older AND line_number IS NOT NULL AND {differs}),
               coalesce(sum({fallen}) FILTER (WHERE NOT is_older AND level_id IS NOT NULL), 0),
               coalesce(sum(greatest(before, 0)) FILTER (WHERE level_id IS NOT NULL), 0)
        FROM {tables.difference}
        """  # noqa: S608 (our own fragments)
    )
    return Difference(*map(int, row))


def _with_units_touched(tables: StagingTables, difference: Difference) -> Difference:
    (units,) = fetch_one(
        f"""
        SELECT coalesce((
            SELECT sum(greatest(s.on_hand, 0))
            {_LISTED.format(lines=tables.lines)}
            JOIN stock_stocklevel s ON s.variant_id = v.id AND s.stock_point_id = p.id
        ), 0) + coalesce((SELECT sum(greatest(before, 0)) FROM {tables.difference} WHERE line_number IS NULL), 0)
        """  # noqa: S608 (our own fragments)
    )
    return Difference(**{**difference.as_dict(), "units_touched": int(units)})


def _index(tables: StagingTables) -> None:
    execute(f"CREATE INDEX ON {tables.difference} (level_id)")
    execute(f"CREATE INDEX ON {tables.difference} (variant_id) WHERE level_id IS NULL")
    execute(f"ANALYZE {tables.difference}")
