"""Other ways to receive a basket of several articles, beside the plan the rules make of it in each mode.

    together        everything in one parcel, where the plan has several
    part_pickup     what lies in the shop is collected there, the rest is delivered
    now_and_later   what is there now, the rest when it has come (on a channel of back-orders also where nobody
                    knows when that is: then the day is that of what is there)
    when_complete   everything in one go, when the rest has come

Each is planned by the same rules and engine. What is expected counts as there from the end of its day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from oms.orchestration.promises import (
    NOW_AND_LATER,
    PART_PICKUP,
    TOGETHER,
    WHEN_COMPLETE,
    DeliveryOption,
    Enquiry,
    PromisedUnits,
    WaitedFor,
)
from oms.orchestration.services.offering import Leg, leg_of, option_of
from oms.sourcing import calendars
from oms.sourcing.engine import source
from oms.sourcing.facts import EXPRESS, HOME, PICKUP, SHIP_TO_STORE, Facts, LineDemand
from stock.queries.expected import Expected, expected_by_stock_point

if TYPE_CHECKING:
    from oms.orchestration.services.promising import Answer, Asked

# Modes that are told with and without what has still to come; slots and relay points travel as home does.
AWAITED = (HOME, EXPRESS, PICKUP, SHIP_TO_STORE)


def choices(enquiry: Enquiry, asked: Asked) -> list[DeliveryOption]:
    """Beside the plans themselves; none of them twice."""
    found = list(_together(enquiry, asked.answers))
    found += _awaiting(enquiry, asked) if asked.missing else _part_pickup(enquiry, asked.answers)
    return found


def _together(enquiry: Enquiry, answers: Sequence[Answer]) -> Iterator[DeliveryOption]:
    for answer in answers:
        if answer.mode not in AWAITED or not answer.is_complete or len(answer.result.plan) < 2:
            continue
        one_parcel = tuple(replace(rule, max_parcels=1) for rule in answer.rules.rules.rules)
        result = source(answer.gathered.facts, replace(answer.rules.rules, rules=one_parcel))
        if result.plan and not result.unplanned:
            yield option_of(enquiry, [leg_of(answer.gathered, result)], choice=TOGETHER)


def _part_pickup(enquiry: Enquiry, answers: Sequence[Answer]) -> Iterator[DeliveryOption]:
    by_mode = {answer.mode: answer for answer in answers}
    home, pickup = by_mode.get(HOME), by_mode.get(PICKUP)
    if home is None or pickup is None or pickup.is_complete or len(enquiry.lines) < 2:
        return
    facts = pickup.gathered.facts
    wanted: Counter[str] = Counter()
    for line in facts.lines:
        wanted[line.sku] += line.quantity
    here = {sku for sku in wanted if facts.available.get(sku, {}).get(facts.pickup_point or "", 0) >= wanted[sku]}
    if not here or len(here) == len(wanted):
        return
    parts = [
        (home, [line for line in home.gathered.facts.lines if line.sku not in here]),
        (pickup, [line for line in facts.lines if line.sku in here]),
    ]
    legs = [_planned(answer, replace(answer.gathered.facts, lines=tuple(lines))) for answer, lines in parts]
    found = [leg for leg in legs if leg is not None]
    if len(found) == len(parts):
        yield option_of(enquiry, found, choice=PART_PICKUP)


def _planned(answer: Answer, facts: Facts, available_on: date | None = None) -> Leg | None:
    """None where not every unit has a place."""
    result = source(facts, answer.rules.rules)
    if not result.plan or result.unplanned:
        return None
    return leg_of(replace(answer.gathered, facts=facts), result, available_on)


@dataclass(frozen=True)
class _Coming:
    """What is missing and will have come by a day: units by SKU and stock point and by variant, lines, the moment."""

    on: date
    at: datetime
    units: Mapping[str, Mapping[str, int]]
    lines: tuple[LineDemand, ...]
    units_by_variant: Mapping[int, int]


def _awaiting(enquiry: Enquiry, asked: Asked) -> Iterator[DeliveryOption]:
    whole = [answer for answer in asked.whole if answer.mode in AWAITED]
    if not whole or not whole[0].gathered.known.promises_expected:
        return
    coming = _coming(enquiry, whole[0], asked.missing)
    if coming is None:
        yield from _undated(enquiry, asked, whole)
        return
    waiting = _told(asked.missing, whole[0].gathered.facts, coming.on)
    there = {answer.mode: answer for answer in asked.answers}
    for answer in whole:
        had = there.get(answer.mode)
        if had and not had.is_complete:
            continue
        now = [leg_of(had.gathered, had.result)] if had else []
        facts = replace(
            answer.gathered.facts, now=coming.at, lines=coming.lines, available=coming.units, capacity_left={}
        )
        rest = _planned(answer, facts, coming.on)
        if rest is None:
            continue
        yield option_of(enquiry, [*now, rest], choice=NOW_AND_LATER, later=_later(coming, rest), waiting=waiting)
        if had:
            at_once = _planned(answer, _held_together(had, facts, answer.gathered.facts.lines), coming.on)
            if at_once is not None:
                later = [replace(each, promised_on=at_once.contents.promised_on) for each in _later(coming, at_once)]
                yield option_of(enquiry, [at_once], choice=WHEN_COMPLETE, reserved=now, later=later, waiting=waiting)


def _later(coming: _Coming, leg: Leg) -> list[PromisedUnits]:
    """What has still to come, with the way it is received and the day on which the last of its parcels is."""
    days = {variant_id: parcel.promised_on for parcel, articles in leg.parcels for variant_id, _, _ in articles}
    for parcel, articles in leg.parcels:
        for variant_id, _, _ in articles:
            days[variant_id] = max(days[variant_id], parcel.promised_on)
    mode, pickup_point_id = leg.way
    return [
        PromisedUnits(variant_id, units, coming.on, days[variant_id], mode, pickup_point_id)
        for variant_id, units in coming.units_by_variant.items()
    ]


def _undated(enquiry: Enquiry, asked: Asked, whole: Sequence[Answer]) -> Iterator[DeliveryOption]:
    """What is there now is kept; for the rest nobody can tell a day, and none is promised."""
    if not whole[0].gathered.known.backorders:
        return
    variants = {line.key: line.variant_id for line in enquiry.lines}
    wanted: Counter[int] = Counter()
    for key, quantity in asked.missing.items():
        wanted[variants[key]] += quantity
    waiting = _told(asked.missing, whole[0].gathered.facts, None)
    for had in asked.answers:
        if had.mode in AWAITED and had.is_complete:
            now = leg_of(had.gathered, had.result)
            later = [PromisedUnits(pk, units, None, None, *now.way) for pk, units in wanted.items()]
            yield option_of(enquiry, [now], choice=NOW_AND_LATER, later=later, waiting=waiting)


def _told(missing: Mapping[str, int], facts: Facts, on: date | None) -> tuple[WaitedFor, ...]:
    """By article."""
    units: Counter[str] = Counter()
    for line in facts.lines:
        units[line.sku] += missing.get(line.key, 0)
    return tuple(WaitedFor(sku, quantity, on) for sku, quantity in (+units).items())


def _held_together(answer: Answer, later: Facts, lines: tuple[LineDemand, ...]) -> Facts:
    """The whole basket on the later day, from nothing but what is kept for it and what has come."""
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for sku, points in later.available.items():
        units[sku].update(points)
    for parcel in answer.result.plan:
        for line in parcel.lines:
            units[line.sku][parcel.stock_point] += line.quantity
    return replace(later, lines=lines, available=units)


def _coming(enquiry: Enquiry, answer: Answer, missing: Mapping[str, int]) -> _Coming | None:
    """None where not all of it is expected. Receipts are taken the earliest first, as an order takes them."""
    variants = {line.key: line.variant_id for line in enquiry.lines}
    wanted: Counter[int] = Counter()
    for key, quantity in missing.items():
        wanted[variants[key]] += quantity
    expected = expected_by_stock_point(channel_id=enquiry.channel_id, variant_ids=wanted, at=enquiry.at)
    known = answer.gathered.known
    taken: list[tuple[Expected, int]] = []
    for variant_id, quantity in wanted.items():
        left = quantity
        for receipt in expected[variant_id]:
            units = min(left, receipt.available) if receipt.stock_point_id in known.codes else 0
            if units:
                taken.append((receipt, units))
                left -= units
        if left:
            return None
    demanded = {line.key: line for line in answer.gathered.facts.lines}
    skus = {variants[key]: line.sku for key, line in demanded.items()}
    units_of: dict[str, Counter[str]] = defaultdict(Counter)
    for receipt, units in taken:
        units_of[skus[receipt.variant_id]][known.codes[receipt.stock_point_id]] += units
    on = max(receipt.available_on for receipt, _ in taken)
    zones = {calendars.zone(known.timezones[receipt.stock_point_id]) for receipt, _ in taken}
    return _Coming(
        on=on,
        at=max(calendars.wall_clock(on + timedelta(days=1), 0, zone) for zone in zones),
        units=units_of,
        lines=tuple(replace(demanded[key], quantity=quantity) for key, quantity in missing.items()),
        units_by_variant=wanted,
    )
