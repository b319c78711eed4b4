"""From plans to what a customer is offered, with the token by which an order keeps exactly that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from oms.core import clock
from oms.core.money import quantise
from oms.orchestration.promises import (
    WHOLE,
    DeliveryOption,
    Enquiry,
    OfferedParcel,
    OfferedUnits,
    Promise,
    PromisedParcel,
    PromisedUnits,
    WaitedFor,
)
from oms.orchestration.queries.facts import Gathered
from oms.orchestration.services.promise_tokens import token_for
from oms.sourcing import calendars
from oms.sourcing.cut_offs import cut_off_of
from oms.sourcing.facts import SLOT
from oms.sourcing.house import HouseService
from oms.sourcing.results import PlannedParcel, SourcingResult
from oms.sourcing.slots import slots_from


@dataclass(frozen=True, slots=True)
class Leg:
    """One plan for a part of the basket, received in one way. `available_on`: the day on which the goods will
    have come, where they are still expected."""

    gathered: Gathered
    result: SourcingResult
    available_on: date | None = None

    @property
    def way(self) -> tuple[str, int | None]:
        return self.gathered.basket.mode, self.gathered.basket.pickup_point_id


def option_of(
    enquiry: Enquiry,
    shown: Sequence[Leg],
    *,
    choice: str = WHOLE,
    reserved: Sequence[Leg] | None = None,
    later: Iterable[PromisedUnits] = (),
    waiting: Iterable[WaitedFor] = (),
) -> DeliveryOption:
    """What is shown of an option, the first leg's way named first.

    `reserved`: the legs whose parcels an order takes from the shelf when it is placed, where they are not those
    shown; `later`: the units it waits for, and `waiting`: as they are told.
    """
    now = [leg for leg in (shown if reserved is None else reserved) if leg.available_on is None]
    currency = shown[0].result.currency
    plan = [(leg, parcel) for leg in shown for parcel in leg.result.plan]
    cut_offs = [cut_off_of(leg.gathered.facts, parcel) for leg in now for parcel in leg.result.plan]
    cut_off_at = min((found for found in cut_offs if found is not None), default=None)
    promised_on = max(parcel.promised_on for _, parcel in plan)
    waits = reserved is not None
    kept = tuple(
        _kept(leg, parcel, promised_on if waits else parcel.promised_on) for leg in now for parcel in leg.result.plan
    )
    option = DeliveryOption(
        mode=shown[0].gathered.basket.mode,
        service=plan[0][1].service,
        pickup_point=next((leg.gathered.facts.pickup_point for leg in shown if leg.way[1] is not None), None),
        promised_from=min(parcel.promised_from or parcel.promised_on for _, parcel in plan),
        promised_on=promised_on,
        cut_off_at=cut_off_at,
        price=quantise(_price(shown), currency),
        currency=currency,
        cost=quantise(sum((parcel.expense for _, parcel in plan), Decimal(0)), currency),
        co2e_g=sum(parcel.co2e_g for _, parcel in plan),
        parcels=tuple(_parcel(leg, parcel) for leg, parcel in plan),
        is_split=len(plan) > 1,
        is_degraded=any(leg.result.is_degraded for leg in shown),
        is_cheapest=False,
        is_fastest=False,
        is_greenest=False,
        token="",
        choice=choice,
        slots=_slots(shown, promised_on),
        waiting=tuple(waiting),
    )
    return replace(option, token=token_for(_promise_of(option, enquiry, shown[0].gathered, kept, tuple(later))))


def _promise_of(
    option: DeliveryOption,
    enquiry: Enquiry,
    first: Gathered,
    kept: tuple[PromisedParcel, ...],
    later: tuple[PromisedUnits, ...],
) -> Promise:
    """What the option's token keeps."""
    destination = first.facts.destination
    return Promise(
        channel_id=enquiry.channel_id,
        mode=option.mode,
        pickup_point_id=first.basket.pickup_point_id,
        country=destination.country if destination else "",
        postcode=destination.postcode if destination else "",
        units=_units(kept, later),
        parcels=kept,
        promised_from=option.promised_from,
        promised_on=option.promised_on,
        price=option.price,
        currency=option.currency,
        expires_at=_expires_at(option.cut_off_at),
        choice=option.choice,
        later=later,
    )


def _slots(legs: Sequence[Leg], promised_on: date) -> tuple[tuple[datetime, datetime], ...]:
    """Where all of it comes by one courier who has hours."""
    facts = legs[0].gathered.facts
    codes = {parcel.service for leg in legs for parcel in leg.result.plan}
    if facts.mode != SLOT or len(codes) > 1 or facts.destination is None:
        return ()
    service = facts.network.service(codes.pop())
    if isinstance(service, HouseService) or not service.slots:
        return ()
    return tuple(slots_from(service, promised_on, calendars.zone(facts.destination.timezone)))


def _price(legs: Sequence[Leg]) -> Decimal:
    """As an order is priced: once for each way of receiving the goods."""
    dearest: dict[tuple[str, int | None], Decimal] = {}
    for leg in legs:
        for parcel in leg.result.plan:
            dearest[leg.way] = max(dearest.get(leg.way, Decimal(0)), parcel.price)
    return sum(dearest.values(), Decimal(0))


def _kept(leg: Leg, parcel: PlannedParcel, promised_on: date) -> PromisedParcel:
    return PromisedParcel(
        leg.gathered.known.ids[parcel.stock_point],
        parcel.service,
        tuple((variant_id, quantity) for variant_id, _, quantity in _articles(leg, parcel)),
        promised_on,
        *leg.way,
    )


def _articles(leg: Leg, parcel: PlannedParcel) -> list[tuple[int, str, int]]:
    """Variant, SKU and units of each article in the parcel, its lines added up."""
    variants = {line.key: line.variant_id for line in leg.gathered.basket.lines}
    units: dict[int, int] = {}
    skus: dict[int, str] = {}
    for line in parcel.lines:
        variant_id = variants[line.line]
        units[variant_id] = units.get(variant_id, 0) + line.quantity
        skus[variant_id] = line.sku
    return [(variant_id, skus[variant_id], quantity) for variant_id, quantity in units.items()]


def _parcel(leg: Leg, parcel: PlannedParcel) -> OfferedParcel:
    return OfferedParcel(
        stock_point_id=leg.gathered.known.ids[parcel.stock_point],
        stock_point=parcel.stock_point,
        service=parcel.service,
        lines=tuple(OfferedUnits(*article) for article in _articles(leg, parcel)),
        ships_on=parcel.ships_on,
        promised_on=parcel.promised_on,
        mode=leg.way[0],
        available_on=leg.available_on,
    )


def _units(parcels: Iterable[PromisedParcel], later: Iterable[PromisedUnits]) -> dict[int, int]:
    units: Counter[int] = Counter()
    for parcel in parcels:
        for variant_id, quantity in parcel.units:
            units[variant_id] += quantity
    for each in later:
        units[each.variant_id] += each.quantity
    return dict(units)


def _expires_at(cut_off_at: datetime | None) -> datetime:
    """A token outlives neither its half hour nor its cut-off."""
    limit = clock.now() + timedelta(minutes=settings.PROMISE_KEPT_MINUTES)
    return limit if cut_off_at is None else min(limit, cut_off_at + timedelta(minutes=1))
