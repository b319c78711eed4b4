"""Each list of the admin and the page of a row of it, in French: no English sentence and no code of a program."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from tests.factories.retailer import open_retailer
from tests.store.furnished import furnish
from tests.support.reading import english, raw_codes

pytestmark = pytest.mark.django_db

# Logs that are read beside the programs' own: events, keys and permissions are called as there.
OF_PROGRAMS = {
    "auth.group",
    "core.apiclient",
    "core.auditentry",  # its page has the entry as it was sealed, too
    "core.eventdelivery",
    "core.idempotencyrecord",
    "core.outboxevent",
    "core.user",  # the permissions that Django makes
    "core.webhooksecret",
    "integrations.webhookendpoint",
    "integrations.webhookmessage",
}
PAGES_OF_EACH = 3


def addresses(model: type[Model]) -> list[str]:
    meta = model._meta
    found = [reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")]
    rows = model._default_manager.order_by("-pk").values_list("pk", flat=True)[:PAGES_OF_EACH]
    return found + [reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[pk]) for pk in rows]


@pytest.fixture
def reader() -> Client:
    furnish(open_retailer())
    client = Client()
    client.force_login(User.objects.create_superuser("ada", password="x", language="fr"))
    return client


def faults(client: Client, address: str) -> list[str]:
    content = client.get(address).content.decode()
    return [*english(content), *raw_codes(content)]


def test_in_french(reader: Client) -> None:
    models = [model for model in admin.site._registry if model._meta.label_lower not in OF_PROGRAMS]
    visited = [address for model in models for address in addresses(model)]
    assert len(visited) > 60
    assert {address: told for address in visited if (told := faults(reader, address))} == {}
    audit = reverse("admin:core_auditentry_changelist")
    assert faults(reader, audit) == []


def test_a_code_and_an_english_sentence_are_seen() -> None:
    assert raw_codes("<p>refused (payment_refused)</p><code>a_b</code>") == ["refused (payment_refused)"]
    assert english("<li>The customer is not there.</li>") == ["The customer is not there."]
