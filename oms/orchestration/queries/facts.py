"""Gathering what decisions rest on: the same few queries for one basket and for hundreds.

One statement reads what is configured and counted, one for each sales channel what lies where (where there is one
channel, the same statement), and one, where there is any, what baskets reserve themselves or what lies in the shop
that sells.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from oms.core import clock
from oms.orchestration.baskets import Basket
from oms.orchestration.deciding import KnownNetwork, RulesInForce
from oms.orchestration.promises import EarlyReading
from oms.orchestration.queries.capacity import place_at
from oms.orchestration.queries.networks import known_network, last_known_network
from oms.orchestration.queries.paces import recent_sales_of
from oms.orchestration.queries.places import place_for, postcodes_to_find, require_countries
from oms.orchestration.queries.readings import PlaceKey, Reading, reading_at
from oms.orchestration.queries.rule_sets import parsed
from oms.orchestration.queries.shelves import Shelf, reading_and_shelves, shelves_for
from oms.sourcing.facts import CARRY_OUT, ChannelFacts, Exclusion, Facts, KeptParcel, LineDemand, Valuation
from stock.queries.availability import LevelKey, Waterfall, level_waterfalls

Levels = Mapping[LevelKey, Waterfall]
Shelves = Mapping[tuple[int, int], Shelf]
"""By channel and variant."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One basket's facts, with what its plan is translated back by."""

    basket: Basket
    facts: Facts
    known: KnownNetwork


def facts_for(
    baskets: Sequence[Basket], *, at: datetime | None = None, read: EarlyReading | None = None
) -> tuple[list[Gathered], tuple[RulesInForce, ...]]:
    """The facts of each basket, and the rule sets in force, all from the same reading.

    `at`: as if it were that moment, with the stock of now. `read`: of baskets of one channel, what was read of them
    already. Raises `UnknownCountry`.
    """
    now = at or (clock.now() if read is None else read.now)
    destinations = [basket.destination for basket in baskets if basket.destination is not None]
    require_countries(destinations)
    reading, networks, shelves = _read(baskets, now, postcodes_to_find(destinations), read)
    levels = _levels(baskets)
    capacity = _Capacity(reading, now)
    in_force = parsed(reading.rule_versions)
    sales = _sales(baskets, in_force)
    valuation, timezone = _valuation(), settings.TIME_ZONE
    demands = _Demands(shelves)
    gathered = []
    for basket, known in zip(baskets, networks, strict=True):
        shelf_of, lines = demands.of(basket, known.currency)
        facts = Facts(
            now=now,
            currency=known.currency,
            mode=basket.mode,
            channel=_channel(basket, known),
            lines=lines,
            network=known.network,
            available=_available(basket, known, shelf_of, levels),
            destination=place_for(basket.destination, reading.places) if basket.destination else None,
            pickup_point=known.codes.get(basket.pickup_point_id or 0),
            selling_point=known.codes.get(basket.selling_stock_point_id or 0),
            capacity_left=capacity.left(basket, known),
            excluded=_exclusions(basket, known),
            promised_on=basket.promised_on,
            order_value=basket.order_value,
            timezone=timezone,
            kept=_kept(basket, known),
            recent_sales={shelf.sku: sales.get(variant_id, {}) for variant_id, shelf in shelf_of.items() if sales},
            valuation=valuation,
            customer_class=basket.customer_class,
            ordered_at=basket.ordered_at,
        )
        gathered.append(Gathered(basket=basket, facts=facts, known=known))
    return gathered, in_force


def _sales(baskets: Iterable[Basket], in_force: Iterable[RulesInForce]) -> Mapping[int, Mapping[str, int]]:
    """Read only where some rule in force has a use for it."""
    if not any(rule.weighs_sales for each in in_force for rule in each.rules.rules):
        return {}
    return recent_sales_of({line.variant_id for basket in baskets for line in basket.lines})


def _valuation() -> Valuation:
    values = settings.SOURCING_VALUATION
    return Valuation(
        scarce_below=values["scarce_below"],
        slow_after_days=values["slow_after_days"],
        **{
            name: Decimal(values[name])
            for name in ("scarce_share", "last_unit_share", "markdown_share", "decline_cost")
        },
    )


def _named_points(basket: Basket) -> frozenset[int]:
    return frozenset(pk for pk in (basket.pickup_point_id, basket.selling_stock_point_id) if pk is not None)


def _channel(basket: Basket, known: KnownNetwork) -> ChannelFacts:
    """What is carried out of the shop comes from the shop, whether it feeds the channel or not."""
    return replace(known.channel, stock_points=None) if basket.mode == CARRY_OUT else known.channel


def _read(
    baskets: Sequence[Basket], now: datetime, postcodes: Collection[PlaceKey], read: EarlyReading | None
) -> tuple[Reading, list[KnownNetwork], Shelves]:
    """At once, where there is one channel and its network is still the one this process has used last."""
    asked: dict[int, set[int]] = defaultdict(set)
    for basket in baskets:
        asked[basket.channel_id] |= {line.variant_id for line in basket.lines}
    first = baskets[0]
    if read is not None:
        found = {(first.channel_id, variant_id): shelf for variant_id, shelf in read.shelves.items()}
        return read.reading, _networks(baskets, read.reading), found
    last = last_known_network(channel_id=first.channel_id, also=_named_points(first)) if len(asked) == 1 else None
    shelves: Mapping[int, Shelf] = {}
    if last is None:
        reading = reading_at(now, postcodes=postcodes)
    else:
        reading, shelves = reading_and_shelves(
            channel_id=first.channel_id,
            variant_ids=asked[first.channel_id],
            known=last,
            at=now,
            postcodes=postcodes,
        )
    networks = _networks(baskets, reading)
    if networks[0] is last:
        return reading, networks, {(first.channel_id, variant_id): shelf for variant_id, shelf in shelves.items()}
    return reading, networks, _shelves(asked, baskets, networks, now)


def _networks(baskets: Iterable[Basket], reading: Reading) -> list[KnownNetwork]:
    version = reading.network_version
    return [
        known_network(version=version, channel_id=basket.channel_id, also=_named_points(basket)) for basket in baskets
    ]


def _shelves(
    asked: Mapping[int, Collection[int]], baskets: Sequence[Basket], networks: Sequence[KnownNetwork], now: datetime
) -> Shelves:
    # Where else a basket is sold or collected makes no difference to what feeds its channel.
    known = {basket.channel_id: network for basket, network in zip(baskets, networks, strict=True)}
    return {
        (channel_id, variant_id): shelf
        for channel_id, variant_ids in asked.items()
        for variant_id, shelf in shelves_for(
            channel_id=channel_id, variant_ids=variant_ids, known=known[channel_id], at=now
        ).items()
    }


def _levels(baskets: Iterable[Basket]) -> Levels:
    """The levels of which more must be known than what is free for everybody."""
    keys = {key for basket in baskets for key in (*basket.own_units, *_levels_in_shop(basket))}
    return level_waterfalls(channel_id=None, keys=sorted(keys)) if keys else {}


def _levels_in_shop(basket: Basket) -> list[LevelKey]:
    if basket.mode != CARRY_OUT or basket.selling_stock_point_id is None:
        return []
    return [(line.variant_id, basket.selling_stock_point_id) for line in basket.lines]


class _Demands:
    """What the lines of a basket ask for, made once for the baskets of one enquiry, which differ by their mode."""

    def __init__(self, shelves: Mapping[tuple[int, int], Shelf]) -> None:
        self.shelves = shelves
        self.known: dict[object, tuple[dict[int, Shelf], tuple[LineDemand, ...]]] = {}

    def of(self, basket: Basket, currency: str) -> tuple[dict[int, Shelf], tuple[LineDemand, ...]]:
        """The shelf of each variant, and the lines."""
        key = (basket.channel_id, basket.lines, basket.tags)
        if key not in self.known:
            shelf_of = {line.variant_id: self.shelves[basket.channel_id, line.variant_id] for line in basket.lines}
            self.known[key] = shelf_of, _demands(basket, shelf_of, currency)
        return self.known[key]


def _demands(basket: Basket, shelf_of: Mapping[int, Shelf], currency: str) -> tuple[LineDemand, ...]:
    return tuple(
        LineDemand(
            key=line.key,
            sku=shelf_of[line.variant_id].sku,
            quantity=line.quantity,
            weight_g=shelf_of[line.variant_id].weight_g,
            category=shelf_of[line.variant_id].category,
            tags=basket.tags,
            unit_price=_price_in(currency, shelf_of[line.variant_id]),
            season_ends_on=shelf_of[line.variant_id].season_ends_on,
            sides_mm=shelf_of[line.variant_id].sides_mm,
        )
        for line in basket.lines
    )


def _price_in(currency: str, shelf: Shelf) -> Decimal:
    """0 where the article is priced in another currency: nothing is converted by guesswork."""
    return shelf.price if shelf.currency == currency else Decimal(0)


def _available(
    basket: Basket, known: KnownNetwork, shelf_of: Mapping[int, Shelf], levels: Levels
) -> dict[str, Mapping[str, int]]:
    """Units the basket may take, by SKU and stock point; what it reserves itself counts as free."""
    found = {shelf.sku: {} if basket.only_own_units else shelf.units for shelf in shelf_of.values()}
    for variant_id, point_id in _levels_in_shop(basket):
        # A seller in the shop sells to zero what lies there, whatever is kept back for whom.
        level = levels.get((variant_id, point_id))
        units = 0 if level is None or basket.only_own_units else level.free + level.protected
        found[shelf_of[variant_id].sku] = {known.codes[point_id]: max(0, units)}
    for (variant_id, point_id), reserved in basket.own_units.items():
        level = levels.get((variant_id, point_id))
        if level is None or point_id not in known.codes or variant_id not in shelf_of:
            continue
        sku, code = shelf_of[variant_id].sku, known.codes[point_id]
        units = found[sku].get(code, 0) + _backed(level, reserved)
        found[sku] = {**found[sku], code: max(0, units)}
    return found


def _backed(level: Waterfall, reserved: int) -> int:
    """Of the units an order reserves here, those that are really there: a level can be short. Below
    zero it is what the order is about to take, and counts in full."""
    if reserved < 0:
        return reserved
    short = max(0, -(level.free + level.protected))
    return max(0, reserved - short)


def _exclusions(basket: Basket, known: KnownNetwork) -> tuple[Exclusion, ...]:
    found = (each for each in basket.excluded if each.stock_point_id in known.codes)
    return tuple(Exclusion(known.codes[each.stock_point_id], each.reason, tuple(sorted(each.keys))) for each in found)


def _kept(basket: Basket, known: KnownNetwork) -> tuple[KeptParcel, ...]:
    """A point that no longer feeds the channel keeps a code nobody has: the promise cannot be kept."""
    return tuple(
        KeptParcel(known.codes.get(each.stock_point_id, ""), each.service, each.units, each.promised_on)
        for each in basket.kept
    )


class _Capacity:
    """What is left of the day and opening hour of every limited stock point, worked out once for each network."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        self.used = reading.used
        self.now = now
        self.known: dict[int, Mapping[str, int]] = {}

    def left(self, basket: Basket, known: KnownNetwork) -> Mapping[str, int]:
        """A place the order already has at a point is its own to keep, one that another part of it takes is gone."""
        if id(known) not in self.known:
            self.known[id(known)] = self._left_of(known)
        left = self.known[id(known)]
        own = {known.codes[pk]: places for pk, places in basket.own_capacity.items() if known.codes.get(pk) in left}
        return {**left, **{code: max(0, left[code] + places) for code, places in own.items()}} if own else left

    def _left_of(self, known: KnownNetwork) -> Mapping[str, int]:
        return {known.codes[pk]: self._left_at(known, pk) for pk in known.capacities.keys() | known.hourly.keys()}

    def _left_at(self, known: KnownNetwork, pk: int) -> int:
        point = known.network.by_code[known.codes[pk]]
        place = place_at(point.calendar, point.timezone, self.now, by_hour=pk in known.hourly)
        left = []
        if pk in known.capacities:
            left.append(known.capacities[pk] - self.used.get((pk, place.on, None), 0))
        if pk in known.hourly:
            left.append(known.hourly[pk] - self.used.get((pk, place.on, place.hour), 0))
        return max(0, min(left))
