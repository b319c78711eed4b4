"""What may be done with a return now, for screens that show only that. The services decide again."""

from __future__ import annotations

from returns.models import Return
from returns.queries.units import uninspected_units
from returns.states import RETURN_MOVES, ReturnState


def actions_allowed(returned: Return) -> list[str]:
    """Names among `authorise, receive, inspect, match, refund, exchange, reject, cancel, close`, in this order."""
    state = returned.state
    is_here = state in (ReturnState.RECEIVED, ReturnState.RECEIVED_UNMATCHED)
    is_free = state == ReturnState.INSPECTED and not returned.settlement
    allowed = {
        "authorise": state == ReturnState.REQUESTED,
        "receive": returned.received_at is None and RETURN_MOVES.allows(state, ReturnState.RECEIVED),
        "inspect": is_here and bool(uninspected_units(returned)),
        "match": state == ReturnState.RECEIVED_UNMATCHED,
        "refund": is_free,
        "exchange": is_free,
        "reject": RETURN_MOVES.allows(state, ReturnState.REJECTED),
        "cancel": RETURN_MOVES.allows(state, ReturnState.CANCELLED),
        "close": state == ReturnState.RECEIVED_UNMATCHED,
    }
    return [name for name, is_allowed in allowed.items() if is_allowed]
