"""News that nobody reports: a promise that will not be kept, a pickup that is about to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Max, Q

from oms.core import clock
from oms.integrations.models import Notification, NotificationKind
from oms.integrations.services.notifying import delay_subject, notify, reachable
from orders.models import Allocation, Fulfilment, Order
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
    expected = _expected_days(_today())
    subjects = {pk: delay_subject(pk, day) for pk, day in expected.items()}
    before = _told(NotificationKind.ORDER_DELAYED, subjects.values())
    untold = [pk for pk, subject in sorted(subjects.items()) if subject not in before][:limit]
    told = 0
    for order in Order.objects.filter(pk__in=untold).select_related("channel").order_by("pk"):
        assert order.promised_on is not None
        day = expected[order.pk]
        data = {"promised_on": order.promised_on.isoformat(), "expected_on": day.isoformat() if day else None}
        told += notify(order=order, kind=NotificationKind.ORDER_DELAYED, subject=subjects[order.pk], **data) is not None
    return told


def tell_expiring_pickups(*, limit: int = AT_ONCE) -> int:
    """Every pickup that ends within `REMINDED_DAYS_BEFORE` days and still waits; how many were told."""
    today = _today()
    waiting = Fulfilment.objects.filter(
        reachable("order"),
        state=FulfilmentState.READY_FOR_PICKUP,
        pickup__collected_at__isnull=True,
        pickup__expires_on__range=(today, today + timedelta(days=REMINDED_DAYS_BEFORE)),
    )
    kind = NotificationKind.PICKUP_EXPIRING
    subjects = {pk: f"fulfilment:{pk}" for pk in waiting.order_by("pk").values_list("pk", flat=True)}
    before = _told(kind, subjects.values())
    untold = [pk for pk, subject in subjects.items() if subject not in before][:limit]
    works = Fulfilment.objects.filter(pk__in=untold).select_related("order__channel").order_by("pk")
    return sum(notify(order=work.order, kind=kind, subject=subjects[work.pk]) is not None for work in works)


def _expected_days(today: date) -> dict[int, date | None]:
    """Late orders by id, with the day their goods are expected now; None where nobody knows."""
    recent = today - timedelta(days=DELAYS_TOLD_FOR_DAYS)
    works = Fulfilment.objects.filter(
        reachable("order"), state__in=_ON_THEIR_WAY, order__promised_on__gte=recent
    ).filter(Q(order__promised_on__lt=today) | Q(promised_on__gt=F("order__promised_on")))
    found: dict[int, date | None] = {
        order_id: day if day is not None and day >= today else None
        for order_id, day in works.values_list("order_id").annotate(Max("promised_on")).order_by("order_id")
    }
    waiting = Allocation.objects.filter(
        reachable("line__order"),
        Q(line__order__expected_on__isnull=True) | Q(line__order__expected_on__lt=today),
        state__in=_WAITING,
        line__order__promised_on__gte=recent,
        line__order__promised_on__lt=today,
    )
    return found | dict.fromkeys(waiting.values_list("line__order_id", flat=True))


def _told(kind: NotificationKind, subjects: Iterable[str]) -> set[str]:
    told = Notification.objects.filter(kind=kind, subject__in=list(subjects))
    return set(told.values_list("subject", flat=True))


def _today() -> date:
    """In the retailer's own zone."""
    return clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
