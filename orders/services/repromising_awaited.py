"""Orders that were promised what has still to come: when it comes on another day, so do they.

The new day is the one a new promise of the same units would have, by the same rules and engine; it is told as
every other new day is. Where no day is known any more (nothing is expected of it), none is invented: a person
looks at the order, and the customer is told once the promised day has passed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.orchestration.baskets import Basket, BasketLine
from oms.orchestration.promises import AWAITING
from oms.orchestration.services.redating import Awaited, AwaitedDay, days_of_awaited
from orders.models import Allocation, Order, OrderHold, Repromise
from orders.services.repromising import AT_ONCE, OPEN, Part, new_days_of, tell_new_days
from orders.services.standing import destination_of_order
from orders.states import AllocationState, RepromiseReason

NO_DAY = gettext_noop("What it was promised of what is to come has no day any more.")
_S = AllocationState
Key = tuple[str, int | None, date | None]
"""A part by mode, pickup point and the day its customer counts on; None where none was told."""


@dataclass
class Waiting:
    """What of one order has still to come, or waits for that, by part. `is_dated`: whether the day on which it comes is
    known of all of it; `on`: that day."""

    order: Order
    units: dict[Key, Counter[tuple[str, int]]] = field(default_factory=lambda: defaultdict(Counter))
    variants: dict[str, int] = field(default_factory=dict)
    on: dict[Key, date] = field(default_factory=dict)
    is_dated: bool = True

    @property
    def parts(self) -> list[Key]:
        return sorted(self.units, key=str)


def repromise_awaited(*, order_ids: Iterable[int] | None = None, limit: int = AT_ONCE) -> int:
    """A new day for those of these orders, or of all whose goods come too late, that cannot keep theirs; how many."""
    orders = _promised_ahead()
    orders = orders.filter(pk__in=list(order_ids)) if order_ids is not None else orders.filter(_is_due())
    waiting = _read(list(orders.order_by("promised_on", "pk")[:limit]), only_told=True)
    undated = [each.order.pk for each in waiting if not each.is_dated]
    Order.objects.filter(pk__in=undated, needs_attention="").update(needs_attention=NO_DAY)
    dated = [each for each in waiting if each.is_dated and each.units]
    asked = [(each, _awaited(each, part)) for each in dated for part in each.parts]
    days: dict[int, list[AwaitedDay | None]] = defaultdict(list)
    for (each, _), day in zip(asked, days_of_awaited([awaited for _, awaited in asked]), strict=True):
        days[each.order.pk].append(day)
    found = {pk: [day for day in of_order if day] for pk, of_order in days.items() if None not in of_order}
    return _write(found, {each.order.pk: each for each in dated}) if found else 0


def promise_awaited(*, order: Order) -> date | None:
    """The day on which what waits can be had, now that it goes elsewhere: told of its slices as a first promise, and
    the last of them returned. None where nothing waits, or a day is not known of all of it: then none is promised.

    As part of a transaction that has locked the order, whose slices hold no day yet."""
    (waiting,) = _read([order], only_told=False)
    parts = waiting.parts
    days = days_of_awaited([_awaited(waiting, part) for part in parts]) if waiting.is_dated else []
    found = [day.promised_on for day in days if day is not None]
    if not parts or len(found) < len(parts):
        return None
    on = max(found)
    for (mode, pickup_point_id, _), day in zip(parts, found, strict=True):
        own = _of_what_waits([order.pk]).filter(line__mode=mode, line__pickup_point=pickup_point_id)
        own.update(promised_on=on if order.consolidate else day, expected_on=None)
    if order.consolidate:
        release_by = min((day.release_by for day in days if day and day.release_by), default=None)
        Order.objects.filter(pk=order.pk).update(confirm_by=None, release_by=release_by)
    return on


def _promised_ahead() -> QuerySet[Order]:
    """Open orders whose promise reached beyond what was there, and may still be moved."""
    held = OrderHold.objects.filter(order_id=OuterRef("pk"), released_at__isnull=True)
    too_often = Repromise.objects.of_moved_too_often().filter(order_id=OuterRef("pk"))
    return (
        Order.objects.filter(state__in=OPEN, promised_on__isnull=False, promise__choice__in=sorted(AWAITING))
        .filter(~Exists(held), ~Exists(too_often))
        .select_related("channel")
    )


def _is_due() -> Q:
    """What a part waits for comes on the day the part should be with the customer, or later (also what is overdue); or
    nobody has said yet by when it has to be released."""
    waiting = Allocation.objects.filter(line__order=OuterRef("pk"), state=_S.BACKORDERED)
    comes_on = Greatest(F("reservation__expected_receipt__expected_on"), Value(clock.now().date()))
    comes_too_late = Exists(waiting.with_days().alias(comes_on=comes_on).filter(comes_on__gte=F("told_on")))
    return Q(comes_too_late) | Q(Exists(waiting), consolidate=True, release_by__isnull=True)


def _read(orders: Sequence[Order], *, only_told: bool) -> list[Waiting]:
    """One query for all of them; `only_told`: without what was never told a day; else whatever was told."""
    found = {order.pk: Waiting(order) for order in orders}
    rows = _of_what_waits(found)
    today = clock.now().date()
    for piece in rows.select_related("line", "reservation__expected_receipt").order_by("pk"):
        each, line = found[piece.line.order_id], piece.line
        promised, told = piece.days(each.order)
        if only_told and promised is None:
            continue
        receipt = piece.reservation.expected_receipt if piece.reservation else None
        point_id = receipt.stock_point_id if receipt else piece.stock_point_id
        if point_id is None:
            each.is_dated = False
            continue
        part = (line.mode, line.pickup_point_id, (told or promised) if only_told else None)
        each.units[part][str(line.pk), point_id] += piece.quantity
        each.variants[str(line.pk)] = line.variant_id
        on = max(receipt.expected_on, today) if receipt else today
        each.on[part] = max(each.on.get(part, on), on)
    return list(found.values())


def _of_what_waits(order_ids: Iterable[int]) -> QuerySet[Allocation]:
    """Nothing of an order that is sent as a whole leaves before the last of it has come."""
    return Allocation.objects.filter(line__order__in=list(order_ids), fulfilment=None).filter(
        Q(state=_S.BACKORDERED) | Q(state=_S.RESERVED, line__order__consolidate=True)
    )


def _awaited(waiting: Waiting, part: Key) -> Awaited:
    order = waiting.order
    lines: Counter[str] = Counter()
    for (key, _), quantity in waiting.units[part].items():
        lines[key] += quantity
    mode, pickup_point_id, _told = part
    return Awaited(
        basket=Basket(
            reference=order.number,
            channel_id=order.channel_id,
            mode=mode,
            lines=tuple(BasketLine(key, waiting.variants[key], units) for key, units in sorted(lines.items())),
            destination=destination_of_order(order),
            pickup_point_id=pickup_point_id,
            selling_stock_point_id=order.selling_stock_point_id,
            order_value=order.subtotal,
            customer_class=order.customer_class,
            tags=tuple(order.tags),
        ),
        units=waiting.units[part],
        # Nothing of an order that is sent as a whole leaves before the last of it has come.
        on=max(waiting.on.values()) if order.consolidate else waiting.on[part],
    )


@transaction.atomic
def _write(found: Mapping[int, Sequence[AwaitedDay]], read: Mapping[int, Waiting]) -> int:
    """Orders somebody else is busy with are left to the next look."""
    orders = Order.objects.filter(pk__in=found, state__in=OPEN).order_by("pk")
    told = []
    for order in orders.select_for_update(no_key=True, skip_locked=True):
        days = found[order.pk]
        by = min((day.release_by for day in days if day.release_by), default=None)
        if order.consolidate and by != order.release_by:
            Order.objects.filter(pk=order.pk).update(release_by=by)
        told += new_days_of(order, moved_days(read[order.pk], days), RepromiseReason.RECEIPT_LATER)
    tell_new_days(told)
    return len(told)


def moved_days(waiting: Waiting, days: Sequence[AwaitedDay]) -> dict[Part, date]:
    """By part, its new day, of those that have a later one than they were told. An order that is sent as a whole has
    one day for all of it, and counts on the last."""
    parts = [Part(mode, point, told) for mode, point, told in waiting.parts if told is not None]
    if not waiting.order.consolidate:
        return {part: day.promised_on for part, day in zip(parts, days, strict=True) if day.promised_on > part.told_on}
    on = max(day.promised_on for day in days)
    return dict.fromkeys(parts, on) if on > max(part.told_on for part in parts) else {}
