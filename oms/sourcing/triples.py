"""The cheapest plan of three parcels, by looking at every three stock points that could still beat a known plan.

The prices that bound what a plan costs (see `bounding`) bound what each three rows cost as well: those that reach
the known cost are passed over, and so are those that leave a line without any unit. The others are worked out, the
most promising first, until the bound of the next one reaches the best of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.bounding import Reach, filled
from oms.sourcing.problem import Packing, Problem, most_units, settled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Rows = NDArray[np.intp]

# Threes of more rows are too many to look at, of more lines too many for the bits of a number.
MAX_ROWS = 500
MAX_LINES = 62
AT_ONCE = 4096


@dataclass(frozen=True)
class _Threes:
    """`rows[n, 3]`, the least they may cost first; `bound`: that cost, an extra parcel counted for the first too."""

    rows: Rows
    bound: Whole


def cheapest_triple(problem: Problem, reach: Reach, *, may_split: bool) -> Packing | None:
    """The cheapest plan of all, `reach.known` being the best of fewer than three parcels or better.

    None where it cannot tell: without a known plan, where more parcels than three might pay, where lines share
    units, or where there are too many stock points.
    """
    known = reach.known
    rows = np.flatnonzero(reach.most.any(axis=1))
    base = problem.fixed + problem.extra_parcel
    if known is None or problem.same_sku or len(rows) > MAX_ROWS or len(problem.quantities) > MAX_LINES:
        return None
    limit = known.cost + problem.extra_parcel
    least = int((reach.prices * problem.quantities).sum())
    costs = base + (np.minimum(problem.unit - reach.prices, 0) * reach.most).sum(axis=1)
    rows = rows[np.argsort(costs[rows], kind="stable")]
    if base.min() < 0 or _more_might_pay(problem, costs[rows], limit - least):
        return None
    best = known
    threes = _threes(rows, costs[rows], _masks(reach.most[rows]), least, limit)
    for start in range(0, len(threes.bound), AT_ONCE):
        if threes.bound[start] >= best.cost + problem.extra_parcel:
            break
        found = _best_of(problem, reach.most, threes.rows[start : start + AT_ONCE], may_split=may_split)
        if found is not None and found.cost < best.cost:
            best = found
    return settled(problem, most_units(problem, may_split=may_split), best)


def _more_might_pay(problem: Problem, costs: Whole, spare: int) -> bool:
    """Whether four parcels or more are allowed and could cost less; `costs` of the rows, the least first."""
    if problem.max_parcels < 4 or len(costs) < 4:
        return False
    further = costs[4 : problem.max_parcels]
    return bool(costs[:4].sum() + np.minimum(further, 0).sum() < spare)


def _masks(most: Whole) -> Whole:
    """One bit for each line of which the row has a unit."""
    found: Whole = (most > 0) @ (np.int64(1) << np.arange(most.shape[1], dtype=np.int64))
    return found


def _threes(rows: Rows, costs: Whole, masks: Whole, least: int, limit: int) -> _Threes:
    """Those that have of every line and may cost less than the limit."""
    everything = int(np.bitwise_or.reduce(masks)) if len(masks) else 0
    second, third = np.triu_indices(len(rows), 1)
    starts = np.searchsorted(second, np.arange(len(rows) + 1))
    pair_costs, pair_masks = costs[second] + costs[third] + least, masks[second] | masks[third]
    found, bounds = [], []
    for first in range(len(rows) - 2):
        rest = slice(starts[first + 1], None)
        if pair_costs[rest][0] + costs[first] >= limit:
            break
        able = (pair_costs[rest] < limit - costs[first]) & ((pair_masks[rest] | masks[first]) == everything)
        pairs = np.flatnonzero(able) + starts[first + 1]
        found.append(np.column_stack((np.full(len(pairs), first), second[pairs], third[pairs])))
        bounds.append(pair_costs[pairs] + costs[first])
    if not found:
        return _Threes(np.zeros((0, 3), dtype=np.intp), np.zeros(0, dtype=np.int64))
    bound = np.concatenate(bounds)
    order = np.argsort(bound, kind="stable")
    return _Threes(rows[np.concatenate(found)[order]], bound[order])


def _best_of(problem: Problem, most: Whole, threes: Rows, *, may_split: bool) -> Packing | None:
    """The cheapest of these, each line from the cheapest of the three that have it; None where none has enough."""
    for line, quantity in enumerate(problem.quantities.tolist()):
        threes = threes[most[threes, line].sum(axis=1) >= quantity]
    if len(threes) == 0:
        return None
    cost = problem.fixed[threes].sum(axis=1)
    for line, quantity in enumerate(problem.quantities.tolist()):
        units, caps = problem.unit[threes, line], most[threes, line]
        order = np.argsort(units, axis=1)
        units, caps = np.take_along_axis(units, order, axis=1), np.take_along_axis(caps, order, axis=1)
        before = np.cumsum(caps, axis=1) - caps
        cost = cost + (np.clip(quantity - before, 0, caps) * units).sum(axis=1)
    return filled(problem, most, threes[cost.argmin()], may_split=may_split)
