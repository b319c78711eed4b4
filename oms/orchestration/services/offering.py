"""From plans to what a customer is offered, with the token by which an order keeps exactly that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
class Contents:
    """What a plan comes to, in whichever way it is received. `articles`: of each parcel (`_articles`)."""

    articles: tuple[list[tuple[int, str, int]], ...]
    cut_off_at: datetime | None
    promised_from: date
    promised_on: date
    price: Decimal
    expense: Decimal
    co2e_g: int


@dataclass(frozen=True, slots=True)
class Leg:
    """One plan for a part of the basket, received in one way. `available_on`: the day on which the goods will
    have come, where they are still expected."""

    gathered: Gathered
    result: SourcingResult
    contents: Contents
    available_on: date | None = None

    @property
    def way(self) -> tuple[str, int | None]:
        return self.gathered.basket.mode, self.gathered.basket.pickup_point_id

    @property
    def parcels(self) -> Iterator[tuple[PlannedParcel, list[tuple[int, str, int]]]]:
        return zip(self.result.plan, self.contents.articles, strict=True)


def leg_of(gathered: Gathered, result: SourcingResult, available_on: date | None = None) -> Leg:
    """Of a plan that has parcels."""
    cut_offs = [cut_off_of(gathered.facts, parcel) for parcel in result.plan]
    contents = Contents(
        articles=tuple(_articles(gathered, parcel) for parcel in result.plan),
        cut_off_at=min((found for found in cut_offs if found is not None), default=None),
        promised_from=min(parcel.promised_from or parcel.promised_on for parcel in result.plan),
        promised_on=max(parcel.promised_on for parcel in result.plan),
        price=max(parcel.price for parcel in result.plan),
        expense=sum((parcel.expense for parcel in result.plan), Decimal(0)),
        co2e_g=sum(parcel.co2e_g for parcel in result.plan),
    )
    return Leg(gathered, result, contents, available_on)


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
    cut_offs = [leg.contents.cut_off_at for leg in now if leg.contents.cut_off_at is not None]
    cut_off_at = min(cut_offs, default=None)
    promised_on = max(leg.contents.promised_on for leg in shown)
    kept = tuple(each for leg in now for each in _kept(leg, promised_on if reserved is not None else None))
    parcels = tuple(parcel for leg in shown for parcel in _parcels(leg))
    promise = _promise_of(enquiry, shown, kept, tuple(later), choice=choice, expires_at=_expires_at(cut_off_at))
    return DeliveryOption(
        mode=promise.mode,
        service=parcels[0].service,
        pickup_point=next((leg.gathered.facts.pickup_point for leg in shown if leg.way[1] is not None), None),
        promised_from=promise.promised_from,
        promised_on=promise.promised_on,
        cut_off_at=cut_off_at,
        price=promise.price,
        currency=promise.currency,
        cost=quantise(sum((leg.contents.expense for leg in shown), Decimal(0)), promise.currency),
        co2e_g=sum(leg.contents.co2e_g for leg in shown),
        parcels=parcels,
        is_split=len(parcels) > 1,
        is_degraded=any(leg.result.is_degraded for leg in shown),
        is_cheapest=False,
        is_fastest=False,
        is_greenest=False,
        token=token_for(promise),
        choice=choice,
        slots=_slots(shown, promised_on),
        waiting=tuple(waiting),
    )


def _promise_of(
    enquiry: Enquiry,
    shown: Sequence[Leg],
    kept: tuple[PromisedParcel, ...],
    later: tuple[PromisedUnits, ...],
    *,
    choice: str,
    expires_at: datetime,
) -> Promise:
    """What its token holds."""
    first, facts = shown[0], shown[0].gathered.facts
    return Promise(
        channel_id=enquiry.channel_id,
        mode=first.gathered.basket.mode,
        pickup_point_id=first.gathered.basket.pickup_point_id,
        country=facts.destination.country if facts.destination else "",
        postcode=facts.destination.postcode if facts.destination else "",
        units=_units(kept, later),
        parcels=kept,
        promised_from=min(leg.contents.promised_from for leg in shown),
        promised_on=max(leg.contents.promised_on for leg in shown),
        price=quantise(_price(shown), first.result.currency),
        currency=first.result.currency,
        expires_at=expires_at,
        choice=choice,
        later=later,
    )


def _slots(legs: Sequence[Leg], promised_on: date) -> tuple[tuple[datetime, datetime], ...]:
    """Where all of it comes by one courier who has hours."""
    facts = legs[0].gathered.facts
    if facts.mode != SLOT or facts.destination is None:
        return ()
    codes = {parcel.service for leg in legs for parcel in leg.result.plan}
    if len(codes) > 1:
        return ()
    service = facts.network.service(codes.pop())
    if isinstance(service, HouseService) or not service.slots:
        return ()
    return tuple(slots_from(service, promised_on, calendars.zone(facts.destination.timezone)))


def _price(legs: Sequence[Leg]) -> Decimal:
    """As an order is priced: once for each way of receiving the goods."""
    dearest: dict[tuple[str, int | None], Decimal] = {}
    for leg in legs:
        dearest[leg.way] = max(dearest.get(leg.way, Decimal(0)), leg.contents.price)
    return sum(dearest.values(), Decimal(0))


def _kept(leg: Leg, promised_on: date | None) -> Iterator[PromisedParcel]:
    """`promised_on`: the day of all of it, None where each parcel has its own."""
    ids, way = leg.gathered.known.ids, leg.way
    for parcel, articles in leg.parcels:
        units = tuple((variant_id, quantity) for variant_id, _, quantity in articles)
        yield PromisedParcel(ids[parcel.stock_point], parcel.service, units, promised_on or parcel.promised_on, *way)


def _parcels(leg: Leg) -> Iterator[OfferedParcel]:
    ids, mode = leg.gathered.known.ids, leg.way[0]
    for parcel, articles in leg.parcels:
        yield OfferedParcel(
            stock_point_id=ids[parcel.stock_point],
            stock_point=parcel.stock_point,
            service=parcel.service,
            lines=tuple(OfferedUnits(*article) for article in articles),
            ships_on=parcel.ships_on,
            promised_on=parcel.promised_on,
            mode=mode,
            available_on=leg.available_on,
        )


def _articles(gathered: Gathered, parcel: PlannedParcel) -> list[tuple[int, str, int]]:
    """Variant, SKU and units of each article in the parcel, its lines added up."""
    variants = {line.key: line.variant_id for line in gathered.basket.lines}
    units: dict[int, int] = {}
    skus: dict[int, str] = {}
    for line in parcel.lines:
        variant_id = variants[line.line]
        units[variant_id] = units.get(variant_id, 0) + line.quantity
        skus[variant_id] = line.sku
    return [(variant_id, skus[variant_id], quantity) for variant_id, quantity in units.items()]


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
