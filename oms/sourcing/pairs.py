"""The cheapest plan of one or two parcels, by looking at every pair; and when no larger plan can win.

Most baskets that quantity splits concern are settled here, without a mixed-integer programme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.problem import EXACT, Packing, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Rows = NDArray[np.intp]

# Every pair of more rows than this is too many to look at.
MAX_ROWS = 500
RIVALS = 64


def worthwhile(problem: Problem, most: Whole, rows: Rows, parcels: int) -> Rows:
    """Drops rows that as many others beat as a plan may have parcels: one of those is always free to
    take the parcel over, for no more money. Lines that share units must not be asked."""
    fixed, unit, cap = problem.fixed[rows], problem.unit[rows], most[rows]
    promise = fixed + (np.where(cap > 0, unit, unit.max()) * problem.quantities).sum(axis=1)
    promise = promise - cap.sum(axis=1) * max(int(np.abs(unit).max()), 1)
    rivals = np.argsort(promise, kind="stable")[:RIVALS]
    is_idle = cap == 0
    cap_margin = cap[rivals][:, None, :] - cap[None, :, :]
    unit_margin = np.where(is_idle, 0, unit[None, :, :] - unit[rivals][:, None, :])
    fixed_margin = fixed[None, :] - fixed[rivals][:, None]
    least = np.minimum(np.minimum(cap_margin, unit_margin).min(axis=2), fixed_margin)
    largest = np.maximum(np.maximum(cap_margin, unit_margin).max(axis=2), fixed_margin)
    is_later = np.arange(len(rows))[None, :] > rivals[:, None]
    beaten = ((least >= 0) & ((largest > 0) | is_later)).sum(axis=0)
    kept: Rows = rows[beaten < parcels]
    return kept


def cheapest_pair(problem: Problem, most: Whole, rows: Rows) -> Packing | None:
    """The least cost of serving every unit from one row, or from two where the problem allows;
    ties go to fewer parcels, then to the smaller rows."""
    single = _cheapest_single(problem, most, rows)
    if problem.max_parcels < 2 or len(rows) < 2:
        return single
    first, second = (rows[side] for side in np.triu_indices(len(rows), 1))
    can_serve = np.ones(len(first), dtype=np.bool_)
    cost = problem.fixed[first] + problem.fixed[second] + problem.extra_parcel
    for line, quantity in enumerate(problem.quantities):
        taken = _first_share(problem, most, first, second, line)
        can_serve &= most[first, line] + most[second, line] >= quantity
        cost += problem.unit[first, line] * taken + problem.unit[second, line] * (quantity - taken)
    if not can_serve.any():
        return single
    found = np.flatnonzero(can_serve)
    best = found[cost[found].argmin()]
    if single is not None and single.cost <= cost[best]:
        return single
    return _pair(problem, most, int(first[best]), int(second[best]), int(cost[best]))


def beats_larger_plans(problem: Problem, most: Whole, packing: Packing) -> bool:
    """Whether no plan of three or more parcels can cost less: the three cheapest parcels, and every
    unit from the cheapest row that has it, would together cost as much already."""
    if problem.max_parcels < 3 or len(problem.fixed) < 3:
        return True
    if problem.fixed.min() + problem.extra_parcel < 0:
        return False
    bound = int(np.partition(problem.fixed, 2)[:3].sum()) + 2 * problem.extra_parcel
    for line, quantity in enumerate(problem.quantities):
        order = np.argsort(problem.unit[:, line], kind="stable")
        before = np.cumsum(most[order, line]) - most[order, line]
        taken = np.clip(quantity - before, 0, most[order, line])
        bound += int((taken * problem.unit[order, line]).sum())
    return packing.cost <= bound


def _cheapest_single(problem: Problem, most: Whole, rows: Rows) -> Packing | None:
    able = rows[(most[rows] == problem.quantities).all(axis=1)]
    if len(able) == 0:
        return None
    cost = problem.fixed[able] + problem.unit[able] @ problem.quantities
    best = int(cost.argmin())
    everything = {line: int(quantity) for line, quantity in enumerate(problem.quantities)}
    return Packing(((int(able[best]), everything),), int(cost[best]), EXACT)


def _first_share(problem: Problem, most: Whole, first: Rows | int, second: Rows | int, line: int) -> NDArray[np.int64]:
    """Units of one line that the first of two rows takes: all it can where it is no dearer, else only
    what the second cannot."""
    is_no_dearer = problem.unit[first, line] <= problem.unit[second, line]
    share: Whole = np.where(is_no_dearer, most[first, line], problem.quantities[line] - most[second, line])
    return share


def _pair(problem: Problem, most: Whole, first: int, second: int, cost: int) -> Packing:
    shares: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for line, quantity in enumerate(problem.quantities):
        taken = int(_first_share(problem, most, first, second, line))
        if taken:
            shares[0][line] = taken
        if taken < quantity:
            shares[1][line] = int(quantity) - taken
    return Packing(((first, shares[0]), (second, shares[1])), cost, EXACT)
