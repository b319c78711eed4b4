"""The exact minimum-cost plan when each line goes whole from one stock point.

A dynamic programme over sets of lines, written as bit masks: the cheapest single parcel for each set,
then the cheapest way to split each set into two, three, … parcels. Costs are whole micro-units of
money, so sums are exact and a tie is a tie. Among plans of equal cost the fewest parcels win, then
the smallest code for the parcel that holds the first line (lines in the order of their keys), then
the larger parcel, then the same again for the lines that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]

MAX_LINES = 10
# A line that a stock point cannot serve costs this much; real plans stay far below (see `MAX_COST`).
FORBIDDEN = 2**54
MAX_COST = 2**52
# Each parcel adds 1 to sixteen times its cost: equal costs are then ordered by the number of parcels.
SCALE = 16
INFINITE = SCALE * FORBIDDEN
# Above this many cells, looking for dominated rows first pays for itself.
REDUCE_ABOVE = 1_000_000
PIVOTS = 4


@dataclass(frozen=True, slots=True)
class SharedStock:
    """Lines that draw on the same units: together at most `units[row]` of them."""

    lines: tuple[int, ...]
    quantities: tuple[int, ...]
    units: Whole


@dataclass(frozen=True, slots=True)
class WholeLines:
    """`fixed[row]` per parcel, `lines[line, row]` per whole line (FORBIDDEN where it cannot), in
    micro-units. `units[line]` is what a line counts for when not all can be served."""

    fixed: Whole
    lines: Whole
    units: Whole
    extra_parcel: int = 0
    max_parcels: int = 1
    shared: Sequence[SharedStock] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """`parcels`: row and its lines, in the order of the first line of each; cost in micro-units."""

    parcels: tuple[tuple[int, tuple[int, ...]], ...]
    cost: int


@dataclass(frozen=True, slots=True)
class _Splits:
    """Every way to take from a set the part that holds its first line; `starts` by set."""

    part: NDArray[np.intp]
    rest: NDArray[np.intp]
    starts: NDArray[np.intp]


@lru_cache(maxsize=MAX_LINES + 1)
def _splits(count: int) -> _Splits:
    part: list[int] = []
    rest: list[int] = []
    starts: list[int] = []
    for whole in range(1, 1 << count):
        starts.append(len(part))
        first = whole & -whole
        others = whole ^ first
        subset = others
        while True:
            part.append(first | subset)
            rest.append(others ^ subset)
            if subset == 0:
                break
            subset = (subset - 1) & others
    starts.append(len(part))
    return _Splits(np.array(part), np.array(rest), np.array(starts))


@lru_cache(maxsize=MAX_LINES + 1)
def _members(count: int) -> NDArray[np.int64]:
    """One row for each set of lines, one column for each line, 1 where it belongs."""
    return (np.arange(1 << count)[:, None] >> np.arange(count)) & 1


def cheapest_cover(problem: WholeLines, *, complete: bool = True) -> Cover | None:
    """The exact minimum, or None. Not complete: as many units as possible, then the least cost.

    The same row may come twice only where `shared` forbids one parcel for both lines.
    """
    count = len(problem.lines)
    if count > MAX_LINES:
        raise ValueError(f"the dynamic programme takes at most {MAX_LINES} lines")
    can_serve = problem.lines < FORBIDDEN
    rows = np.flatnonzero(can_serve.any(axis=0))
    if len(rows) == 0 or (complete and not can_serve.any(axis=1).all()):
        return None
    if complete and (problem.max_parcels == 1 or count == 1):
        return _single_parcel(problem)
    if not problem.shared and len(rows) << count > REDUCE_ABOVE:
        rows = _undominated(problem, rows)
    best, winners = _best_parcels(problem, rows)
    levels = _levels(best, count, min(problem.max_parcels, count))
    target = (1 << count) - 1 if complete else _largest(levels[-1], problem.units)
    if target == 0 or levels[-1][target] >= INFINITE:
        return None
    return _read_back(problem, levels, best, winners, target)


def _single_parcel(problem: WholeLines) -> Cover | None:
    cost = problem.fixed + problem.lines.sum(axis=0)
    for shared in problem.shared:
        cost[shared.units < sum(shared.quantities)] = FORBIDDEN
    found = int(cost.argmin())
    if cost[found] >= FORBIDDEN - MAX_COST:
        return None
    return Cover(((found, tuple(range(len(problem.lines)))),), int(cost[found]))


def _undominated(problem: WholeLines, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Drops rows that a good row beats on every line: where it also precedes them, or has a lower
    fixed cost, no plan and no tie can need them."""
    table = np.column_stack((problem.fixed[rows], problem.lines[:, rows].T))
    order = np.minimum(table, MAX_COST).sum(axis=1)
    is_kept = np.ones(len(rows), dtype=np.bool_)
    is_tried = np.zeros(len(rows), dtype=np.bool_)
    for _ in range(PIVOTS):
        open_rows = np.flatnonzero(is_kept & ~is_tried)
        if len(open_rows) == 0:
            break
        pivot = open_rows[order[open_rows].argmin()]
        is_tried[pivot] = True
        is_worse = (table >= table[pivot]).all(axis=1)
        is_later = (table[:, 0] > table[pivot, 0]) | (np.arange(len(rows)) > pivot)
        is_kept &= ~(is_worse & is_later)
        is_kept[pivot] = True
    return rows[is_kept]


def _best_parcels(problem: WholeLines, rows: NDArray[np.intp]) -> tuple[Whole, Whole]:
    """For each set of lines the cheapest parcel (scaled, INFINITE if none) and its row."""
    count = len(problem.lines)
    cost = np.empty((1 << count, len(rows)), dtype=np.int64)
    cost[0] = (problem.fixed[rows] + problem.extra_parcel) * SCALE + 1
    for line, column in enumerate(problem.lines.take(rows, axis=1) * SCALE):
        size = 1 << line
        np.add(cost[:size], column, out=cost[size : 2 * size])
    for shared in problem.shared:
        wanted = _members(count)[:, shared.lines] @ np.array(shared.quantities)
        cost[wanted[:, None] > shared.units[rows][None, :]] = INFINITE
    chosen = cost.argmin(axis=1)
    best = cost[np.arange(1 << count), chosen]
    best[best >= INFINITE // 2] = INFINITE
    best[0] = 0
    return best, rows[chosen]


def _levels(best: Whole, count: int, max_parcels: int) -> list[Whole]:
    """For each number of parcels up to the maximum, the least cost of each set; when the number does
    not bind, one table that serves for every level."""
    if max_parcels == 1:
        return [best]
    splits = _splits(count)
    if max_parcels >= count:
        level, reach = best, 1
        while reach < count:
            level, reach = _combined(level, level, splits), reach * 2
        return [level]
    levels = [best]
    for _ in range(max_parcels - 1):
        levels.append(_combined(best, levels[-1], splits))
    return levels


def _combined(first: Whole, second: Whole, splits: _Splits) -> Whole:
    costs = first[splits.part] + second[splits.rest]
    found = np.empty_like(first)
    found[0] = 0
    np.minimum.reduceat(costs, splits.starts[:-1], out=found[1:])
    return np.minimum(found, INFINITE)


def _largest(level: Whole, units: Whole) -> int:
    """The set with the most units, then the least cost, then the earliest lines."""
    served = _members(len(units)) @ units
    served[level >= INFINITE] = -1
    most = np.flatnonzero(served == served.max())
    return int(most[level[most].argmin()])


def _read_back(problem: WholeLines, levels: list[Whole], best: Whole, winners: Whole, target: int) -> Cover:
    """Follows the costs down to the parcels, taking among equals the one that the ties prefer."""
    splits = _splits(len(problem.lines))
    parcels: list[tuple[int, tuple[int, ...]]] = []
    depth, left = len(levels), target
    cost = int(levels[-1][target])
    while left:
        current = levels[max(depth, 1) - 1]
        ways = slice(splits.starts[left - 1], splits.starts[left])
        part, rest = splits.part[ways], splits.rest[ways]
        below = current if len(levels) == 1 else levels[depth - 2]
        costs = best[part] + (np.where(rest > 0, INFINITE, 0) if depth == 1 < len(levels) else below[rest])
        equal = part[costs == current[left]]
        taken = int(min(equal, key=lambda mask: (winners[mask], -int(mask).bit_count(), mask)))
        lines = tuple(line for line in range(len(problem.lines)) if taken >> line & 1)
        parcels.append((int(winners[taken]), lines))
        left ^= taken
        depth -= 1
    real = (cost - len(parcels)) // SCALE - problem.extra_parcel
    return Cover(tuple(parcels), real)
