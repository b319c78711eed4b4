"""Rule sets in the admin: written as a document, read in words, published and taken back on confirmation."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.models import AuditEntry, User
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import publish, save_draft
from stock.models import ChannelMember
from tests.orchestration.builders import a_channel, a_document

pytestmark = pytest.mark.django_db

MAY_WRITE = ("view_ruleset", "add_ruleset", "change_ruleset")


def signed_in(*permissions: str, name: str = "mia", role: str = "merchandiser", **fields) -> Client:
    from django.contrib.auth.models import Group

    user = User.objects.create_user(name, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = Client()
    client.force_login(user)
    return client


def states() -> dict[int, str]:
    return dict(RuleSetVersion.objects.order_by("number").values_list("number", "state"))


def page(name: str, *args) -> str:
    return reverse(f"admin:orchestration_ruleset_{name}", args=args)


@pytest.fixture
def rule_set():
    for priority in (1, 2):
        save_draft(code="web-home", document=a_document(priority=priority))
        publish(code="web-home")
    save_draft(code="web-home", document=a_document(priority=3))
    return RuleSet.objects.get()


def test_a_new_rule_set_is_saved_as_a_draft_by_its_author():
    client = signed_in(*MAY_WRITE)
    assert client.get(page("add")).status_code == 200
    answer = client.post(page("add"), {"code": "web-home", "document": json.dumps(a_document(priority=9))})
    assert answer.status_code == 302
    version = RuleSetVersion.objects.get()
    assert (version.rule_set.code, version.number, version.state) == ("web-home", 1, "draft")
    assert version.document["priority"] == 9
    assert version.edited_by == User.objects.get().actor
    assert AuditEntry.objects.get(action="rule_set.drafted").actor == User.objects.get().actor


def test_mistakes_are_shown_with_their_path_and_the_text_is_kept():
    client = signed_in(*MAY_WRITE)
    text = json.dumps(a_document(applies_to={"modes": ["hoem"]}, hops=2))
    answer = client.post(page("add"), {"code": "web-home", "document": text})
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors["document"]
    assert [error.split(":")[0] for error in errors] == ["applies_to.modes[0]", "hops"]
    assert "hoem" in answer.content.decode()
    assert RuleSet.objects.count() == 0


@pytest.mark.parametrize("text", ['{"name": "x",\n "rules": [}', "", "[1, 2]"])
def test_text_that_is_no_document_is_refused(text):
    answer = signed_in(*MAY_WRITE).post(page("add"), {"code": "web-home", "document": text})
    assert answer.status_code == 200
    assert "document" in answer.context["adminform"].form.errors
    assert RuleSet.objects.count() == 0


def test_a_code_that_exists_is_not_taken_twice(rule_set):
    answer = signed_in(*MAY_WRITE).post(page("add"), {"code": "web-home", "document": json.dumps(a_document())})
    assert "code" in answer.context["adminform"].form.errors
    assert states() == {1: "retired", 2: "published", 3: "draft"}


def test_editing_changes_the_draft_and_nothing_in_force(rule_set):
    client = signed_in(*MAY_WRITE)
    answer = client.post(page("change", rule_set.pk), {"document": json.dumps(a_document(priority=50))})
    assert answer.status_code == 302
    assert RuleSetVersion.objects.get(number=3).document["priority"] == 50
    assert RuleSet.objects.get().priority == 2


def test_whoever_edited_a_version_is_told_by_name(rule_set):
    client = signed_in(*MAY_WRITE, first_name="Mia", last_name="Martin")
    client.post(page("change", rule_set.pk), {"document": json.dumps(a_document(priority=50))})
    text = client.get(page("change", rule_set.pk)).content.decode()
    assert ", Mia Martin</td>" in text
    assert "user:" not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["all stock points", "in at most 5 parcels", "queued and tried again", "wants the whole order"]),
        (
            "fr",
            ["tous les points de stock", "en 5 colis au plus", "mise en file et retentée", "veut toute la commande"],
        ),
    ],
)
def test_the_page_says_the_rules_in_the_reader_s_language_with_versions_and_findings(rule_set, language, words):
    client = signed_in(*MAY_WRITE)
    client.cookies["django_language"] = language
    text = client.get(page("change", rule_set.pk)).content.decode()
    for each in words:
        assert each in text
    assert page("move_publish", rule_set.pk, 3) in text
    assert page("move_roll-back", rule_set.pk, 1) in text


def test_who_may_only_look_sees_the_document_and_cannot_write(rule_set):
    client = signed_in("view_ruleset")
    text = client.get(page("change", rule_set.pk)).content.decode()
    assert "<textarea" not in text
    assert "&quot;priority&quot;: 3" in text
    answer = client.post(page("change", rule_set.pk), {"document": json.dumps(a_document(priority=50))})
    assert answer.status_code == 403
    assert RuleSetVersion.objects.get(number=3).document["priority"] == 3


def test_publishing_asks_first_and_shows_what_changes(rule_set):
    client = signed_in(*MAY_WRITE, "publish_ruleset")
    answer = client.get(page("move_publish", rule_set.pk, 3))
    assert [(each.what, each.before, each.after) for each in answer.context["changes"]] == [("Priority", "2", "3")]
    assert states()[3] == "draft"

    assert client.post(page("move_publish", rule_set.pk, 3), {"at": ""}).status_code == 302

    assert states() == {1: "retired", 2: "retired", 3: "published"}


def test_the_button_leads_to_that_page_and_changes_nothing(rule_set):
    client = signed_in(*MAY_WRITE, "publish_ruleset")
    answer = client.get(reverse("admin:orchestration_ruleset_publish", args=[rule_set.pk]))
    assert (answer.status_code, answer.url) == (302, page("move_publish", rule_set.pk, 3))
    assert states()[3] == "draft"


def test_publishing_can_be_scheduled_and_called_off(rule_set):
    client = signed_in(*MAY_WRITE, "publish_ruleset")
    at = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    client.post(page("move_publish", rule_set.pk, 3), {"at": at})
    assert states()[3] == "scheduled"
    client.post(page("move_unschedule", rule_set.pk, 3), {})
    assert states() == {1: "retired", 2: "published", 3: "retired"}


def test_rolling_back_by_its_page(rule_set):
    client = signed_in(*MAY_WRITE, "publish_ruleset")
    assert client.get(page("move_roll-back", rule_set.pk, 1)).status_code == 200
    client.post(page("move_roll-back", rule_set.pk, 1), {})
    assert states() == {1: "published", 2: "retired", 3: "draft"}


def test_a_refusal_is_told_on_the_page(rule_set):
    client = signed_in(*MAY_WRITE, "publish_ruleset")
    answer = client.post(page("move_roll-back", rule_set.pk, 3), {})
    assert answer.status_code == 200
    assert "Version 3 was never in force." in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("move", "number"), [("publish", 3), ("roll-back", 1), ("unschedule", 3)])
def test_who_may_write_but_not_publish_is_refused(rule_set, method, move, number):
    answer = getattr(signed_in(*MAY_WRITE), method)(page(f"move_{move}", rule_set.pk, number))
    assert answer.status_code == 403
    assert states() == {1: "retired", 2: "published", 3: "draft"}


def test_a_member_of_one_channel_finds_no_rule_set(rule_set):
    client = signed_in(*MAY_WRITE, "publish_ruleset")
    ChannelMember.objects.create(user=User.objects.get(), channel=a_channel())
    assert client.post(page("move_publish", rule_set.pk, 3), {"at": ""}).status_code == 404
    assert client.get(page("change", rule_set.pk)).status_code == 404
    assert "web-home" not in client.get(page("changelist")).content.decode()
    assert states() == {1: "retired", 2: "published", 3: "draft"}


def test_the_list_says_what_is_in_force_drafted_and_scheduled(rule_set):
    client = signed_in("view_ruleset")
    (row,) = client.get(page("changelist")).context["cl"].result_list
    model_admin = client.get(page("changelist")).context["cl"].model_admin
    assert (model_admin.published(row), model_admin.draft(row), model_admin.scheduled(row)) == ("2", "3", "–")


def test_nobody_deletes_a_rule_set(rule_set):
    client = signed_in(*MAY_WRITE, "delete_ruleset", is_superuser=True)
    assert client.post(page("delete", rule_set.pk), {"post": "yes"}).status_code == 403
    assert RuleSet.objects.count() == 1
