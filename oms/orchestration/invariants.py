"""What must always be true of rules, runs and capacity."""

from collections.abc import Iterable

from oms.core.invariants import invariant, rows_of
from oms.orchestration.models import FactBlob, SourcingRun
from oms.orchestration.packing import content_hash, unpacked
from oms.orchestration.states import VersionState

_BATCH = 500


@invariant("published_version_is_the_one_in_force")
def published_version_is_the_one_in_force() -> Iterable[str]:
    """A rule set points to its one published version, or has none."""
    rows = rows_of(
        """
        SELECT r.code, p.number, count(v.id), min(v.number)
        FROM orchestration_ruleset r
        LEFT JOIN orchestration_rulesetversion p ON p.id = r.published_version_id
        LEFT JOIN orchestration_rulesetversion v ON v.rule_set_id = r.id AND v.state = %s
        GROUP BY r.code, r.published_version_id, p.number
        HAVING count(v.id) > 1 OR min(v.id) IS DISTINCT FROM r.published_version_id
        ORDER BY r.code
        """,
        VersionState.PUBLISHED,
    )
    for code, named, count, number in rows:
        yield f"rule set {code} names version {named}; it has {count} published, the first of them {number}"


@invariant("rule_set_shows_what_is_in_force")
def rule_set_shows_what_is_in_force() -> Iterable[str]:
    """The priority rule sets are asked by is that of the published document."""
    rows = rows_of(
        """
        SELECT r.code, r.priority, v.document ->> 'priority'
        FROM orchestration_ruleset r JOIN orchestration_rulesetversion v ON v.id = r.published_version_id
        WHERE r.priority <> (v.document ->> 'priority')::int OR r.code <> v.document ->> 'code'
        ORDER BY r.code
        """
    )
    for code, priority, written in rows:
        yield f"rule set {code} has priority {priority}, its published document says {written}"


@invariant("runs_have_their_blobs")
def runs_have_their_blobs() -> Iterable[str]:
    rows = rows_of(
        """
        SELECT h.what, h.hash, count(*), min(h.id)
        FROM (SELECT id, 'network' AS what, network_id AS hash FROM orchestration_sourcingrun
              UNION ALL SELECT id, 'rules', rules_id FROM orchestration_sourcingrun) h
        LEFT JOIN orchestration_factblob b ON b.hash = h.hash
        WHERE b.hash IS NULL GROUP BY h.what, h.hash ORDER BY min(h.id)
        """
    )
    for what, digest, count, first in rows:
        yield f"the {what} {digest} of {count} sourcing runs, the first of them {first}, is not stored"


@invariant("facts_are_what_was_hashed")
def facts_are_what_was_hashed() -> Iterable[str]:
    """Stored facts and blobs still have the content they are named by."""
    for blob in FactBlob.objects.order_by("pk").iterator(chunk_size=_BATCH):
        if not _is_intact(blob.content, blob.hash):
            yield f"fact blob {blob.hash} has another content"
    runs = SourcingRun.objects.order_by("pk").values_list("pk", "facts", "facts_hash")
    for pk, facts, digest in runs.iterator(chunk_size=_BATCH):
        if not _is_intact(facts, digest):
            yield f"sourcing run {pk} has other facts than it was decided by"


def _is_intact(content: bytes | memoryview, digest: object) -> bool:
    try:
        return content_hash(unpacked(content)) == digest
    except ValueError:
        return False


@invariant("capacity_used_is_within_what_was_allowed")
def capacity_used_is_within_what_was_allowed() -> Iterable[str]:
    rows = rows_of(
        """
        SELECT p.code, c."on", c.used, c.capacity
        FROM orchestration_capacityuse c JOIN stock_stockpoint p ON p.id = c.stock_point_id
        WHERE c.used < 0 OR c.used > c.capacity ORDER BY p.code, c."on"
        """
    )
    for code, on, used, capacity in rows:
        yield f"{code} took {used} orders on {on}, of at most {capacity}"
