"""Some of what was delivered comes back, by every way, and stands at every stage of its return."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import cycle
from typing import Final

from django.db.models import QuerySet

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import OmsError
from oms.core.events import keep_events
from oms.core.services.relaying import drain_events
from oms.demo.drawing import STAFFED
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import OrderLine
from orders.services.tracking import record_carrier_event
from orders.states import AllocationState
from returns.models import Return, ReturnLabel
from returns.services.ending import cancel_return, expire_returns, reject_return
from returns.services.inspecting import inspect_return
from returns.services.receiving import receive_return
from returns.services.requesting import request_return
from returns.services.requests import GradedUnits, ReturnRequest, WantedLine
from returns.services.settling import close_settled_returns, refund_return
from returns.states import Grade, Way

AT_MOST: Final = 18
# How far a return has come, and how it comes back, one after the other.
STAGES: Final = (
    ("authorised", Way.STORE),
    ("received", Way.POST),
    ("in_transit", Way.POST),
    ("inspected", Way.STORE),
    ("settled", Way.CUSTOMER_SERVICE),
    ("settled", Way.STORE),
    ("received", Way.STORE),
    ("rejected", Way.POST),
    ("cancelled", Way.STORE),
)
# What began so long ago is over: nothing came, or everything is done.
OLD_STAGES: Final = (("authorised", Way.POST), ("settled", Way.STORE))
BEGAN: Final = timedelta(days=12)
SENT_WITHIN_DAYS: Final = 10
REASONS: Final = ("too_small", "changed_mind", "other")
GRADES: Final = (Grade.NEW, Grade.OPENED, Grade.DAMAGED)


def return_some() -> None:
    """Units that customers have, one of each line: two long ago, the others over the last two days."""
    now = clock.now()
    old = list(_delivered().filter(order__placed_at__lt=now - BEGAN - timedelta(days=5)).order_by("pk")[:2])
    lines = list(_delivered().exclude(pk__in=[line.pk for line in old]).order_by("-pk")[:AT_MOST])
    two_days = timedelta(days=2)
    with clock.set_clock(now) as hands, keep_events(), acting_as("system"):
        _return_each(old, OLD_STAGES, hands, since=now - BEGAN)
        _return_each(lines, STAGES, hands, since=now - two_days)
        hands.move_to(now - two_days)
        _return_without_order(lines)
        drain_events()
    # As the scheduler does every minute: nothing came of the one, the other is done.
    expire_returns()
    close_settled_returns()


def _delivered() -> QuerySet[OrderLine]:
    found = OrderLine.objects.filter(
        order__channel__code__startswith="demo-",
        allocations__state__in=[AllocationState.DELIVERED, AllocationState.COLLECTED],
    )
    return found.select_related("order").distinct()


def _return_each(
    lines: list[OrderLine], stages: Sequence[tuple[str, Way]], hands: clock.SetClock, *, since: datetime
) -> None:
    drawn = zip(lines, cycle(stages), cycle(REASONS), cycle(GRADES), cycle(STAFFED), strict=False)
    for number, (line, (stage, way), reason, grade, store) in enumerate(drawn):
        hands.move_to(since + number * timedelta(hours=2))
        with suppress(OmsError):
            _return(line, stage, way=way, reason=reason, grade=grade, store=store)
        drain_events()


def _return(line: OrderLine, stage: str, *, way: Way, reason: str, grade: Grade, store: str) -> None:
    request = ReturnRequest(
        way=way.value,
        lines=(WantedLine(line.sku, 1, reason),),
        order=line.order.number,
        stock_point=store if way == Way.STORE or stage == "in_transit" else "",
    )
    returned = request_return(request=request)
    drain_events()
    if stage == "rejected":
        reject_return(return_id=returned.pk, reason="Article porté")
    elif stage == "cancelled":
        cancel_return(return_id=returned.pk, reason="Finalement gardé")
    elif stage == "in_transit":
        _hand_to_carrier(returned)
    if stage not in ("received", "inspected", "settled"):
        return
    receive_return(return_id=returned.pk, stock_point=store, lines=[])
    if stage != "received":
        inspect_return(return_id=returned.pk, lines=[GradedUnits(line.sku, 1, grade.value)])
    if stage == "settled":
        drain_events()
        refund_return(return_id=returned.pk)


def _hand_to_carrier(returned: Return) -> None:
    """The customer brought the parcel to the carrier, who has seen it."""
    label = ReturnLabel.objects.get(returned=returned)
    update = TrackingUpdate(
        event_id=f"{label.tracking_number}-{TrackingKind.IN_TRANSIT.value}",
        tracking_number=label.tracking_number or "",
        kind=TrackingKind.IN_TRANSIT,
        occurred_at=clock.now(),
    )
    record_carrier_event(carrier=label.carrier, update=update)


def _return_without_order(lines: list[OrderLine]) -> None:
    """Handed in without a receipt: in stock at once, its order to be found."""
    for line in lines[:1]:
        with suppress(OmsError):
            request_return(
                request=ReturnRequest(
                    way=Way.BLIND.value, lines=(WantedLine(line.sku, 1, "other"),), stock_point=STAFFED[0]
                )
            )
