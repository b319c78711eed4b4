"""What waits at a stock point: counted for the home screen, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Least
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.store.queries.pickups import COMING
from oms.store.queries.returns import counted_returns
from orders.models import Fulfilment
from orders.states import FulfilmentState, Mode
from stock.models import StockPoint, Transfer
from stock.states import TransferState


@dataclass(frozen=True, slots=True)
class Tile:
    """One kind of work. `left` until the first of it is due, below zero once it is late."""

    name: str
    title: str | Promise
    icon: str
    url_name: str
    query: str
    number: int
    left: timedelta | None = None

    @property
    def is_late(self) -> bool:
        return self.left is not None and self.left < timedelta(0)

    @property
    def late_by(self) -> timedelta | None:
        return -self.left if self.left is not None and self.is_late else None

    @property
    def urgency(self) -> tuple[bool, timedelta]:
        """Sorts the most urgent first, what has no deadline after what has, nothing to do last."""
        return (not self.number, self.left if self.left is not None and self.number else timedelta.max)


def waiting_at(stock_point: StockPoint) -> list[Tile]:
    """Everything to be done here, the most urgent first."""
    now = clock.now()
    found = _counted_works(stock_point, today=stock_point.local_day(now))
    returns = counted_returns(stock_point)
    mine_or_here = Transfer.objects.filter(Q(giver=stock_point) | Q(receiver=stock_point))
    moving = mine_or_here.aggregate(
        to_send=Count("pk", filter=Q(giver=stock_point, state=TransferState.ACCEPTED)),
        arriving=Count("pk", filter=Q(receiver=stock_point, state=TransferState.SHIPPED)),
    )

    def left(name: str) -> timedelta | None:
        deadline: datetime | None = found[name]
        return deadline - now if deadline else None

    tiles = [
        Tile("offered", _("To accept"), "clock", "store:prepare", "offered", found["offered"], left("offered_by")),
        Tile(
            "accepted", _("To prepare"), "prepare", "store:prepare", "accepted", found["accepted"], left("accepted_by")
        ),
        Tile("picked", _("To pack"), "box", "store:prepare", "picked", found["picked"], left("picked_by")),
        Tile("packed", _("To hand over"), "truck", "store:prepare", "packed", found["packed"], left("packed_by")),
        Tile("expiring", _("Pickups expiring today"), "warning", "store:counter", "expiring", found["expiring"]),
        Tile("ready", _("Ready for pickup"), "counter", "store:counter", "ready", found["ready"]),
        Tile("returns", _("Returns in hand"), "returns", "store:returns", "open", returns.in_hand),
        Tile("returns-expected", _("Returns to take in"), "returns", "store:returns", "expected", returns.expected),
        Tile("arriving", _("Arriving"), "store", "store:receive", "", found["arriving"]),
        Tile("transfers", _("Transfers to send"), "box", "store:transfers", "", moving["to_send"]),
        Tile("transfers-arriving", _("Transfers arriving"), "box", "store:receive", "", moving["arriving"]),
    ]
    return sorted(tiles, key=lambda tile: tile.urgency)


def _counted_works(stock_point: StockPoint, *, today: date) -> dict[str, Any]:
    """Works by what is next for them, with the first deadline of each kind; one query."""
    mine, here = Q(stock_point=stock_point), Q(pickup_point=stock_point)
    work = Fulfilment.objects.live().filter(mine | here)
    state = FulfilmentState
    shelf = here & Q(state=state.READY_FOR_PICKUP)
    arriving = here & Q(COMING, state=state.HANDED_OVER, mode=Mode.SHIP_TO_STORE)
    return work.aggregate(
        offered=Count("pk", filter=mine & Q(state=state.OFFERED)),
        offered_by=Min(Least("accept_by", "begin_by"), filter=mine & Q(state=state.OFFERED)),
        accepted=Count("pk", filter=mine & Q(state=state.ACCEPTED)),
        accepted_by=Min("due_at", filter=mine & Q(state=state.ACCEPTED)),
        picked=Count("pk", filter=mine & Q(state=state.PICKING)),
        picked_by=Min("due_at", filter=mine & Q(state=state.PICKING)),
        packed=Count("pk", filter=mine & Q(state=state.PACKED)),
        packed_by=Min("due_at", filter=mine & Q(state=state.PACKED)),
        ready=Count("pk", filter=shelf),
        expiring=Count("pk", filter=shelf & Q(pickup__expires_on__lte=today)),
        arriving=Count("pk", filter=arriving),
    )
