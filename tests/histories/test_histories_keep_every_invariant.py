"""Random histories of imports, orders, work, carriers and cancellations never lose or invent a unit."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.machine import Histories
from tests.histories.world import open_world

pytestmark = pytest.mark.django_db


def run_histories(*, examples: int, steps: int, derandomize: bool) -> None:
    retailer = open_world()
    run_state_machine_as_test(
        lambda: Histories(retailer),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
            database=None,
            derandomize=derandomize,
            print_blob=True,
        ),
    )


def test_short_histories_keep_every_invariant() -> None:
    run_histories(examples=15, steps=30, derandomize=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_long_histories_keep_every_invariant() -> None:
    run_histories(examples=150, steps=60, derandomize=False)
