"""Two lines of one article: a stock point that sends two parcels has no more of it than one that sends one."""

from __future__ import annotations

import numpy as np
import pytest

from oms.sourcing import planning, sharing
from oms.sourcing.milp import solve
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import Packing, Problem, is_feasible, most_units
from oms.sourcing.search import Cover, WholeLines, cheapest_cover


def sharing_problem(rng: np.random.Generator, *, max_parcels: int) -> Problem:
    """Two or three lines of the first article, one or two of others; few distinct amounts, so that ties abound."""
    rows, twins, others = 12, int(rng.integers(2, 4)), int(rng.integers(0, 3))
    lines = twins + others
    usable = rng.integers(0, 5, (rows, lines))
    usable[:, :twins] = usable[:, :1]
    return Problem(
        fixed=rng.integers(1, 4, rows) * 1_000_000,
        unit=rng.integers(1, 6, (rows, lines)) * 250_000,
        usable=usable,
        quantities=rng.integers(1, 4, lines),
        extra_parcel=int(rng.integers(0, 2)) * 500_000,
        max_parcels=max_parcels,
        same_sku=(tuple(range(twins)),),
    )


def problems(seed: int, count: int) -> list[Problem]:
    rng = np.random.default_rng(seed)
    return [sharing_problem(rng, max_parcels=int(rng.choice((2, 3, 99)))) for _ in range(count)]


def planned(problem: Problem) -> Packing | None:
    return cheapest_plan(problem, complete_only=True, allow_quantity_split=False)


def test_it_costs_what_the_mixed_integer_programme_finds_and_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = problems(3, 250)
    clashes = 0

    def watched(problem: WholeLines, cover: Cover) -> tuple[int, list[int]]:
        nonlocal clashes
        found = clash(problem, cover)
        clashes += bool(found[1])
        return found

    clash = sharing._clash
    monkeypatch.setattr(sharing, "_clash", watched)
    monkeypatch.setattr(planning, "_by_milp", None)  # which is not asked any more
    answers = [planned(problem) for problem in asked]
    for problem, answer in zip(asked, answers, strict=True):
        reference = solve(problem, most_units(problem, may_split=False), may_split=False, complete=True, known=None)
        assert (answer is None) == (reference is None)
        if answer is not None and reference is not None:
            assert is_feasible(problem, answer)
            assert answer.cost == reference.cost
    assert clashes > 10


def test_the_programme_alone_would_send_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        planning, "cheapest_real_cover", lambda problem, complete: cheapest_cover(problem, complete=complete)
    )
    monkeypatch.setattr(planning, "_is_the_answer", lambda problem, cover, may_split: True)
    answers = [(problem, planned(problem)) for problem in problems(3, 250)]
    assert any(answer is not None and not is_feasible(problem, answer) for problem, answer in answers)


def test_where_it_looked_long_enough_the_programme_has_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = [planned(problem) for problem in problems(3, 80)]
    monkeypatch.setattr(sharing, "MOST_PLANS", 1)
    limited = [planned(problem) for problem in problems(3, 80)]
    assert {each.method for each in limited if each} == {"exact", "milp"}
    assert [each and each.cost for each in limited] == [each and each.cost for each in exact]
