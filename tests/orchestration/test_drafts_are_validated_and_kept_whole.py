"""A draft: one for each rule set, refused with every mistake by path, kept with every key."""

import pytest

from oms.core.actors import acting_as
from oms.core.models import AuditEntry
from oms.orchestration.errors import InvalidRuleSet
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.sourcing.rule_parsing import parse_rule_set
from tests.orchestration.builders import a_document

pytestmark = pytest.mark.django_db


def test_a_first_draft_makes_the_rule_set_and_its_version_one():
    with acting_as("user:7"):
        draft = save_draft(code="web-home", document=a_document(priority=40))

    rule_set = RuleSet.objects.get()
    assert (rule_set.code, rule_set.name, rule_set.priority) == ("web-home", "Web, home delivery", 40)
    assert rule_set.published_version is None
    assert (draft.rule_set_id, draft.number, draft.state, draft.edited_by) == (rule_set.pk, 1, "draft", "user:7")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("rule_set.drafted", "rule_set:web-home", "user:7")
    assert entry.changes == {"version": 1}


def test_what_was_left_out_is_written_with_its_default():
    document = save_draft(code="web-home", document=a_document()).document

    assert document["rules"][0]["objectives"]["carbon_per_kg"] == "0.10"
    assert document["rules"][0]["filters"]["within_km"] is None
    assert document["when_nothing_fits"] == {"action": "queue", "cancel_after_days": None}
    assert parse_rule_set(document).to_document() == document


def test_a_second_draft_replaces_the_first_and_keeps_its_number():
    save_draft(code="web-home", document=a_document())
    save_draft(code="web-home", document=a_document(priority=7))

    version = RuleSetVersion.objects.get()
    assert (version.number, version.document["priority"]) == (1, 7)
    assert RuleSet.objects.get().priority == 7


def test_saving_the_same_again_changes_and_records_nothing():
    first = save_draft(code="web-home", document=a_document())
    again = save_draft(code="web-home", document=a_document())

    assert (again.pk, again.edited_at) == (first.pk, first.edited_at)
    assert AuditEntry.objects.count() == 1


def test_a_draft_beside_a_published_version_is_the_next_number_and_leaves_the_head_alone():
    save_draft(code="web-home", document=a_document(priority=40))
    publish(code="web-home")

    draft = save_draft(code="web-home", document=a_document(priority=90))

    assert (draft.number, draft.state) == (2, "draft")
    assert RuleSet.objects.get().priority == 40


def test_every_mistake_is_told_with_its_path_and_nothing_is_written():
    document = a_document(applies_to={"modes": ["hoem"]}, hops=3)
    document["rules"][0]["filters"] = {"within_km": "far"}

    with pytest.raises(InvalidRuleSet) as refused:
        save_draft(code="web-home", document=document)

    assert [(each["path"], each["code"]) for each in refused.value.errors] == [
        ("applies_to.modes[0]", "unknown_value"),
        ("rules[0].filters.within_km", "wrong_type"),
        ("hops", "unknown_key"),
    ]
    assert RuleSet.objects.count() == 0


@pytest.mark.parametrize("document", [[], "web", None, 3])
def test_what_is_not_an_object_is_refused(document):
    with pytest.raises(InvalidRuleSet) as refused:
        save_draft(code="web-home", document=document)
    assert [(each["path"], each["code"]) for each in refused.value.errors] == [("$", "wrong_type")]


def test_a_code_other_than_the_one_it_is_saved_under_is_refused():
    with pytest.raises(InvalidRuleSet) as refused:
        save_draft(code="web-home", document=a_document("other"))
    assert [each["path"] for each in refused.value.errors] == ["code"]
    assert RuleSet.objects.count() == 0


@pytest.mark.parametrize(
    ("code", "name", "path"),
    [("x" * 65, "Too long a code", "code"), ("web-home", "a\0b", "$")],
)
def test_what_the_database_could_not_keep_is_refused(code, name, path):
    with pytest.raises(InvalidRuleSet) as refused:
        save_draft(code=code, document=a_document(code, name=name))
    assert [each["path"] for each in refused.value.errors] == [path]
    assert RuleSet.objects.count() == 0


def test_the_longest_code_is_kept():
    assert save_draft(code="x" * 64, document=a_document("x" * 64)).rule_set.code == "x" * 64
