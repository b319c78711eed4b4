"""By which days customers count on what they ordered: of each part its own, not the last of the order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from orders.models import Allocation, Order


def day_promised(order: Order, pieces: Iterable[Allocation]) -> date | None:
    """The day these slices were promised for first: the last of theirs, the order's where they have none."""
    return max((piece.promised_on for piece in pieces if piece.promised_on), default=order.promised_on)


def day_told(order: Order, pieces: Iterable[Allocation]) -> date | None:
    """The same with each day that was told instead."""
    days = [piece.expected_on or piece.promised_on for piece in pieces]
    return max((day for day in days if day), default=order.expected_on or order.promised_on)


def late_since(order: Order, pieces: Iterable[Allocation]) -> date | None:
    """The first day that was promised for anything its customer cannot have yet; None where nothing is owed."""
    owed = [piece.promised_on or order.promised_on for piece in pieces if piece.is_owed]
    return min((day for day in owed if day), default=None)
