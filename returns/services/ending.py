"""Returns of which nothing comes, and the word customer service gives."""

from __future__ import annotations

from django.db import transaction

from oms.core import clock
from oms.core.errors import ConcurrentChange, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from returns.models import Return, ReturnClaim, ReturnLabel
from returns.services.claiming import give_up_claims
from returns.services.locking import lock_return
from returns.services.telling import tell
from returns.states import RETURN_MOVES, ReturnState

EXPIRED_AT_ONCE = 200


@retry_on_conflict
@transaction.atomic
def authorise_return(*, return_id: int) -> Return:
    """The customer may send the goods; by post the label is made now."""
    returned = lock_return(Return.objects.get(pk=return_id))
    RETURN_MOVES.move(returned, ReturnState.AUTHORISED)
    if ReturnLabel.objects.filter(returned=returned, pdf__isnull=True).exists():
        emit("return.label_due", return_id=returned.pk)
    tell(returned, "return.authorised")
    return returned


def reject_return(*, return_id: int, reason: str) -> Return:
    """Not taken back, for a reason the customer is told; the units may be asked for again."""
    return _end(return_id, ReturnState.REJECTED, reason=reason)


def cancel_return(*, return_id: int, reason: str = "") -> Return:
    """Nothing comes back after all. Goods that were received cannot be wished away: 409."""
    return _end(return_id, ReturnState.CANCELLED, reason=reason)


def expire_returns() -> None:
    """Returns whose goods never came in time."""
    due = Return.objects.filter(state__in=[ReturnState.REQUESTED, ReturnState.AUTHORISED], expires_at__lte=clock.now())
    for return_id in due.order_by("pk").values_list("pk", flat=True)[:EXPIRED_AT_ONCE]:
        try:
            _end(return_id, ReturnState.EXPIRED, reason="")
        except (StateConflict, ConcurrentChange):
            continue  # its goods came, or somebody ended it, at this very moment


@retry_on_conflict
@transaction.atomic
def _end(return_id: int, state: ReturnState, *, reason: str) -> Return:
    returned = lock_return(Return.objects.get(pk=return_id))
    if returned.state == state:
        return returned
    RETURN_MOVES.move(returned, state, outcome_reason=reason[:200])
    claims = ReturnClaim.objects.filter(line__returned=returned).order_by("pk")
    assert returned.order_id is not None
    give_up_claims(returned.order_id, [(claim, claim.quantity) for claim in claims])
    tell(returned, f"return.{state}", reason=reason) if reason else tell(returned, f"return.{state}")
    return returned


@retry_on_conflict
@transaction.atomic
def close_unmatched(*, return_id: int) -> Return:
    """The order of a blind return was never found: the goods stay, nothing is refunded."""
    returned = lock_return(Return.objects.get(pk=return_id))
    if returned.state != ReturnState.RECEIVED_UNMATCHED:
        raise StateConflict(f"This return is {returned.state}.", data={"state": returned.state})
    RETURN_MOVES.move(returned, ReturnState.CLOSED, closed_at=clock.now())
    tell(returned, "return.closed")
    return returned
