"""An order that asks for exactly the delivery it was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from oms.core import clock
from oms.orchestration.baskets import BasketLine, Kept
from oms.orchestration.countries import COUNTRIES
from oms.orchestration.models import Postcode
from oms.orchestration.promises import AWAITING, PART_PICKUP, DeliveryOption, Enquiry, Promise, option_document
from oms.orchestration.services.promise_tokens import promise_in
from oms.orchestration.services.promising import delivery_options
from orders.errors import PromiseBroken, PromiseExpired, PromiseMismatch
from orders.services.placements import Awaited, Demand, DemandLine
from orders.services.requests import OrderRequest, Slot
from orders.services.resolving import DELIVERED_MODES, Resolved, line_mode, line_pickup_point
from orders.states import Mode


def promise_of(request: OrderRequest, resolved: Resolved) -> Promise | None:
    """What the request's token says, also when it has expired; None without a token.

    Raises `UnreadablePromise`, and `PromiseMismatch` where something else was promised.
    """
    if not request.promise_token:
        return None
    promise = promise_in(request.promise_token)
    differing = [text for is_other, text in _comparisons(promise, request, resolved) if is_other]
    if differing:
        raise PromiseMismatch(errors={"promise_token": differing})
    return promise


def _comparisons(promise: Promise, request: OrderRequest, resolved: Resolved) -> list[tuple[bool, str]]:
    """Whether each thing differs, and how that is told. What is carried out was never promised."""
    lines = [line for line in request.lines if line_mode(request, line) != Mode.CARRY_OUT]
    units: Counter[int] = Counter()
    by_way: Counter[tuple[str, int | None, int]] = Counter()
    for line in lines:
        variant_id = resolved.articles[line.sku].pk
        units[variant_id] += line.quantity
        way = line_mode(request, line), resolved.point_id(line_pickup_point(request, line))
        by_way[*way, variant_id] += line.quantity
    promised = promise.units_by_way()
    has_other_ways = {way[:2] for way in by_way} != {way[:2] for way in promised}
    is_other_basket = units != Counter(promise.units)
    address = request.shipping_address
    goes_to = (address.country, Postcode.normalised(address.postcode)) if address else ("", "")
    is_delivered = any(mode in DELIVERED_MODES for mode, _, _ in promised)
    return [
        (promise.channel_id != resolved.channel.pk, gettext_noop("It was made on another sales channel.")),
        (
            has_other_ways or (not is_other_basket and by_way != promised),
            gettext_noop("It was made for another way to receive the goods."),
        ),
        (is_other_basket, gettext_noop("It was made for another basket.")),
        (
            is_delivered and goes_to != (promise.country, promise.postcode),
            gettext_noop("It was made for another address."),
        ),
        (
            request.shipping_price is not None and request.shipping_price != promise.price,
            gettext_noop("It was made for another shipping price."),
        ),
        (
            request.slot is not None and _begins_too_soon(promise, request.slot),
            gettext_noop("This slot is before the promised day."),
        ),
    ]


def _begins_too_soon(promise: Promise, slot: Slot) -> bool:
    """By the day of the country it goes to."""
    country = COUNTRIES.get(promise.country)
    there = ZoneInfo(country.timezone) if country else UTC
    return promise.mode == Mode.SLOT and slot.from_.astimezone(there).date() < promise.promised_from


def kept_parcels(promise: Promise, lines: Sequence[DemandLine]) -> tuple[Kept, ...]:
    """The promised parcels by line; lines of one variant are served in their order."""
    left = {line.key: line.quantity for line in lines}
    found = []
    for parcel in promise.parcels:
        way = parcel.mode, parcel.pickup_point_id
        units = [taken for held in parcel.units for taken in _dealt(*held, way, lines, left)]
        found.append(Kept(parcel.stock_point_id, parcel.service, tuple(units), parcel.promised_on))
    return tuple(found)


def promised_later(promise: Promise, lines: Sequence[DemandLine]) -> tuple[Awaited, ...]:
    """The units by line that are promised of what has still to come: what the parcels leave over."""
    left = {line.key: line.quantity for line in lines}
    for parcel in promise.parcels:
        for held in parcel.units:
            _dealt(*held, (parcel.mode, parcel.pickup_point_id), lines, left)
    return tuple(
        Awaited(key, each.variant_id, units, each.available_on, each.promised_on)
        for each in promise.later
        for key, units in _dealt(each.variant_id, each.quantity, (each.mode, each.pickup_point_id), lines, left)
    )


def _dealt(
    variant_id: int, quantity: int, way: tuple[str, int | None], lines: Sequence[DemandLine], left: dict[str, int]
) -> list[tuple[str, int]]:
    """So many units of a variant on the lines that are received that way; `left` is what each still wants."""
    found = []
    for line in lines:
        if line.variant_id == variant_id and (line.mode, line.pickup_point_id) == way:
            taken = min(quantity, left[line.key])
            if taken:
                left[line.key] -= taken
                quantity -= taken
                found.append((line.key, taken))
    return found


def require_unexpired(promise: Promise, demand: Demand) -> None:
    """Raises `PromiseExpired` with what can be promised now."""
    if promise.expires_at <= clock.now():
        raise broken_promise(PromiseExpired, promise, demand)


def broken_promise(error: type[PromiseBroken], promise: Promise, demand: Demand) -> PromiseBroken:
    """The refusal, with the best that can be promised instead: the same mode if it can still serve."""
    option = _best(promise, demand)
    return error(data={"option": None if option is None else option_document(option)})


def _best(promise: Promise, demand: Demand) -> DeliveryOption | None:
    lines = [line for line in demand.lines if line.mode != Mode.CARRY_OUT]
    enquiry = Enquiry(
        channel_id=demand.channel_id,
        lines=tuple(BasketLine(line.key, line.variant_id, line.quantity) for line in lines),
        destination=demand.destination,
        pickup_point_id=promise.pickup_point_id,
        own_units=demand.own_units,
        order_value=demand.order_value,
        customer_class=demand.customer_class,
        tags=demand.tags,
    )
    quote = delivery_options(enquiry=enquiry)
    whole = [option for option in quote.options if not quote.unavailable or option.choice in AWAITING]
    if promise.choice == PART_PICKUP:
        whole = [option for option in whole if option.choice == PART_PICKUP] or whole
    alike = [option for option in whole if option.mode == promise.mode]
    alike = [option for option in alike if option.choice == promise.choice] or alike
    return min(alike or whole, key=lambda option: (option.promised_on, option.price, option.mode), default=None)
