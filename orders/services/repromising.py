"""A promised day that can no longer be kept: a new one by the same engine, kept beside the old, told once.

The work on time is not touched. A carrier's delay after the hand-over is no case of this: nobody here can know
the new day, and saying one would be another promise to break.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.events import emit_many
from oms.orchestration.baskets import Basket, BasketLine
from oms.orchestration.services.redating import Behind, NewDay, new_days
from orders.models import Allocation, Fulfilment, Order, OrderHold, Repromise, TimelineEntry
from orders.models.fulfilments import told_on
from orders.services.standing import destination_of_order
from orders.states import AllocationState, FulfilmentState, OrderState, RepromiseReason

AT_ONCE = 200
MOVED_TOO_OFTEN = gettext_noop("Its day has moved too often: nothing new is promised any more.")
_F = FulfilmentState
_TO_BE_HANDED_OVER = (_F.OFFERED, _F.ACCEPTED, _F.PICKING, _F.PACKED)
OPEN = (OrderState.CONFIRMED, OrderState.IN_PROGRESS, OrderState.PARTIALLY_FULFILLED)


class Part(NamedTuple):
    """What of one order is received in one way, and its customer counts on by one day."""

    mode: str
    pickup_point_id: int | None
    told_on: date


@dataclass(frozen=True)
class Found:
    """The works of one order that will not keep its day. `dates`: what those that are behind can do now."""

    works: Sequence[Fulfilment]
    dates: Mapping[int, NewDay]


def keep_promises(*, limit: int = AT_ONCE) -> int:
    """Every order whose day can no longer be kept is given a new one: how many were."""
    _call_for_help()
    works = list(works_beyond_their_promise()[:limit])
    late = [work for work in works if _is_behind(work)]
    dates = {work.pk: day for work, day in zip(late, new_days(_behind(late)), strict=True) if day is not None}
    by_order: dict[int, list[Fulfilment]] = defaultdict(list)
    for work in works:
        if work.pk in dates or not _is_behind(work):
            by_order[work.order_id].append(work)
    return _repromise({pk: Found(found, dates) for pk, found in by_order.items()}) if by_order else 0


def works_beyond_their_promise() -> QuerySet[Fulfilment]:
    """Those that should have been handed over a while ago, or are planned for later than the customer was told."""
    grace = clock.now() - timedelta(minutes=settings.PROMISE_REPLACED_AFTER_MINUTES)
    held = OrderHold.objects.filter(order_id=OuterRef("order_id"), released_at__isnull=True)
    too_often = Repromise.objects.of_moved_too_often().filter(order_id=OuterRef("order_id"))
    return (
        Fulfilment.objects.alias(told_on=told_on())
        .filter(
            Q(due_at__lt=grace) | Q(promised_on__gt=F("told_on")),
            state__in=_TO_BE_HANDED_OVER,
            lead__isnull=True,
            order__state__in=OPEN,
            order__promised_on__isnull=False,
        )
        .filter(~Exists(held), ~Exists(too_often))
        .select_related("order")
        .order_by("due_at", "pk")
    )


def _is_behind(work: Fulfilment) -> bool:
    grace = clock.now() - timedelta(minutes=settings.PROMISE_REPLACED_AFTER_MINUTES)
    return work.due_at is not None and work.due_at < grace


def _behind(works: Sequence[Fulfilment]) -> list[Behind]:
    """Their goods as baskets: two queries for all of them."""
    lines: dict[int, dict[int, int]] = defaultdict(dict)
    slices = Allocation.objects.counted().filter(fulfilment__in=works).exclude(state=AllocationState.CANCELLED)
    for work_id, variant_id, quantity in slices.values_list("fulfilment_id", "line__variant_id", "quantity"):
        lines[work_id][variant_id] = lines[work_id].get(variant_id, 0) + quantity
    return [
        Behind(
            basket=Basket(
                reference=work.order.number,
                channel_id=work.order.channel_id,
                mode=work.mode,
                lines=tuple(BasketLine(str(pk), pk, quantity) for pk, quantity in sorted(lines[work.pk].items())),
                destination=destination_of_order(work.order),
                pickup_point_id=work.pickup_point_id,
                selling_stock_point_id=work.order.selling_stock_point_id,
            ),
            stock_point_id=work.stock_point_id,
            service=work.service,
            is_prepared=work.state == _F.PACKED,
        )
        for work in works
        if lines[work.pk]
    ]


@transaction.atomic
def _repromise(found: Mapping[int, Found]) -> int:
    """Orders somebody else is busy with are left to the next look; so is work that has moved on since it was read."""
    orders = Order.objects.filter(pk__in=found).order_by("pk").select_for_update(no_key=True, skip_locked=True)
    told = []
    for order in list(orders):
        each = found[order.pk]
        fresh = {work.pk: work for work in Fulfilment.objects.locked([work.pk for work in each.works])}
        still = [work for work in each.works if _is_as_read(work, fresh.get(work.pk))]
        if not still:
            continue
        for work in still:
            if work.pk in each.dates:
                _redate(fresh[work.pk], each.dates[work.pk])
        told += _written(order, still)
    tell_new_days(told)
    return len(told)


def _is_as_read(read: Fulfilment, now: Fulfilment | None) -> bool:
    return now is not None and (read.state, read.due_at, read.promised_on) == (now.state, now.due_at, now.promised_on)


def _redate(work: Fulfilment, day: NewDay) -> None:
    told = day.milestones
    Fulfilment.objects.filter(pk=work.pk).update(
        promised_on=day.promised_on,
        ships_on=day.ships_on,
        service=day.service,
        zone=day.zone,
        begin_by=told.accept_by if told else None,
        due_at=told.hand_over_by if told else day.ready_at,
    )


def _written(order: Order, works: Sequence[Fulfilment]) -> list[Repromise]:
    reason = RepromiseReason.NOT_HANDED_OVER if any(map(_is_behind, works)) else RepromiseReason.PLANNED_LATER
    live = Fulfilment.objects.filter(order=order, state__in=_TO_BE_HANDED_OVER, lead__isnull=True)
    days: dict[Part, date] = {}
    each = live.annotate(told_on=told_on()).values_list("mode", "pickup_point_id", "told_on", "promised_on")
    for mode, pickup_point_id, told, on in each:
        if on is not None:
            part = Part(mode, pickup_point_id, told)
            days[part] = max(on, days.get(part, on))
    return new_days_of(order, days, reason)


def new_days_of(order: Order, days: Mapping[Part, date], reason: RepromiseReason) -> list[Repromise]:
    """`days`: by part, the day on which it can be had. One for each day that was told of a part that comes later; as
    part of a transaction that has locked the order, and the caller tells them."""
    assert order.promised_on is not None
    known = order.expected_on or order.promised_on
    moved = dict[tuple[date, date], None]()
    # The latest first: what is told the seventh now is not told again what those of the seventh are.
    for part, on in sorted(days.items(), key=lambda each: each[0].told_on, reverse=True):
        if on > part.told_on:
            _tell_slices(order, part, on)
            moved[part.told_on, on] = None
    latest = max((on for _, on in moved), default=known)
    if latest > known:
        Order.objects.filter(pk=order.pk).update(expected_on=latest)
    now = clock.now()
    return [Repromise(order=order, previous_on=told, expected_on=on, reason=reason, at=now) for told, on in moved]


def _tell_slices(order: Order, part: Part, on: date) -> None:
    """What of the part is still to come: what has left, or is ready, had its day."""
    slices = Allocation.objects.owed().filter(line__order=order).exclude(state=AllocationState.SHIPPED)
    own = slices.filter(line__mode=part.mode, line__pickup_point=part.pickup_point_id)
    own.told(part.told_on).update(expected_on=on)


def tell_new_days(repromises: Sequence[Repromise]) -> None:
    written = Repromise.objects.bulk_create(repromises)
    actor = current_actor()
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            order_id=each.order_id,
            at=each.at,
            event="order.repromised",
            actor=actor,
            data={"previous_on": each.previous_on.isoformat(), "expected_on": each.expected_on.isoformat()},
        )
        for each in written
    )
    emit_many("order.repromised", [{"order_id": each.order_id, "repromise_id": each.pk} for each in written])


def _call_for_help() -> None:
    """A person looks at what has moved too often and is late again."""
    late = Fulfilment.objects.filter(
        due_at__lt=clock.now(), state__in=_TO_BE_HANDED_OVER, lead__isnull=True, order__state__in=OPEN
    )
    moved = late.filter(order_id__in=Repromise.objects.of_moved_too_often())
    Order.objects.filter(pk__in=moved.values("order_id"), needs_attention="").update(needs_attention=MOVED_TOO_OFTEN)
