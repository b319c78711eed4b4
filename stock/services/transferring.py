"""A transfer is accepted, sent and received; or somebody says no.

The order of locks is transfer, level, expected receipt, reservation: nobody who holds one of the others waits for
a transfer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.bulk import Row
from oms.core.errors import Invalid, NotFound, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from stock.models import ExpectedReceiptKind, MovementKind, Reservation, Transfer
from stock.queries.receipts import DELIVERY_MARK
from stock.services.consuming import consume_reservations
from stock.services.expecting import save_expected_receipts
from stock.services.levelling import ensure_levels
from stock.services.locking import lock_level_keys
from stock.services.moving import record_movements
from stock.services.releasing import release_reservations
from stock.services.reserving import Want, reserve_stock
from stock.states import LIVE_STATES, TransferState


@retry_on_conflict
@transaction.atomic
def accept_transfer(*, transfer_id: int, quantity: int | None = None, access: Access = EVERYTHING) -> Transfer:
    """Reserve the giver's units and announce them to the receiver, as future stock; all as proposed or less.

    Raises `StateConflict` where it was decided before, `InsufficientStock` where the giver has no longer so many
    free: then nothing has changed.
    """
    transfer = _locked(transfer_id, TransferState.PROPOSED, TransferState.ACCEPTED, access, "giver", "receiver")
    units = _within(quantity, transfer.quantity)
    _lock_both_levels(transfer)
    want = Want(transfer.variant_id, transfer.giver_id, units)
    reserve_stock(owner=transfer.owner, channel_id=None, wants=[want])
    expected_on = _arrival_day(transfer)
    Transfer.moves.move(transfer, TransferState.ACCEPTED, quantity=units, expected_on=expected_on, **_decided())
    _announce(transfer, units)
    _audit("transfer.accepted", transfer, quantity=units, expected_on=expected_on.isoformat())
    emit("transfer.accepted", transfer_id=transfer.pk)
    return transfer


@transaction.atomic
def reject_transfer(*, transfer_id: int, reason: str = "", access: Access = EVERYTHING) -> Transfer:
    """It is not proposed again for `REPLENISHMENT_REJECTION_DAYS`."""
    transfer = _locked(transfer_id, TransferState.PROPOSED, TransferState.REJECTED, access, "giver", "receiver")
    Transfer.moves.move(transfer, TransferState.REJECTED, reason=reason[:200], ended_at=clock.now(), **_decided())
    _audit("transfer.rejected", transfer)
    return transfer


@retry_on_conflict
@transaction.atomic
def cancel_transfer(*, transfer_id: int, reason: str = "", access: Access = EVERYTHING) -> Transfer:
    """Accepted and not sent: the giver may sell its units again, the receiver no longer expects them."""
    transfer = _locked(transfer_id, TransferState.ACCEPTED, TransferState.CANCELLED, access, "giver", "receiver")
    _lock_both_levels(transfer)
    release_reservations(ids=list(_reservation(transfer).values_list("pk", flat=True)))
    Transfer.moves.move(transfer, TransferState.CANCELLED, reason=reason[:200], ended_at=clock.now(), **_decided())
    _announce(transfer, 0)
    _audit("transfer.cancelled", transfer)
    emit("transfer.cancelled", transfer_id=transfer.pk)
    return transfer


@retry_on_conflict
@transaction.atomic
def ship_transfer(*, transfer_id: int, quantity: int | None = None, access: Access = EVERYTHING) -> Transfer:
    """The units leave the giver; fewer than accepted where it could not find them all: the rest is given back.

    For whoever acts for the giver. Raises `StateConflict` unless it is accepted and not sent yet.
    """
    transfer = _locked(transfer_id, TransferState.ACCEPTED, TransferState.SHIPPED, access, "giver")
    units = _within(quantity, transfer.quantity)
    _lock_both_levels(transfer)
    reservation = _reservation(transfer).get()
    consume_reservations(items=[(reservation.pk, units)], kind=MovementKind.TRANSFER_OUT, reference=transfer.reference)
    if units < reservation.quantity:
        release_reservations(ids=[reservation.pk])
    Transfer.moves.move(
        transfer,
        TransferState.SHIPPED,
        shipped_quantity=units,
        shipped_at=clock.now(),
        shipped_by=current_actor(),
        expected_on=_arrival_day(transfer),
    )
    _announce(transfer, units)
    _audit("transfer.shipped", transfer, quantity=units)
    emit("transfer.shipped", transfer_id=transfer.pk)
    return transfer


@retry_on_conflict
@transaction.atomic
def receive_transfer(
    *, transfer_id: int, quantity: int, is_last: bool = False, access: Access = EVERYTHING
) -> Transfer:
    """So many units came and are for sale at once. With `is_last`, or with all of them, the transfer is closed.

    What was sent and never came stays written in the difference of the two figures, and is no longer expected.
    For whoever acts for the receiver. Raises `Invalid` for more than is on its way.
    """
    transfer = _locked(transfer_id, TransferState.SHIPPED, TransferState.RECEIVED, access, "receiver")
    received = transfer.received_quantity + quantity
    if quantity < 0 or received > transfer.shipped_quantity:
        left = transfer.outstanding
        raise Invalid(f"{left} of {transfer.reference} are on their way.", data={"outstanding": left})
    if quantity == 0 and not is_last:
        raise Invalid(gettext_noop("Nothing came."))
    if quantity:
        _record_arrival(transfer, quantity, received)
    if is_last or received == transfer.shipped_quantity:
        Transfer.moves.move(transfer, TransferState.RECEIVED, received_quantity=received, ended_at=clock.now())
        _announce(transfer, received)
        _audit("transfer.received", transfer, quantity=received, missing=transfer.shipped_quantity - received)
        emit("transfer.received", transfer_id=transfer.pk)
    else:
        Transfer.objects.filter(pk=transfer.pk).update(received_quantity=received)
        transfer.received_quantity = received
    return transfer


def _record_arrival(transfer: Transfer, quantity: int, received: int) -> None:
    row = {
        "sku": transfer.variant.sku,
        "stock_point": transfer.receiver.code,
        "quantity": quantity,
        "kind": MovementKind.TRANSFER_IN,
        # The ledger has each reference once: deliveries are told apart by what has come with them.
        "reference": f"{transfer.reference}{DELIVERY_MARK}{received}",
        "occurred_at": clock.now(),
    }
    result = record_movements(rows=[Row(0, row)])
    if result.errors:
        raise Invalid(result.errors[0].detail)


def _locked(transfer_id: int, frm: TransferState, to: TransferState, access: Access, *sides: str) -> Transfer:
    """For whoever acts for one of its `sides`; others are told nothing. Raises `StateConflict` before anything else
    is looked at: whoever comes second is told the state.
    """
    found = Transfer.objects.select_for_update(no_key=True, of=("self",)).select_related("variant", "giver", "receiver")
    transfer = found.filter(pk=transfer_id).first()
    if transfer is None or not any(access.sees_stock_point(getattr(transfer, f"{side}_id")) for side in sides):
        raise NotFound(gettext_noop("There is no such transfer."))
    if transfer.state != frm:
        raise StateConflict(
            f"This transfer is {transfer.state}; it cannot become {to.value}.", data={"state": transfer.state}
        )
    return transfer


def _within(quantity: int | None, most: int) -> int:
    if quantity is not None and not 0 < quantity <= most:
        raise Invalid(f"Between 1 and {most} units.", data={"most": most})
    return most if quantity is None else quantity


def _lock_both_levels(transfer: Transfer) -> None:
    """In one order, before either is written by the services that follow."""
    keys = [(transfer.variant_id, transfer.giver_id), (transfer.variant_id, transfer.receiver_id)]
    ensure_levels(keys)
    lock_level_keys(keys)


def _reservation(transfer: Transfer) -> Any:
    return Reservation.objects.filter(owner=transfer.owner, state__in=LIVE_STATES)


def _arrival_day(transfer: Transfer) -> Any:
    return transfer.receiver.local_day(clock.now()) + timedelta(days=settings.REPLENISHMENT_TRANSFER_DAYS)


def _announce(transfer: Transfer, quantity: int) -> None:
    row = {
        "reference": transfer.reference,
        "sku": transfer.variant.sku,
        "stock_point": transfer.receiver.code,
        "quantity": quantity,
        "expected_on": transfer.expected_on,
        "kind": ExpectedReceiptKind.TRANSFER,
    }
    result = save_expected_receipts(rows=[Row(0, row)])
    if result.errors:
        raise Invalid(result.errors[0].detail)


def _decided() -> dict[str, Any]:
    return {"decided_at": clock.now(), "decided_by": current_actor()}


def _audit(action: str, transfer: Transfer, **changes: Any) -> None:
    record_audit(action, subject=f"transfer:{transfer.reference}", changes=changes)
