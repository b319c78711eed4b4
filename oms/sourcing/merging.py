"""Two lines of one article, taken as one while a plan is looked for.

Where quantities may be split, units of one article are all alike: what matters is how many each stock point sends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from oms.sourcing.problem import Packing, Problem


@dataclass(frozen=True)
class Merged:
    """`problem` with the lines of each group as one; `groups`: the lines that each of its lines stands for."""

    problem: Problem
    groups: tuple[tuple[int, ...], ...]
    quantities: tuple[int, ...]

    def apart(self, packing: Packing) -> Packing:
        """The plan of the lines as they were: the first line of a group is served first, from the smallest row."""
        left = list(self.quantities)
        parcels = []
        for row, units in sorted(packing.parcels, key=lambda parcel: parcel[0]):
            taken: dict[int, int] = {}
            for group, wanted in units.items():
                for line in self.groups[group]:
                    share = min(wanted, left[line])
                    left[line], wanted = left[line] - share, wanted - share
                    if share:
                        taken[line] = share
            parcels.append((row, taken))
        return replace(packing, parcels=tuple(parcels))


def merged_lines(problem: Problem) -> Merged | None:
    """None where no two lines are alike: units cost as much and are free at the same stock points."""
    first_of: dict[int, int] = {}
    for lines in problem.same_sku:
        for place, line in enumerate(lines):
            known = next((other for other in lines[:place] if _are_alike(problem, other, line)), None)
            if known is not None:
                first_of[line] = first_of.get(known, known)
    if not first_of:
        return None
    kept = [line for line in range(len(problem.quantities)) if line not in first_of]
    groups = tuple((line, *(other for other, first in first_of.items() if first == line)) for line in kept)
    new = {line: place for place, line in enumerate(kept)}
    return Merged(
        problem=replace(
            problem,
            unit=problem.unit[:, kept],
            usable=problem.usable[:, kept],
            quantities=np.array([problem.quantities[list(group)].sum() for group in groups]),
            same_sku=tuple(
                remaining
                for lines in problem.same_sku
                if len(remaining := tuple(new[line] for line in lines if line in new)) > 1
            ),
        ),
        groups=groups,
        quantities=tuple(problem.quantities.tolist()),
    )


def _are_alike(problem: Problem, one: int, other: int) -> bool:
    return np.array_equal(problem.unit[:, one], problem.unit[:, other]) and np.array_equal(
        problem.usable[:, one], problem.usable[:, other]
    )
