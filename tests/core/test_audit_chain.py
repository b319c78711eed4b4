"""The chain tells when anything in it was touched."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from oms.core.audit import record_audit, record_audits
from oms.core.models import AuditEntry, AuditHead
from oms.core.services.sealing import breaks_in_chain, seal_audit
from tests.support.concurrently import Elsewhere, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def write(*subjects: str) -> None:
    record_audits("thing.done", [(subject, {"n": 1}) for subject in subjects])


@contextmanager
def unguarded():
    """As somebody could who owns the database: the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")


def test_entries_are_sealed_in_order_and_once():
    write("a", "b")
    assert seal_audit() == 2
    write("c")
    assert seal_audit() == 1
    assert seal_audit() == 0
    assert list(AuditEntry.objects.order_by("position").values_list("subject", "position")) == [
        ("a", 1),
        ("b", 2),
        ("c", 3),
    ]
    assert list(breaks_in_chain()) == []


def test_the_limit_of_a_run_leaves_the_rest_to_the_next():
    write("a", "b", "c")
    assert seal_audit(limit=2) == 2
    assert seal_audit(limit=2) == 1
    assert list(breaks_in_chain()) == []


def test_a_changed_entry_is_found():
    write("a", "b", "c")
    seal_audit()
    target = AuditEntry.objects.get(subject="b").pk
    with unguarded() as cursor:
        cursor.execute("UPDATE core_auditentry SET changes = '{\"n\": 2}' WHERE id = %s", [target])
    assert list(breaks_in_chain()) == [f"audit entry {target} at place 2 was changed after it was sealed"]


def test_a_deleted_entry_is_missed():
    write("a", "b", "c")
    seal_audit()
    with unguarded() as cursor:
        cursor.execute("DELETE FROM core_auditentry WHERE subject = 'b'")
    assert list(breaks_in_chain()) == ["audit entries at places 2 to 2 are missing"]


def test_entries_cut_off_the_end_are_missed():
    write("a", "b", "c")
    seal_audit()
    with unguarded() as cursor:
        cursor.execute("DELETE FROM core_auditentry WHERE subject = 'c'")
    assert list(breaks_in_chain()) == ["the audit chain ends at place 2, its head is at 3"]


def test_an_entry_rewritten_with_a_fitting_hash_breaks_the_next():
    from oms.core.services.sealing import hash_of_entry

    write("a", "b", "c")
    seal_audit()
    entry = AuditEntry.objects.get(subject="b")
    entry.actor = "nobody"
    before = bytes(AuditEntry.objects.get(subject="a").hash)
    with unguarded() as cursor:
        cursor.execute(
            "UPDATE core_auditentry SET actor = 'nobody', hash = %s WHERE id = %s",
            [hash_of_entry(entry, position=2, before=before), entry.pk],
        )
    last = AuditEntry.objects.get(subject="c").pk
    assert list(breaks_in_chain()) == [f"audit entry {last} at place 3 was changed after it was sealed"]


def test_an_entry_still_in_flight_is_sealed_once_it_is_committed():
    """Its id is lower than that of an entry already sealed."""
    written, commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            record_audit("thing.done", subject="slow")
            written.set()
            assert commit.wait(30)

    with Elsewhere(slowly) as slow:
        assert written.wait(30)
        write("fast")
        assert seal_audit() == 1
        commit.set()
        slow.result()
    assert seal_audit() == 1
    assert list(AuditEntry.objects.order_by("position").values_list("subject", flat=True)) == ["fast", "slow"]
    assert AuditEntry.objects.get(subject="slow").pk < AuditEntry.objects.get(subject="fast").pk
    assert list(breaks_in_chain()) == []


def test_sealers_at_the_same_moment_make_one_chain():
    write(*(str(n) for n in range(200)))
    at_once([lambda: seal_audit(limit=20)] * 6)
    while seal_audit():
        assert AuditHead.objects.get().position <= 200
    assert AuditHead.objects.get().position == 200
    assert list(breaks_in_chain()) == []


def test_an_empty_audit_is_intact():
    assert list(breaks_in_chain()) == []
