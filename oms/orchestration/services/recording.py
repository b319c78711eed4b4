"""Keeping the record of decisions: written on the way of every order, so in one statement.

A run's own facts lie in its row. The network and the rules are shared by most runs: they are stored
once, under their hash, when the statement that writes a run finds them missing.

What acts on a decision may write its record with its own rows, in one statement: `recording` is the part
of it and `run_parameters` what that part is run with. Such a statement cannot stop to store what it finds
missing: then it writes nothing, raises what `lacks_shared` recognises, and is run again after `keep_shared`.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from psycopg import errors as pg

from oms.core import clock
from oms.core.prepared import prepared_cursor
from oms.orchestration.deciding import RunToSave, Shared, UnsavedRun
from oms.orchestration.explanations import packed_candidates
from oms.orchestration.packing import content_hash, packed
from oms.orchestration.run_texts import plan_text, run_facts_text

_TABLE: Final = "orchestration_sourcingrun"
_COLUMNS: Final = {
    "reference": "text",
    "channel_id": "bigint",
    "trigger": "text",
    "rule_set_code": "text",
    "version": "integer",
    "rule": "text",
    "started_at": "timestamptz",
    "duration_us": "integer",
    "outcome": "text",
    "plan": "jsonb",
    "candidates": "bytea",
    "facts": "bytea",
    "facts_hash": "uuid",
    "network_id": "uuid",
    "rules_id": "uuid",
    "engine_version": "text",
}
_SHARED: Final = ("network_id", "rules_id")

_MISSING_BLOBS = """
SELECT ARRAY(SELECT id FROM written ORDER BY id),
       ARRAY(SELECT h FROM unnest(%(shared)s::uuid[]) h
             WHERE NOT EXISTS (SELECT 1 FROM orchestration_factblob b WHERE b.hash = h))
"""
_KEEP_BLOBS = """
INSERT INTO orchestration_factblob (hash, content, created_at)
SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::timestamptz[]) AS w (hash, content, created_at) ORDER BY hash
ON CONFLICT (hash) DO NOTHING
"""


def save_run(*, run: UnsavedRun, reference: str | None = None, outcome: str | None = None) -> int:
    """Write one run in the caller's transaction; its id."""
    return save_runs(runs=[RunToSave(run, reference, outcome)])[0]


@transaction.atomic(savepoint=False)
def save_runs(*, runs: Sequence[RunToSave]) -> list[int]:
    """Write many runs; their ids in the same order."""
    if not runs:
        return []
    shared = _shared(runs)
    written = f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) SELECT * FROM {_rows(len(runs))} RETURNING id"  # noqa: S608
    with prepared_cursor() as cursor:
        cursor.execute(
            f"WITH written AS ({written}) {_MISSING_BLOBS}", {**run_parameters(runs), "shared": list(shared)}
        )
        ids, missing = cursor.fetchone()
        if missing:
            _keep_blobs([(found, shared[found].content) for found in missing])
    return list(ids)


def recording(count: int, *, once: str) -> str:
    """An INSERT of so many runs, for a statement that has one row in `once` if it writes anything.

    A run whose network or rules are not stored breaks the statement: their hashes are read where they lie.
    """
    columns = ", ".join(
        f"(SELECT hash FROM orchestration_factblob WHERE hash = r.{name})" if name in _SHARED else f"r.{name}"  # noqa: S608
        for name in _COLUMNS
    )
    return f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) SELECT {columns} FROM {once}, {_rows(count)}"  # noqa: S608


def lacks_shared(error: DatabaseError) -> bool:
    """Whether a statement with `recording` in it wrote nothing because a network or rules are not stored yet."""
    cause = error.__cause__
    return (
        isinstance(cause, pg.NotNullViolation) and cause.diag.table_name == _TABLE and cause.diag.column_name in _SHARED
    )


def keep_shared(runs: Sequence[RunToSave]) -> None:
    """Store the networks and the rules that the runs rest on, where they are not stored yet."""
    _keep_blobs([(found, shared.content) for found, shared in _shared(runs).items()])


def run_parameters(runs: Sequence[RunToSave]) -> dict[str, Any]:
    """What `recording` of these runs is run with."""
    return {
        f"{name}_{place}": value
        for place, run in enumerate(runs)
        for name, value in zip(_COLUMNS, _values(run), strict=True)
    }


def _rows(count: int) -> str:
    rows = (", ".join(f"%({name}_{place})s::{kind}" for name, kind in _COLUMNS.items()) for place in range(count))
    return f"(VALUES {', '.join(f'({row})' for row in rows)}) r ({', '.join(_COLUMNS)})"


def _shared(runs: Sequence[RunToSave]) -> dict[UUID, Shared]:
    return {found.hash: found for each in runs for found in (each.run.known, each.run.rules)}


def _values(asked: RunToSave) -> tuple[Any, ...]:
    """One row, in the order of the columns."""
    run, result = asked.run, asked.run.result
    facts = run_facts_text(run.facts, network_hash=run.known.hash)
    return (
        asked.reference or run.reference,
        run.channel_id,
        run.trigger,
        result.rule_set,
        run.rules.version,
        result.rule or "",
        run.started_at,
        run.duration_us,
        asked.outcome or result.outcome,
        plan_text(result).decode(),
        packed_candidates(result.candidates),
        packed(facts),
        content_hash(facts),
        run.known.hash,
        run.rules.hash,
        result.engine_version,
    )


def _keep_blobs(blobs: Sequence[tuple[UUID, bytes]]) -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_BLOBS, [[h for h, _ in blobs], [content for _, content in blobs], [now] * len(blobs)])
