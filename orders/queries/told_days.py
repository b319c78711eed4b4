"""By which days customers count on what they ordered: of each part its own, not the last of the order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from orders.models import Allocation, Order


def day_promised(order: Order, pieces: Iterable[Allocation]) -> date | None:
    """The day these slices were promised for first: the last of theirs; of no slices, the order's."""
    return _last(order.promised_on, [piece.days(order)[0] for piece in pieces])


def day_told(order: Order, pieces: Iterable[Allocation]) -> date | None:
    """The same with each day that was told instead."""
    days = [piece.days(order) for piece in pieces]
    return _last(order.expected_on or order.promised_on, [told or promised for promised, told in days])


def late_since(order: Order, pieces: Iterable[Allocation]) -> date | None:
    """The first day that was promised for anything its customer cannot have yet; None where nothing is owed."""
    owed = [piece.days(order)[0] for piece in pieces if piece.is_owed]
    return min((day for day in owed if day), default=None)


def _last(of_order: date | None, days: list[date | None]) -> date | None:
    return max((day for day in days if day), default=None) if days else of_order
