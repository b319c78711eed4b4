"""The minimum-cost plan for one rule: by dynamic programming where that is exact, else by HiGHS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.search import FORBIDDEN, MAX_LINES, SharedStock, WholeLines, cheapest_cover

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

EXACT = "exact"
MILP = "milp"


@dataclass(frozen=True)
class Problem:
    """Rows are stock points in the order of their codes; costs in micro-units.

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


def cheapest_plan(problem: Problem, *, complete_only: bool, allow_quantity_split: bool) -> Packing | None:
    """The plan of least cost that serves every unit; None if there is none.

    Where not `complete_only` and no plan is complete: the most units that can be served, and among
    such plans the least cost. Without quantity splits a line is served whole or not at all.
    """
    may_split = allow_quantity_split and bool((problem.quantities > 1).any())
    found = _complete_plan(problem, may_split)
    if found is not None or complete_only:
        return found
    return _partial_plan(problem, may_split)


def _complete_plan(problem: Problem, may_split: bool) -> Packing | None:
    if (problem.usable.sum(axis=0) < problem.quantities).any():
        return None
    if problem.usable.shape[1] <= MAX_LINES:
        cover = _whole_lines(problem, may_split, complete=True)
        if cover is None or is_feasible(problem, cover):
            return cover
    return _by_milp(problem, may_split, complete=True)


def _partial_plan(problem: Problem, may_split: bool) -> Packing | None:
    if not may_split and problem.usable.shape[1] <= MAX_LINES:
        cover = _whole_lines(problem, may_split, complete=False)
        if cover is None or is_feasible(problem, cover):
            return cover
    return _by_milp(problem, may_split, complete=False)


def _whole_lines(problem: Problem, may_split: bool, *, complete: bool) -> Packing | None:
    """The dynamic programme's answer. With quantity splits it is asked as if a point that has one
    unit had them all: no real plan can cost less, so an answer that is feasible is the minimum."""
    needed = 1 if may_split else problem.quantities
    can_serve = problem.usable >= needed
    shared = [
        SharedStock(
            lines=lines,
            quantities=tuple(int(problem.quantities[line]) for line in lines),
            units=problem.usable[:, lines].max(axis=1),
        )
        for lines in problem.same_sku
        if not may_split
    ]
    cover = cheapest_cover(
        WholeLines(
            fixed=problem.fixed,
            lines=np.where(can_serve, problem.unit * problem.quantities, FORBIDDEN),
            units=problem.quantities,
            extra_parcel=problem.extra_parcel,
            max_parcels=problem.max_parcels,
            shared=shared,
        ),
        complete=complete,
    )
    if cover is None:
        return None
    parcels = tuple((row, {line: int(problem.quantities[line]) for line in lines}) for row, lines in cover.parcels)
    return Packing(parcels=parcels, cost=cover.cost)


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


def _by_milp(problem: Problem, may_split: bool, *, complete: bool) -> Packing | None:
    from oms.sourcing.milp import solve  # HiGHS is loaded only where it is needed

    return solve(problem, may_split=may_split, complete=complete)
