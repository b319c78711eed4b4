"""What returns mean for stock, through its ledger: goods that came in, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from oms.core import clock
from oms.core.bulk import Row
from oms.core.errors import StateConflict
from returns.models import Disposition, Return, ReturnLine
from returns.states import DispositionKind
from stock.models import MovementKind, StockPoint, UnavailableReason
from stock.services.correcting import Unsellable, mark_all_unavailable
from stock.services.moving import record_movements

_WAITS_AS = {
    DispositionKind.STORE: UnavailableReason.TO_SEND,
    DispositionKind.WAREHOUSE: UnavailableReason.TO_SEND,
    DispositionKind.REPAIR: UnavailableReason.TO_REPAIR,
}


def put_in(returned: Return, units: Sequence[tuple[ReturnLine, int]], point: StockPoint) -> None:
    """The units are on hand at the point by one `return` movement each, and wait to be inspected."""
    sums: Counter[tuple[int, str]] = Counter()
    for line, quantity in units:
        sums[line.variant_id, line.sku] += quantity
    _record(MovementKind.RETURN, returned.reference, {sku: count for (_, sku), count in sums.items()}, point)
    waiting = [
        Unsellable(variant, point.pk, count, UnavailableReason.TO_INSPECT) for (variant, _), count in sums.items()
    ]
    mark_all_unavailable(entries=waiting, reference=returned.reference)


def put_away(returned: Return, dispositions: Sequence[Disposition], *, reference: str) -> None:
    """The inspected units stop waiting: for sale on this shelf, or unavailable for their reason, or gone."""
    point = returned.stock_point
    assert point is not None
    entries: Counter[tuple[int, str]] = Counter()
    destroyed: Counter[str] = Counter()
    for each in dispositions:
        variant_id = each.line.variant_id
        entries[variant_id, UnavailableReason.TO_INSPECT] -= each.quantity
        waits_as = _WAITS_AS.get(DispositionKind(each.kind))
        if waits_as is not None:
            entries[variant_id, waits_as] += each.quantity
        elif each.kind == DispositionKind.DESTROY:
            destroyed[each.line.sku] += each.quantity
    mark_all_unavailable(
        entries=[Unsellable(variant, point.pk, count, reason) for (variant, reason), count in entries.items()],
        reference=reference,
    )
    # Last: while the units still counted as waiting, their going would look like a shortage.
    if destroyed:
        _record(MovementKind.DAMAGE, reference, {sku: -count for sku, count in destroyed.items()}, point)


def _record(kind: str, reference: str, units: dict[str, int], point: StockPoint) -> None:
    rows = [
        Row(
            index,
            {
                "sku": sku,
                "stock_point": point.code,
                "quantity": quantity,
                "kind": kind,
                "reference": reference,
                "occurred_at": clock.now(),
            },
        )
        for index, (sku, quantity) in enumerate(units.items())
    ]
    refused = record_movements(rows=rows).errors
    if refused:
        raise StateConflict(refused[0].detail)
