"""Rows dropped as dominated, pairs looked at before HiGHS, limits that stop it: none may alter a plan
but to say that it is not proven."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oms.sourcing import bounding, milp, pairs, planning, search
from oms.sourcing.bounding import Reach
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import Packing, Problem, is_feasible, most_units


def random_problem(rng: np.random.Generator, *, lines: int, max_parcels: int) -> Problem:
    """Few distinct amounts, so that ties abound."""
    rows = 40
    return Problem(
        fixed=rng.integers(3, 7, rows) * 1_000_000,
        unit=rng.integers(1, 6, (rows, lines)) * 250_000,
        usable=rng.integers(0, 4, (rows, lines)) * rng.integers(0, 2, (rows, lines)),
        quantities=rng.integers(1, 5, lines),
        extra_parcel=int(rng.integers(0, 2)) * 500_000,
        max_parcels=max_parcels,
    )


@pytest.mark.parametrize("max_parcels", [1, 2, 3, 99])
def test_dropping_dominated_rows_keeps_the_plan_and_its_ties(max_parcels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(max_parcels)
    planned = 0
    for _ in range(60):
        problem = random_problem(rng, lines=int(rng.integers(1, 6)), max_parcels=max_parcels)
        answers = []
        for threshold in (0, 10**9):
            monkeypatch.setattr(search, "REDUCE_ABOVE", threshold)
            answers.append(cheapest_plan(problem, complete_only=False, allow_quantity_split=False))
        assert answers[0] == answers[1]
        planned += answers[0] is not None
    assert planned > 40


@pytest.mark.parametrize("max_parcels", [2, 3, 99])
def test_one_parcel_that_nothing_can_beat_is_what_the_programme_finds(
    max_parcels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(20 + max_parcels)
    problems = [random_problem(rng, lines=int(rng.integers(2, 5)), max_parcels=max_parcels) for _ in range(120)]
    at_once = search._unbeaten_parcel
    found = []

    def watched(problem: search.WholeLines, least: list[int]) -> search.Cover | None:
        found.append(at_once(problem, least))
        return found[-1]

    def answers() -> list[Packing | None]:
        return [cheapest_plan(problem, complete_only=True, allow_quantity_split=False) for problem in problems]

    monkeypatch.setattr(search, "_unbeaten_parcel", watched)
    with_it = answers()
    monkeypatch.setattr(search, "_unbeaten_parcel", lambda problem, least: None)
    assert with_it == answers()
    assert sum(each is not None for each in found) > 5
    assert sum(each is None for each in found) > 5


def test_a_row_that_is_as_good_for_its_line_is_kept_for_its_smaller_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "REDUCE_ABOVE", 0)
    problem = search.WholeLines(
        fixed=np.array([1, 1, 1]),
        lines=np.array([[0, 0, search.FORBIDDEN], [5, 4, 0]]),
        units=np.array([1, 1]),
        max_parcels=2,
    )
    assert search.cheapest_cover(problem) == search.Cover(((0, (0,)), (2, (1,))), 2)


def test_pairs_answer_as_the_programme_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    settled_by_pairs = 0
    for _ in range(40):
        problem = random_problem(rng, lines=int(rng.integers(1, 5)), max_parcels=int(rng.choice((2, 3, 99))))
        quick = cheapest_plan(problem, complete_only=True, allow_quantity_split=True)
        with monkeypatch.context() as patched:
            patched.setattr(planning, "MAX_ROWS", -1)
            patched.setattr(milp, "worthwhile", lambda problem, most, rows, parcels: rows)
            slow = cheapest_plan(problem, complete_only=True, allow_quantity_split=True)
        assert (quick is None) == (slow is None)
        if quick is not None and slow is not None:
            assert quick.cost == slow.cost
            assert is_feasible(problem, quick)
            settled_by_pairs += (quick.method, slow.method) == ("exact", "milp")
    assert settled_by_pairs >= 5


@pytest.mark.parametrize(("may_split", "max_parcels"), [(False, 3), (True, 3), (True, 99)])
def test_triples_answer_as_the_programme_does(
    may_split: bool, max_parcels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(13)
    settled_by_triples = better_than_pairs = 0
    for _ in range(40):
        lines = 11 if not may_split else int(rng.integers(3, 8))
        problem = random_problem(rng, lines=lines, max_parcels=max_parcels)
        problem = problem if may_split else replace(problem, quantities=np.ones(lines, dtype=np.int64))
        quick = cheapest_plan(problem, complete_only=True, allow_quantity_split=may_split)
        with monkeypatch.context() as patched:
            patched.setattr(planning, "cheapest_triple", lambda problem, reach, may_split: None)
            slow = cheapest_plan(problem, complete_only=True, allow_quantity_split=may_split)
        assert (quick is None) == (slow is None)
        if quick is not None and slow is not None:
            assert (quick.cost, quick.gap) == (slow.cost, 0)
            assert is_feasible(problem, quick)
            settled_by_triples += (quick.method, slow.method) == ("exact", "milp")
            better_than_pairs += len(quick.parcels) == 3
    assert settled_by_triples >= 3
    assert better_than_pairs >= 3


def unnarrowed(problem: Problem, most: np.ndarray, known: Packing | None, *, may_split: bool) -> Reach:
    return Reach(most, known, False, np.zeros(len(problem.quantities), dtype=np.int64))


@pytest.mark.parametrize("may_split", [False, True])
def test_what_is_ruled_out_beforehand_is_in_no_cheapest_plan(may_split: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(21)
    planned = ruled_out = 0
    for _ in range(30):
        lines = 11 if not may_split else int(rng.integers(3, 6))
        problem = random_problem(rng, lines=lines, max_parcels=int(rng.choice((3, 4, 99))))
        problem = problem if may_split else replace(problem, quantities=np.ones(lines, dtype=np.int64))
        most = most_units(problem, may_split=may_split)
        reach = bounding.narrowed(problem, most, None, may_split=may_split)
        ruled_out += int((reach.most < most).sum())
        quick = cheapest_plan(problem, complete_only=True, allow_quantity_split=may_split)
        with monkeypatch.context() as patched:
            patched.setattr(planning, "narrowed", unnarrowed)
            patched.setattr(planning, "cheapest_triple", lambda problem, reach, may_split: None)
            slow = cheapest_plan(problem, complete_only=True, allow_quantity_split=may_split)
        assert (quick is None) == (slow is None)
        if quick is not None and slow is not None:
            assert (quick.cost, quick.gap) == (slow.cost, 0)
            assert is_feasible(problem, quick)
            planned += 1
    assert planned >= 15
    assert ruled_out > 1000


def test_units_of_one_article_on_two_lines_are_taken_as_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    planned = 0
    for _ in range(25):
        problem = random_problem(rng, lines=3, max_parcels=3)
        problem.unit[:, 2], problem.usable[:, 2] = problem.unit[:, 0], problem.usable[:, 0]
        twice = replace(problem, same_sku=((0, 2),))
        quick = cheapest_plan(twice, complete_only=False, allow_quantity_split=True)
        with monkeypatch.context() as patched:
            patched.setattr(planning, "merged_lines", lambda problem: None)
            slow = cheapest_plan(twice, complete_only=False, allow_quantity_split=True)
        assert (quick is None) == (slow is None)
        if quick is not None and slow is not None:
            assert (quick.cost, served(quick)) == (slow.cost, served(slow))
            assert is_feasible(twice, quick)
            planned += 1
    assert planned >= 15


def hard_problem() -> Problem:
    rng = np.random.default_rng(1)
    return Problem(
        fixed=rng.integers(1_000_000, 9_000_000, 40),
        unit=rng.integers(100_000, 2_000_000, (40, 11)),
        usable=rng.integers(0, 3, (40, 11)),
        quantities=np.full(11, 4),
        extra_parcel=0,
        max_parcels=99,
    )


def test_a_plan_that_the_limit_of_nodes_leaves_unproven_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    proven = cheapest_plan(hard_problem(), complete_only=True, allow_quantity_split=True)
    assert proven is not None
    assert (proven.method, proven.gap) == ("milp", 0.0)
    monkeypatch.setattr(milp, "NODE_LIMIT", 0)
    stopped = cheapest_plan(hard_problem(), complete_only=True, allow_quantity_split=True)
    assert stopped is not None
    assert is_feasible(hard_problem(), stopped)
    assert served(stopped) == 44
    assert stopped.cost >= proven.cost
    assert stopped.gap > 0


def served(packing: Packing) -> int:
    return sum(sum(quantities.values()) for _, quantities in packing.parcels)


def test_a_single_row_is_preferred_to_a_pair_of_the_same_cost() -> None:
    problem = Problem(
        fixed=np.array([1_000_000, 1_000_000, 2_000_000]),
        unit=np.zeros((3, 1), dtype=np.int64),
        usable=np.array([[1], [1], [2]]),
        quantities=np.array([2]),
        extra_parcel=0,
        max_parcels=2,
    )
    most = np.array([[1], [1], [2]])
    assert pairs.cheapest_pair(problem, most, np.arange(3)) == Packing(((2, {0: 2}),), 2_000_000)
