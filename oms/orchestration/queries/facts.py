"""Gathering what decisions rest on: the same few queries for one basket and for hundreds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings

from oms.core import clock
from oms.orchestration.baskets import Basket, Destination
from oms.orchestration.deciding import KnownNetwork
from oms.orchestration.queries.capacity import local_day, used_capacity
from oms.orchestration.queries.networks import known_network
from oms.orchestration.queries.places import places_for
from oms.sourcing.facts import CARRY_OUT, Exclusion, Facts, LineDemand
from oms.sourcing.facts import Destination as Place
from stock.models import Variant
from stock.queries.availability import LevelKey, Waterfall, available_by_point, level_waterfalls
from stock.queries.network import network_version

Shelf = dict[int, Waterfall]


@dataclass(frozen=True, slots=True)
class Gathered:
    """One basket's facts, with what its plan is translated back by."""

    basket: Basket
    facts: Facts
    known: KnownNetwork


@dataclass(frozen=True, slots=True)
class _Article:
    sku: str
    weight_g: int
    category: str


def facts_for(baskets: Sequence[Basket]) -> list[Gathered]:
    """The facts of each basket at this moment, all baskets from the same reading.

    Queries: the network's version, articles, postcodes, capacity used, what lies in the selling shop
    (each where asked for), and availability once for each sales channel.
    """
    now = clock.now()
    version = network_version()
    networks = [
        known_network(version=version, channel_id=basket.channel_id, also=_named_points(basket)) for basket in baskets
    ]
    articles = _articles({line.variant_id for basket in baskets for line in basket.lines})
    places = places_for(basket.destination for basket in baskets if basket.destination is not None)
    shelves = _shelves(baskets)
    capacity = _Capacity(networks, now)
    return [
        Gathered(
            basket=basket,
            known=known,
            facts=Facts(
                now=now,
                currency=known.currency,
                mode=basket.mode,
                channel=known.channel,
                lines=_demands(basket, articles),
                network=known.network,
                available=_available(basket, known, articles, shelves),
                destination=_place(basket, places),
                pickup_point=known.codes.get(basket.pickup_point_id or 0),
                selling_point=known.codes.get(basket.selling_stock_point_id or 0),
                capacity_left=capacity.left(basket, known),
                excluded=_exclusions(basket, known),
                promised_on=basket.promised_on,
                order_value=basket.order_value,
                timezone=settings.TIME_ZONE,
            ),
        )
        for basket, known in zip(baskets, networks, strict=True)
    ]


def _named_points(basket: Basket) -> frozenset[int]:
    return frozenset(pk for pk in (basket.pickup_point_id, basket.selling_stock_point_id) if pk is not None)


def _is_in_shop(basket: Basket) -> bool:
    """A seller in the shop sells to zero what lies there, whatever is kept back for whom."""
    return basket.mode == CARRY_OUT


def _articles(ids: set[int]) -> dict[int, _Article]:
    rows = Variant.objects.filter(pk__in=ids).values_list("pk", "sku", "weight_g", "product__category")
    return {pk: _Article(sku, weight_g, category) for pk, sku, weight_g, category in rows}


def _demands(basket: Basket, articles: Mapping[int, _Article]) -> tuple[LineDemand, ...]:
    return tuple(
        LineDemand(
            key=line.key,
            sku=articles[line.variant_id].sku,
            quantity=line.quantity,
            weight_g=articles[line.variant_id].weight_g,
            category=articles[line.variant_id].category,
            tags=basket.tags,
        )
        for line in basket.lines
    )


def _shelves(baskets: Iterable[Basket]) -> dict[tuple[int | None, int], Shelf]:
    """By channel (None: in the shop, where nothing is kept back) and variant."""
    asked: dict[int, set[int]] = defaultdict(set)
    in_shop: set[LevelKey] = set()
    for basket in baskets:
        variants = {line.variant_id for line in basket.lines}
        if not _is_in_shop(basket):
            asked[basket.channel_id] |= variants
        elif basket.selling_stock_point_id is not None:
            in_shop |= {(variant_id, basket.selling_stock_point_id) for variant_id in variants}
    found: dict[tuple[int | None, int], Shelf] = defaultdict(dict)
    for channel_id, variant_ids in asked.items():
        for (variant_id, point_id), level in available_by_point(channel_id=channel_id, variant_ids=variant_ids).items():
            found[channel_id, variant_id][point_id] = level
    for (variant_id, point_id), level in _unprotected(in_shop):
        found[None, variant_id][point_id] = level
    return found


def _unprotected(keys: set[LevelKey]) -> Iterable[tuple[LevelKey, Waterfall]]:
    if not keys:
        return ()
    levels = level_waterfalls(channel_id=None, keys=sorted(keys))
    return ((key, replace(level, protected=0)) for key, level in levels.items())


def _available(
    basket: Basket,
    known: KnownNetwork,
    articles: Mapping[int, _Article],
    shelves: Mapping[tuple[int | None, int], Shelf],
) -> dict[str, dict[str, int]]:
    """Units the basket may take, by SKU and stock point; what it reserves itself counts as free."""
    channel_id = None if _is_in_shop(basket) else basket.channel_id
    codes = known.codes
    found: dict[str, dict[str, int]] = {}
    for variant_id in {line.variant_id for line in basket.lines}:
        shelf = shelves.get((channel_id, variant_id), {})
        units: dict[str, int] = {}
        if not basket.only_own_units:
            free = ((pk, level.free) for pk, level in shelf.items() if pk in codes)
            units = {codes[pk]: quantity for pk, quantity in free if quantity > 0}
        for (own_variant_id, pk), reserved in basket.own_units.items():
            if own_variant_id == variant_id and pk in codes and pk in shelf:
                units[codes[pk]] = max(0, units.get(codes[pk], 0) + _backed(shelf[pk], reserved))
        found[articles[variant_id].sku] = units
    return found


def _backed(level: Waterfall, reserved: int) -> int:
    """Of the units an order reserves here, those that are really there: a level can be short. Below
    zero it is what the order is about to take, and counts in full."""
    if reserved < 0:
        return reserved
    short = max(0, -(level.on_hand - level.reserved - level.unavailable))
    return max(0, reserved - short)


def _place(basket: Basket, places: Mapping[Destination, Place]) -> Place | None:
    return None if basket.destination is None else places[basket.destination]


def _exclusions(basket: Basket, known: KnownNetwork) -> tuple[Exclusion, ...]:
    found = (each for each in basket.excluded if each.stock_point_id in known.codes)
    return tuple(Exclusion(known.codes[each.stock_point_id], each.reason, tuple(sorted(each.keys))) for each in found)


class _Capacity:
    """What is left of the day of every limited stock point, read once."""

    def __init__(self, networks: Iterable[KnownNetwork], now: datetime) -> None:
        days: dict[int, date] = {}
        for known in {id(known): known for known in networks}.values():
            days |= {pk: local_day(now, known.timezones[pk]) for pk in known.capacities}
        self.used = used_capacity(days) if days else {}

    def left(self, basket: Basket, known: KnownNetwork) -> dict[str, int]:
        """A place the order already has at a point is its own to keep."""
        return {
            known.codes[pk]: max(0, capacity - self.used.get(pk, 0)) + (pk in basket.own_capacity)
            for pk, capacity in known.capacities.items()
        }
