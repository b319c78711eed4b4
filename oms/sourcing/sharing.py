"""The exact minimum-cost plan when lines that go whole from one stock point draw on the same units.

The dynamic programme of `search` sees what a parcel may hold, not that a stock point sends two parcels that together
hold more than it has. Where its plan does, no plan of less cost has both: one of these lines comes from elsewhere.
Each such way out is asked for anew, the cheapest first, until a plan is real (branch and bound: A. H. Land, A. G. Doig,
"An automatic method of solving discrete programming problems", Econometrica 28, 1960).
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from oms.sourcing.search import FORBIDDEN, Cover, WholeLines, cheapest_cover

if TYPE_CHECKING:
    from oms.sourcing.search import Whole

# Plans looked at; where none of them is real, another method has to say.
MOST_PLANS = 64
Rank = tuple[int, int, int, tuple[tuple[int, int, int], ...]]


def cheapest_real_cover(problem: WholeLines, *, complete: bool = True) -> Cover | None:
    """As `cheapest_cover`, ties included; a stock point that sends two parcels has the units of both.

    Where it cannot tell, the answer is the cheapest one that is not real.
    """
    first = cheapest_cover(problem, complete=complete)
    if first is None or not problem.shared:
        return first
    turns = count()
    waiting = [(_rank(problem, first), next(turns), problem.lines, first)]
    for _ in range(MOST_PLANS):
        if not waiting:
            return None
        _, _, lines, cover = heapq.heappop(waiting)
        row, too_many = _clash(problem, cover)
        if not too_many:
            return cover
        for line in too_many:
            elsewhere = _without(lines, line, row)
            found = cheapest_cover(replace(problem, lines=elsewhere), complete=complete)
            if found is not None:
                heapq.heappush(waiting, (_rank(problem, found), next(turns), elsewhere, found))
    return first


def _without(lines: Whole, line: int, row: int) -> Whole:
    less = lines.copy()
    less[line, row] = FORBIDDEN
    return less


def _rank(problem: WholeLines, cover: Cover) -> Rank:
    """What makes one plan better than another: units, cost, parcels, then what `search` prefers among equals."""
    units = sum(int(problem.units[line]) for _, lines in cover.parcels for line in lines)
    order = tuple((row, -len(lines), sum(1 << line for line in lines)) for row, lines in cover.parcels)
    return -units, cover.cost, len(cover.parcels), order


def _clash(problem: WholeLines, cover: Cover) -> tuple[int, list[int]]:
    """A row and the lines it cannot have together; no lines where there is none."""
    at: dict[int, set[int]] = {}
    for row, carried in cover.parcels:
        at.setdefault(row, set()).update(carried)
    for shared in problem.shared:
        wanted = dict(zip(shared.lines, shared.quantities, strict=True))
        for row, lines in at.items():
            here = sorted(lines & wanted.keys())
            if sum(wanted[line] for line in here) > shared.units[row]:
                return row, here
    return -1, []
