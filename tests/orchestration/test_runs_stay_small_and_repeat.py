"""A run with every objective, filter and carrier at work takes little room, and is decided identically again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from benchmarks.run_size import LIMIT, sizes_of
from oms.orchestration.models import SourcingRun
from oms.sourcing.engine import ENGINE_VERSION

pytestmark = pytest.mark.django_db


def test_at_sixty_points_the_median_stays_under_four_kilobytes() -> None:
    sizes = sizes_of(60, 60)
    assert sizes.median < LIMIT
    # The three columns are what grows; all the rest of a row is a few hundred bytes.
    assert 0 < sizes.median - sizes.facts - sizes.candidates - sizes.plan < 400


def test_all_of_them_are_repeated_identically_by_the_engine_they_name() -> None:
    sizes_of(60, 60)
    assert set(SourcingRun.objects.values_list("engine_version", flat=True)) == {ENGINE_VERSION}
    out = StringIO()
    call_command("verify_decisions", stdout=out)
    assert out.getvalue() == "decisions: 60 identical, 0 different, 0 by another engine\n"
