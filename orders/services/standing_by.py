"""The other offers of one work: they end when it is claimed, given back, taken back or cancelled."""

from __future__ import annotations

from collections.abc import Iterable

from oms.core import clock
from orders.models import Fulfilment
from orders.states import FULFILMENT_MOVES, FulfilmentState

# Why an offer left a stock point that had not answered.
CLAIMED = "claimed_elsewhere"
WITHDRAWN = "withdrawn"


def end_offers_beside(lead_ids: Iterable[int], *, reason: str, to: str = FulfilmentState.CANCELLED) -> list[Fulfilment]:
    """The offers that ended. The leads are locked; offers come after their lead in the order of locks."""
    waiting = list(Fulfilment.objects.standing_by(lead_ids).values_list("pk", flat=True))
    if not waiting:
        return []
    offers = [each for each in Fulfilment.objects.locked(waiting) if each.state == FulfilmentState.OFFERED]
    for offer in offers:
        FULFILMENT_MOVES.move(offer, to, decline_reason=reason, changed_at=clock.now())
    return offers
