"""What speaks against each stock point, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing import reasons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]


class Verdicts:
    """The first reason against each row, 0 while it fits."""

    def __init__(self, numbers: NDArray[np.int16]) -> None:
        self.numbers = numbers

    def reject(self, rows: Flags, reason: str) -> None:
        if rows.any():
            self.numbers[(self.numbers == 0) & rows] = reasons.NUMBER[reason]

    @property
    def fits(self) -> Flags:
        found: Flags = self.numbers == 0
        return found

    def copy(self) -> Verdicts:
        return Verdicts(self.numbers.copy())

    def counts(self) -> dict[str, int]:
        counted = np.bincount(self.numbers)
        return {reasons.ALL[number]: int(counted[number]) for number in np.flatnonzero(counted).tolist() if number}
