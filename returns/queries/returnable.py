"""What of an order may still come back, and why not more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, Sum

from oms.core import clock
from orders.models import Allocation, Order, OrderLine
from orders.states import AllocationState
from returns.models import ReturnPolicy
from stock.models import SalesChannel

NOT_LEFT = "not_left"
RETURNED_BEFORE = "returned_before"
WINDOW_OVER = "window_over"
CATEGORY_EXCLUDED = "category_excluded"


@dataclass(frozen=True, slots=True)
class Returnable:
    """`quantity` units of the line may be returned; `why` tells what keeps the others, or nothing does."""

    line: OrderLine
    quantity: int
    why: str


def banner_of(order: Order) -> int | None:
    """Whose policy holds: the banner of the channel it was bought through."""
    return SalesChannel.objects.values_list("banner_id", flat=True).get(pk=order.channel_id)


def returnable_lines(order: Order, policy: ReturnPolicy, *, is_exception: bool = False) -> Sequence[Returnable]:
    """Every line of the order, in its position; three queries.

    `is_exception`: window and excluded categories do not count, what has left for the customer still does.
    """
    lines = list(OrderLine.objects.filter(order=order).select_related("variant__product").order_by("position"))
    states = states_of(policy, is_exception=is_exception)
    slices = Allocation.objects.filter(line__order=order, state__in=states)
    since = _since(policy)
    arriving = Q(state=AllocationState.SHIPPED, changed_at__gte=since - timedelta(days=policy.transit_days))
    in_window = arriving | (~Q(state=AllocationState.SHIPPED) & Q(changed_at__gte=since))
    counted = (
        slices.order_by()
        .values("line_id")
        .annotate(
            gone=Sum("quantity"), fresh=Sum("quantity", filter=Q(state__in=states) if is_exception else in_window)
        )
    )
    units = {row["line_id"]: (row["gone"], row["fresh"] or 0) for row in counted}
    excluded = () if is_exception else policy.excluded_categories
    return [_returnable(line, *units.get(line.pk, (0, 0)), excluded) for line in lines]


def states_of(policy: ReturnPolicy, *, is_exception: bool) -> frozenset[str]:
    """In which states units may be given back."""
    return AllocationState.done() if is_exception else frozenset(policy.eligible_states) & AllocationState.done()


def _returnable(line: OrderLine, gone: int, fresh: int, excluded: Sequence[str]) -> Returnable:
    free = max(0, gone - line.returned_quantity)
    if line.variant.product.category in excluded:
        return Returnable(line, 0, CATEGORY_EXCLUDED)
    if not gone:
        return Returnable(line, 0, NOT_LEFT)
    if not free:
        return Returnable(line, 0, RETURNED_BEFORE)
    if fresh < free:
        return Returnable(line, fresh, WINDOW_OVER)
    return Returnable(line, free, "" if gone == line.quantity else NOT_LEFT)


def _since(policy: ReturnPolicy) -> datetime:
    """The first moment that is still within the window: its last day counts to midnight."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=policy.window_days)
