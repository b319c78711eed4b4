"""An order's parts as its customer sees them: parcels, pickups, and what still waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.public.lateness import behind_words, late_words
from oms.public.milestones import steps_before_work, steps_of_parcel, steps_of_pickup, steps_of_work, trouble_of
from oms.public.reading import Rows, Units, units_of
from oms.public.tracked import Delivery, Item, PickupPass, Place
from orders.models import Allocation, Fulfilment, Order, OrderLine, Parcel, Pickup
from orders.queries.qr_codes import pickup_pass, qr_svg
from orders.queries.told_days import day_promised, day_told
from orders.services.collecting import MOST_TRIES, pickup_code
from orders.states import AllocationState, FulfilmentState, OrderState, ParcelState
from orders.wording import carrier_told
from stock.models import StockPoint, Variant
from stock.queries.opening_hours import openings

_A = AllocationState
_IN_THE_CARRIERS_HANDS = (ParcelState.HANDED_OVER, ParcelState.IN_TRANSIT, ParcelState.EXCEPTION)


def deliveries_of(rows: Rows, *, now: datetime, today: date) -> tuple[Delivery, ...]:
    """What is nearest to the customer comes first within each kind; what waits comes last."""
    found: list[Delivery] = []
    for work in rows.works():
        if work.pickup_point is not None:
            found += _pickups(rows, work, now=now, today=today)
        else:
            found += _parcels(rows, work, now=now, today=today)
    return (*found, *_without_work(rows, today=today))


def items_of(lines: Sequence[OrderLine], units: Units) -> tuple[Item, ...]:
    return tuple(item_of(line.variant, units[line.pk]) for line in lines if units.get(line.pk))


def item_of(variant: Variant, quantity: int) -> Item:
    return Item(
        quantity=quantity,
        name=variant.product.name or variant.sku,
        details=" · ".join(part for part in (variant.colour, variant.size) if part),
        picture=reverse("picture", args=[variant.product.code, variant.colour]),
    )


def _kept(rows: Rows, work: Fulfilment) -> list[Allocation]:
    return [piece for piece in rows.slices if piece.fulfilment_id == work.pk and piece.state != _A.CANCELLED]


# --- Sent to the customer -------------------------------------------------------------------------


def _parcels(rows: Rows, work: Fulfilment, *, now: datetime, today: date) -> Iterable[Delivery]:
    left = units_of(_kept(rows, work))
    parcels = rows.parcels.get(work.pk, [])
    for number, parcel in enumerate(parcels, start=1):
        units: Units = {}
        for content in rows.contents.get(parcel.pk, []):
            line_id = content.allocation.line_id
            units[line_id] = units.get(line_id, 0) + content.quantity
            left[line_id] = left.get(line_id, 0) - content.quantity
        yield _parcel(rows, work, parcel, items_of(rows.lines, units), (number, len(parcels)), now=now, today=today)
    if any(quantity > 0 for quantity in left.values()):
        items = items_of(rows.lines, {line: quantity for line, quantity in left.items() if quantity > 0})
        yield _in_preparation(rows, work, items, now=now, today=today)


def _parcel(
    rows: Rows,
    work: Fulfilment,
    parcel: Parcel,
    items: tuple[Item, ...],
    place: tuple[int, int],
    *,
    now: datetime,
    today: date,
) -> Delivery:
    said, tone, icon = _parcel_words(parcel)
    has_arrived = parcel.delivered_at is not None or parcel.state == ParcelState.RETURNED_TO_SENDER
    promised = day_promised(rows.order, _kept(rows, work))
    late = "" if has_arrived else late_words(promised=promised, expected=work.promised_on, today=today)
    if not late and parcel.handed_over_at is None:
        late = behind_words(due_at=work.due_at, now=now)
    return Delivery(
        title=_("Parcel %(number)s of %(count)s") % {"number": place[0], "count": place[1]}
        if place[1] > 1
        else _("Parcel"),
        said=said,
        tone="warn" if late and tone == "info" else tone,  # type: ignore[arg-type]
        icon=icon,
        items=items,
        steps=steps_of_parcel(rows.order, work, parcel, rows.events.get(parcel.pk, [])),
        late=late,
        expected_on=None if has_arrived or tone == "danger" else _hoped_for(rows, work, today),
        slot=None if has_arrived or tone == "danger" else _slot_of(rows.order, today),
        carrier=carrier_told(parcel.carrier) if parcel.tracking_number else "",
        tracking_number=parcel.tracking_number or "",
    )


def _parcel_words(parcel: Parcel) -> tuple[str, str, str]:
    if trouble := trouble_of(parcel):
        said = {
            ParcelState.EXCEPTION: _("The carrier reports a problem with this parcel. We are looking into it."),
            ParcelState.LOST: _("The carrier has lost this parcel. We will write to you about what happens next."),
            ParcelState.RETURNED_TO_SENDER: _("It could not be delivered and comes back to us. We will write to you."),
        }.get(ParcelState(parcel.state), trouble)
        return said, "danger", "warning"
    if parcel.delivered_at is not None:
        return _("This parcel was delivered."), "ok", "check"
    if parcel.state in _IN_THE_CARRIERS_HANDS:
        return _("This parcel is on its way to you."), "info", "truck"
    return _("This parcel is packed and waits for the carrier."), "info", "box"


def _in_preparation(rows: Rows, work: Fulfilment, items: tuple[Item, ...], *, now: datetime, today: date) -> Delivery:
    promised = day_promised(rows.order, _kept(rows, work))
    late = late_words(promised=promised, expected=work.promised_on, today=today)
    late = late or behind_words(due_at=work.due_at, now=now)
    is_begun = work.state != FulfilmentState.OFFERED
    return Delivery(
        title=_("In preparation") if is_begun else _("About to be prepared"),
        said=_("These articles are being prepared for you.")
        if is_begun
        else _("These articles are put aside for you."),
        tone="warn" if late else "info",
        icon="box",
        items=items,
        steps=steps_of_work(rows.order, work),
        late=late,
        expected_on=_hoped_for(rows, work, today),
        slot=_slot_of(rows.order, today),
    )


def _slot_of(order: Order, today: date) -> tuple[datetime, datetime] | None:
    """The hours that were chosen, until their day is over."""
    return order.slot if order.slot is not None and order.slot[0].date() >= today else None


def _hoped_for(rows: Rows, work: Fulfilment, today: date) -> date | None:
    """The day it is expected on, unless that has passed: then nobody knows."""
    day = work.promised_on or rows.order.promised_on
    return day if day is not None and day >= today else None


# --- Collected in a store -------------------------------------------------------------------------


def _pickups(rows: Rows, work: Fulfilment, *, now: datetime, today: date) -> Iterable[Delivery]:
    kept = _kept(rows, work)
    if not kept:
        return
    assert work.pickup_point is not None
    point, pickup = work.pickup_point, rows.pickups.get(work.pk)
    is_waiting = work.state == FulfilmentState.READY_FOR_PICKUP
    is_collected = work.state == FulfilmentState.COMPLETED
    late = (
        ""
        if is_waiting or is_collected
        else late_words(promised=day_promised(rows.order, kept), expected=work.promised_on, today=today)
    )
    if is_collected:
        said, tone, icon = _("These articles were collected."), "ok", "check"
    elif is_waiting and pickup is not None and is_over(pickup, today):
        said, tone, icon = _("We have kept them longer than promised; they may go back on sale soon."), "warn", "clock"
    elif is_waiting:
        said, tone, icon = _("Your articles are waiting for you. Show this code at the counter."), "ok", "store"
    else:
        said, tone, icon = _("We write to you as soon as they are ready."), "warn" if late else "info", "store"
    yield Delivery(
        title=_("Pickup at %(store)s") % {"store": point.name},
        said=said,
        tone=tone,  # type: ignore[arg-type]
        icon=icon,
        items=items_of(rows.lines, units_of(kept)),
        steps=steps_of_pickup(rows.order, work, rows.parcels.get(work.pk, []), pickup),
        late=late,
        expected_on=None if is_waiting or is_collected else _hoped_for(rows, work, today),
        place=None if is_collected else _place(point),
        pickup=_pass(rows.order.number, pickup) if is_waiting and pickup is not None else None,
    )


def is_over(pickup: Pickup, today: date) -> bool:
    """Whether it has waited longer than it is kept."""
    return pickup.expires_on is not None and pickup.collected_at is None and pickup.expires_on < today


def _place(point: StockPoint) -> Place:
    where = ""
    if point.latitude is not None and point.longitude is not None:
        where = f"https://www.openstreetmap.org/?mlat={point.latitude}&mlon={point.longitude}&zoom=17"
    return Place(point.name, point.address, tuple(openings(point)), where)


def _pass(number: str, pickup: Pickup) -> PickupPass:
    code = pickup_code(pickup)
    drawn = qr_svg(pickup_pass(number, code), title=_("QR code for the counter"))
    return PickupPass(code, drawn, pickup.expires_on, is_locked=pickup.failed_tries >= MOST_TRIES)


# --- Nobody's work yet ----------------------------------------------------------------------------


def _without_work(rows: Rows, *, today: date) -> Iterable[Delivery]:
    alone: dict[tuple[date | None, date | None], list[Allocation]] = defaultdict(list)
    for piece in rows.slices:
        if piece.fulfilment_id is None:
            alone[piece.days(rows.order)].append(piece)
    for _days, pieces in sorted(alone.items(), key=lambda part: tuple(day or date.max for day in part[0])):
        yield from _part_without_work(rows, pieces, today=today)


def _part_without_work(rows: Rows, pieces: Sequence[Allocation], *, today: date) -> Iterable[Delivery]:
    """Of what was promised for one day, and told the same since."""
    promised, told = day_promised(rows.order, pieces), day_told(rows.order, pieces)
    late = late_words(promised=promised, expected=told, today=today)

    def items(*states: str) -> tuple[Item, ...]:
        return items_of(rows.lines, units_of([piece for piece in pieces if piece.state in states]))

    if taken := items(_A.COLLECTED):
        said = _("You have taken these articles along.")
        yield Delivery(_("Taken along"), said, "ok", "check", taken)
    if reserved := items(_A.RESERVED, _A.OFFERED, _A.ASSIGNED):
        said = _("These articles are put aside for you. We are choosing where they leave from.")
        if rows.order.state == OrderState.PENDING_PAYMENT:
            said = _("These articles are put aside until you have paid.")
        steps = steps_before_work(rows.order)
        tone = "warn" if late else "info"
        expected = None if late else promised
        slot = None if late else _slot_of(rows.order, today)
        yield Delivery(_("Put aside"), said, tone, "box", reserved, steps, late, expected, slot)  # type: ignore[arg-type]
    if missing := items(_A.UNFILLABLE):
        said = _("We are still looking for a place to send these articles from. We write to you if we find none.")
        yield Delivery(_("Being looked for"), said, "warn", "clock", missing, late=late)
    if awaited := items(_A.BACKORDERED):
        count = sum(item.quantity for item in awaited)
        said = ngettext(
            "This article is not in stock at the moment. We send it as soon as it comes in.",
            "These articles are not in stock at the moment. We send them as soon as they come in.",
            count,
        )
        yield Delivery(
            _("Not in stock yet"),
            said,
            "warn",
            "clock",
            awaited,
            late=late,
            expected_on=_promised_ahead(rows, told, today),
        )


def _promised_ahead(rows: Rows, day: date | None, today: date) -> date | None:
    """The day what has still to come was told to come on, unless that has passed or none was ever told of it."""
    is_told = bool((rows.order.promise or {}).get("choice"))
    return day if is_told and day is not None and day >= today else None
