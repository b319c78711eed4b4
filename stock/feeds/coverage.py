"""What each import has spoken of, and until when: which movements it already includes, which files are older.

An import does not rewrite the levels it agrees with. That it has spoken of them is kept here, per
source and stock point, and a level's figure is as new as the later of its own `as_of` and of what its
source has covered since. A movement of an earlier moment that is reported later is part of that figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stock.feeds.tables import StagingTables, execute, fetch_all, fetch_one
from stock.models import FeedCoverage, StockImport, StockSource

_FENCE: Final = 731_001_001
"""Key of the advisory lock between movements being recorded and an import that notes what it covered."""

LateKey = tuple[int, int, datetime]
"""(variant id, stock point id, the moment the movement happened)."""

_ABSORBED: Final = """
SELECT EXISTS (
    SELECT FROM (VALUES (1)) AS one
    LEFT JOIN stock_stocklevel s ON s.variant_id = a.variant_id AND s.stock_point_id = a.stock_point_id
    WHERE s.as_of >= a.occurred_at OR EXISTS (
        SELECT FROM stock_feedcoverage c
        WHERE c.stock_point_id = a.stock_point_id AND c.as_of >= a.occurred_at
          AND (s.source_id IS NULL OR c.source_id = s.source_id)
          AND c.is_complete <> (a.variant_id = ANY (c.variant_ids))
          AND (c.up_to_level IS NULL OR s.id <= c.up_to_level)))
FROM unnest(%(variants)s::bigint[], %(points)s::bigint[], %(moments)s::timestamptz[])
     WITH ORDINALITY AS a(variant_id, stock_point_id, occurred_at, position)
ORDER BY a.position
"""


def hold_late_movements_back() -> None:
    """Wait while an import notes what it covered, and keep the next from doing so until this transaction ends.

    Whoever records movements that may have happened earlier calls it first, before any level is locked.
    """
    execute("SELECT pg_advisory_xact_lock_shared(%s)", [_FENCE])


def wait_for_movements() -> None:
    """Wait until no movement is half recorded, and hold new ones back until this transaction ends."""
    execute("SELECT pg_advisory_xact_lock(%s)", [_FENCE])


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the ledger and the levels had come, and which import of the source had begun, when an import
    was compared. Then how that was done: with all levels of these stock points, or looking up those listed
    (None); and whether only what is to be written is left of it."""

    movement: int
    level: int
    last_begun: int | None
    points: Sequence[int] | None = None
    is_settled: bool = False


def take_marks(stock_import: StockImport) -> Marks:
    """Before a comparison, in a short transaction: it will see every movement and level up to these.

    (Of those that may concern it. What the product does now happens after any file's moment.)
    """
    wait_for_movements()
    movement, level = fetch_one(
        """SELECT (SELECT coalesce(max(id), 0) FROM stock_stockmovement),
                  (SELECT coalesce(max(id), 0) FROM stock_stocklevel)"""
    )
    last_begun = StockSource.objects.values_list("last_begun", flat=True).get(pk=stock_import.source_id)
    return Marks(movement, level, last_begun)


def levels_with_late_movements(stock_import: StockImport, marks: Marks) -> list[int]:
    """Levels of which a movement from before the file's moment came in since it was compared.

    Once asked, no more of them come in until the transaction ends.
    """
    wait_for_movements()
    rows = fetch_all(
        """
        SELECT DISTINCT s.id FROM stock_stockmovement m JOIN stock_stocklevel s USING (variant_id, stock_point_id)
        WHERE m.id > %(mark)s AND m.occurred_at <= %(as_of)s AND NOT (m.kind IN ('feed', 'absorbed'))
        """,
        {"mark": marks.movement, "as_of": stock_import.as_of},
    )
    return [level for (level,) in rows]


def absorbed(rows: Sequence[LateKey]) -> list[bool]:
    """For each, whether a figure that a feed took at that moment or later is in force: it includes the movement.

    To be asked with the levels locked.
    """
    if not rows:
        return []
    parameters = {
        "variants": [variant for variant, _, _ in rows],
        "points": [point for _, point, _ in rows],
        "moments": [moment for _, _, moment in rows],
    }
    return [found for (found,) in fetch_all(_ABSORBED, parameters)]


def named_points(stock_import: StockImport, tables: StagingTables) -> list[int]:
    """The known stock points the file speaks of, on lines that were set aside too."""
    rows = fetch_all(
        f"""
        SELECT DISTINCT p.id FROM (
            SELECT DISTINCT stock_point FROM {tables.lines}
            UNION ALL
            SELECT DISTINCT stock_point FROM stock_stockimportreject WHERE stock_import_id = %(import)s
        ) named
        JOIN stock_stockpoint p ON p.code = named.stock_point
        WHERE %(bound_to)s::bigint[] IS NULL OR p.id = ANY (%(bound_to)s::bigint[])
        ORDER BY p.id
        """,  # noqa: S608 (our own fragments)
        {"import": stock_import.pk, "bound_to": stock_import.bound_to},
    )
    return [point for (point,) in rows]


def mark_older(stock_import: StockImport, tables: StagingTables) -> None:
    """Mark the differences of which the source has spoken at that moment or later in another import.

    (A retry of what was in quarantine speaks for the very import that left it out.)
    """
    parameters = {
        "source": stock_import.source_id,
        "as_of": stock_import.as_of,
        "own": [stock_import.pk, stock_import.retry_of_id],
    }
    told = """
        told AS MATERIALIZED (
            SELECT c.id, c.stock_point_id, c.variant_ids, c.up_to_level FROM stock_feedcoverage c
            WHERE c.source_id = %(source)s AND c.as_of >= %(as_of)s AND (c.stock_import_id = ANY (%(own)s)) IS NOT TRUE
              AND c.is_complete = {is_complete}),
        listed AS (SELECT t.id, t.stock_point_id, u.variant_id FROM told t, unnest(t.variant_ids) AS u(variant_id))
    """
    execute(
        f"""
        WITH {told.format(is_complete="false")}
        UPDATE {tables.difference} d SET is_older = true FROM listed l
        WHERE l.stock_point_id = d.stock_point_id AND l.variant_id = d.variant_id
        """,  # noqa: S608 (our own fragments)
        parameters,
    )
    execute(
        f"""
        WITH {told.format(is_complete="true")},
        spoken AS (
            SELECT d.variant_id, d.stock_point_id FROM {tables.difference} d
            JOIN told t ON t.stock_point_id = d.stock_point_id
                AND (t.up_to_level IS NULL OR d.level_id <= t.up_to_level)
            LEFT JOIN listed l ON l.id = t.id AND l.variant_id = d.variant_id
            WHERE l.id IS NULL)
        UPDATE {tables.difference} d SET is_older = true FROM spoken
        WHERE spoken.stock_point_id = d.stock_point_id AND spoken.variant_id = d.variant_id
        """,  # noqa: S608
        parameters,
    )


def note(stock_import: StockImport, tables: StagingTables, marks: Marks, *, may_close: bool) -> None:
    """Keep of what the import has spoken, in the place of what was kept of it; from its fresh differences.

    From the commit on, a movement that happened earlier is absorbed.
    """
    FeedCoverage.objects.filter(stock_import=stock_import).delete()
    parameters = {
        "source": stock_import.source_id,
        "import": stock_import.pk,
        "as_of": stock_import.as_of,
        "mark": marks.level,
    }
    if marks.points is None:
        listed = f"""SELECT v.id AS variant_id, p.id AS stock_point_id FROM {tables.lines} i
            JOIN stock_variant v ON v.sku = i.sku JOIN stock_stockpoint p ON p.code = i.stock_point"""  # noqa: S608
        _note_listed(listed, parameters)
        return
    # Everything at the points but what the file does not list; a snapshot speaks of that too, unless
    # it is another source's.
    unlisted = f"""SELECT stock_point_id, variant_id FROM {tables.difference}
        WHERE line_number IS NULL {"AND owner_id <> %(source)s" if may_close else ""}"""  # noqa: S608
    mark = None if may_close else marks.level
    _note_all_but(unlisted, {**parameters, "points": list(marks.points), "mark": mark})
    if may_close:
        _forget_older(parameters)
    else:
        without = f"""SELECT variant_id, stock_point_id FROM {tables.difference}
            WHERE line_number IS NOT NULL AND (level_id IS NULL OR level_id > %(mark)s)"""  # noqa: S608
        _note_listed(without, parameters)


def _note_listed(listed: str, parameters: dict[str, Any]) -> None:
    """`listed`: a query of (variant_id, stock_point_id)."""
    execute(
        f"""
        INSERT INTO stock_feedcoverage (source_id, stock_import_id, stock_point_id, as_of, is_complete, variant_ids)
        SELECT %(source)s, %(import)s, stock_point_id, %(as_of)s, false, array_agg(variant_id)
        FROM ({listed}) listed GROUP BY stock_point_id
        """,  # noqa: S608 (our own fragments)
        parameters,
    )


def _note_all_but(unlisted: str, parameters: dict[str, Any]) -> None:
    """`unlisted`: a query of (stock_point_id, variant_id). Lines that were set aside are not spoken of either."""
    execute(
        f"""
        WITH excepted AS (
            {unlisted}
            UNION
            SELECT p.id, v.id FROM stock_stockimportreject r
            JOIN stock_variant v ON v.sku = r.sku JOIN stock_stockpoint p ON p.code = r.stock_point
            WHERE r.stock_import_id = %(import)s AND r.code <> 'duplicate'
        )
        INSERT INTO stock_feedcoverage
            (source_id, stock_import_id, stock_point_id, as_of, is_complete, variant_ids, up_to_level)
        SELECT %(source)s, %(import)s, p.id, %(as_of)s, true,
               coalesce(array_agg(e.variant_id) FILTER (WHERE e.variant_id IS NOT NULL), '{{}}'), %(mark)s
        FROM unnest(%(points)s::bigint[]) AS p(id) LEFT JOIN excepted e ON e.stock_point_id = p.id
        GROUP BY p.id
        """,  # noqa: S608 (our own fragments)
        parameters,
    )


def _forget_older(parameters: dict[str, Any]) -> None:
    """What older files had covered is not needed any more where a snapshot has now spoken of everything."""
    execute(
        """
        DELETE FROM stock_feedcoverage old USING stock_feedcoverage new
        WHERE new.stock_import_id = %(import)s AND new.is_complete AND new.variant_ids = '{}'
          AND new.up_to_level IS NULL
          AND old.source_id = new.source_id AND old.stock_point_id = new.stock_point_id
          AND old.as_of <= new.as_of AND old.id <> new.id
        """,
        parameters,
    )
