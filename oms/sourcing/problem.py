"""One rule's question in whole numbers, and the form of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

EXACT = "exact"
MILP = "milp"


@dataclass(frozen=True)
class Problem:
    """Rows are stock points in the order of their codes; costs in micro-units. The tables are fastest
    when each of their columns lies together in memory (Fortran's order).

    `unit[row, line]` and `usable[row, line]` are for units; lines in one of `same_sku` draw on the
    same units, which `usable` shows on each of them.
    """

    fixed: Whole
    unit: Whole
    usable: Whole
    quantities: Whole
    extra_parcel: int
    max_parcels: int
    same_sku: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Packing:
    """`parcels`: row and units by line. `gap`: share of the cost that may still be saved."""

    parcels: tuple[tuple[int, Mapping[int, int]], ...]
    cost: int
    method: str = EXACT
    gap: float = 0.0


def is_feasible(problem: Problem, packing: Packing) -> bool:
    """Whether each row has the units it is asked for, in one parcel."""
    rows = [row for row, _ in packing.parcels]
    if len(set(rows)) != len(rows):
        return False
    for row, quantities in packing.parcels:
        if any(units > problem.usable[row, line] for line, units in quantities.items()):
            return False
        for lines in problem.same_sku:
            if sum(quantities.get(line, 0) for line in lines) > problem.usable[row, lines].max():
                return False
    return True


def most_units(problem: Problem, *, may_split: bool) -> Whole:
    """The most units of each line that each row can take; whole lines or nothing without splits."""
    most: Whole = np.minimum(problem.usable, problem.quantities)
    return most if may_split else np.where(most == problem.quantities, most, 0)


def cost_of(problem: Problem, parcels: Sequence[tuple[int, Mapping[int, int]]]) -> int:
    total = problem.extra_parcel * (len(parcels) - 1)
    for row, quantities in parcels:
        total += int(problem.fixed[row])
        total += sum(int(problem.unit[row, line]) * units for line, units in quantities.items())
    return total


def settled(problem: Problem, most: Whole, packing: Packing) -> Packing:
    """Gives each parcel to the smallest code that can send it for the same money."""
    if problem.same_sku:
        return packing
    parcels = [(row, dict(quantities)) for row, quantities in packing.parcels]
    for position, (row, quantities) in enumerate(parcels):
        load = np.zeros(most.shape[1], dtype=np.int64)
        load[list(quantities)] = list(quantities.values())
        cost = problem.fixed + problem.unit @ load
        can_send = (most >= load).all(axis=1) & (cost <= cost[row])
        can_send[[other for other, _ in parcels if other != row]] = False
        parcels[position] = (int(np.flatnonzero(can_send)[0]), quantities)
    parcels.sort(key=lambda parcel: parcel[0])
    return Packing(tuple(parcels), cost_of(problem, parcels), packing.method, packing.gap)
