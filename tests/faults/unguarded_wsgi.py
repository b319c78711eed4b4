"""Halles with the guard taken out of its reservations, to show that a test would notice."""

from oms.wsgi import application
from orders.services import writing
from stock.services import reserving

GUARD = "bool_and(quantity <= own OR free >= quantity)"


def without_guard(statement: str) -> str:
    assert GUARD in statement
    return statement.replace(GUARD, "true")


reserving._RESERVE = without_guard(reserving._RESERVE)  # type: ignore[misc]
# Placing an order takes its stock in a statement of its own.
writing._STOCK_AND_ORDER = without_guard(writing._STOCK_AND_ORDER)
writing._statement.cache_clear()

__all__ = ["application"]
