"""Carriers: one file per plug-in behind `protocol.Carrier`, found by name.

A plug-in is imported when it is first named, so that nobody pays for a carrier they do not use.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from orders.carriers.protocol import Carrier, UnknownCarrier

PLUG_INS = {
    "house": "orders.carriers.house:HouseCarrier",
}


@cache
def named(name: str) -> Carrier:
    """The carrier of that name; raises UnknownCarrier."""
    if name not in PLUG_INS:
        raise UnknownCarrier(data={"carrier": name})
    module, _, factory = PLUG_INS[name].partition(":")
    return cast(Carrier, getattr(import_module(module), factory)())


def who_labels(name: str) -> Carrier:
    """The plug-in that makes the labels of a carrier's parcels: the house's where it has none of its own."""
    return named(name if name in PLUG_INS else "house")
