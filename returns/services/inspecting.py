"""Looking at what came back: its grade, and so where it goes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.errors import ConcurrentChange, Invalid, StateConflict
from oms.core.retrying import retry_on_conflict
from returns.models import Disposition, Return, ReturnLine
from returns.queries.disposing import Proposal, destination_for, proposals
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of
from returns.queries.units import uninspected_units
from returns.services.distributing import Room, spread
from returns.services.locking import lock_return
from returns.services.requests import GradedUnits
from returns.services.shelving import put_away
from returns.services.telling import tell
from returns.states import RETURN_MOVES, DispositionKind, ReturnState
from stock.models import StockPoint

_INSPECTABLE = (ReturnState.RECEIVED, ReturnState.RECEIVED_UNMATCHED)
Piece = tuple[ReturnLine, GradedUnits, int]


@retry_on_conflict
@transaction.atomic
def inspect_return(*, return_id: int, lines: Sequence[GradedUnits]) -> Return:
    """Grade received units; several times, until all are. What is sellable here is for sale when this answers.

    Raises `QuantityMismatch` for more units than wait to be inspected.
    """
    seen = Return.objects.select_related("stock_point", "order").get(pk=return_id)
    if seen.state not in _INSPECTABLE:
        raise StateConflict(f"This return is {seen.state}; there is nothing to inspect.", data={"state": seen.state})
    if not lines:
        raise Invalid(errors={"lines": [gettext_noop("Say what was found.")]})
    point = seen.stock_point
    assert point is not None
    # Counted first: whoever inspects after this is seen at the end, and what was there before is not waiting.
    before = Disposition.objects.filter(line__returned=seen).count()
    waiting = uninspected_units(seen)
    pieces = _pieces(waiting, lines)
    reference = f"{seen.reference}:{before + 1}"
    dispositions = _dispositions(seen, point, pieces, reference)
    put_away(seen, dispositions, reference=reference)
    returned = lock_return(seen)
    if Disposition.objects.filter(line__returned=seen).count() != before:
        raise ConcurrentChange
    Disposition.objects.bulk_create(dispositions)
    left = sum(waiting.values()) - sum(units for _, _, units in pieces)
    if not left and returned.state == ReturnState.RECEIVED:
        RETURN_MOVES.move(returned, ReturnState.INSPECTED)
    tell(returned, "return.inspected", units=sum(each.quantity for each in dispositions), waiting=left)
    return returned


def _pieces(waiting: dict[ReturnLine, int], lines: Sequence[GradedUnits]) -> list[Piece]:
    """Each told row spread over the return's lines of its SKU, together no more than wait."""
    left = dict(waiting)
    pieces = []
    for graded in lines:
        rooms = [Room(line, line.sku, units) for line, units in left.items()]
        for line, units in spread({graded.sku: graded.quantity}, rooms, what="wait to be inspected"):
            left[line] -= units
            pieces.append((line, graded, units))
    return pieces


def _dispositions(seen: Return, point: StockPoint, pieces: Sequence[Piece], reference: str) -> list[Disposition]:
    policy = policy_for(banner_of(seen.order) if seen.order is not None else point.banner_id)
    proposed = proposals(
        policy=policy, point=point, pairs={(line.variant_id, graded.grade) for line, graded, _ in pieces}
    )
    now, actor = clock.now(), current_actor()
    found = []
    for line, graded, units in pieces:
        decided = _decided(graded, line, proposed[line.variant_id, graded.grade], point)
        found.append(
            Disposition(
                line=line,
                quantity=units,
                grade=graded.grade,
                kind=decided.kind,
                destination=decided.destination,
                reference=reference,
                decided_by=actor,
                decided_at=now,
            )
        )
    return found


def _decided(graded: GradedUnits, line: ReturnLine, proposed: Proposal, point: StockPoint) -> Proposal:
    """What somebody decided, else what the rules propose."""
    if not graded.disposition or graded.disposition == proposed.kind:
        return proposed
    kind = DispositionKind(graded.disposition)
    destination = destination_for(kind, line.variant_id, point)
    if kind in DispositionKind.travelling() and destination is None:
        raise Invalid(errors={"disposition": [f"There is nowhere to send {line.sku} to: choose another."]})
    return Proposal(kind, destination)
