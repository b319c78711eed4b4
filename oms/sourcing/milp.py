"""The same plan as a mixed-integer programme, for quantity splits and for baskets of many lines.

One thread, a fixed seed and a limit of nodes, never of time: the same facts give the same plan on a slow
machine. HiGHS decides which stock points send a parcel; which units each of them takes follows in whole
numbers. It proves a minimum to about a millionth of the currency; where the limit of nodes stops
it, the plan says how far it could still be from the minimum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np

from oms.sourcing.pairs import worthwhile
from oms.sourcing.problem import MILP, Packing, Problem, cost_of, settled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Rows = NDArray[np.intp]

NODE_LIMIT = 20_000
MICRO = 1e-6
NO_GAP = 0.0
# Of a plan that the limit of nodes left without any bound.
UNKNOWN_GAP = 1.0


@dataclass(frozen=True)
class _Programme:
    """Pairs (row, line) that can serve; `most` units each, `size` units per step of a pair's variable:
    1 where quantities may be split, else the line's quantity."""

    problem: Problem
    rows: Rows
    pair_row: Rows
    pair_line: Rows
    most: Whole
    size: Whole
    demand: Whole


@dataclass(frozen=True)
class _Answer:
    is_sent: NDArray[np.bool_]
    steps: NDArray[np.float64]
    gap: float


# Proven: nothing serves what is asked.
_NO_PLAN = _Answer(np.zeros(0, dtype=np.bool_), np.zeros(0), NO_GAP)


def solve(
    problem: Problem, most: Whole, *, may_split: bool, complete: bool, known: Packing | None = None
) -> Packing | None:
    """The least cost that serves every unit, or the most units and then the least cost.

    `most` as told by `most_units`, or less where that cannot lead below `known`, a plan that serves every unit.
    """
    rows = np.flatnonzero(most.any(axis=1))
    if complete and known is not None and (most.sum(axis=0) < problem.quantities).any():
        return replace(known, method=MILP, gap=NO_GAP)
    if len(rows) == 0:
        return None
    if not problem.same_sku:
        rough = _greedy(problem, most, may_split) if complete else None
        known = min((plan for plan in (known, rough) if plan), key=lambda plan: plan.cost, default=None)
        rows = worthwhile(problem, most, rows, _most_parcels(problem, known))
    programme = _programme(problem, most, rows, may_split)
    units = int(problem.quantities.sum())
    if not complete:
        largest = _run(programme, units=None)
        units = 0 if largest is None else round(float((largest.steps * programme.size).sum()))
    answer = _run(programme, units=units) if units else None
    if answer is None or len(answer.steps) == 0:
        return None if known is None else replace(known, method=MILP, gap=UNKNOWN_GAP if answer is None else NO_GAP)
    found = settled(problem, most, _packing(programme, answer))
    if known is not None and known.cost <= found.cost:
        return replace(known, method=MILP, gap=found.gap)
    return found


def _greedy(problem: Problem, most: Whole, may_split: bool) -> Packing | None:
    """A complete plan that takes the cheapest units first; an upper bound, or None."""
    if problem.same_sku:
        return None
    left = problem.quantities.copy()
    parcels: list[tuple[int, dict[int, int]]] = []
    while left.any() and len(parcels) < problem.max_parcels:
        takes = np.minimum(most, left)
        if not may_split:
            takes = np.where(takes == problem.quantities, takes, 0)
        served = takes.sum(axis=1)
        if not served.any():
            return None
        cost = problem.fixed + problem.extra_parcel + (problem.unit * takes).sum(axis=1)
        row = int(np.where(served > 0, cost / np.maximum(served, 1), np.inf).argmin())
        parcels.append((row, {int(line): int(takes[row, line]) for line in np.flatnonzero(takes[row])}))
        left = left - takes[row]
        most = np.where(np.arange(len(most))[:, None] == row, 0, most)
    if left.any():
        return None
    return Packing(tuple(parcels), cost_of(problem, parcels), method=MILP, gap=UNKNOWN_GAP)


def _most_parcels(problem: Problem, known: Packing | None) -> int:
    """No optimal plan has more parcels: their fixed parts alone would cost more than a known plan."""
    limit = min(problem.max_parcels, int(problem.quantities.sum()))
    least_fixed = int(problem.fixed.min()) + problem.extra_parcel
    if known is None or least_fixed <= 0:
        return limit
    cheapest = np.where(problem.usable > 0, problem.unit, np.iinfo(np.int64).max).min(axis=0)
    spare = known.cost + problem.extra_parcel - int((cheapest * problem.quantities).sum())
    return max(1, min(limit, spare // least_fixed))


def _programme(problem: Problem, most: Whole, rows: Rows, may_split: bool) -> _Programme:
    pair_row, pair_line = np.nonzero(most[rows])
    units = most[rows][pair_row, pair_line]
    ones = np.ones_like(units)
    if may_split:
        return _Programme(problem, rows, pair_row, pair_line, units, ones, problem.quantities)
    return _Programme(problem, rows, pair_row, pair_line, ones, units, np.ones_like(problem.quantities))


class _RowWise:
    """Collects constraints for HiGHS."""

    def __init__(self) -> None:
        self.starts: list[int] = [0]
        self.index: list[NDArray[np.intp]] = []
        self.value: list[NDArray[np.float64]] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def add(self, index: NDArray[np.intp], value: NDArray[np.float64], lower: float, upper: float) -> None:
        self.index.append(index)
        self.value.append(value)
        self.starts.append(self.starts[-1] + len(index))
        self.lower.append(lower)
        self.upper.append(upper)

    def add_pairs(self, index: NDArray[np.intp], value: NDArray[np.float64]) -> None:
        """One constraint of two columns, at least 0, for each row given."""
        self.index.append(index.ravel())
        self.value.append(value.ravel())
        self.starts.extend(range(self.starts[-1] + 2, self.starts[-1] + 2 * len(index) + 1, 2))
        self.lower.extend([0.0] * len(index))
        self.upper.extend([highspy.kHighsInf] * len(index))


def _constraints(programme: _Programme, units: int | None) -> _RowWise:
    problem, count = programme.problem, len(programme.rows)
    found = _RowWise()
    is_complete = units == int(problem.quantities.sum())
    for line, demand in enumerate(programme.demand):
        pairs = np.flatnonzero(programme.pair_line == line)
        found.add(count + pairs, np.ones(len(pairs)), float(demand) if is_complete else 0.0, float(demand))
    pairs = np.arange(len(programme.most))
    is_sent = np.column_stack((programme.pair_row, count + pairs))
    found.add_pairs(is_sent, np.column_stack((programme.most, -np.ones(len(pairs)))))
    found.add(np.arange(count), np.ones(count), 0.0, float(min(problem.max_parcels, count)))
    for lines in problem.same_sku:
        for row in range(count):
            pairs = np.flatnonzero((programme.pair_row == row) & np.isin(programme.pair_line, lines))
            limit = float(problem.usable[programme.rows[row], list(lines)].max())
            found.add(count + pairs, programme.size[pairs].astype(float), 0.0, limit)
    if units is not None and not is_complete:
        found.add(count + np.arange(len(programme.most)), programme.size.astype(float), float(units), highspy.kHighsInf)
    return found


def _run(programme: _Programme, *, units: int | None) -> _Answer | None:
    """Asks HiGHS for the least cost of serving `units`, or, without them, for the most units."""
    problem, count = programme.problem, len(programme.rows)
    constraints = _constraints(programme, units)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count + len(programme.most), len(constraints.lower)
    if units is None:
        costs = np.concatenate((np.zeros(count), -programme.size.astype(float)))
    else:
        fixed = (problem.fixed[programme.rows] + problem.extra_parcel) * MICRO
        pairs = problem.unit[programme.rows[programme.pair_row], programme.pair_line] * programme.size * MICRO
        costs = np.concatenate((fixed, pairs))
    lp.col_cost_ = costs
    lp.col_lower_ = np.zeros(lp.num_col_)
    lp.col_upper_ = np.concatenate((np.ones(count), programme.most.astype(float)))
    lp.row_lower_, lp.row_upper_ = np.array(constraints.lower), np.array(constraints.upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(constraints.starts)
    lp.a_matrix_.index_ = np.concatenate(constraints.index)
    lp.a_matrix_.value_ = np.concatenate(constraints.value)
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    is_integral = units == int(problem.quantities.sum()) and not problem.same_sku
    lp.integrality_ = [whole] * count + [real if is_integral else whole] * len(programme.most)
    return _optimum(lp, count)


def _optimum(lp: highspy.HighsLp, count: int) -> _Answer | None:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", 0),
        ("mip_rel_gap", NO_GAP),
        ("mip_abs_gap", NO_GAP),
        ("mip_max_nodes", NODE_LIMIT),
        # What is asked is small and nearly whole at once: looking at it again from the start takes longer.
        ("mip_allow_restart", False),
        ("presolve", "off"),
    ):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return _NO_PLAN
    if not solver.getSolution().value_valid:
        return None
    values = np.array(solver.getSolution().col_value)
    is_proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    gap = 0.0 if is_proven else float(solver.getInfo().mip_gap)
    return _Answer(values[:count] > 0.5, values[count:], gap)


def _packing(programme: _Programme, answer: _Answer) -> Packing:
    """Whole units from what HiGHS opened: where lines do not compete for units, each line's units
    come from the cheapest open rows, so that only the choice of rows rests on floating point."""
    problem = programme.problem
    taken: dict[int, dict[int, int]] = {}
    served = np.bincount(programme.pair_line, answer.steps * programme.size, minlength=len(problem.quantities))
    if problem.same_sku:
        steps = np.rint(answer.steps).astype(np.int64) * programme.size
        for pair in np.flatnonzero(steps):
            row = int(programme.rows[programme.pair_row[pair]])
            taken.setdefault(row, {})[int(programme.pair_line[pair])] = int(steps[pair])
    else:
        for line, units in enumerate(np.rint(served).astype(np.int64)):
            _fill(programme, answer, line, int(units), taken)
    parcels = sorted(taken.items())
    return Packing(tuple(parcels), cost_of(problem, parcels), method=MILP, gap=answer.gap)


def _fill(programme: _Programme, answer: _Answer, line: int, units: int, taken: dict[int, dict[int, int]]) -> None:
    pairs = np.flatnonzero((programme.pair_line == line) & answer.is_sent[programme.pair_row])
    rows = programme.rows[programme.pair_row[pairs]]
    for choice in np.lexsort((rows, programme.problem.unit[rows, line])):
        pair, row = pairs[choice], int(rows[choice])
        take = min(units, int(programme.most[pair] * programme.size[pair]))
        if take > 0:
            taken.setdefault(row, {})[line] = take
            units -= take
