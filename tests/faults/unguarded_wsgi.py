"""Halles with the guard taken out of its reservations, to show that a test would notice."""

from oms.wsgi import application
from stock.services import reserving

GUARD = "bool_and(quantity <= own OR free >= quantity)"
assert GUARD in reserving._RESERVE
reserving._RESERVE = reserving._RESERVE.replace(GUARD, "true")  # type: ignore[misc]

__all__ = ["application"]
