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
# A sum that holds INFINITE lies above this, whatever is gained beside it; a real plan lies below.
UNREACHED = INFINITE // 2
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


@lru_cache(maxsize=MAX_LINES + 1)
def _masks(count: int) -> NDArray[np.intp]:
    return np.arange(1 << count)


def cheapest_cover(problem: WholeLines, *, complete: bool = True) -> Cover | None:
    """The exact minimum, or None. Not complete: as many units as possible, then the least cost.

    The same row may come twice only where `shared` forbids one parcel for both lines.
    """
    count = len(problem.lines)
    is_single = complete and (problem.max_parcels == 1 or count == 1)
    if count > MAX_LINES and not is_single:
        raise ValueError(f"the dynamic programme takes at most {MAX_LINES} lines")
    least = problem.lines.min(axis=1, initial=FORBIDDEN).tolist()
    if min(least) >= FORBIDDEN or (complete and max(least) >= FORBIDDEN):
        return None
    if is_single:
        return _single_parcel(problem)
    if complete and not problem.shared and (single := _unbeaten_parcel(problem, least)):
        return single
    rows = (problem.lines.min(axis=0) < FORBIDDEN).nonzero()[0]
    if not problem.shared and len(rows) << count > REDUCE_ABOVE:
        rows = _undominated(problem, rows)
    best, winners = _best_parcels(problem, rows)
    levels = _levels(best, count, min(problem.max_parcels, count))
    target = (
        (1 << count) - 1 if complete else _largest(_highest(best, levels, count, problem.max_parcels), problem.units)
    )
    return _read_back(problem, levels, best, winners, target) if target else None


def _single_parcel(problem: WholeLines) -> Cover | None:
    cost = problem.fixed + problem.lines.sum(axis=0)
    for shared in problem.shared:
        cost[shared.units < sum(shared.quantities)] = FORBIDDEN
    found = int(cost.argmin())
    if cost[found] >= FORBIDDEN - MAX_COST:
        return None
    return Cover(((found, tuple(range(len(problem.lines)))),), int(cost[found]))


def _unbeaten_parcel(problem: WholeLines, least: Sequence[int]) -> Cover | None:
    """The cheapest single parcel where no plan of more can cost less: not even the two cheapest parcels, with every
    line from where it costs the least. `least`: what each line costs there."""
    single = _single_parcel(problem)
    if single is None or len(problem.fixed) < 2:
        return single
    cheapest = np.partition(problem.fixed, 1)[:2].tolist()
    if cheapest[0] + problem.extra_parcel < 0 or single.cost > sum(cheapest) + problem.extra_parcel + sum(least):
        return None
    return single


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
    size = 1
    for column in problem.lines.take(rows, axis=1) * SCALE:
        np.add(cost[:size], column, out=cost[size : 2 * size])
        size *= 2
    for shared in problem.shared:
        wanted = _members(count)[:, shared.lines] @ np.array(shared.quantities)
        cost[wanted[:, None] > shared.units[rows][None, :]] = INFINITE
    chosen = cost.argmin(axis=1)
    best = cost[_masks(count), chosen]
    best[best >= UNREACHED] = INFINITE
    best[0] = 0
    return best, rows[chosen]


def _levels(best: Whole, count: int, max_parcels: int) -> list[Whole]:
    """The least cost of each set in at most 1, 2, … parcels, up to one less than the maximum; when the number
    does not bind, one table that serves for every level."""
    splits = _splits(count)
    if max_parcels >= count:
        level, reach = best, 1
        while reach < count - 1:
            level, reach = _combined(level, level, splits), reach * 2
        return [level]
    levels = [best]
    for _ in range(max_parcels - 2):
        levels.append(_combined(best, levels[-1], splits))
    return levels


def _highest(best: Whole, levels: list[Whole], count: int, max_parcels: int) -> Whole:
    """The least cost of each set in as many parcels as may be."""
    return best if max_parcels == 1 else _combined(best, levels[-1], _splits(count))


def _combined(first: Whole, second: Whole, splits: _Splits) -> Whole:
    costs = first[splits.part] + second[splits.rest]
    found = np.empty_like(first)
    found[0] = 0
    np.minimum.reduceat(costs, splits.starts[:-1], out=found[1:])
    return np.minimum(found, INFINITE)


def _largest(level: Whole, units: Whole) -> int:
    """The set with the most units, then the least cost, then the earliest lines."""
    served = _members(len(units)) @ units
    served[level >= UNREACHED] = -1
    most = np.flatnonzero(served == served.max())
    return int(most[level[most].argmin()])


def _read_back(problem: WholeLines, levels: list[Whole], best: Whole, winners: Whole, target: int) -> Cover | None:
    """Takes one parcel after the other, among equals the one that the ties prefer; None if none reach."""
    splits = _splits(len(problem.lines))
    parcels: list[tuple[int, tuple[int, ...]]] = []
    left, cost = target, 0
    depth = problem.max_parcels if problem.max_parcels < len(problem.lines) else len(problem.lines) + 1
    while left:
        taken, amount = (
            (left, int(best[left]))
            if depth == 1
            else _next_parcel(splits, best, levels[depth - 2 if len(levels) > 1 else 0], winners, left)
        )
        if amount >= UNREACHED:
            return None
        cost = cost if parcels else amount
        lines = tuple(line for line in range(len(problem.lines)) if taken >> line & 1)
        parcels.append((int(winners[taken]), lines))
        left ^= taken
        depth -= 1
    return Cover(tuple(parcels), (cost - len(parcels)) // SCALE - problem.extra_parcel)


def _next_parcel(splits: _Splits, best: Whole, below: Whole, winners: Whole, left: int) -> tuple[int, int]:
    """The set that the parcel with the first line takes, and what all that is left costs."""
    ways = slice(splits.starts[left - 1], splits.starts[left])
    part = splits.part[ways]
    costs = best[part] + below[splits.rest[ways]]
    amount = costs.min()
    equal = part[costs == amount].tolist()
    if len(equal) > 1:
        equal.sort(key=lambda mask: (winners[mask], -mask.bit_count(), mask))
    return equal[0], int(amount)
