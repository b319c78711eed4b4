"""News that nobody reports: a promise that will not be kept, a pickup that is about to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from oms.core.today import today
from oms.integrations.models import Notification, NotificationKind
from oms.integrations.services.notifying import delay_subject, notify, reachable, tell_of_delay
from orders.models import Allocation, Fulfilment, Order
from orders.models.fulfilments import first_promised_on
from orders.states import AllocationState, FulfilmentState

AT_ONCE = 200
REMINDED_DAYS_BEFORE = 2
# Of a promise broken longer ago everybody knows.
DELAYS_TOLD_FOR_DAYS = 14
_ON_THEIR_WAY = (
    FulfilmentState.OFFERED,
    FulfilmentState.ACCEPTED,
    FulfilmentState.PICKING,
    FulfilmentState.PACKED,
    FulfilmentState.HANDED_OVER,
)
_WAITING = (AllocationState.BACKORDERED, AllocationState.UNFILLABLE)


def tell_delays(*, limit: int = AT_ONCE) -> int:
    """Every order that is late, or planned for later than promised: each new day once. How many were told."""
    delays = _delays(today())
    subjects = {pk: delay_subject(pk, expected) for pk, (_, expected) in delays.items()}
    before = _told(NotificationKind.ORDER_DELAYED, subjects.values())
    untold = [pk for pk, subject in sorted(subjects.items()) if subject not in before][:limit]
    told = 0
    for order in Order.objects.filter(pk__in=untold).select_related("channel").order_by("pk"):
        told += tell_of_delay(order, *delays[order.pk]) is not None
    return told


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


def _delays(today: date) -> dict[int, tuple[date, date | None]]:
    """Late orders by id, with the day that was promised and the one on which the goods are expected now; None where
    nobody knows. Where several parts are late, the one expected last."""
    recent = today - timedelta(days=DELAYS_TOLD_FOR_DAYS)
    works = Fulfilment.objects.annotate(first_promised_on=first_promised_on()).filter(
        Q(first_promised_on__lt=today) | Q(promised_on__gt=F("first_promised_on")),
        reachable("order"),
        state__in=_ON_THEIR_WAY,
        first_promised_on__gte=recent,
    )
    found: dict[int, tuple[date, date | None]] = {}
    late = works.order_by("order_id", F("promised_on").asc(nulls_first=True))
    for order_id, promised, day in late.values_list("order_id", "first_promised_on", "promised_on"):
        found[order_id] = promised, day if day is not None and day >= today else None
    waiting = (
        Allocation.objects.late()
        .alias(told_on=Coalesce("expected_on", "line__order__expected_on"))
        .annotate(day=Coalesce("promised_on", "line__order__promised_on"))
        .filter(Q(told_on__isnull=True) | Q(told_on__lt=today), reachable("line__order"), state__in=_WAITING)
        .filter(day__gte=recent)
    )
    for order_id, promised in waiting.order_by("line__order_id", "day").values_list("line__order_id", "day"):
        found[order_id] = promised, None
    return found


def _told(kind: NotificationKind, subjects: Iterable[str]) -> set[str]:
    told = Notification.objects.filter(kind=kind, subject__in=list(subjects))
    return set(told.values_list("subject", flat=True))
