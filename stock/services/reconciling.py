"""Levels are held against what proves them. What differs is reported; it is mended only when a person says so."""

from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.errors import StateConflict
from oms.core.retrying import retry_on_conflict
from oms.core.services.slots import claim_slot
from stock.models import KeptFigure, LevelDifference
from stock.queries.unavailable_sql import WALKED
from stock.services.announcing import announce_raised, announce_short
from stock.services.locking import lock_level_keys

# What a level should say, by key; each of one snapshot, in which levels and their proofs were written together.
_PROOFS: Final[dict[KeptFigure, str]] = {
    KeptFigure.ON_HAND: """SELECT variant_id, stock_point_id, sum(quantity) AS units FROM stock_ledger
        {where} GROUP BY 1, 2""",
    KeptFigure.RESERVED: """SELECT variant_id, stock_point_id, sum(quantity) AS units FROM stock_reservation
        WHERE state IN ('held', 'confirmed') AND expected_receipt_id IS NULL {and_where} GROUP BY 1, 2""",
    KeptFigure.UNAVAILABLE: f"""SELECT variant_id, stock_point_id, units
        FROM ({WALKED.format(where="WHERE level_id IN (SELECT id FROM stock_stocklevel {where})")}) walked
        JOIN stock_stocklevel l ON l.id = walked.level_id""",  # noqa: S608 (our own fragments)
}
_COMPARE: Final = """
WITH proven AS ({proof}), differing AS (
    SELECT s.variant_id, s.stock_point_id, s.{figure} AS kept, coalesce(p.units, 0)::integer AS proven
    FROM stock_stocklevel s LEFT JOIN proven p USING (variant_id, stock_point_id)
    WHERE s.{figure} <> coalesce(p.units, 0)
), gone AS (
    UPDATE stock_leveldifference d SET ended_at = %(at)s
    WHERE d.figure = %(figure)s AND d.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM differing f WHERE f.variant_id = d.variant_id AND f.stock_point_id = d.stock_point_id)
), noted AS (
    INSERT INTO stock_leveldifference
        (figure, variant_id, stock_point_id, kept, proven, first_found_at, last_found_at, ended_by)
    SELECT %(figure)s, variant_id, stock_point_id, kept, proven, %(at)s, %(at)s, '' FROM differing
    ORDER BY variant_id, stock_point_id
    ON CONFLICT (figure, variant_id, stock_point_id) WHERE ended_at IS NULL
    DO UPDATE SET kept = excluded.kept, proven = excluded.proven, last_found_at = excluded.last_found_at
)
SELECT count(*) FROM differing
"""
_REPAIR: Final = """
WITH proven AS ({proof}), before AS (
    SELECT s.id, s.{figure} AS kept, coalesce((SELECT units FROM proven), 0)::integer AS proven
    FROM stock_stocklevel s WHERE s.id = %(level)s
), mended AS (
    UPDATE stock_stocklevel s SET {figure} = b.proven FROM before b WHERE s.id = b.id AND b.kept <> b.proven
)
SELECT kept, proven FROM before
"""


def reconcile_stock() -> int:
    """Compare every level with the ledger, the reservations and what was set aside; how many figures differ.

    Nothing is changed but the report: new differences are added, those that are gone are closed.
    """
    found = {figure: _compare(figure) for figure in KeptFigure}
    record_audit("stock.reconciled", subject="stock", changes={str(figure): count for figure, count in found.items()})
    return sum(found.values())


@transaction.atomic
def reconcile_nightly() -> int | None:
    """Once a day by UTC, at the first tick after midnight; None where it was done already."""
    day = clock.now().date().isoformat()
    return reconcile_stock() if claim_slot(name="reconcile_stock", slot=day) else None


@retry_on_conflict
@transaction.atomic
def repair_difference(*, difference: LevelDifference) -> tuple[int, int]:
    """Set the level to what proves it, as that is now: `(what it said, what it says)`.

    Raises `StateConflict` where it was repaired before.
    """
    locked = lock_level_keys([(difference.variant_id, difference.stock_point_id)])
    row = LevelDifference.objects.select_for_update(no_key=True).get(pk=difference.pk)
    if row.ended_at is not None:
        raise StateConflict(gettext_noop("This difference is over."), data={"state": "ended"})
    (level,) = locked.values()
    kept, proven = _mend(KeptFigure(row.figure), level, row)
    LevelDifference.objects.filter(pk=row.pk).update(
        kept=kept, proven=proven, ended_at=clock.now(), ended_by=current_actor()
    )
    record_audit(
        "stock_level.repaired", subject=f"stock_level:{level}", changes={row.figure: {"from": kept, "to": proven}}
    )
    is_more = (proven > kept) == (row.figure == KeptFigure.ON_HAND)
    if kept != proven and is_more:
        announce_raised([row.variant_id])
    elif kept != proven:
        announce_short([level])
    difference.refresh_from_db()
    return kept, proven


def _compare(figure: KeptFigure) -> int:
    proof = _PROOFS[figure].format(where="", and_where="")
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE.format(proof=proof, figure=figure.value), {"figure": figure.value, "at": clock.now()})
        return int(cursor.fetchone()[0])


def _mend(figure: KeptFigure, level: int, row: LevelDifference) -> tuple[int, int]:
    key = "variant_id = %(variant)s AND stock_point_id = %(point)s"
    proof = _PROOFS[figure].format(where=f"WHERE {key}", and_where=f"AND {key}")
    parameters: dict[str, Any] = {"level": level, "variant": row.variant_id, "point": row.stock_point_id}
    with connection.cursor() as cursor:
        cursor.execute(_REPAIR.format(proof=proof, figure=figure.value), parameters)
        kept, proven = cursor.fetchone()
    return kept, proven
