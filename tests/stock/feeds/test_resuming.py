"""An import that is killed goes on where it was, and its effect happens once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from stock.feeds.applying import Written
from stock.feeds.tables import StagingTables, execute
from stock.models import StockImport, StockLevel, StockMovement
from stock.services import import_writing
from stock.services.import_running import resume_imports
from stock.states import StockImportState
from tests.stock.feeds.feeding import counters, feed, file_of, queue, run
from tests.stock.making import NOON, make_point, make_variant
from tests.support.holding import assert_invariants_hold
from tests.support.waiting import wait_until

SKUS = [f"S{number}" for number in range(10)]
ROOT = Path(__file__).resolve().parents[3]


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def steps_of_three(settings: Any) -> None:
    settings.STOCK_IMPORT_CHUNK_LEVELS = 3


@pytest.fixture
def _network() -> None:
    make_point("paris")
    for sku in SKUS:
        make_variant(sku)
    feed(file_of(*(f"{sku},paris,1" for sku in SKUS[:8])))


@pytest.fixture
def killed_after_two_steps(
    steps_of_three: None, _network: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StockImport]:
    """Eight levels are to change and two to be created; six of them are done."""
    stock_import = queue(file_of(*(f"{sku},paris,5" for sku in SKUS)), as_of=NOON.replace(hour=13))
    with monkeypatch.context() as patch:
        kill_after_two_steps(patch)
        with pytest.raises(Killed):
            run(stock_import)
    yield StockImport.objects.get(pk=stock_import.pk)


def kill_after_two_steps(patch: pytest.MonkeyPatch) -> None:
    """In the third, which has written its levels and not committed."""
    note, steps = import_writing._note, iter([True, True])

    def note_twice(stock_import: StockImport, written: Written) -> StockImport:
        if next(steps, None) is None:
            raise Killed
        return note(stock_import, written)

    patch.setattr(import_writing, "_note", note_twice)


def assert_applied_once(stock_import: StockImport) -> None:
    done = StockImport.objects.get(pk=stock_import.pk)
    assert done.state == StockImportState.APPLIED
    assert counters(done) == {"rows": 10, "applied": 10, "unchanged": 0, "rejected": 0, "quarantined": 0}
    assert set(StockLevel.objects.values_list("on_hand", flat=True)) == {5}
    booked = StockMovement.objects.filter(reference=f"import:{done.pk}").values_list("quantity", flat=True)
    assert sorted(booked) == [4] * 8 + [5] * 2
    assert not StagingTables(done.pk).exist()
    assert_invariants_hold()


@pytest.mark.django_db
def test_what_was_committed_stays_and_the_rest_follows(killed_after_two_steps: StockImport) -> None:
    assert killed_after_two_steps.state == StockImportState.APPLYING
    assert 0 < killed_after_two_steps.applied < 10
    assert StockLevel.objects.filter(on_hand=5).count() == killed_after_two_steps.applied
    assert resume_imports() == 1
    assert_applied_once(killed_after_two_steps)


@pytest.mark.django_db
def test_a_crash_of_the_database_empties_the_staging_tables_and_the_file_is_read_again(
    killed_after_two_steps: StockImport,
) -> None:
    tables = StagingTables(killed_after_two_steps.pk)
    execute(f"TRUNCATE {tables.lines}, {tables.difference}")
    resume_imports()
    assert_applied_once(killed_after_two_steps)


@pytest.mark.django_db
def test_the_staging_tables_may_even_be_gone(killed_after_two_steps: StockImport) -> None:
    StagingTables(killed_after_two_steps.pk).drop()
    resume_imports()
    assert_applied_once(killed_after_two_steps)


@pytest.mark.django_db
def test_after_a_crash_what_another_source_has_written_since_is_not_undone(
    killed_after_two_steps: StockImport,
) -> None:
    written = StockLevel.objects.filter(on_hand=5).order_by("pk").select_related("variant")[0]
    feed(file_of(f"{written.variant.sku},paris,7"), as_of=NOON.replace(hour=14), source="wms")
    tables = StagingTables(killed_after_two_steps.pk)
    execute(f"TRUNCATE {tables.lines}, {tables.difference}")
    resume_imports()
    done = StockImport.objects.get(pk=killed_after_two_steps.pk)
    assert (done.state, done.applied) == (StockImportState.APPLIED, 10)
    written.refresh_from_db()
    assert written.on_hand == 7
    assert StockLevel.objects.filter(on_hand=5).count() == 9
    assert_invariants_hold()


@pytest.mark.django_db
def test_nor_what_only_became_unavailable_or_only_got_its_owner(
    steps_of_three: None, _network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of neither does a movement tell. One step of three is written, then the tables are gone."""
    StockLevel.objects.filter(variant__sku="S1").update(source=None)
    lines = ["S0,paris,1,1", "S1,paris,1,", *(f"{sku},paris,5," for sku in SKUS[2:])]
    stock_import = queue(file_of(*lines, header="sku,stock_point,quantity,unavailable"), as_of=NOON.replace(hour=13))
    with monkeypatch.context() as patch:
        kill_after_two_steps(patch)
        with pytest.raises(Killed):
            run(stock_import)
    assert figures_of("S0", "S1", "S2") == [(1, 1), (1, 0), (5, 0)]
    feed(
        file_of("S0,paris,1,0", "S1,paris,7,0", header="sku,stock_point,quantity,unavailable"),
        as_of=NOON.replace(hour=14),
        source="wms",
    )
    tables = StagingTables(stock_import.pk)
    execute(f"TRUNCATE {tables.lines}, {tables.difference}")
    resume_imports()
    assert StockImport.objects.get(pk=stock_import.pk).state == StockImportState.APPLIED
    assert figures_of("S0", "S1", "S2") == [(1, 0), (7, 0), (5, 0)]
    assert StockLevel.objects.filter(on_hand=5).count() == 8
    assert_invariants_hold()


def figures_of(*skus: str) -> list[tuple[int, int]]:
    levels = StockLevel.objects.filter(variant__sku__in=skus).order_by("variant__sku")
    return list(levels.values_list("on_hand", "unavailable"))


@pytest.mark.django_db
def test_running_it_once_more_changes_nothing(killed_after_two_steps: StockImport) -> None:
    resume_imports()
    assert resume_imports() == 0
    run(killed_after_two_steps)
    assert_applied_once(killed_after_two_steps)


IMPORTER = """
import sys, django
django.setup()
from django.conf import settings
settings.STOCK_IMPORT_CHUNK_LEVELS = 3
settings.MEDIA_ROOT = sys.argv[2]
from stock.services import import_writing
from stock.services.import_running import run_import
note, steps = import_writing._note, []
def wait_and_note(stock_import, written):
    steps.append(written)
    if len(steps) == 3:
        print("in the middle of a step", flush=True)
        sys.stdin.read()
    return note(stock_import, written)
import_writing._note = wait_and_note
run_import(import_id=int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_within_a_step_takes_only_that_step_with_it(_network: None, settings: Any) -> None:
    stock_import = queue(file_of(*(f"{sku},paris,5" for sku in SKUS)), as_of=NOON.replace(hour=13))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": _address()}
    with subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(stock_import.pk), str(settings.MEDIA_ROOT)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "in the middle" in process.stdout.readline()
        assert run(stock_import).state == StockImportState.APPLYING, "nobody else runs it meanwhile"
        process.kill()
    done = StockImport.objects.get(pk=stock_import.pk)
    assert StockLevel.objects.filter(on_hand=5).count() == done.applied == 5
    wait_until(lambda: run(stock_import).state == StockImportState.APPLIED, 20)
    assert_applied_once(stock_import)


def _address() -> str:
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return " ".join(f"{name}={parameters[name]}" for name in names if parameters.get(name))
