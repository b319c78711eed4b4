"""The delivery promise: every way to receive a basket, each with the plan that would be placed.

The facts, the rules and the engine are those of placing, read once for all modes: at most five queries,
a few more where something is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from oms.orchestration.baskets import Basket
from oms.orchestration.deciding import RulesInForce
from oms.orchestration.promises import WHOLE, DeliveryOption, Enquiry, Missing, Quote
from oms.orchestration.queries.facts import Gathered, facts_for
from oms.orchestration.queries.modes import modes_without_place
from oms.orchestration.queries.rule_sets import deciding
from oms.orchestration.services.choosing import choices
from oms.orchestration.services.offering import Leg, leg_of, option_of
from oms.sourcing.engine import source
from oms.sourcing.facts import CARRY_OUT, E_RESERVATION, EXPRESS, HOME, PICKUP, RELAY, SHIP_TO_STORE, SLOT
from oms.sourcing.results import SourcingResult
from stock.queries.availability import available_to_promise, level_waterfalls
from stock.queries.expected import expected_availability

DELIVERED = (HOME, EXPRESS, SLOT, RELAY)
COLLECTED = (PICKUP, SHIP_TO_STORE, E_RESERVATION)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine says of one mode; its whole basket has a place where `is_complete`."""

    gathered: Gathered
    result: SourcingResult
    rules: RulesInForce

    @property
    def is_complete(self) -> bool:
        return not self.result.unplanned

    @property
    def mode(self) -> str:
        return self.gathered.basket.mode


@dataclass(frozen=True, slots=True)
class Asked:
    """`whole`: the answers for the basket as it was asked for; `answers`: for what of it can be had now, which is
    less by the units each line is `missing`."""

    whole: list[Answer]
    answers: list[Answer]
    missing: Mapping[str, int]


def delivery_options(*, enquiry: Enquiry) -> Quote:
    """Every mode that can serve the basket, or what of it the channel has.

    Units the channel may not promise are told as `unavailable`, and the options are for the rest, as an
    order with `allow_partial` would be placed. A mode in which any remaining unit would find no place is
    not an option. Raises `UnknownCountry`.
    """
    if not baskets_of(enquiry):
        placeless, _ = facts_for([_basket(enquiry, HOME)], at=enquiry.at, read=enquiry.read)
        return _with_dates(enquiry, modes_without_place(placeless[0]), placeless[0])
    return quote_of(enquiry, answers_to(enquiry))


def _with_dates(enquiry: Enquiry, quote: Quote, gathered: Gathered) -> Quote:
    """The same, with the day on which what is missing is expected."""
    if not quote.unavailable:
        return quote
    variants = {line.key: line.variant_id for line in enquiry.lines}
    ids = {line.sku: variants[line.key] for line in gathered.facts.lines}
    coming = coming_on(enquiry, {ids[each.sku]: each.quantity for each in quote.unavailable})
    dated = (replace(each, next_available_on=coming[ids[each.sku]]) for each in quote.unavailable)
    return replace(quote, unavailable=tuple(dated))


def answers_to(enquiry: Enquiry) -> Asked:
    """What was asked of the engine for each mode, and its answers."""
    gathered, in_force = facts_for(baskets_of(enquiry), at=enquiry.at, read=enquiry.read)
    whole = _answers(gathered, in_force)
    if any(each.known.has_allotments for each in gathered) or not all(answer.is_complete for answer in whole):
        missing = _shortage(enquiry)
        if missing:
            return Asked(whole, _answers(_without(gathered, missing), in_force), missing)
    return Asked(whole, whole, {})


def baskets_of(enquiry: Enquiry) -> list[Basket]:
    """What is asked of the engine: a basket for each mode the enquiry says enough for."""
    modes: list[str] = []
    if enquiry.destination is not None:
        modes += DELIVERED
    if enquiry.pickup_point_id is not None:
        modes += COLLECTED
    if enquiry.selling_stock_point_id is not None:
        modes.append(CARRY_OUT)
    return [_basket(enquiry, mode) for mode in modes]


def _basket(enquiry: Enquiry, mode: str) -> Basket:
    return Basket(
        reference="",
        channel_id=enquiry.channel_id,
        mode=mode,
        lines=enquiry.lines,
        destination=enquiry.destination,
        pickup_point_id=enquiry.pickup_point_id if mode in COLLECTED else None,
        selling_stock_point_id=enquiry.selling_stock_point_id,
        own_units=enquiry.own_units,
        order_value=enquiry.order_value,
        tags=enquiry.tags,
        customer_class=enquiry.customer_class,
    )


def _answers(gathered: Sequence[Gathered], in_force: Sequence[RulesInForce]) -> list[Answer]:
    """Delivered modes that nothing tells apart (the same rules, the same services) are decided once."""
    known: dict[object, SourcingResult] = {}
    answers = []
    for each in gathered:
        rules = deciding(in_force, each.facts.order)
        mode = each.basket.mode
        offered = tuple(service.code for service in each.facts.network.services if mode in service.modes)
        key = (id(rules), "delivered" if mode in (HOME, SLOT, RELAY) else mode, offered)
        if key not in known:
            known[key] = source(each.facts, rules.rules)
        answers.append(Answer(each, known[key], rules))
    return answers


def _shortage(enquiry: Enquiry) -> Counter[str]:
    """By line, the units that the channel may not promise; lines of one variant are served in their order."""
    variants = sorted({line.variant_id for line in enquiry.lines})
    left = Counter(available_to_promise(channel_id=enquiry.channel_id, variant_ids=variants))
    levels = level_waterfalls(channel_id=None, keys=sorted(enquiry.own_units)) if enquiry.own_units else {}
    for key, quantity in enquiry.own_units.items():
        level = levels.get(key)
        short = 0 if level is None else max(0, level.reserved + level.unavailable - level.on_hand)
        # Less than nothing: what is about to leave the shelf otherwise.
        left[key[0]] += max(0, quantity - short) if quantity > 0 else quantity
    missing: Counter[str] = Counter()
    for line in enquiry.lines:
        had = min(line.quantity, max(left[line.variant_id], 0))
        left[line.variant_id] -= had
        missing[line.key] += line.quantity - had
    return +missing


def _without(gathered: Sequence[Gathered], missing: Mapping[str, int]) -> list[Gathered]:
    """The same questions for what can be had; none where nothing can."""
    found = []
    for each in gathered:
        if each.basket.mode == CARRY_OUT:
            found.append(each)
            continue
        cut = [replace(line, quantity=line.quantity - missing.get(line.key, 0)) for line in each.facts.lines]
        left = tuple(line for line in cut if line.quantity > 0)
        if left:
            found.append(replace(each, facts=replace(each.facts, lines=left)))
    return found


def quote_of(enquiry: Enquiry, asked: Asked) -> Quote:
    """The options among the answers, and other ways to have the basket, the best marked."""
    answers = asked.answers
    options = [option_of(enquiry, [leg]) for leg in _legs(answer for answer in answers if answer.is_complete)]
    options += choices(enquiry, asked)
    options = [option for option in options if not _is_collected_anyway(option, options)]
    least = {
        "price": min((option.price for option in options), default=None),
        "day": min((option.promised_on for option in options), default=None),
        "co2e_g": min((option.co2e_g for option in options), default=None),
    }
    return Quote(
        options=tuple(
            replace(
                option,
                is_cheapest=option.price == least["price"],
                is_fastest=option.promised_on == least["day"],
                is_greenest=option.co2e_g == least["co2e_g"],
            )
            for option in options
        ),
        unavailable=_unavailable(enquiry, asked),
        is_degraded=any(answer.result.is_degraded for answer in answers),
    )


def _is_collected_anyway(option: DeliveryOption, among: Sequence[DeliveryOption]) -> bool:
    """Nothing is sent to a store of what lies there already, where it may be collected there as it is."""
    if option.mode != SHIP_TO_STORE or any(parcel.stock_point != option.pickup_point for parcel in option.parcels):
        return False
    return any(other.mode == PICKUP and other.choice in (WHOLE, option.choice) for other in among)


def _legs(answers: Iterable[Answer]) -> Iterator[Leg]:
    """What was decided once is also worked out once."""
    known: dict[int, Leg] = {}
    for answer in answers:
        alike = known.get(id(answer.result))
        if alike is None:
            alike = known[id(answer.result)] = leg_of(answer.gathered, answer.result)
        yield alike if alike.gathered is answer.gathered else replace(alike, gathered=answer.gathered)


def _unavailable(enquiry: Enquiry, asked_for: Asked) -> tuple[Missing, ...]:
    """What was asked less what the best answer plans, by article, and when more of it is expected."""
    lines = asked_for.whole[0].gathered.facts.lines
    asked: Counter[str] = Counter()
    for line in lines:
        asked[line.sku] += line.quantity
    best: dict[str, int] = {}
    for answer in asked_for.answers:
        planned: Counter[str] = Counter()
        for parcel in answer.result.plan:
            for unit in parcel.lines:
                planned[unit.sku] += unit.quantity
        for sku in asked:
            best[sku] = max(best.get(sku, 0), planned[sku])
    missing = {sku: quantity - best.get(sku, 0) for sku, quantity in asked.items() if quantity > best.get(sku, 0)}
    if not missing:
        return ()
    variants = {line.key: line.variant_id for line in enquiry.lines}
    ids = {line.sku: variants[line.key] for line in lines if line.sku in missing}
    coming = coming_on(enquiry, {ids[sku]: quantity for sku, quantity in missing.items()})
    return tuple(Missing(sku, quantity, coming[ids[sku]]) for sku, quantity in missing.items())


def coming_on(enquiry: Enquiry, missing: Mapping[int, int]) -> dict[int, date | None]:
    """The first day by which as many units are expected as are missing, by variant; None where they never are."""
    expected = expected_availability(channel_id=enquiry.channel_id, variant_ids=missing, at=enquiry.at)
    found: dict[int, date | None] = {}
    for variant_id, quantity in missing.items():
        increments = expected[variant_id]
        units = accumulate(each.available for each in increments)
        covered = (each.available_on for each, held in zip(increments, units, strict=True) if held >= quantity)
        found[variant_id] = next(covered, None)
    return found
