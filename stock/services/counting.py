"""Stock counts: a sheet is opened, filled in, submitted, and applied or rejected by whoever approves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.bulk import BulkResult, Row
from oms.core.errors import Invalid, StateConflict
from oms.core.retrying import retry_on_conflict
from stock.errors import DuplicateReference, OwnCount
from stock.feeds.coverage import hold_late_movements_back
from stock.models import CountLine, StockCount, StockPoint, Variant
from stock.queries.codes import variants_by_gtin, variants_by_sku
from stock.queries.counts import COUNTED, DIFFERENCE, OF_COUNT
from stock.services.announcing import announce_raised, announce_short
from stock.services.levelling import ensure_levels
from stock.states import StockCountState

_FILL: Final = """
INSERT INTO stock_countline (stock_count_id, variant_id, expected, counted_by)
SELECT %(count)s, s.variant_id, s.on_hand, '' FROM stock_stocklevel s
JOIN stock_variant v ON v.id = s.variant_id JOIN stock_product p ON p.id = v.product_id
WHERE s.stock_point_id = %(point)s AND (%(category)s = '' OR p.category = %(category)s) ORDER BY v.sku
"""
_ADD: Final = """
INSERT INTO stock_countline (stock_count_id, variant_id, expected, counted_by)
SELECT %(count)s, s.variant_id, s.on_hand, '' FROM stock_stocklevel s
WHERE s.stock_point_id = %(point)s AND s.variant_id = ANY(%(variants)s::bigint[]) ORDER BY s.variant_id
ON CONFLICT (stock_count_id, variant_id) DO NOTHING
"""
_WRITE_DOWN: Final = """
UPDATE stock_countline l SET counted = w.counted, counted_at = w.counted_at, counted_by = %(actor)s
FROM unnest(%(variants)s::bigint[], %(counted)s::integer[], %(moments)s::timestamptz[])
     AS w(variant_id, counted, counted_at)
WHERE l.stock_count_id = %(count)s AND l.variant_id = w.variant_id
  AND (l.counted, l.counted_at) IS DISTINCT FROM (w.counted, w.counted_at)
"""
_LOCK_LEVELS: Final = """
SELECT s.id FROM stock_stocklevel s JOIN stock_countline l USING (variant_id)
WHERE l.stock_count_id = %(count)s AND s.stock_point_id = %(point)s AND l.counted IS NOT NULL
ORDER BY s.id FOR NO KEY UPDATE OF s
"""
_APPLY: Final = f"""
WITH found AS MATERIALIZED (
    SELECT l.id, s.id AS level_id, s.variant_id, s.stock_point_id, l.counted_at, {DIFFERENCE} AS quantity
    {COUNTED} {OF_COUNT} AND l.counted IS NOT NULL
), booked AS (
    INSERT INTO stock_stockmovement
        (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
    SELECT variant_id, stock_point_id, 'count', %(reference)s, quantity, counted_at, %(at)s, %(actor)s
    FROM found WHERE quantity <> 0 ORDER BY level_id
), changed AS (
    UPDATE stock_stocklevel s SET on_hand = s.on_hand + f.quantity, as_of = greatest(s.as_of, f.counted_at)
    FROM found f WHERE s.id = f.level_id
), noted AS (
    UPDATE stock_countline l SET applied_quantity = f.quantity FROM found f WHERE l.id = f.id
)
SELECT level_id, variant_id, quantity FROM found WHERE quantity <> 0 ORDER BY level_id
"""  # noqa: S608 (our own fragments)


@transaction.atomic
def open_count(*, reference: str, stock_point: StockPoint, category: str = "") -> StockCount:
    """A sheet with every article that has a level at the point, of one category where given.

    Raises `DuplicateReference` where the reference names another count.
    """
    try:
        with transaction.atomic():
            stock_count = StockCount.objects.create(
                reference=reference, stock_point=stock_point, category=category, started_by=current_actor()
            )
    except IntegrityError as error:
        raise DuplicateReference(f"There already is a stock count {reference}.") from error
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"count": stock_count.pk, "point": stock_point.pk, "category": category})
    _audit("stock_count.opened", stock_count)
    return stock_count


@retry_on_conflict
@transaction.atomic
def write_counted(*, stock_count: StockCount, rows: Sequence[Row]) -> BulkResult:
    """Rows of `{sku or gtin, counted, counted_at}`; the last row of an article holds, null takes it back.

    An article that is not on the sheet is added to it. `counted_at` is now where it is not told: the figure is
    true at that moment, and what moves later is added to it. Raises `StateConflict` once it is submitted.
    """
    result = BulkResult()
    locked = _locked(stock_count)
    if locked.state != StockCountState.OPEN:
        raise StateConflict(f"This count is {locked.state}; it is not counted any more.", data={"state": locked.state})
    figures = _figures(locked, rows, result)
    ensure_levels((variant, locked.stock_point_id) for variant in figures)
    parameters: dict[str, Any] = {
        "count": locked.pk,
        "point": locked.stock_point_id,
        "variants": list(figures),
        "counted": [counted for counted, _ in figures.values()],
        "moments": [moment for _, moment in figures.values()],
        "actor": current_actor(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, parameters)
        result.created = cursor.rowcount
        cursor.execute(_WRITE_DOWN, parameters)
        result.updated = max(0, cursor.rowcount - result.created)
    result.unchanged = len(rows) - len(result.errors) - result.created - result.updated
    return result


@retry_on_conflict
@transaction.atomic
def add_counted(*, stock_count: StockCount, variant: Variant, units: int = 1) -> int:
    """So many more of an article were found, as a scanner tells them; how many that makes.

    Under the count's lock: two scanners at one sheet both count. Raises `StateConflict` once it is submitted.
    """
    locked = _locked(stock_count)
    lines = CountLine.objects.filter(stock_count=locked, variant=variant)
    counted = (lines.values_list("counted", flat=True).first() or 0) + units
    write_counted(stock_count=locked, rows=[Row(0, {"sku": variant.sku, "counted": counted})])
    return counted


@transaction.atomic
def submit_count(*, stock_count: StockCount) -> None:
    """It is counted: its differences wait for whoever approves. What nobody has counted stays as it is."""
    locked = _locked(stock_count)
    if not CountLine.objects.filter(stock_count=locked, counted__isnull=False).exists():
        raise Invalid(gettext_noop("Nothing of this count is counted yet."))
    StockCount.moves.move(
        locked, StockCountState.SUBMITTED, submitted_at=clock.now(), submitted_by=current_actor(), reason=""
    )
    _audit("stock_count.submitted", locked)
    stock_count.refresh_from_db()


@transaction.atomic
def reopen_count(*, stock_count: StockCount, reason: str) -> None:
    """Some of it is to be counted again."""
    locked = _locked(stock_count)
    StockCount.moves.move(locked, StockCountState.OPEN, reason=reason[:200])
    _audit("stock_count.reopened", locked)
    stock_count.refresh_from_db()


@transaction.atomic
def reject_count(*, stock_count: StockCount, reason: str) -> None:
    """Nothing of it is applied."""
    locked = _locked(stock_count)
    StockCount.moves.move(locked, StockCountState.REJECTED, reason=reason[:200], **_decided())
    _audit("stock_count.rejected", locked)
    stock_count.refresh_from_db()


@retry_on_conflict
@transaction.atomic
def approve_count(*, stock_count: StockCount) -> int:
    """Write the differences as `count` movements; how many levels changed.

    New on hand = what was counted + what has moved since it was: units sold or reserved meanwhile stay so, and
    where less is there than is reserved the newest promises are planned anew. Raises `OwnCount` where it is the
    work of who approves.
    """
    hold_late_movements_back()
    locked = _locked(stock_count)
    if locked.state == StockCountState.SUBMITTED and locked.is_by(current_actor()):
        raise OwnCount
    StockCount.moves.move(locked, StockCountState.APPLIED, reason="", **_decided())
    parameters: dict[str, Any] = {
        "count": locked.pk,
        "point": locked.stock_point_id,
        "reference": locked.movement_reference,
        "at": clock.now(),
        "actor": current_actor(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LEVELS, parameters)
        # In a statement of its own: it sees whatever was committed before the locks.
        cursor.execute(_APPLY, parameters)
        changed = cursor.fetchall()
    announce_raised(variant for _, variant, quantity in changed if quantity > 0)
    announce_short(level for level, _, quantity in changed if quantity < 0)
    _audit("stock_count.applied", locked, levels=len(changed), units=sum(quantity for _, _, quantity in changed))
    stock_count.refresh_from_db()
    return len(changed)


def _figures(
    stock_count: StockCount, rows: Sequence[Row], result: BulkResult
) -> dict[int, tuple[int | None, datetime | None]]:
    """By variant, what was counted and when; None and None where a figure is taken back."""
    skus = variants_by_sku(row["sku"] for row in rows if row.get("sku"))
    gtins = variants_by_gtin(row["gtin"] for row in rows if row.get("gtin"))
    now = clock.now()
    figures: dict[int, tuple[int | None, datetime | None]] = {}
    for row in rows:
        sku, gtin, counted = row.get("sku"), row.get("gtin"), row.get("counted")
        variant = skus.get(sku) if sku else gtins.get(gtin or "")
        moment = row.get("counted_at") or now
        if variant is None:
            result.refuse(row.index, "unknown_sku", f"There is no article {sku or gtin}.")
        elif moment > now or moment < stock_count.started_at:
            result.refuse(
                row.index, "invalid", gettext_noop("counted_at: It was counted between the sheet's beginning and now.")
            )
        else:
            figures[variant] = (None, None) if counted is None else (counted, moment)
    return figures


def _locked(stock_count: StockCount) -> StockCount:
    return StockCount.objects.select_for_update(no_key=True).get(pk=stock_count.pk)


def _decided() -> dict[str, Any]:
    return {"decided_at": clock.now(), "decided_by": current_actor()}


def _audit(action: str, stock_count: StockCount, **changes: Any) -> None:
    record_audit(action, subject=f"stock_count:{stock_count.reference}", changes=changes)
