"""What made somebody decide, from what the order itself shows: several tasks may be the first to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orders.services.declining import DeclineReason
from orders.services.standing import Standing
from orders.states import AllocationState

PLACED: Final = "sourced"
REROUTED: Final = "rerouted"
RETRY: Final = "retried"
MORE_EXPECTED: Final = "receipt_raised"
PAUSED: Final = "paused"
# Where nothing comes of them they are no news.
ROUTINE: Final = frozenset({RETRY, MORE_EXPECTED})

_DECLINED: Final = "declined"
# Why units were given back, and what that is as a reason to decide anew.
_GIVEN_BACK: Final[Mapping[str, str]] = {
    **dict.fromkeys(DeclineReason.values, _DECLINED),
    DeclineReason.NOT_FOUND.value: "not_found",
    "expired": "unanswered",
}


def trigger_of(standing: Standing, heard: str) -> str:
    """Units given back and not looked at since are the reason, whoever comes first to look; else what was heard."""
    if heard not in (PLACED, REROUTED, *ROUTINE):
        return heard
    waiting = (piece for piece in standing.open if piece.state == AllocationState.UNFILLABLE)
    return next((_GIVEN_BACK[piece.reason] for piece in waiting if piece.reason in _GIVEN_BACK), heard)
