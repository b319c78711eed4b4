"""All invariants look at one moment of the database."""

import pytest
from django.db import connection

from oms.core import invariants
from oms.core.audit import record_audit
from oms.core.models import AuditEntry
from tests.support.concurrently import Elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_commit_between_two_checks_is_seen_by_neither(monkeypatch):
    counts = []

    def count():
        counts.append(AuditEntry.objects.count())
        with Elsewhere(lambda: record_audit("thing.done", subject="a")) as other:
            other.result()
        return []

    monkeypatch.setattr(invariants, "REGISTRY", {"a": count, "b": count})
    assert list(invariants.violations()) == []
    assert counts == [0, 0]
    assert AuditEntry.objects.count() == 2


def test_a_check_cannot_write(monkeypatch):
    from django.db import InternalError

    monkeypatch.setattr(invariants, "REGISTRY", {"a": lambda: record_audit("thing.done", subject="a")})
    with pytest.raises(InternalError, match="read-only transaction"):
        list(invariants.violations())
    assert not connection.in_atomic_block
