"""Units of a line that are asked back: counted on the line, so that none is ever returned twice.

The count is a conditional update against what has left for the customer, made while the order is locked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from django.db import connection, transaction

from orders.models import Order

_TAKE: Final = """
UPDATE orders_orderline l SET returned_quantity = l.returned_quantity + w.quantity
FROM unnest(%(line_ids)s::bigint[], %(quantities)s::integer[]) AS w(line_id, quantity)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.quantity), 0) AS quantity FROM orders_allocation a
    WHERE a.line_id = w.line_id AND a.state = ANY(%(states)s::text[])
) gone
WHERE l.id = w.line_id AND l.order_id = %(order_id)s AND l.returned_quantity + w.quantity <= gone.quantity
RETURNING l.id
"""
_GIVE_BACK: Final = """
UPDATE orders_orderline l SET returned_quantity = l.returned_quantity - w.quantity
FROM unnest(%(line_ids)s::bigint[], %(quantities)s::integer[]) AS w(line_id, quantity)
WHERE l.id = w.line_id
"""


@transaction.atomic
def take_back_units(*, order_id: int, units: Mapping[int, int], states: Collection[str]) -> set[int]:
    """Count so many more units of each line as returned; the ids of the lines that have as many to give.

    A line is left out where fewer of its units are in one of `states` and not returned yet: the caller
    refuses, and his transaction takes the others back, too.
    """
    Order.objects.locked(order_id)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {**_columns(units), "states": sorted(states), "order_id": order_id})
        return {line_id for (line_id,) in cursor.fetchall()}


@transaction.atomic
def give_back_units(*, order_id: int, units: Mapping[int, int]) -> None:
    """These units do not come back after all: they may be returned another time."""
    Order.objects.locked(order_id)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, _columns(units))


def _columns(units: Mapping[int, int]) -> dict[str, list[int]]:
    ordered = sorted(units)
    return {"line_ids": ordered, "quantities": [units[line_id] for line_id in ordered]}
