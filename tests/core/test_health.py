"""The probes tell what is missing."""

import pytest
from django.db import OperationalError, connection

from oms.core import health, tasks
from oms.core.models import Heartbeat
from oms.core.services.heartbeats import record_heartbeat

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


def test_a_process_that_answers_is_alive(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_it_is_ready_when_every_part_gave_a_sign_of_life(client):
    for part in ("relay", "worker", "beat"):
        record_heartbeat(name=part)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "missing": []})


def test_the_scheduled_tasks_give_the_signs_of_life(client):
    tasks.record_heartbeat()
    tasks.relay_outbox()
    assert client.get("/readyz").status_code == 200


def test_silent_parts_are_named(client):
    record_heartbeat(name="worker")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "missing": ["relay", "beat"]})


def test_a_part_that_is_still_starting_is_no_error_in_the_log(client, caplog):
    assert client.get("/readyz").status_code == 503
    assert not caplog.records
    assert client.get("/nowhere").status_code == 404
    assert [record.getMessage() for record in caplog.records] == ["Not Found: /nowhere"]


def test_an_old_sign_of_life_is_silence(client, settings):
    settings.READY_HEARTBEAT_AGE_S = 30
    for part in ("relay", "worker", "beat"):
        record_heartbeat(name=part)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_heartbeat SET beat_at = beat_at - interval '31 s' WHERE name = 'beat'")
    assert client.get("/readyz").json()["missing"] == ["beat"]


def test_a_migration_not_applied_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])


def test_a_database_that_does_not_answer_is_missing_with_all_that_needs_it(client, monkeypatch):
    def refuse():
        raise OperationalError("no route")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["database", "relay", "worker", "beat"])


def test_a_busy_part_writes_its_sign_of_life_now_and_then(django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(100):
            record_heartbeat(name="worker")
    assert Heartbeat.objects.count() == 1
