"""Keeping the record of decisions: written on the way of every order, so in one statement.

A run's own facts lie in its row. The network and the rules are shared by most runs: they are stored
once, under their hash, when the statement that writes a run finds them missing.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from oms.core import clock
from oms.core.prepared import prepared_cursor
from oms.orchestration.deciding import RunToSave, UnsavedRun
from oms.orchestration.explanations import packed_candidates
from oms.orchestration.packing import content_hash, packed
from oms.orchestration.run_texts import plan_text, run_facts_text

_COLUMNS = (
    "reference", "channel_id", "trigger", "rule_set_code", "version", "rule", "started_at", "duration_us", "outcome",
    "plan", "candidates", "facts", "facts_hash", "network_id", "rules_id", "engine_version",
)  # fmt: skip
_ROW = f"({', '.join(['%s'] * len(_COLUMNS))})"

_MISSING_BLOBS = """
SELECT ARRAY(SELECT id FROM written ORDER BY id),
       ARRAY(SELECT h FROM unnest(%s::uuid[]) h
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
    rows = [_values(each) for each in runs]
    shared = {found.hash: found for each in runs for found in (each.run.known, each.run.rules)}
    with prepared_cursor() as cursor:
        cursor.execute(_writing(len(rows)), [*chain.from_iterable(rows), list(shared)])
        ids, missing = cursor.fetchone()
        if missing:
            _keep_blobs([(found, shared[found].content) for found in missing])
    return list(ids)


def _writing(count: int) -> str:
    values = ", ".join([_ROW] * count)
    written = f"INSERT INTO orchestration_sourcingrun ({', '.join(_COLUMNS)}) VALUES {values} RETURNING id"  # noqa: S608
    return f"WITH written AS ({written}) {_MISSING_BLOBS}"


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
