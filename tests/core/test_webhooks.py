"""A peer's message counts only when it is signed, and fresh."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient
from standardwebhooks.webhooks import Webhook

from oms.core.models import AuditEntry
from oms.core.services.clients import create_webhook_secret

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]

BODY = json.dumps({"event_id": "e1"})


def signed(secret: str, *, body: str = BODY, at: datetime | None = None, id: str = "msg_1") -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "HTTP_WEBHOOK_ID": id,
        "HTTP_WEBHOOK_TIMESTAMP": str(int(at.timestamp())),
        "HTTP_WEBHOOK_SIGNATURE": Webhook(secret).sign(id, at, body),
    }


def send(headers: dict[str, str], *, body: str = BODY, carrier: str = "house"):
    return APIClient().post(f"/api/v1/carriers/{carrier}/events/", body, content_type="application/json", **headers)


@pytest.fixture
def secret():
    return create_webhook_secret(name="carrier:house")


def received() -> int:
    return AuditEntry.objects.filter(action="event.received").count()


def test_a_signed_message_is_heard_and_its_sender_is_the_actor(secret):
    answer = send(signed(secret))
    assert (answer.status_code, answer.json()) == (200, {"heard": "e1"})
    assert AuditEntry.objects.get(action="event.received").actor == "peer:carrier:house"


def refused(answer) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert received() == 0


def test_a_changed_body_is_refused(secret):
    refused(send(signed(secret), body=BODY.replace("e1", "e2")))


def test_another_secret_is_refused(secret):
    other = create_webhook_secret(name="carrier:other")
    refused(send(signed(other)))


def test_a_replay_after_five_minutes_is_refused(secret):
    refused(send(signed(secret, at=datetime.now(UTC) - timedelta(minutes=5, seconds=5))))


def test_a_message_from_the_future_is_refused(secret):
    refused(send(signed(secret, at=datetime.now(UTC) + timedelta(minutes=5, seconds=5))))


def test_a_message_within_the_window_is_heard(secret):
    assert send(signed(secret, at=datetime.now(UTC) - timedelta(minutes=4))).status_code == 200


@pytest.mark.parametrize("missing", ["HTTP_WEBHOOK_ID", "HTTP_WEBHOOK_TIMESTAMP", "HTTP_WEBHOOK_SIGNATURE"])
def test_a_missing_header_is_refused(secret, missing):
    headers = signed(secret)
    del headers[missing]
    refused(send(headers))


@pytest.mark.parametrize("signature", ["v1", "v1,###", "v2,abc", ",", "v1,é", "v1," + "A" * 43 + "="])
def test_a_signature_of_the_wrong_form_is_refused(secret, signature):
    refused(send({**signed(secret), "HTTP_WEBHOOK_SIGNATURE": signature}))


def test_a_peer_without_a_secret_is_refused(secret):
    refused(send(signed(secret), carrier="unknown"))


def test_a_new_secret_replaces_the_old_one(secret):
    newer = create_webhook_secret(name="carrier:house")
    refused(send(signed(secret)))
    assert send(signed(newer)).status_code == 200
