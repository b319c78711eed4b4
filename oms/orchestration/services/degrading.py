"""A promise while the database is slow: the same answer without the stock, wider and later, and marked as such.

Only what is read for every promise may be missing: where units lie. The network is the one this process knows
last, the weights are read again, briefly. Whichever stock point serves the order in the end, it comes within the
days told here; which one it is, nobody can say, so there is no plan and no token to keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings

from oms.core import clock
from oms.core.errors import TooSlow
from oms.core.money import quantise
from oms.core.patience import at_most, reading_at_most
from oms.core.prepared import prepared_cursor
from oms.orchestration.baskets import Basket
from oms.orchestration.deciding import KnownNetwork
from oms.orchestration.promises import DeliveryOption, Enquiry, Quote
from oms.orchestration.queries.networks import known_network, last_known_network
from oms.orchestration.queries.places import place_for, postcodes_to_find
from oms.orchestration.queries.readings import reading_at
from oms.orchestration.services.promising import COLLECTED, baskets_of, delivery_options
from oms.sourcing.facts import CARRY_OUT, Facts, LineDemand
from oms.sourcing.widest import WidestPromise, widest_promise

_ARTICLES = "SELECT id, sku, weight_g FROM stock_variant WHERE id = ANY(%(ids)s::bigint[])"


def promise_in_time(enquiry_of: Callable[[bool], Enquiry]) -> Quote:
    """The answer of `delivery_options`, or the degraded one where a statement takes longer than it may.

    `enquiry_of` reads what is asked, under the same limit; told to, together with what the answer rests on. Raises
    `TooSlow` where not even what is asked can be read.
    """
    enquiry: Enquiry | None = None
    try:
        with reading_at_most(settings.PROMISE_STATEMENT_MS):
            enquiry = enquiry_of(True)
            return delivery_options(enquiry=enquiry)
    except TooSlow:
        if enquiry is None:
            with reading_at_most(settings.PROMISE_STATEMENT_MS):
                enquiry = enquiry_of(False)
        return degraded_quote(enquiry)


def degraded_quote(enquiry: Enquiry) -> Quote:
    """Every mode the network could serve the basket by, without a plan. Raises `TooSlow` where nothing is known."""
    baskets = [basket for basket in baskets_of(enquiry) if basket.mode != CARRY_OUT]
    if not baskets:
        raise TooSlow
    now = enquiry.at or clock.now()
    until = now + timedelta(minutes=settings.PROMISE_KEPT_MINUTES)
    lines = _lines(enquiry)
    also = frozenset(pk for pk in (enquiry.pickup_point_id, enquiry.selling_stock_point_id) if pk is not None)
    known, places = _known(enquiry, also, now)
    options = []
    for basket in baskets:
        facts = _facts(basket, known, places, lines, now)
        found = widest_promise(facts, until=until)
        if found is not None:
            options.append(_option(basket, facts, found, until))
    return Quote(options=tuple(_marked(options)), is_degraded=True)


def _marked(options: list[DeliveryOption]) -> list[DeliveryOption]:
    """The best of what can be told."""
    if not options:
        return []
    price = min(option.price for option in options)
    day = min(option.promised_on for option in options)
    co2e_g = min(option.co2e_g for option in options)
    return [
        replace(
            option,
            is_cheapest=option.price == price,
            is_fastest=option.promised_on == day,
            is_greenest=option.co2e_g == co2e_g,
        )
        for option in options
    ]


def _lines(enquiry: Enquiry) -> tuple[LineDemand, ...]:
    with at_most(settings.PROMISE_STATEMENT_MS), prepared_cursor() as cursor:
        cursor.execute(_ARTICLES, {"ids": sorted({line.variant_id for line in enquiry.lines})})
        articles = {pk: (sku, weight_g) for pk, sku, weight_g in cursor.fetchall()}
    return tuple(
        LineDemand(
            key=line.key,
            sku=articles[line.variant_id][0],
            quantity=line.quantity,
            weight_g=articles[line.variant_id][1],
        )
        for line in enquiry.lines
    )


def _known(
    enquiry: Enquiry, also: frozenset[int], now: datetime
) -> tuple[KnownNetwork, dict[tuple[str, str], tuple[float, float]]]:
    """The network and the place, read anew where that goes; else as this process knew the network last."""
    wanted = postcodes_to_find([enquiry.destination] if enquiry.destination is not None else [])
    try:
        with at_most(settings.PROMISE_STATEMENT_MS):
            reading = reading_at(now, postcodes=wanted)
            known = known_network(version=reading.network_version, channel_id=enquiry.channel_id, also=also)
            return known, dict(reading.places)
    except TooSlow:
        last = last_known_network(channel_id=enquiry.channel_id, also=also)
        if last is None:
            raise
        return last, {}


def _facts(
    basket: Basket,
    known: KnownNetwork,
    places: dict[tuple[str, str], tuple[float, float]],
    lines: tuple[LineDemand, ...],
    now: datetime,
) -> Facts:
    return Facts(
        now=now,
        currency=known.currency,
        mode=basket.mode,
        channel=known.channel,
        lines=lines,
        network=known.network,
        available={},
        destination=place_for(basket.destination, places) if basket.destination else None,
        pickup_point=known.codes.get(basket.pickup_point_id or 0),
        order_value=basket.order_value,
        timezone=settings.TIME_ZONE,
    )


def _option(basket: Basket, facts: Facts, found: WidestPromise, until: datetime) -> DeliveryOption:
    return DeliveryOption(
        mode=basket.mode,
        service=found.service,
        pickup_point=facts.pickup_point if basket.mode in COLLECTED else None,
        promised_from=found.promised_from,
        promised_on=found.promised_on,
        cut_off_at=until,
        price=quantise(found.price, facts.currency),
        currency=facts.currency,
        cost=quantise(found.cost, facts.currency),
        co2e_g=found.co2e_g,
        parcels=(),
        is_split=False,
        is_degraded=True,
        is_cheapest=False,
        is_fastest=False,
        is_greenest=False,
        token="",
    )
