"""The same question put to HiGHS: a mixed-integer programme written from the raw facts alone.

One binary variable for each stock point and one whole variable for each stock point and line. Nothing is
left out beforehand, nothing is rounded; `reference_terms` works out the amounts without the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from benchmarks.reference_terms import Question, Sender
from oms.sourcing.facts import Facts
from oms.sourcing.rules import Rule

FEW_UNITS = 1e-6


@dataclass(frozen=True)
class Reference:
    """The proven minimum and the units it serves, or None where no plan serves what it must."""

    cost: float | None
    units: int = 0


def minimum_cost(facts: Facts, rule: Rule) -> Reference:
    """Of all units; where the rule is content with a part and not all can be had, of the most that can."""
    programme = _Programme(Question(facts, rule))
    wanted = sum(line.quantity for line in facts.lines)
    if not programme.senders:
        return Reference(None)
    whole = programme.solve(wanted)
    if whole is not None:
        return Reference(whole, wanted)
    if rule.complete_only:
        return Reference(None)
    most = programme.most_units()
    return Reference(programme.solve(most), most) if most else Reference(None)


class _Programme:
    """Columns: one for each sender, then one for each sender and line it can give something of."""

    def __init__(self, question: Question) -> None:
        self.facts, self.rule = question.facts, question.rule
        self.senders: list[Sender] = question.senders
        self.columns: list[tuple[int, int, int, float, int]] = []  # sender, line, most, money, units a step
        for number, sender in enumerate(self.senders):
            for place, line in enumerate(self.facts.lines):
                most = min(sender.units[line.key], line.quantity)
                if self.rule.allow_quantity_split and most:
                    self.columns.append((number, place, most, sender.money[line.key], 1))
                elif most == line.quantity:
                    self.columns.append((number, place, 1, sender.money[line.key] * most, most))
        self.rows: list[tuple[float, float, dict[int, float]]] = []
        self._constrain()

    def _constrain(self) -> None:
        count = len(self.senders)
        is_small = self.rule.no_split_below is not None and self.facts.order_value < self.rule.no_split_below
        self.rows.append((0, 1 if is_small else self.rule.max_parcels, dict.fromkeys(range(count), 1.0)))
        for place, line in enumerate(self.facts.lines):
            units = {count + n: float(each[4]) for n, each in enumerate(self.columns) if each[1] == place}
            self.rows.append((0, line.quantity, units))
        for n, (number, _, most, _, _) in enumerate(self.columns):
            self.rows.append((0, highspy.kHighsInf, {number: float(most), count + n: -1.0}))
        self._share_stock(count)

    def _share_stock(self, count: int) -> None:
        """Two lines of one article draw on the same units."""
        skus = [line.sku for line in self.facts.lines]
        twice = {sku for sku in skus if skus.count(sku) > 1}
        for number, sender in enumerate(self.senders):
            for sku in twice:
                units = {
                    count + n: float(each[4])
                    for n, each in enumerate(self.columns)
                    if each[0] == number and skus[each[1]] == sku
                }
                most = max(sender.units[line.key] for line in self.facts.lines if line.sku == sku)
                self.rows.append((0, most, units))

    def solve(self, units: int) -> float | None:
        """The least money that serves so many units."""
        extra = float(self.rule.objectives.extra_parcel)
        found = self._run([sender.fixed + extra for sender in self.senders], [each[3] for each in self.columns], units)
        return None if found is None else found - extra

    def most_units(self) -> int:
        found = self._run([0.0] * len(self.senders), [-float(each[4]) for each in self.columns], 0)
        return 0 if found is None else round(-found)

    def _run(self, fixed: list[float], money: list[float], units: int) -> float | None:
        served = {len(self.senders) + n: float(each[4]) for n, each in enumerate(self.columns)}
        rows = [*self.rows, (units - FEW_UNITS, highspy.kHighsInf, served)]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(fixed) + len(money), len(rows)
        lp.col_cost_ = np.array([*fixed, *money])
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.array([*[1.0] * len(fixed), *[float(each[2]) for each in self.columns]])
        lp.row_lower_ = np.array([row[0] for row in rows], dtype=float)
        lp.row_upper_ = np.array([row[1] for row in rows], dtype=float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in rows)])
        lp.a_matrix_.index_ = np.array([column for row in rows for column in row[2]])
        lp.a_matrix_.value_ = np.array([value for row in rows for value in row[2].values()])
        lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
        return _optimum(lp)


def _optimum(lp: highspy.HighsLp) -> float | None:
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 1e-9)
    model.passModel(lp)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return model.getInfo().objective_function_value
