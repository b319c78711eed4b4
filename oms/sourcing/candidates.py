"""How every stock point fared: kept as columns, made into objects only when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, overload

import numpy as np

from oms.sourcing import reasons
from oms.sourcing.costs import Costs, to_money
from oms.sourcing.results import CHOSEN, ELIGIBLE, REJECTED, Candidate

if TYPE_CHECKING:
    from oms.sourcing.filters import Field
    from oms.sourcing.situation import Situation


class CandidateTable(Sequence[Candidate]):
    """The candidates in the order of their codes; equal to any sequence of equal candidates."""

    def __init__(
        self,
        situation: Situation,
        field: Field,
        costs: Costs,
        chosen: Mapping[int, Mapping[int, int]],
        *,
        may_split: bool,
    ) -> None:
        """`chosen`: units by line of each row that has a parcel; `may_split` lines."""
        self._codes = situation.network.codes
        self._verdicts = field.verdicts.numbers
        self._promised = situation.promised
        self._distance_km = situation.distance_km
        self._chosen = frozenset(chosen)
        self._has_plan = bool(chosen)
        self._demand = int(situation.quantities.sum())
        served = np.minimum(field.usable, situation.quantities)
        if not may_split:
            served = np.where(served == situation.quantities, served, 0)
        for row, quantities in chosen.items():
            served[row] = 0
            served[row, list(quantities)] = list(quantities.values())
        self._quantities = served.sum(axis=1)
        self._costs = costs.of_parcels(served)

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Candidate, ...]: ...

    def __getitem__(self, index: int | slice) -> Candidate | tuple[Candidate, ...]:
        if isinstance(index, slice):
            return tuple(self._candidate(row) for row in range(*index.indices(len(self))))
        return self._candidate(range(len(self))[index])

    def __iter__(self) -> Iterator[Candidate]:
        return (self._candidate(row) for row in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self._codes))

    def __repr__(self) -> str:
        return f"CandidateTable({list(self)!r})"

    def _why_not(self, row: int) -> str:
        if not self._has_plan:
            return reasons.NO_PLAN
        return reasons.DEARER if self._quantities[row] == self._demand else reasons.HOLDS_A_PART

    def _candidate(self, row: int) -> Candidate:
        reason = reasons.ALL[self._verdicts[row]]
        if reason:
            return Candidate(
                stock_point=self._codes[row], outcome=REJECTED, reason=reason, quantity=0, costs={}, total=None
            )
        costs = {name: to_money(column[row]) for name, column in self._costs.items()}
        if row in self._chosen:
            outcome, reason = CHOSEN, reasons.CHEAPEST
        else:
            outcome, reason = ELIGIBLE, self._why_not(row)
        return Candidate(
            stock_point=self._codes[row],
            outcome=outcome,
            reason=reason,
            quantity=int(self._quantities[row]),
            costs=costs,
            total=to_money(sum(int(column[row]) for column in self._costs.values())),
            distance_km=float(self._distance_km[row]),
            promised_on=date.fromordinal(int(self._promised[row])),
        )
