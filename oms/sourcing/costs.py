"""Every objective as money.

A plan costs, for each of its parcels, a fixed part for its stock point plus a part for each unit, and
`extra_parcel` for each parcel beyond the first. Both parts are sums over the objectives, each
rounded once to whole micro-units of the currency: from there on all sums are exact.

    transport       the tariff of the service (the house's where no carrier goes), 0 for stock that already
                    lies where it is collected
    handling        the stock point's cost per parcel
    carbon_per_kg   kg CO2e of the parcel
    ageing          minus the benefit of selling each unit from here (`worth.ageing_benefit`)
    scarcity        what each unit is worth more here than elsewhere (`worth.scarcity_cost`)
    lateness_per_day  days the parcel comes after the promised date; where none was given yet, after the
                    earliest date any stock point that the rule looks at could keep
    decline         probability that the stock point declines (learned, else configured) x what that costs
    priority        ranks below the channel's best priority (equal priorities share a rank)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.once import once
from oms.sourcing.rules import Rule
from oms.sourcing.search import MAX_COST
from oms.sourcing.worth import ageing_benefit, scarcity_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from oms.sourcing.filters import Field
    from oms.sourcing.situation import Situation

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

MICRO = 1_000_000


class CostOutOfRange(ValueError):
    """A plan could cost more than the engine's whole numbers hold exactly."""


def to_money(micro: int) -> Decimal:
    """Whole micro-units as a decimal of six places."""
    return Decimal(int(micro)).scaleb(-6)


def to_micro(amount: Decimal) -> int:
    return int((amount * MICRO).to_integral_value())


@dataclass(frozen=True)
class Costs:
    """Micro-units by objective: `fixed[objective][row]` per parcel, `unit[objective][row, line]` per
    unit. An objective that costs nothing anywhere is absent."""

    fixed: Mapping[str, Whole]
    unit: Mapping[str, Whole]
    extra_parcel: int
    shape: tuple[int, int]

    @once
    def fixed_total(self) -> Whole:
        return sum(self.fixed.values(), np.zeros(self.shape[0], dtype=np.int64))

    @once
    def unit_total(self) -> Whole:
        return sum(self.unit.values(), np.zeros(self.shape, dtype=np.int64, order="F"))

    def of_parcel(self, row: int, quantities: Mapping[int, int]) -> dict[str, int]:
        """Micro-units by objective of one parcel with so many units of each line."""
        found = {name: int(column[row]) for name, column in self.fixed.items()}
        for name, table in self.unit.items():
            units = sum(int(table[row, line]) * quantity for line, quantity in quantities.items())
            found[name] = found.get(name, 0) + units
        return found

    def of_parcels(self, quantities: Whole) -> dict[str, Whole]:
        """Micro-units by objective of one parcel from each row with `quantities[row, line]`."""
        found = {name: column.copy() for name, column in self.fixed.items()}
        for name, table in self.unit.items():
            found[name] = found.get(name, 0) + (table * quantities).sum(axis=1)
        return found


class CostTerms:
    """The money terms of one situation before a rule's weights; shared by every rule tried."""

    def __init__(self, situation: Situation, *, uses_learning: bool) -> None:
        self.situation = situation
        self.uses_learning = uses_learning

    @once
    def weights_kg(self) -> Real:
        return np.array([line.weight_g for line in self.situation.lines]) / 1000

    @once
    def packaging_kg(self) -> float:
        return self.situation.house.packaging_g / 1000

    @once
    def transport(self) -> tuple[Real, Real]:
        situation = self.situation
        packaging = [self.packaging_kg, *([0.0] * (len(situation.lanes) - 1))]
        fixed = [lane.fixed + lane.per_kg * kg for lane, kg in zip(situation.lanes, packaging, strict=True)]
        per_kg = situation.chosen([lane.per_kg for lane in situation.lanes])
        return self._travelling(situation.chosen(fixed), per_kg)

    @once
    def carbon_kg(self) -> tuple[Real, Real]:
        situation = self.situation
        per_kg = situation.chosen([lane.carbon_per_kg for lane in situation.lanes])
        size = situation.network.size
        each = situation.chosen([np.full(size, lane.carbon_g / 1000) for lane in situation.lanes])
        fixed = each + per_kg * self.packaging_kg
        return self._travelling(fixed, per_kg)

    def _travelling(self, fixed: Real, per_kg: Real) -> tuple[Real, Real]:
        """Per parcel and per unit, both 0 for stock that need not travel."""
        if self.situation.own_row >= 0:
            travels = ~self.situation.is_own
            fixed, per_kg = fixed * travels, per_kg * travels
        return fixed, (self.weights_kg[:, None] * per_kg).T

    @once
    def decline(self) -> Real:
        """What was learned of a stock point replaces what is configured of it."""
        facts, network = self.situation.facts, self.situation.network
        found = network.decline_probabilities
        if self.uses_learning and facts.estimates.decline_probability:
            found = found.copy()
            for code, probability in facts.estimates.decline_probability.items():
                if code in network.rows:
                    found[network.rows[code]] = float(probability)
        return found * float(facts.estimates.decline_cost or facts.valuation.decline_cost)

    @once
    def ageing(self) -> Real:
        """Money gained by each unit that is sold from here."""
        learned = self.situation.facts.estimates.ageing_benefit if self.uses_learning else {}
        return ageing_benefit(self.situation) + self.per_unit(learned)

    @once
    def scarcity(self) -> Real:
        learned = self.situation.facts.estimates.scarcity_cost if self.uses_learning else {}
        return scarcity_cost(self.situation) + self.per_unit(learned)

    @once
    def ranks(self) -> Whole:
        facts, network = self.situation.facts, self.situation.network
        feeds = facts.channel.stock_points
        known = network.priorities
        if feeds is not None:
            known = known[network.column(dict.fromkeys(feeds, 1), absent=0) > 0]
        return np.searchsorted(np.unique(known), network.priorities)

    def per_unit(self, values: Mapping[str, Mapping[str, Decimal]]) -> Real:
        """Money per unit by row and line, from a mapping by SKU and stock point."""
        rows_of = self.situation.network.rows
        found = np.zeros((self.situation.network.size, len(self.situation.lines)), order="F")
        for column, line in enumerate(self.situation.lines):
            amounts = [(rows_of[code], amount) for code, amount in values.get(line.sku, {}).items() if code in rows_of]
            if amounts:
                rows, money = zip(*amounts, strict=True)
                found[list(rows), column] = np.array(money, dtype=np.float64)
        return found

    def late_days(self, field: Field) -> Whole:
        """Days after the promise; 0 for rows that never deliver, which are rejected anyway."""
        promised = self.situation.promised
        given = self.situation.facts.promised_on
        if given is not None:
            reference = given.toordinal()
        else:
            reference = int(promised[field.rows].min()) if len(field.rows) else 0
        late = np.zeros(len(promised), dtype=np.int64)
        late[field.rows] = np.maximum(promised[field.rows] - reference, 0)
        return late


def costs_of(rule: Rule, terms: CostTerms, field: Field) -> Costs:
    """The costs of every row and line under one rule's objectives. CostOutOfRange if too large."""
    weigh = rule.objectives
    fixed: dict[str, NDArray[np.floating]] = {}
    unit: dict[str, NDArray[np.floating]] = {}
    for name, weight, term in (
        ("transport", weigh.transport, terms.transport),
        ("carbon_per_kg", weigh.carbon_per_kg, terms.carbon_kg),
    ):
        fixed[name], unit[name] = float(weight) * term[0], float(weight) * term[1]
    fixed["handling"] = float(weigh.handling) * terms.situation.network.handling
    if weigh.lateness_per_day:
        fixed["lateness_per_day"] = float(weigh.lateness_per_day) * terms.late_days(field)
    if weigh.decline and terms.decline.any():
        fixed["decline"] = float(weigh.decline) * terms.decline
    if weigh.priority:
        fixed["priority"] = float(weigh.priority) * terms.ranks
    if weigh.ageing and terms.ageing.any():
        unit["ageing"] = -float(weigh.ageing) * terms.ageing
    if weigh.scarcity and terms.scarcity.any():
        unit["scarcity"] = float(weigh.scarcity) * terms.scarcity
    _require_range(fixed, unit, terms.situation.quantities, float(weigh.extra_parcel))
    return Costs(
        fixed={name: _micro(column) for name, column in fixed.items()},
        unit={name: _micro(table) for name, table in unit.items()},
        extra_parcel=to_micro(weigh.extra_parcel),
        shape=(terms.situation.network.size, len(terms.situation.lines)),
    )


def _micro(amounts: NDArray[np.floating]) -> Whole:
    found: Whole = np.rint(amounts * MICRO).astype(np.int64)
    return found


def _require_range(
    fixed: Mapping[str, NDArray[np.floating]],
    unit: Mapping[str, NDArray[np.floating]],
    quantities: Whole,
    extra_parcel: float,
) -> None:
    """Whole numbers must hold any plan: as many parcels as can be, all from the dearest points."""
    parcels = min(int(quantities.sum()), max(len(column) for column in fixed.values()))
    worst = extra_parcel * parcels
    worst += sum(float(np.abs(column).max(initial=0)) for column in fixed.values()) * parcels
    worst += sum(float((np.abs(table).max(axis=0, initial=0) * quantities).sum()) for table in unit.values())
    if not worst * MICRO < MAX_COST:
        raise CostOutOfRange("the objectives of this rule make costs too large to compare exactly")
