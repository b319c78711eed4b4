"""How little a plan can cost, and which stock points a plan of less than a known cost can still have.

Lagrangian relaxation (M. L. Fisher, "The Lagrangian relaxation method for solving integer programming problems",
Management Science 27, 1981): a price for each unit of each line stands in for the demand that it be served. For
any prices, whole micro-units here so that every sum is exact,

    prices x demand + the most negative (fixed + what its units cost less than their prices) of each row

is no more than any plan costs. The prices follow the subgradient; what the best of them rule out is gone for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.problem import EXACT, Packing, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Rows = NDArray[np.intp]

ROUNDS = 200
PATIENCE = 4
NARROWED_EVERY = 5
# Where much is left to look at by then, a better plan is looked for near the rows that the prices favour.
SWAPS_AFTER = (8, 25, 60)
MANY_PAIRS = 150
SWEEPS = 4


@dataclass(frozen=True)
class Reach:
    """`most` with 0 where no plan cheaper than `known` can take a unit; `is_proven`: there is none. `prices`: those
    under which a plan was shown to cost the most."""

    most: Whole
    known: Packing | None
    is_proven: bool
    prices: Whole


def narrowed(problem: Problem, most: Whole, known: Packing | None, *, may_split: bool) -> Reach:
    """What is left to look at for complete plans. That lines share units is not seen by the bound, which is then
    only lower."""
    search = _Prices(problem, most, known, may_split=may_split)
    for _ in range(ROUNDS):
        if not search.step():
            break
    return Reach(search.most, search.known, search.is_proven, search.best_prices)


class _Prices:
    def __init__(self, problem: Problem, most: Whole, known: Packing | None, *, may_split: bool) -> None:
        self.problem, self.known, self.may_split = problem, known, may_split
        self.base = problem.fixed + problem.extra_parcel
        self.most = most.copy()
        self.parcels = min(problem.max_parcels, int(problem.quantities.sum()))
        self.is_proven = False
        self.prices = self.best_prices = self._first_prices()
        self.rate, self.best, self.idle, self.round = 1.0, -np.inf, 0, 0

    def _first_prices(self) -> Whole:
        """Of each unit: what it costs where its share of the parcel is the least."""
        units = np.maximum(self.most.sum(axis=1), 1)
        share = self.problem.unit + (np.maximum(self.base, 0) // units)[:, None]
        found: Whole = np.where(self.most > 0, share, np.iinfo(np.int64).max).min(axis=0)
        return found

    @property
    def limit(self) -> float:
        """What a plan must stay below, an extra parcel counted for its first one too."""
        return np.inf if self.known is None else self.known.cost + self.problem.extra_parcel

    def step(self) -> bool:
        """One round; whether another may help."""
        gains = np.minimum(self.problem.unit - self.prices, 0) * self.most
        rows = self.base + gains.sum(axis=1)
        order = np.argpartition(rows, min(self.parcels, len(rows) - 1))[: self.parcels]
        opened = order[rows[order] < 0]
        bound = int((self.prices * self.problem.quantities).sum() + rows[opened].sum())
        self.round += 1
        if bound > self.best or self.round % NARROWED_EVERY == 0:
            self._offer(opened)
            self._narrow(rows, opened)
        if self.round in SWAPS_AFTER and np.count_nonzero(self.most) > MANY_PAIRS:
            self._offer(swapped(self.problem, self.most, order[np.argsort(rows[order], kind="stable")]))
            self._narrow(rows, opened)
        self.idle = 0 if bound > self.best else self.idle + 1
        if bound > self.best:
            self.best, self.best_prices = bound, self.prices
        if self.best >= self.limit or not self.most.any():
            self.is_proven = True
            return False
        if self.idle >= PATIENCE:
            self.rate, self.idle = self.rate / 2, 0
        return self._move(opened, gains, bound)

    def _move(self, opened: Rows, gains: Whole, bound: int) -> bool:
        missing = self.problem.quantities - np.where(gains[opened] < 0, self.most[opened], 0).sum(axis=0)
        norm = int((missing * missing).sum())
        if norm == 0 or self.rate < 1e-3:
            return False
        goal = self.limit if np.isfinite(self.limit) else bound + abs(bound) * 0.1 + 1
        change = np.rint(self.rate * (goal - bound) / norm * missing).astype(np.int64)
        self.prices = self.prices + change
        return bool(change.any())

    def _narrow(self, rows: Whole, opened: Rows) -> None:
        """Without what would bring a plan to the limit, were it in it: row by row, then pair by pair."""
        if not np.isfinite(self.limit):
            return
        least = int((self.prices * self.problem.quantities).sum())
        others = np.sort(rows[opened])[: max(self.parcels - 1, 0)].sum()
        with_row = least + rows + np.where(np.isin(np.arange(len(rows)), opened), rows[opened].sum() - rows, others)
        dearer = np.maximum(self.problem.unit - self.prices, 0)
        self.most[with_row[:, None] + dearer >= self.limit] = 0

    def _offer(self, opened: Rows) -> None:
        """The plan that these rows make, should it be cheaper than what is known."""
        found = filled(self.problem, self.most, opened, may_split=self.may_split)
        if found is not None and (self.known is None or found.cost < self.known.cost):
            self.known = found


def swapped(problem: Problem, most: Whole, rows: Rows) -> Rows:
    """These rows with one after the other exchanged for whatever serves best beside the rest."""
    chosen = rows.tolist()
    least = np.iinfo(np.int64).max
    for _ in range(SWEEPS):
        before = least
        for place in range(len(chosen)):
            cost = _beside(problem, most, chosen[:place] + chosen[place + 1 :])
            best = int(cost.argmin())
            if cost[best] < least:
                chosen[place], least = best, int(cost[best])
        if least == before:
            break
    return np.array(chosen, dtype=np.intp)


def _beside(problem: Problem, most: Whole, others: list[int]) -> Whole:
    """What each row costs as one more beside the others, every unit from the cheapest; missing units are dear."""
    cost = problem.fixed + int(problem.fixed[others].sum())
    missing_costs = int(np.abs(problem.fixed).max() + np.abs(problem.unit).max()) * 100
    for line, quantity in enumerate(problem.quantities.tolist()):
        unit, cap = problem.unit[:, line], most[:, line]
        left = np.full(len(unit), quantity)
        ranked = sorted(others, key=lambda row: int(problem.unit[row, line]))
        for is_cheaper in (True, False):
            for row in ranked:
                takes = np.where((unit[row] <= unit) == is_cheaper, np.minimum(cap[row], left), 0)
                cost, left = cost + takes * unit[row], left - takes
            if is_cheaper:
                takes = np.minimum(cap, left)
                cost, left = cost + takes * unit, left - takes
        cost = cost + left * missing_costs
    cost[others] += missing_costs
    return cost


def filled(problem: Problem, most: Whole, rows: Rows, *, may_split: bool) -> Packing | None:
    """Every unit from the cheapest of these rows that has it; None where they have too little."""
    parcels: dict[int, dict[int, int]] = {}
    cost = -problem.extra_parcel
    sharing = {line: lines for lines in problem.same_sku for line in lines}
    for line, quantity in enumerate(problem.quantities.tolist()):
        left = quantity
        for row in sorted(rows.tolist(), key=lambda row: (int(problem.unit[row, line]), row)):
            units = min(left, int(most[row, line]))
            if line in sharing:
                taken = sum(parcels.get(row, {}).get(other, 0) for other in sharing[line])
                units = min(units, int(problem.usable[row, line]) - taken)
            if units > 0 and (may_split or units == quantity):
                parcels.setdefault(row, {})[line] = units
                cost += units * int(problem.unit[row, line])
                left -= units
        if left:
            return None
    cost += sum(int(problem.fixed[row]) + problem.extra_parcel for row in parcels)
    return Packing(tuple(sorted(parcels.items())), cost, EXACT)
