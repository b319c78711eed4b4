"""News that nobody reports: a promise that will not be kept, a pickup that is about to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q

from oms.core import clock
from oms.core.today import today
from oms.integrations.models import Notification, NotificationKind
from oms.integrations.services.notifying import delay_subject, notify, reachable, tell_of_delay
from orders.models import Allocation, Fulfilment, Order
from orders.models.fulfilments import first_promised_on
from orders.states import AllocationState, FulfilmentState, Mode

AT_ONCE = 200
REMINDED_DAYS_BEFORE = 2
# Of a promise broken longer ago everybody knows.
DELAYS_TOLD_FOR_DAYS = 14
# What a store could not find may still turn up, or somebody finds another way.
LOST_TOLD_AFTER = timedelta(minutes=15)
LOST_TOLD_BEFORE = timedelta(days=1)
_ON_THEIR_WAY = (
    FulfilmentState.OFFERED,
    FulfilmentState.ACCEPTED,
    FulfilmentState.PICKING,
    FulfilmentState.PACKED,
    FulfilmentState.HANDED_OVER,
)
_WAITING = (AllocationState.BACKORDERED, AllocationState.UNFILLABLE)


def tell_delays(*, limit: int = AT_ONCE) -> int:
    """Everything that is late, or planned for later than promised: each new day once. How many were told."""
    delays = _delays(today())
    subjects = {part: delay_subject(*part, expected) for part, expected in delays.items()}
    before = _told(NotificationKind.ORDER_DELAYED, subjects.values())
    untold = [part for part, subject in sorted(subjects.items()) if subject not in before][:limit]
    orders = Order.objects.select_related("channel").in_bulk({pk for pk, _ in untold})
    return sum(
        tell_of_delay(orders[pk], promised, delays[pk, promised]) is not None for pk, promised in untold if pk in orders
    )


def tell_expiring_pickups(*, limit: int = AT_ONCE) -> int:
    """Every pickup that ends within `REMINDED_DAYS_BEFORE` days and still waits; how many were told."""
    day = today()
    waiting = Fulfilment.objects.filter(
        reachable("order"),
        state=FulfilmentState.READY_FOR_PICKUP,
        pickup__collected_at__isnull=True,
        pickup__expires_on__range=(day, day + timedelta(days=REMINDED_DAYS_BEFORE)),
    )
    kind = NotificationKind.PICKUP_EXPIRING
    subjects = {pk: f"fulfilment:{pk}" for pk in waiting.order_by("pk").values_list("pk", flat=True)}
    before = _told(kind, subjects.values())
    untold = [pk for pk, subject in subjects.items() if subject not in before][:limit]
    works = Fulfilment.objects.filter(pk__in=untold).select_related("order__channel").order_by("pk")
    return sum(notify(order=work.order, kind=kind, subject=subjects[work.pk]) is not None for work in works)


def _delays(today: date) -> dict[tuple[int, date], date | None]:
    """By order and day promised of what is late, the day on which it is expected now; None where nobody knows. Of
    what was promised for one day, what is expected last."""
    recent = today - timedelta(days=DELAYS_TOLD_FOR_DAYS)
    # No part was promised for later than its order, but what got its day only when it came: that is its work's.
    works = Fulfilment.objects.filter(
        Q(order__promised_on__gte=recent) | Q(promised_on__gte=recent),
        reachable("order"),
        state__in=_ON_THEIR_WAY,
        lead__isnull=True,
    )
    late = works.annotate(first_promised_on=first_promised_on()).filter(
        Q(first_promised_on__lt=today) | Q(promised_on__gt=F("first_promised_on")), first_promised_on__gte=recent
    )
    found: dict[tuple[int, date], date | None] = {}
    in_order = late.order_by("order_id", F("promised_on").asc(nulls_first=True))
    for order_id, promised, day in in_order.values_list("order_id", "first_promised_on", "promised_on"):
        found[order_id, promised] = day if day is not None and day >= today else None
    waiting = (
        Allocation.objects.owed()
        .with_days()
        .filter(
            Q(promised_on__lt=today) & (Q(expected_on__isnull=True) | Q(expected_on__lt=today))
            | _lost_by_a_store(today),
            reachable("line__order"),
            state__in=_WAITING,
            promised_on__gte=recent,
        )
    )
    for order_id, day in waiting.values_list("line__order_id", "promised_on"):
        if day is not None:
            found[order_id, day] = None
    return found


def _lost_by_a_store(today: date) -> Q:
    """Of slices that wait: a store was to have them ready today or tomorrow, has them not, and nothing is kept of them
    elsewhere. That is told before their customer comes; whatever has to travel may still be in time.
    """
    given_back = Allocation.objects.filter(line=OuterRef("line"), state__in=AllocationState.history())
    return Q(
        Exists(given_back),
        told_on__range=(today, today + LOST_TOLD_BEFORE),
        reservation=None,
        line__mode__in=(Mode.PICKUP, Mode.E_RESERVATION),
        changed_at__lte=clock.now() - LOST_TOLD_AFTER,
    )


def _told(kind: NotificationKind, subjects: Iterable[str]) -> set[str]:
    told = Notification.objects.filter(kind=kind, subject__in=list(subjects))
    return set(told.values_list("subject", flat=True))
