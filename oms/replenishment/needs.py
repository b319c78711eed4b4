"""What a place should hold of an article, what it lacks, and what it can do without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from math import ceil, floor, sqrt

from oms.replenishment.facts import Need, Place, Policy, Shelf, Source, Spare

# Floats that are whole but for rounding must not be rounded up to the next unit.
_ROUNDING = 1e-9


def safety_stock(*, per_day: float, days: float, factor: float, spread_days: float = 0.0) -> int:
    """Units kept against demand, and a lead time, that turn out larger than on average.

    factor × √(L·σ² + d²·σL²) for a mean demand d and its variance σ² per day, a mean lead time L and its standard
    deviation σL (E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains,
    4th ed., CRC Press 2017, chapter 6). Single articles of a shop sell as a Poisson process: σ² = d.
    """
    return _up(factor * sqrt(days * per_day + (per_day * spread_days) ** 2))


def target_of(*, per_day: float, days: float, policy: Policy, safety_days: int = 0) -> int:
    """What sells until the next delivery and over the days it is to last, and the safety stock of the transfer.

    An order-up-to level (the same book, chapter 6, periodic review): d·(L + R) + safety.
    """
    if per_day <= 0:
        return 0
    safety = safety_stock(per_day=per_day, days=policy.transfer_days, factor=policy.service_factor)
    return _up(per_day * days) + max(safety, _up(per_day * safety_days))


def lasting_days(place: Place, policy: Policy) -> int:
    """How long what a place holds on a delivery's day is to last it."""
    cover = place.terms.cover_days
    return policy.transfer_days + (policy.cover_days if cover is None else cover)


def needs_of(shelves: Iterable[Shelf], places: Mapping[int, Place], policy: Policy) -> list[Need]:
    """Of stores that sell the article and hold less than their target, what has been announced included."""
    found = []
    for shelf in shelves:
        per_day, place = shelf.sold / policy.demand_days, places[shelf.place]
        if place.is_warehouse or per_day <= 0:
            continue
        target = _target(place, per_day, lasting_days(place, policy), policy)
        position = shelf.here + shelf.incoming
        if position < target:
            survives = max(1, _up(per_day * (policy.transfer_days + 1)))
            units = target - position
            found.append(Need(shelf.place, units, min(units, max(0, survives - position)), target, per_day))
    return found


def spares_of(shelves: Iterable[Shelf], places: Mapping[int, Place], policy: Policy) -> list[Spare]:
    """What each place can give: a warehouse all that is free, a store what it will not sell for long.

    Units that customers brought back to a store are more than it was ever meant to hold: of these it keeps only
    what the ordinary target asks for. What is protected stays.
    """
    found = []
    for shelf in shelves:
        place = places[shelf.place]
        units, source = _from_warehouse(shelf, place) if place.is_warehouse else _from_store(shelf, place, policy)
        if place.terms.sends_at_most is not None:
            units = min(units, place.terms.sends_at_most)
        if units > 0:
            found.append(Spare(shelf.place, units, shelf.here - units, source))
    return found


def _from_warehouse(shelf: Shelf, place: Place) -> tuple[int, Source]:
    return min(shelf.free, shelf.here - (place.terms.keeps or 0)), Source.WAREHOUSE


def _from_store(shelf: Shelf, place: Place, policy: Policy) -> tuple[int, Source]:
    terms, per_day = place.terms, shelf.sold / policy.demand_days
    # A shelf that shows the article keeps one to show.
    keeps = 1 if terms.keeps is None else terms.keeps
    target = _target(place, per_day, lasting_days(place, policy), policy)
    long = _target(place, per_day, policy.transfer_days + policy.slow_cover_days, policy)
    slow = min(shelf.free, shelf.here - max(keeps, long)) if terms.gives_slow else 0
    back = min(shelf.free, shelf.returned, shelf.here - max(keeps, target)) if terms.gives_returned else 0
    return (back, Source.RETURNED) if back > max(0, slow) else (slow, Source.SLOW)


def _target(place: Place, per_day: float, days: float, policy: Policy) -> int:
    return target_of(per_day=per_day, days=days, policy=policy, safety_days=place.terms.safety_days)


def order_by(*, today: date, position: int, per_day: float, lead_days: int, safety: int) -> tuple[date, date]:
    """`(the day by which a purchase must be ordered, the day on which the stock would be used up)`.

    `position` is all there is and is to come. The first is the day on which it falls to the reorder point
    d·L + safety; it may lie in the past. Raises ValueError for an article that does not sell.
    """
    if per_day <= 0:
        raise ValueError("An article that does not sell is not bought again.")
    reorder_point = per_day * lead_days + safety
    return (
        today + timedelta(days=_days((position - reorder_point) / per_day)),
        today + timedelta(days=_days(max(0, position) / per_day)),
    )


# Nobody plans purchases further ahead; and dates end.
_FURTHEST_DAYS = 3650


def _days(value: float) -> int:
    return max(-_FURTHEST_DAYS, min(_FURTHEST_DAYS, floor(value + _ROUNDING)))


def _up(value: float) -> int:
    return ceil(value - _ROUNDING)
