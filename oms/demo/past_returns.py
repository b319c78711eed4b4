"""Some of what was delivered comes back, by every way, and stands at every stage of its return."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import cycle
from typing import Final

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import OmsError
from oms.core.events import keep_events
from oms.core.services.relaying import drain_events
from oms.demo.drawing import STAFFED
from orders.models import OrderLine
from orders.states import AllocationState
from returns.services.ending import cancel_return, reject_return
from returns.services.inspecting import inspect_return
from returns.services.receiving import receive_return
from returns.services.requesting import request_return
from returns.services.requests import GradedUnits, ReturnRequest, WantedLine
from returns.services.settling import refund_return
from returns.states import Grade, Way

AT_MOST: Final = 14
# How far a return has come, one after the other.
STAGES: Final = ("authorised", "received", "inspected", "settled", "settled", "rejected", "cancelled")
WAYS: Final = (Way.STORE, Way.POST, Way.STORE, Way.CUSTOMER_SERVICE)
REASONS: Final = ("too_small", "changed_mind", "other")
GRADES: Final = (Grade.NEW, Grade.OPENED, Grade.DAMAGED)


def return_some() -> None:
    """Units that customers have, one of each line; over the last two days."""
    delivered = OrderLine.objects.filter(
        order__channel__code__startswith="demo-",
        allocations__state__in=[AllocationState.DELIVERED, AllocationState.COLLECTED],
    )
    lines = list(delivered.select_related("order").order_by("-pk").distinct()[:AT_MOST])
    drawn = zip(lines, cycle(STAGES), cycle(WAYS), cycle(REASONS), cycle(GRADES), cycle(STAFFED), strict=False)
    now = clock.now()
    with clock.set_clock(now - timedelta(days=2)) as hands, keep_events(), acting_as("system"):
        for number, (line, stage, way, reason, grade, store) in enumerate(drawn):
            hands.move_to(now - timedelta(days=2) + number * timedelta(hours=3))
            with suppress(OmsError):
                _return(line, stage, way=way, reason=reason, grade=grade, store=store)
            drain_events()
        _return_without_order(lines)
        drain_events()


def _return(line: OrderLine, stage: str, *, way: Way, reason: str, grade: Grade, store: str) -> None:
    request = ReturnRequest(
        way=way.value,
        lines=(WantedLine(line.sku, 1, reason),),
        order=line.order.number,
        stock_point=store if way == Way.STORE else "",
    )
    returned = request_return(request=request)
    drain_events()
    if stage == "rejected":
        reject_return(return_id=returned.pk, reason="Worn")
    elif stage == "cancelled":
        cancel_return(return_id=returned.pk, reason="Kept after all")
    if stage not in ("received", "inspected", "settled"):
        return
    receive_return(return_id=returned.pk, stock_point=store, lines=[])
    if stage != "received":
        inspect_return(return_id=returned.pk, lines=[GradedUnits(line.sku, 1, grade.value)])
    if stage == "settled":
        drain_events()
        refund_return(return_id=returned.pk)


def _return_without_order(lines: list[OrderLine]) -> None:
    """Handed in without a receipt: in stock at once, its order to be found."""
    for line in lines[:1]:
        with suppress(OmsError):
            request_return(
                request=ReturnRequest(
                    way=Way.BLIND.value, lines=(WantedLine(line.sku, 1, "other"),), stock_point=STAFFED[0]
                )
            )
