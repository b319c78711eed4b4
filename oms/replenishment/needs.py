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


def target_of(*, per_day: float, days: float, policy: Policy) -> int:
    """What sells until the next delivery and over the days it is to last, and the safety stock of the transfer.

    An order-up-to level (the same book, chapter 6, periodic review): d·(L + R) + safety.
    """
    if per_day <= 0:
        return 0
    safety = safety_stock(per_day=per_day, days=policy.transfer_days, factor=policy.service_factor)
    return _up(per_day * days) + safety


def needs_of(shelves: Iterable[Shelf], places: Mapping[int, Place], policy: Policy) -> list[Need]:
    """Of stores that sell the article and hold less than their target, what has been announced included."""
    found = []
    for shelf in shelves:
        per_day = shelf.sold / policy.demand_days
        if places[shelf.place].is_warehouse or per_day <= 0:
            continue
        target = target_of(per_day=per_day, days=policy.transfer_days + policy.cover_days, policy=policy)
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
        if shelf.free <= 0:
            continue
        if places[shelf.place].is_warehouse:
            found.append(Spare(shelf.place, shelf.free, shelf.here - shelf.free, Source.WAREHOUSE))
            continue
        per_day = shelf.sold / policy.demand_days
        target = target_of(per_day=per_day, days=policy.transfer_days + policy.cover_days, policy=policy)
        long = target_of(per_day=per_day, days=policy.transfer_days + policy.slow_cover_days, policy=policy)
        # A shelf that shows the article keeps one to show.
        slow = min(shelf.free, max(0, shelf.here - max(1, long)))
        back = min(shelf.free, shelf.returned, max(0, shelf.here - max(1, target)))
        units = max(slow, back)
        if units > 0:
            source = Source.RETURNED if back > slow else Source.SLOW
            found.append(Spare(shelf.place, units, shelf.here - units, source))
    return found


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
