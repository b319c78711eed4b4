"""The minimum-cost plan for one rule: by dynamic programming where that is exact, else by HiGHS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.bounding import narrowed
from oms.sourcing.merging import merged_lines
from oms.sourcing.pairs import MAX_ROWS, beats_larger_plans, cheapest_pair, worthwhile
from oms.sourcing.problem import Packing, Problem, is_feasible, most_units
from oms.sourcing.search import FORBIDDEN, MAX_LINES, SharedStock, WholeLines
from oms.sourcing.sharing import cheapest_real_cover
from oms.sourcing.triples import cheapest_triple

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cheapest_plan(problem: Problem, *, complete_only: bool, allow_quantity_split: bool) -> Packing | None:
    """The plan of least cost that serves every unit; None if there is none.

    Where not `complete_only` and no plan is complete: the most units that can be served, and among
    such plans the least cost. Without quantity splits a line is served whole or not at all.
    """
    may_split = allow_quantity_split and bool((problem.quantities > 1).any())
    if may_split and problem.same_sku and (merged := merged_lines(problem)):
        found = cheapest_plan(merged.problem, complete_only=complete_only, allow_quantity_split=True)
        return None if found is None else merged.apart(found)
    found = _complete_plan(problem, may_split and problem.max_parcels > 1)
    if found is not None or complete_only:
        return found
    return _partial_plan(problem, may_split)


def _complete_plan(problem: Problem, may_split: bool) -> Packing | None:
    if problem.usable.shape[1] <= MAX_LINES or problem.max_parcels == 1:
        cover = _whole_lines(problem, may_split, complete=True)
        if _is_the_answer(problem, cover, may_split):
            return cover
    if (problem.usable.sum(axis=0) < problem.quantities).any():
        return None
    return _by_pairs_or_milp(problem, may_split)


def _partial_plan(problem: Problem, may_split: bool) -> Packing | None:
    if not may_split and problem.usable.shape[1] <= MAX_LINES:
        cover = _whole_lines(problem, may_split, complete=False)
        if _is_the_answer(problem, cover, may_split):
            return cover
    return _by_milp(problem, may_split, complete=False)


def _is_the_answer(problem: Problem, cover: Packing | None, may_split: bool) -> bool:
    """The dynamic programme may have given units that are not there only where quantities are split or lines
    draw on the same units."""
    return cover is None or not (may_split or problem.same_sku) or is_feasible(problem, cover)


def _whole_lines(problem: Problem, may_split: bool, *, complete: bool) -> Packing | None:
    """The dynamic programme's answer. With quantity splits it is asked as if a point that has one
    unit had them all: no real plan can cost less, so an answer that is feasible is the minimum."""
    wanted = problem.quantities[:, None]
    can_serve = (1 if may_split else wanted) <= problem.usable.T
    shared = [
        SharedStock(
            lines=lines,
            quantities=tuple(int(problem.quantities[line]) for line in lines),
            units=problem.usable[:, lines].max(axis=1),
        )
        for lines in problem.same_sku
        if not may_split
    ]
    cover = cheapest_real_cover(
        WholeLines(
            fixed=problem.fixed,
            lines=np.where(can_serve, problem.unit.T * wanted, FORBIDDEN),
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


def _by_pairs_or_milp(problem: Problem, may_split: bool) -> Packing | None:
    known, most, pairs_are_known = None, most_units(problem, may_split=may_split), False
    if not problem.same_sku:
        rows = worthwhile(problem, most, np.flatnonzero(most.any(axis=1)), min(problem.max_parcels, 2))
        if len(rows) <= MAX_ROWS:
            known, pairs_are_known = cheapest_pair(problem, most, rows), True
            if problem.max_parcels < 3 or (known is not None and beats_larger_plans(problem, most, known)):
                return known
    reach = narrowed(problem, most, known, may_split=may_split)
    if reach.is_proven:
        return reach.known
    if pairs_are_known and (found := cheapest_triple(problem, reach, may_split=may_split)) is not None:
        return found
    return _by_milp(problem, may_split, complete=True, most=reach.most, known=reach.known)


def _by_milp(
    problem: Problem,
    may_split: bool,
    *,
    complete: bool,
    most: NDArray[np.int64] | None = None,
    known: Packing | None = None,
) -> Packing | None:
    """`most`: where not every row need be looked at, because the rest cannot lead below `known`."""
    from oms.sourcing import milp  # HiGHS is loaded only where it is needed

    most = most_units(problem, may_split=may_split) if most is None else most
    return milp.solve(problem, most, may_split=may_split, complete=complete, known=known)
