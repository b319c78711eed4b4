"""Keeping a promise: the plan behind it, if it can still be carried out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from oms.sourcing.problem import Packing

if TYPE_CHECKING:
    from datetime import date

    from oms.sourcing.facts import KeptParcel
    from oms.sourcing.situation import Situation


def kept_packing(situation: Situation) -> Packing | None:
    """The promised parcels by row; None where a stock point can no longer serve, or not in time."""
    taken: Counter[tuple[int, str]] = Counter()
    positions = {line.key: number for number, line in enumerate(situation.lines)}
    parcels = []
    for parcel in situation.facts.kept:
        row = situation.network.rows.get(parcel.stock_point)
        if row is None or not _can_serve(situation, row, parcel):
            return None
        for key, units in parcel.lines:
            line = positions[key]
            taken[row, situation.lines[line].sku] += units
            if taken[row, situation.lines[line].sku] > situation.available[row, line]:
                return None
        parcels.append((row, {positions[key]: units for key, units in parcel.lines}))
    return Packing(parcels=tuple(parcels), cost=0)


def kept_promise(situation: Situation, row: int) -> date | None:
    """The day that was promised for the parcel of this row."""
    code = situation.network.codes[row]
    return next((parcel.promised_on for parcel in situation.facts.kept if parcel.stock_point == code), None)


def _can_serve(situation: Situation, row: int, parcel: KeptParcel) -> bool:
    dates = situation.dates(row)
    if dates is None or not situation.verdicts.fits[row] or dates[1] > parcel.promised_on:
        return False
    return bool(situation.is_own[row]) or parcel.service in ("", situation.lane(row).code)
