"""A person receives what was expected: all of it at once, or delivery after delivery."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.audit import record_audit
from oms.core.bulk import Row
from oms.core.errors import Invalid, NotFound
from oms.core.retrying import retry_on_conflict
from stock.models import ExpectedReceipt, ExpectedReceiptKind, MovementKind
from stock.queries.receipts import DELIVERY_MARK, is_own_transfer
from stock.services.moving import record_movements


@retry_on_conflict
@transaction.atomic
def receive_delivery(*, receipt_id: int, quantity: int, delivery: str, access: Access = EVERYTHING) -> bool:
    """So many units came, now, under the reference `delivery`: the receipt's own, or that with a `#` and a mark.

    False where the ledger has this very delivery already: a repeat is harmless. More than is outstanding is a fact
    like any other. Raises `Invalid` for a delivery known with other units, and for a transfer of our own: that is
    received as such.
    """
    found = ExpectedReceipt.objects.visible_to(access).select_related("variant", "stock_point")
    receipt = found.filter(pk=receipt_id).first()
    if receipt is None:
        raise NotFound(gettext_noop("There is no such expected receipt."))
    if delivery.partition(DELIVERY_MARK)[0] != receipt.reference:
        raise Invalid(gettext_noop("This delivery is of another receipt."))
    if quantity < 1:
        raise Invalid(gettext_noop("Nothing came."))
    if is_own_transfer(receipt):
        raise Invalid(gettext_noop("This is a transfer: it is received on the transfer’s own page."))
    row = {
        "sku": receipt.variant.sku,
        "stock_point": receipt.stock_point.code,
        "quantity": quantity,
        "kind": _kind_of_arrival(receipt),
        "reference": delivery,
        "occurred_at": clock.now(),
    }
    result = record_movements(rows=[Row(0, row)])
    if result.errors:
        raise Invalid(result.errors[0].detail)
    if result.created:
        summary = {"variant_id": receipt.variant_id, "stock_point_id": receipt.stock_point_id, "quantity": quantity}
        subject = f"expected_receipt:{receipt.reference}"
        record_audit("expected_receipt.received", subject=subject, changes={**summary, "delivery": delivery})
    return bool(result.created)


def _kind_of_arrival(receipt: ExpectedReceipt) -> MovementKind:
    is_transfer = receipt.kind == ExpectedReceiptKind.TRANSFER
    return MovementKind.TRANSFER_IN if is_transfer else MovementKind.RECEIPT
