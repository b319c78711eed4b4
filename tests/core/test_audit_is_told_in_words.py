"""The audit's list and its pages say who did what and what changed; codes are for programs."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from oms.core.actors import acting_as
from oms.core.audit import record_audit
from oms.core.audit_texts import action_text, changes_texts
from oms.core.models import AuditEntry, User
from oms.core.queries.references import named_references
from stock.models import ChannelAllotment, ProtectionRule, Unavailability
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.stock.making import make_channel, make_point, make_variant, receive
from tests.support.reading import texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def head_office() -> Client:
    return signed_in("head_office", language="fr")


def page(client: Client, address: str) -> list[str]:
    return texts(client.get(address).content.decode())


def test_who_what_and_what_changed(head_office: Client) -> None:
    rule = save_rule(rule=ProtectionRule(code="autumn", quantity=1, category="Coats"))
    nora = User.objects.create_user("nora", first_name="Nora", last_name="Petit")
    with acting_as(f"user:{nora.pk}"):
        rule.quantity = 3
        save_rule(rule=rule)
    assert AuditEntry.objects.latest("pk").changes == {"quantity": {"from": 1, "to": 3}}

    for address in (
        reverse("admin:core_auditentry_changelist"),
        reverse("admin:core_auditentry_change", args=[AuditEntry.objects.latest("pk").pk]),
    ):
        told = page(head_office, address)
        assert {"Nora Petit", "Règle de protection modifiée", "autumn", "Quantité\xa0: 1 → 3"} <= set(told)


def test_a_list_names_everything_in_as_many_queries_for_many(
    head_office: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(9):
        variant = make_variant()
        record_audit("expected_receipt.saved", subject=f"expected_receipt:{number}", changes={"variant_id": variant.pk})
    address = reverse("admin:core_auditentry_changelist")
    head_office.get(address)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert any(variant.sku in text for text in page(head_office, address))


def test_what_stock_calls_by_a_number_is_named(head_office: Client, django_assert_num_queries: object) -> None:
    level = receive(make_variant("SHIRT"), make_point("PAR", name="Paris"), 3)
    aside = Unavailability.objects.create(level=level, quantity=2, reason="damaged", reference="A-1")
    allotment = ChannelAllotment.objects.create(channel=make_channel("web"), variant=level.variant, quantity=5)
    subjects = [f"stock_level:{level.pk}", f"unavailability:{aside.pk}", f"channel_allotment:{allotment.pk}"]
    with override("en"), django_assert_num_queries(3):  # type: ignore[operator]
        named = named_references(subjects)
    assert [named[subject].name for subject in subjects] == [
        "SHIRT @ PAR",
        "SHIRT · Paris · 2 × damaged",
        "web: SHIRT",
    ]
    for subject in subjects:
        assert head_office.get(named[subject].url).status_code == 200


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "in_transit"}, ["État\xa0: En route"]),
        ({"has_reason": False}, ["Avec un motif\xa0: non"]),
        ({"ends_at": "2026-12-01T11:00:00+00:00"}, ["Finit le\xa0: 01 déc. 2026 12:00"]),
        ({"expected_on": "2026-12-01"}, ["Attendu le\xa0: 1er décembre 2026"]),
        ({"percent": None}, ["Pour cent\xa0: –"]),
        ({"movements": 1234567}, ["Mouvements\xa0: 1\xa0234\xa0567"]),
        ({"examples": ["a", "b"]}, ["Exemples\xa0: a, b"]),
    ],
)
def test_each_kind_of_value(changes: dict[str, object], told: list[str]) -> None:
    with override("fr"):
        assert changes_texts(changes, about="return:R1") == told


def test_what_nobody_has_a_word_for_is_shown_as_it_reads() -> None:
    assert action_text("parrot.fed") == "Parrot fed"
    assert [each.name for each in named_references(["parrot:1", "user:0"]).values()] == ["parrot:1", "user:0"]
