"""How every stock point fared: kept as columns, made into objects only when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, overload

import numpy as np

from oms.sourcing import reasons
from oms.sourcing.costs import Costs, to_money
from oms.sourcing.once import once
from oms.sourcing.results import CHOSEN, ELIGIBLE, REJECTED, Candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from oms.sourcing.filters import Field
    from oms.sourcing.situation import Situation


@dataclass(frozen=True)
class CandidateColumns:
    """One entry per stock point, in the order of their codes: enough to store and to make the objects.

    `labels[label_of[row]]` is the row's outcome and reason; money in micro-units, days as ordinals.
    Quantities, costs, distance and day mean nothing where the row is rejected.
    """

    codes: Sequence[str]
    labels: Sequence[tuple[str, str]]
    label_of: NDArray[np.int64]
    quantities: NDArray[np.int64]
    costs: Mapping[str, NDArray[np.int64]]
    distance_km: NDArray[np.float64]
    promised: NDArray[np.int64]


def candidate_columns(
    situation: Situation,
    field: Field,
    costs: Costs,
    chosen: Mapping[int, Mapping[int, int]],
    *,
    may_split: bool,
) -> CandidateColumns:
    """`chosen`: units by line of each row that has a parcel; `may_split` lines."""
    served = np.minimum(field.usable, situation.quantities)
    if not may_split:
        served = np.where(served == situation.quantities, served, 0)
    for row, quantities in chosen.items():
        served[row] = 0
        served[row, list(quantities)] = list(quantities.values())
    units = served.sum(axis=1)
    label_of = field.verdicts.numbers.astype(np.int64)
    fits = label_of == 0
    if chosen:
        label_of[fits] = np.where(units[fits] == situation.quantities.sum(), _DEARER, _HOLDS_A_PART)
        label_of[list(chosen)] = _CHOSEN
    else:
        label_of[fits] = _NO_PLAN
    return CandidateColumns(
        codes=situation.network.codes,
        labels=_LABELS,
        label_of=label_of,
        quantities=units,
        costs=costs.of_parcels(served),
        distance_km=situation.distance_km,
        promised=situation.promised,
    )


_LABELS = (
    *((REJECTED, reason) for reason in reasons.ALL),
    (ELIGIBLE, reasons.DEARER),
    (ELIGIBLE, reasons.HOLDS_A_PART),
    (ELIGIBLE, reasons.NO_PLAN),
    (CHOSEN, reasons.CHEAPEST),
)
_DEARER, _HOLDS_A_PART, _NO_PLAN, _CHOSEN = range(len(reasons.ALL), len(_LABELS))


class CandidateTable(Sequence[Candidate]):
    """The candidates in the order of their codes; equal to any sequence of equal candidates.

    Its columns are worked out when they are first asked for: of a promise nobody asks.
    """

    def __init__(self, columns: Callable[[], CandidateColumns]) -> None:
        self._columns_of = columns

    @once
    def columns(self) -> CandidateColumns:
        return self._columns_of()

    def __len__(self) -> int:
        return len(self.columns.codes)

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
        return hash(tuple(self.columns.codes))

    def __repr__(self) -> str:
        return f"CandidateTable({list(self)!r})"

    def _candidate(self, row: int) -> Candidate:
        columns = self.columns
        outcome, reason = columns.labels[columns.label_of[row]]
        if outcome == REJECTED:
            return Candidate(
                stock_point=columns.codes[row], outcome=outcome, reason=reason, quantity=0, costs={}, total=None
            )
        return Candidate(
            stock_point=columns.codes[row],
            outcome=outcome,
            reason=reason,
            quantity=int(columns.quantities[row]),
            costs={name: to_money(column[row]) for name, column in columns.costs.items()},
            total=to_money(sum(int(column[row]) for column in columns.costs.values())),
            distance_km=float(columns.distance_km[row]),
            promised_on=date.fromordinal(int(columns.promised[row])),
        )
