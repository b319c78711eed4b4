"""The audit says who did what, and can only grow."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from oms.core.actors import acting_as
from oms.core.audit import record_audit, record_audits
from oms.core.clock import clock_at
from oms.core.models import AuditEntry
from oms.core.services.sealing import seal_audit

pytestmark = pytest.mark.django_db


def test_an_entry_tells_who_what_when_and_on_what(at_noon):
    with acting_as("user:12"), clock_at(at_noon):
        record_audit("order.cancelled", subject="order:H1", changes={"reason": "customer", "refund": Decimal("9.90")})
    entry = AuditEntry.objects.get()
    assert (entry.at, entry.actor, entry.action, entry.subject) == (at_noon, "user:12", "order.cancelled", "order:H1")
    assert entry.changes == {"reason": "customer", "refund": "9.90"}


def test_many_entries_are_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        record_audits("row.written", [(f"row:{n}", None) for n in range(100)])
    assert AuditEntry.objects.count() == 100


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET actor = 'nobody'",
        "UPDATE core_auditentry SET changes = '{}', position = 1, hash = '\\x00'",
        "DELETE FROM core_auditentry",
    ],
)
@pytest.mark.parametrize("is_sealed", [False, True])
def test_the_database_refuses_to_change_or_delete_an_entry(statement, is_sealed):
    record_audit("order.cancelled", subject="order:H1", changes={"reason": "customer"})
    if is_sealed:
        seal_audit()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().changes == {"reason": "customer"}


def test_a_sealed_entry_is_not_sealed_again():
    record_audit("order.cancelled", subject="order:H1")
    seal_audit()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(position=7, hash=b"x")
