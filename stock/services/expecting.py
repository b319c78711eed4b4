"""Expected receipts are announced, change and are cancelled."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import connection, transaction

from oms.core.access import EVERYTHING, Access
from oms.core.audit import record_audits
from oms.core.bulk import BulkResult, Row
from oms.core.events import emit_many
from oms.core.retrying import retry_on_conflict
from stock.models import ARRIVING_KINDS, ExpectedReceipt, ExpectedReceiptKind
from stock.queries.codes import stock_points_by_code, variants_by_sku
from stock.queries.expected import NAMES_RECEIPT
from stock.queries.receipts import DELIVERY_MARK
from stock.services.announcing import announce_expected
from stock.services.levelling import ensure_levels
from stock.services.locking import lock_level_keys

Key = tuple[str, int, int]
"""(reference, variant id, stock point id)."""

# What had come under a reference before it was announced.
_COME_ALREADY: Final = f"""
SELECT e.reference, e.variant_id, e.stock_point_id, sum(w.quantity)::integer
FROM unnest(%(references)s::text[], %(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[])
     AS e(reference, variant_id, stock_point_id)
JOIN stock_ledger w USING (variant_id, stock_point_id)
WHERE w.kind = ANY(%(kinds)s::text[]) AND w.quantity > 0 AND {NAMES_RECEIPT}
GROUP BY e.reference, e.variant_id, e.stock_point_id
"""  # noqa: S608 (our own fragments)


def save_expected_receipts(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Rows of `{reference, sku, stock_point, quantity, expected_on, kind}`, by reference, SKU and stock point.

    `quantity` is all that is announced under the reference, what has come of it included; 0 cancels it. Where
    less is to come than is promised, `expected_receipt.shrunk` is emitted; where what is promised comes on
    another day, `expected_receipt.rescheduled`.
    """
    result = BulkResult()
    variants = variants_by_sku(row["sku"] for row in rows)
    points = stock_points_by_code((row["stock_point"] for row in rows), access)
    named: dict[Key, Row] = {}
    for row in rows:
        variant, point = variants.get(row["sku"]), points.get(row["stock_point"])
        if variant is None:
            result.refuse(row.index, "unknown_sku", f"There is no SKU {row['sku']}.")
        elif point is None:
            result.refuse(row.index, "unknown_stock_point", f"There is no stock point {row['stock_point']}.")
        elif DELIVERY_MARK in row["reference"]:
            result.refuse(
                row.index, "invalid", f"reference: what follows {DELIVERY_MARK} tells deliveries of one receipt apart."
            )
        else:
            named[row["reference"], variant, point] = row
    if named:
        saved = _save(named)
        result.created, result.updated, result.unchanged = saved.created, saved.updated, saved.unchanged
        result.errors.extend(saved.errors)
    return result


@retry_on_conflict
@transaction.atomic
def _save(named: Mapping[Key, Row]) -> BulkResult:
    result = BulkResult()
    levels = {(variant, point) for _, variant, point in named}
    # The levels first: nothing of what is announced can arrive meanwhile.
    ensure_levels(levels)
    lock_level_keys(levels)
    known = {(each.reference, each.variant_id, each.stock_point_id): each for each in _locked(named)}
    before = {key: (each.quantity, each.expected_on) for key, each in known.items()}
    new: dict[Key, ExpectedReceipt] = {}
    changed: dict[Key, ExpectedReceipt] = {}
    for key, row in named.items():
        receipt = known.get(key)
        if receipt is None:
            _put_new(key, row, new, result)
        elif _assign(receipt, row):
            changed[key] = receipt
        else:
            result.unchanged += 1
    _count_what_came(new)
    ExpectedReceipt.objects.bulk_create(new.values())
    ExpectedReceipt.objects.bulk_update(changed.values(), ["quantity", "expected_on", "kind"])
    result.created, result.updated = len(new), len(changed)
    _tell(new, changed, before)
    return result


def _locked(named: Mapping[Key, Row]) -> list[ExpectedReceipt]:
    rows = ExpectedReceipt.objects.filter(
        reference__in={key[0] for key in named},
        variant_id__in={key[1] for key in named},
        stock_point_id__in={key[2] for key in named},
    )
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))


def _put_new(key: Key, row: Row, new: dict[Key, ExpectedReceipt], result: BulkResult) -> None:
    missing = next((name for name in ("quantity", "expected_on") if row.get(name) is None), None)
    if row.get("quantity") == 0:
        # Cancelled before anybody heard of it: nothing to remember.
        result.unchanged += 1
    elif missing is not None:
        result.refuse(row.index, "invalid", f"{missing}: This field is required.")
    else:
        reference, variant, point = key
        new[key] = ExpectedReceipt(
            reference=reference,
            variant_id=variant,
            stock_point_id=point,
            quantity=row["quantity"],
            expected_on=row["expected_on"],
            kind=row.get("kind") or ExpectedReceiptKind.PURCHASE,
        )


def _assign(receipt: ExpectedReceipt, row: Row) -> bool:
    """Give it the row's values; whether any differed."""
    differs = False
    for name in ("quantity", "expected_on", "kind"):
        value = row.get(name)
        if value is not None and getattr(receipt, name) != value:
            setattr(receipt, name, value)
            differs = True
    return differs


def _count_what_came(new: Mapping[Key, ExpectedReceipt]) -> None:
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _COME_ALREADY,
            {
                "references": [key[0] for key in new],
                "variant_ids": [key[1] for key in new],
                "stock_point_ids": [key[2] for key in new],
                "kinds": [str(kind) for kind in ARRIVING_KINDS],
            },
        )
        for reference, variant, point, quantity in cursor.fetchall():
            new[reference, variant, point].received = quantity


def _tell(
    new: Mapping[Key, ExpectedReceipt],
    changed: Mapping[Key, ExpectedReceipt],
    before: Mapping[Key, tuple[int, date]],
) -> None:
    touched: list[tuple[str, dict[str, Any]]] = []
    raised: list[int] = [receipt.variant_id for receipt in new.values()]
    rescheduled: list[dict[str, Any]] = []
    for receipt in (*new.values(), *changed.values()):
        touched.append((f"expected_receipt:{receipt.reference}", _summary(receipt)))
    for key, receipt in changed.items():
        quantity, expected_on = before[key]
        if receipt.quantity > quantity or receipt.expected_on > expected_on:
            raised.append(receipt.variant_id)
        if receipt.reserved and receipt.expected_on != expected_on:
            rescheduled.append({"receipt_id": receipt.pk, "variant_id": receipt.variant_id})
    shrunk = [
        {"receipt_id": receipt.pk, "variant_id": receipt.variant_id, "shortfall": shortfall}
        for receipt in changed.values()
        if (shortfall := receipt.reserved - max(0, receipt.quantity - receipt.received)) > 0
    ]
    record_audits("expected_receipt.saved", touched)
    announce_expected(raised)
    emit_many("expected_receipt.shrunk", shrunk)
    emit_many("expected_receipt.rescheduled", rescheduled)


def _summary(receipt: ExpectedReceipt) -> dict[str, Any]:
    return {
        "variant_id": receipt.variant_id,
        "stock_point_id": receipt.stock_point_id,
        "quantity": receipt.quantity,
        "expected_on": receipt.expected_on.isoformat(),
        "kind": receipt.kind,
    }
