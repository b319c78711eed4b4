"""The cheapest way to bring spare units to where they are needed: a flow of least cost, solved by HiGHS.

First as many urgent units as can be served at all, then as many others, then the least transport: three linear
programmes over one network, whose optima at a corner are whole numbers (every matrix of a network is totally
unimodular: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, Network Flows, 1993, theorems 11.11 and 11.12).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from oms.replenishment.facts import Need, Spare

Cost = Callable[[Spare, Need], int | None]
"""Of one unit; None where the giver may not send there."""

Flow = tuple[int, int, int]
"""(index of the spare, index of the need, units)."""

_URGENT, _REST = 0, 1


class NoOptimum(Exception):
    """HiGHS found none: the programme always has one, so something is wrong with its figures."""


@dataclass(frozen=True, slots=True)
class _Arc:
    giver: int
    need: int
    segment: int
    cost: int


def cheapest_flow(spares: Sequence[Spare], needs: Sequence[Need], cost: Cost) -> list[Flow]:
    """Who sends how much to whom, by index, in the order of the indexes; the same facts give the same flow."""
    costs = {
        (giver, need): price
        for giver, spare in enumerate(spares)
        for need, wanted in enumerate(needs)
        if spare.place != wanted.place and (price := cost(spare, wanted)) is not None
    }
    if not costs:
        return []
    found = _undisputed(spares, needs, costs)
    return _solved(spares, needs, costs) if found is None else found


def _undisputed(spares: Sequence[Spare], needs: Sequence[Need], costs: dict[tuple[int, int], int]) -> list[Flow] | None:
    """Everybody gets all from the cheapest giver, where these have enough: no flow can be better. Else None."""
    left = [spare.units for spare in spares]
    cheapest: dict[int, int] = {}
    for giver, need in costs:
        best = cheapest.get(need)
        if best is None or (costs[giver, need], giver) < (costs[best, need], best):
            cheapest[need] = giver
    for need, giver in cheapest.items():
        left[giver] -= needs[need].units
        if left[giver] < 0:
            return None
    return sorted((giver, need, needs[need].units) for need, giver in cheapest.items())


def _solved(spares: Sequence[Spare], needs: Sequence[Need], costs: dict[tuple[int, int], int]) -> list[Flow]:
    arcs = [
        _Arc(giver, need, segment, price)
        for (giver, need), price in costs.items()
        for segment, units in enumerate(_segments(needs[need]))
        if units
    ]
    solver = _solver(spares, needs, arcs)
    segment = np.array([arc.segment for arc in arcs])
    totals = len(spares) + 2 * len(needs)
    for served in (_URGENT, _REST):
        amount = round(float(_optimum(solver, -(segment == served).astype(float))[segment == served].sum()))
        solver.changeRowBounds(totals + served, float(amount), float(amount))
    # A network's corners are whole; which of equal ones is taken must not hang on the size of the costs.
    units = np.rint(_optimum(solver, np.array([float(arc.cost) for arc in arcs]))).astype(int)
    merged: dict[tuple[int, int], int] = {}
    for arc, quantity in zip(arcs, units, strict=True):
        if quantity > 0:
            merged[arc.giver, arc.need] = merged.get((arc.giver, arc.need), 0) + int(quantity)
    return sorted((giver, need, quantity) for (giver, need), quantity in merged.items())


def _segments(need: Need) -> tuple[int, int]:
    return need.urgent, need.units - need.urgent


def _solver(spares: Sequence[Spare], needs: Sequence[Need], arcs: Sequence[_Arc]) -> highspy.Highs:
    """One row per giver, one per need and segment, and one per segment for all that it gets."""
    first_need, totals = len(spares), len(spares) + 2 * len(needs)
    limits = [float(spare.units) for spare in spares]
    limits += [float(units) for need in needs for units in _segments(need)]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(arcs), totals + 2
    lp.col_cost_ = np.zeros(len(arcs))
    lp.col_lower_ = np.zeros(len(arcs))
    lp.col_upper_ = np.full(len(arcs), highspy.kHighsInf)
    lp.row_lower_ = np.zeros(totals + 2)
    lp.row_upper_ = np.array([*limits, highspy.kHighsInf, highspy.kHighsInf])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 3 * len(arcs) + 1, 3)
    lp.a_matrix_.index_ = np.array(
        [row for arc in arcs for row in (arc.giver, first_need + 2 * arc.need + arc.segment, totals + arc.segment)]
    )
    lp.a_matrix_.value_ = np.ones(3 * len(arcs))
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("parallel", "off"), ("random_seed", 0)):
        solver.setOptionValue(option, value)
    # The simplex method ends at a corner.
    solver.setOptionValue("solver", "simplex")
    solver.passModel(lp)
    return solver


def _optimum(solver: highspy.Highs, costs: np.ndarray) -> np.ndarray:
    solver.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NoOptimum(str(solver.getModelStatus()))
    return np.array(solver.getSolution().col_value)
