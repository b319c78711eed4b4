"""An expected receipt as its page tells it: how its next delivery is named, and what was once announced."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from oms.core.models import AuditEntry
from stock.models import ARRIVING_KINDS, ExpectedReceipt, ExpectedReceiptKind, LedgerMovement, Transfer

DELIVERY_MARK: Final = "#"
"""What follows it in a movement's reference tells the deliveries of one receipt apart."""


def next_delivery(receipt: ExpectedReceipt) -> str:
    """The reference under which the ledger has nothing of the receipt yet: `PO-7`, then `PO-7#2`, `PO-7#3`.

    Other systems may have marked theirs as they like.
    """
    known = set(
        LedgerMovement.objects.filter(
            Q(reference=receipt.reference) | Q(reference__startswith=f"{receipt.reference}{DELIVERY_MARK}"),
            variant_id=receipt.variant_id,
            stock_point_id=receipt.stock_point_id,
            kind__in=[kind.value for kind in ARRIVING_KINDS],
        ).values_list("reference", flat=True)
    )
    number = len(known) + 1
    while (reference := _delivery(receipt, number)) in known:
        number += 1
    return reference


def is_own_transfer(receipt: ExpectedReceipt) -> bool:
    """Whether it announces a transfer that we know: what comes of it is told there, and only there."""
    if receipt.kind != ExpectedReceiptKind.TRANSFER:
        return False
    return Transfer.objects.filter(
        reference=receipt.reference, variant_id=receipt.variant_id, receiver_id=receipt.stock_point_id
    ).exists()


def announced_before(receipt: ExpectedReceipt) -> int | None:
    """All that was announced last before it was cancelled, as the audit has it; None where nothing tells it."""
    entries = AuditEntry.objects.filter(
        subject=f"expected_receipt:{receipt.reference}",
        action="expected_receipt.saved",
        changes__variant_id=receipt.variant_id,
        changes__stock_point_id=receipt.stock_point_id,
        changes__quantity__gt=0,
    )
    return entries.order_by("-pk").values_list("changes__quantity", flat=True).first()


def _delivery(receipt: ExpectedReceipt, number: int) -> str:
    return receipt.reference if number == 1 else f"{receipt.reference}{DELIVERY_MARK}{number}"
