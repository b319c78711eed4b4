"""Before publishing or rolling back: every value that would change, in the words of the form, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from oms.orchestration.admin.rule_set_changes import Change, changes
from oms.orchestration.admin.rule_set_texts import RULE_WORDS, SET_WORDS
from oms.orchestration.documents import ordered
from oms.orchestration.editing import RULE_KEYS, SET_KEYS
from oms.orchestration.models import RuleSet
from oms.orchestration.services.rule_sets import complete_document, publish, save_draft
from tests.admin.people import signed_in
from tests.orchestration.builders import a_document


def complete(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return ordered(complete_document(code="web", document=a_document("web", rules=list(rules), **fields)))


def told(before: dict[str, Any], after: dict[str, Any], language: str = "en") -> list[tuple[str, str, str, str]]:
    with translation.override(language):
        return [(each.rule, each.what, each.before, each.after) for each in changes(before, after)]


NEAR, FAR = {"name": "near"}, {"name": "far"}


def test_nothing_changed_is_nothing_told() -> None:
    assert told(complete(NEAR, FAR), complete(NEAR, FAR)) == []


def test_each_value_by_its_label_with_its_unit() -> None:
    before = complete({"name": "near", "filters": {"kinds": ["store"]}, "objectives": {"carbon_per_kg": "0.10"}})
    after = complete(
        {
            "name": "near",
            "filters": {"kinds": ["store", "warehouse"], "within_km": 300, "same_banner": True},
            "objectives": {"carbon_per_kg": "0.25"},
            "assignment": {"kind": "offer", "candidates": 3},
            "acceptance_minutes": 120,
        },
        priority=5,
    )
    assert told(before, after) == [
        ("", "Priority", "100", "5"),
        ("near", "Kinds of stock point", "stores", "stores, warehouses"),
        ("near", "At most so far from the customer", "–", "300 km"),
        ("near", "Of the channel's own banner", "no", "yes"),
        ("near", "Carbon", "0.10 money per kg of CO2e", "0.25 money per kg of CO2e"),
        ("near", "Then", "assign it to the planned stock point", "offer it to several stores"),
        ("near", "Offered to", "–", "3 stores"),
        ("near", "To accept within", "–", "120 minutes"),
    ]


def test_in_french_with_its_decimals_and_days() -> None:
    before = complete({"name": "near"})
    after = complete(
        {"name": "near", "objectives": {"carbon_per_kg": "0.25"}},
        applies_to={"modes": ["home"], "ordered": {"weekdays": [1, 2], "first_day": "2026-12-01"}},
    )
    assert told(before, after, "fr") == [
        ("", "Modes de livraison", "–", "livraison à domicile"),
        ("", "Passée le", "lun, mar, mer, jeu, ven, sam, dim", "lun, mar"),
        ("", "Premier jour", "–", "01/12/2026"),
        ("near", "Carbone", "0,10 montant par kg de CO2e", "0,25 montant par kg de CO2e"),
    ]


def test_a_rule_that_is_only_moved_changes_in_nothing_else() -> None:
    third = {"name": "third", "max_parcels": 4}
    assert told(complete(NEAR, FAR, third), complete(third, NEAR, FAR)) == [
        ("", "Order of the rules", "near, far, third", "third, near, far")
    ]


def test_rules_that_are_new_or_gone_are_told_in_sentences() -> None:
    after = complete({"name": "first", "filters": {"kinds": ["store"]}, "max_parcels": 2}, NEAR)
    (new,) = told(complete(NEAR), after)
    assert new[:3] == ("first", "New rule", "–")
    assert new[3].startswith("stores; transport, handling,")
    assert new[3].endswith("the whole order, in at most 2 parcels; assigned")
    (gone,) = told(after, complete(NEAR))
    assert gone == ("first", "Rule removed", new[3], "–")


def test_a_new_name_in_the_old_place_is_the_same_rule() -> None:
    after = complete(NEAR, {"name": "far away", "max_parcels": 3})
    assert told(complete(NEAR, FAR), after) == [
        ("far away", "Name of the rule", "far", "far away"),
        ("far away", "Most parcels", "1", "3"),
    ]


def test_every_key_of_a_document_has_words() -> None:
    assert {key.path for key in SET_KEYS} == set(SET_WORDS)
    assert {key.path for key in RULE_KEYS} == set(RULE_WORDS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Most parcels", "2", "4"]), ("fr", ["Colis au plus", "2", "4"])],
)
def test_the_page_before_publishing_shows_it(language: str, words: list[str]) -> None:
    for parcels in (2, 4):
        save_draft(code="web", document=a_document("web", rules=[{"name": "near", "max_parcels": parcels}]))
        if parcels == 2:
            publish(code="web")
    address = reverse("admin:orchestration_ruleset_move_publish", args=[RuleSet.objects.get().pk, 2])
    page = signed_in("head_office", language=language).get(address)
    assert page.context["changes"] == [Change("near", *words)]
    assert all(f"<td>{each}</td>" in page.content.decode() for each in words)
