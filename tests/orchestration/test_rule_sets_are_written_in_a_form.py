"""The draft's form: saved as a document, mistakes beside their field, and JSON as the other view of it."""

import json

import pytest

from oms.orchestration.editing import RULE, values_of
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import complete_document, save_draft
from tests.orchestration.builders import a_document
from tests.orchestration.test_rule_sets_in_the_admin import MAY_WRITE, page, signed_in

pytestmark = pytest.mark.django_db

RULES = [{"name": "near", "filters": {"within_km": 50}}, {"name": "far", "max_parcels": 5, "complete_only": False}]


@pytest.fixture
def rule_set():
    save_draft(code="web-home", document=a_document(rules=RULES))
    return RuleSet.objects.get()


def form_of(document, **typed):
    return {**values_of(complete_document(code="web-home", document=document)), "view": "form", **typed}


def draft():
    return RuleSetVersion.objects.get().document


def test_what_the_form_says_is_saved(rule_set):
    form = form_of(
        a_document(rules=RULES),
        **{"rules.0.filters.within_km": "75,5", "applies_to.channels": "web, app", "rules.1.assignment.kind": "offer"},
    )
    form[RULE] = ["1", "0"]
    assert signed_in(*MAY_WRITE).post(page("change", rule_set.pk), form).status_code == 302
    assert [rule["name"] for rule in draft()["rules"]] == ["far", "near"]
    assert draft()["rules"][1]["filters"]["within_km"] == 75.5
    assert draft()["rules"][0]["assignment"] == {"kind": "offer", "candidates": 3}
    assert draft()["applies_to"]["channels"] == ["web", "app"]


def test_a_new_rule_set_by_the_form():
    answer = signed_in(*MAY_WRITE).post(page("add"), form_of(a_document(priority=7), code="web-home"))
    assert answer.status_code == 302
    assert (draft()["priority"], draft()["code"]) == (7, "web-home")


def test_saving_what_the_page_shows_changes_nothing(rule_set):
    before = draft()
    client = signed_in(*MAY_WRITE)
    form = client.get(page("change", rule_set.pk)).context["adminform"].form
    answer = client.post(page("change", rule_set.pk), {**form.editor.values, "view": "form"})
    assert (answer.status_code, draft()) == (302, before)


@pytest.mark.parametrize(("language", "told"), [("en", "must be between 1 and 99"), ("fr", "doit être entre 1 et 99")])
def test_mistakes_stand_beside_their_field_in_the_reader_s_language(rule_set, language, told):
    typed = {"rules.1.max_parcels": "100", "applies_to.order_value.min": "9", "applies_to.order_value.max": "5"}
    client = signed_in(*MAY_WRITE)
    client.cookies["django_language"] = language
    answer = client.post(page("change", rule_set.pk), form_of(a_document(rules=RULES), **typed))
    assert answer.status_code == 200
    editor = answer.context["adminform"].form.editor
    wrong = {each.name: list(each.errors) for group in editor.groups for each in group.inputs if each.errors}
    wrong |= {
        each.name: list(each.errors)
        for rule in editor.rules
        for group in rule.groups
        for each in group.inputs
        if each.errors
    }
    assert list(wrong) == ["applies_to.order_value.min", "rules.1.max_parcels"]
    assert wrong["rules.1.max_parcels"] == [told]
    assert 'value="100"' in answer.content.decode()
    assert draft()["rules"][1]["max_parcels"] == 5


def test_the_form_is_shown_as_json_and_back_and_nothing_is_saved(rule_set):
    before, client = draft(), signed_in(*MAY_WRITE)
    form = form_of(a_document(rules=RULES), name="Another name", ask="json")
    shown = client.post(page("change", rule_set.pk), form).context["adminform"].form
    document = json.loads(shown.text)
    assert (shown.view, document["name"]) == ("json", "Another name")
    again = client.post(page("change", rule_set.pk), {"document": shown.text, "view": "json", "ask": "form"})
    editor = again.context["adminform"].form.editor
    assert {name: list(given) for name, given in editor.values.items()} == values_of(
        complete_document(code="web-home", document=a_document(rules=RULES, name="Another name"))
    )
    assert again.context["errors"] is None
    assert draft() == before


def test_json_with_mistakes_is_shown_as_a_form_with_them(rule_set):
    document = json.dumps(a_document(rules=[{"name": "x", "max_parcels": 0, "filters": {"kinds": ["shop"]}}], hops=1))
    answer = signed_in(*MAY_WRITE).post(
        page("change", rule_set.pk), {"document": document, "view": "json", "ask": "form"}
    )
    editor = answer.context["adminform"].form.editor
    assert dict(editor.errors) == {
        "rules.0.filters.kinds": ["must be one of warehouse, store, supplier, distributor, reseller, marketplace"],
        "rules.0.max_parcels": ["must be between 1 and 99"],
        "": ["hops: is not a key of this object"],
    }


def test_json_that_cannot_be_read_stays_where_it_can_be_mended(rule_set):
    answer = signed_in(*MAY_WRITE).post(
        page("change", rule_set.pk), {"document": '{"name": ', "view": "json", "ask": "form"}
    )
    form = answer.context["adminform"].form
    assert (form.view, form.text) == ("json", '{"name": ')
    assert "Not JSON, line 1" in str(form.errors["document"])


def test_checking_tells_findings_beside_the_rule_without_saving(rule_set):
    before = draft()
    form = form_of(a_document(rules=RULES), **{"rules.0.filters.groups_any": "nowhere", "ask": "form"})
    answer = signed_in(*MAY_WRITE).post(page("change", rule_set.pk), form)
    near, far = answer.context["adminform"].form.editor.rules
    assert [each.code for each in near.findings] == ["unknown_group", "matches_nothing"]
    assert [each.code for each in far.findings] == ["matches_nothing"]
    assert "There is no group nowhere." in answer.content.decode()
    assert draft() == before


def test_the_form_takes_few_queries_however_many_rules(rule_set, django_assert_max_num_queries):
    client = signed_in(*MAY_WRITE)
    save_draft(code="web-home", document=a_document(rules=[{"name": f"rule {n}"} for n in range(30)]))
    with django_assert_max_num_queries(40):
        assert client.get(page("change", rule_set.pk)).status_code == 200
