"""Each invariant of the kernel names the row that somebody corrupted by hand."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from oms.core import invariants
from oms.core.audit import record_audits
from oms.core.events import emit
from oms.core.models import ApiClient, AuditEntry, EventDelivery, IdempotencyRecord, OutboxEvent
from oms.core.services.idempotency import claim_key, record_answer
from oms.core.services.relaying import drain_events
from oms.core.services.sealing import seal_audit
from tests.core.hearing import subscribe
from tests.support.api import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def healthy(settings):
    """One of everything, as the product itself writes it."""
    subscribe(settings, made=["hear"])
    client, _ = make_client()
    lease = claim_key(client=client, key="k1", request_hash="0" * 64)
    record_answer(lease=lease, status=201, content_type="application/json", body=b"{}")
    with transaction.atomic():
        emit("thing.made", thing=1)
    drain_events()
    record_audits("row.written", [("a", None), ("b", None)])
    seal_audit()
    assert violations() == []


def violations() -> list[tuple[str, str]]:
    mine = [name for name, check in invariants.REGISTRY.items() if check.__module__ == "oms.core.kernel_invariants"]
    return [(found.invariant, found.detail) for found in invariants.violations(mine)]


def corrupt(*statements: str) -> None:
    """Write what the product could not: without its constraints and triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)


def without(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"


def test_the_names_of_the_kernels_invariants():
    """A new invariant needs a test below that corrupts a row."""
    mine = {name for name, check in invariants.REGISTRY.items() if check.__module__ == "oms.core.kernel_invariants"}
    assert mine == {
        "events_are_relayed_to_all_their_tasks",
        "events_are_delivered_once",
        "deliveries_done_have_their_time",
        "idempotency_keys_have_one_answer",
        "states_are_known",
        "moves_are_held_by_the_database",
        "audit_is_append_only",
        "audit_chain_is_intact",
    }


def test_a_delivery_that_vanished_is_named(healthy):
    event = OutboxEvent.objects.get()
    corrupt("DELETE FROM core_eventdelivery")
    assert violations() == [
        ("events_are_relayed_to_all_their_tasks", f"event {event.pk} was relayed to 1 tasks, it has 0 deliveries")
    ]


def test_an_event_that_forgot_its_relaying_is_named(healthy):
    event = OutboxEvent.objects.get()
    corrupt("UPDATE core_outboxevent SET relayed_at = NULL")
    assert violations() == [
        ("events_are_relayed_to_all_their_tasks", f"event {event.pk} was relayed to 1 tasks, it has 1 deliveries")
    ]


def test_a_second_delivery_of_an_event_to_a_task_is_named(healthy):
    event = OutboxEvent.objects.get()
    corrupt(
        without("core_eventdelivery", "core_eventdelivery_once_per_subscription"),
        "INSERT INTO core_eventdelivery (event_id, subscription) SELECT event_id, subscription FROM core_eventdelivery",
        "UPDATE core_outboxevent SET fan_out = 2",
    )
    assert violations() == [
        ("events_are_delivered_once", f"event {event.pk} has 2 deliveries to tests.core.hearing.hear")
    ]


def test_a_delivery_done_at_no_time_is_named(healthy):
    delivery = EventDelivery.objects.get()
    corrupt(
        without("core_eventdelivery", "core_eventdelivery_done_has_its_time"),
        "UPDATE core_eventdelivery SET done_at = NULL",
    )
    assert violations() == [
        (
            "deliveries_done_have_their_time",
            f"delivery {delivery.pk} is done without its time, or has one without being done",
        )
    ]


def test_a_repeated_idempotency_key_is_named(healthy):
    client = ApiClient.objects.get()
    corrupt(
        without("core_idempotencyrecord", "core_idempotencyrecord_key_unique"),
        "INSERT INTO core_idempotencyrecord (client_id, key, request_hash, lease_token, leased_until, content_type) "
        "SELECT client_id, key, request_hash, lease_token, leased_until, '' FROM core_idempotencyrecord",
    )
    assert violations() == [
        ("idempotency_keys_have_one_answer", f"the idempotency key k1 of client {client.pk} is recorded more than once")
    ]


def test_half_an_answer_is_named(healthy):
    record = IdempotencyRecord.objects.get()
    corrupt(
        without("core_idempotencyrecord", "core_idempotencyrecord_answered_wholly"),
        "UPDATE core_idempotencyrecord SET body = NULL",
    )
    assert violations() == [("idempotency_keys_have_one_answer", f"idempotency record {record.pk} has half an answer")]


def test_an_unknown_state_is_named(healthy):
    delivery = EventDelivery.objects.get()
    corrupt(
        "ALTER TABLE core_eventdelivery DISABLE TRIGGER core_eventdelivery_legal_moves",
        "UPDATE core_eventdelivery SET state = 'lost', done_at = NULL",
        "ALTER TABLE core_eventdelivery ENABLE TRIGGER core_eventdelivery_legal_moves",
    )
    assert violations() == [("states_are_known", f"core_eventdelivery {delivery.pk} is in the unknown state lost")]


TRIGGER = "core_eventdelivery_legal_moves"


@pytest.mark.parametrize(
    "statements",
    [
        [f"DROP TRIGGER {TRIGGER} ON core_eventdelivery"],
        [f"ALTER TABLE core_eventdelivery DISABLE TRIGGER {TRIGGER}"],
        [
            f"DROP TRIGGER {TRIGGER} ON core_eventdelivery",
            f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE OF state ON core_eventdelivery FOR EACH ROW "
            "WHEN ((OLD.state || '>' || NEW.state) <> ALL (ARRAY['pending>done', 'done>pending'])) "
            "EXECUTE FUNCTION core_refuse_move()",
        ],
    ],
    ids=["dropped", "switched off", "another table"],
)
def test_a_trigger_that_does_not_hold_the_moves_is_named(healthy, statements):
    corrupt(*statements)
    assert violations() == [
        (
            "moves_are_held_by_the_database",
            f"the trigger {TRIGGER} on core_eventdelivery does not hold the table of moves",
        )
    ]


@pytest.mark.parametrize("trigger", ["core_auditentry_never_changed", "core_auditentry_never_deleted"])
def test_an_audit_that_could_be_changed_is_named(healthy, trigger):
    corrupt(f"ALTER TABLE core_auditentry DISABLE TRIGGER {trigger}")
    assert violations() == [("audit_is_append_only", f"the trigger {trigger} is missing or switched off")]


def test_a_changed_audit_entry_is_named(healthy):
    entry = AuditEntry.objects.get(subject="a")
    corrupt(
        "ALTER TABLE core_auditentry DISABLE TRIGGER USER",
        f"UPDATE core_auditentry SET actor = 'nobody' WHERE id = {entry.pk}",
        "ALTER TABLE core_auditentry ENABLE TRIGGER USER",
    )
    assert violations() == [
        ("audit_chain_is_intact", f"audit entry {entry.pk} at place {entry.position} was changed after it was sealed")
    ]


def test_the_command_says_how_many_were_checked(healthy, monkeypatch):
    monkeypatch.setattr(invariants, "REGISTRY", {"nothing_is_wrong": lambda: iter(())})
    monkeypatch.setattr("oms.core.management.commands.check_invariants.REGISTRY", invariants.REGISTRY)
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue() == "invariants: 1 checked, 0 violated\n"


def test_the_command_names_each_violation_and_exits_1(monkeypatch):
    monkeypatch.setattr(invariants, "REGISTRY", {"a": lambda: ["row 1 is odd", "row 2 is odd"], "b": list})
    monkeypatch.setattr("oms.core.management.commands.check_invariants.REGISTRY", invariants.REGISTRY)
    out = StringIO()
    with pytest.raises(SystemExit) as exit:
        call_command("check_invariants", stdout=out)
    assert exit.value.code == 1
    assert out.getvalue() == "a: row 1 is odd\na: row 2 is odd\ninvariants: 2 checked, 2 violated\n"


def test_two_invariants_cannot_share_a_name():
    with pytest.raises(ValueError, match="already is an invariant named states_are_known"):
        invariants.invariant("states_are_known")(list)
