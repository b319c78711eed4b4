"""Example orders on a rule set's page: made, changed and removed there; publishing shows them and may be stopped."""

import pytest

from oms.core.models import AuditEntry
from oms.orchestration.examples import Outcome
from oms.orchestration.models import ExampleOrder, RuleSet, RuleSetVersion
from oms.orchestration.queries.examples import KnownExample
from oms.orchestration.services.examples import expect_of_example
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import save_draft
from stock.models import SalesChannel
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies
from tests.orchestration.test_rule_sets_in_the_admin import MAY_WRITE, page, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def rule_set():
    a_channel()
    lies(a_variant("SHIRT"), a_point("near"), 3)
    save_draft(code="web-home", document=a_document())
    return RuleSet.objects.get()


def by_hand(**typed):
    channel = SalesChannel.objects.get()
    asked = {"name": "two", "channel": channel.pk, "mode": "home", "country": "fr", "postcode": "75001"}
    return {**asked, "lines": "SHIRT 2\n", "stock": "near SHIRT 2", **typed}


def wanted() -> Outcome:
    return Outcome.of_document(ExampleOrder.objects.get().expected)


def test_one_by_hand(rule_set):
    client = signed_in(*MAY_WRITE)
    assert client.get(page("example_by_hand", rule_set.pk)).status_code == 200
    answer = client.post(page("example_by_hand", rule_set.pk), by_hand(tags="gift, rush", customer_class="gold"))
    assert (answer.status_code, answer.url) == (302, page("change", rule_set.pk) + "#examples")
    assert wanted() == Outcome("planned", "any", None, {"near": {"SHIRT": 2}})
    facts = KnownExample(ExampleOrder.objects.get()).facts
    assert (facts.order.tags, facts.order.customer_class, facts.order.order_value) == ({"gift", "rush"}, "gold", 40)
    assert facts.available == {"SHIRT": {"near": 2}}
    text = client.get(page("change", rule_set.pk)).content.decode()
    assert "2 × SHIRT · home delivery · FR 75001 · web" in text
    assert page("example", rule_set.pk, ExampleOrder.objects.get().pk) in text


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"lines": "SHIRT two"}, "lines", "Line 1 cannot be read: SHIRT two"),
        ({"lines": "HAT 2"}, "lines", "There is no article HAT."),
        ({"stock": "\nfar SHIRT 2"}, "stock", "There is no stock point far."),
        ({"stock": "near SHIRT"}, "stock", "Line 1 cannot be read: near SHIRT"),
        ({"country": ""}, "__all__", "Give a country, or a stock point where it is collected."),
        ({"country": "XX"}, "__all__", "'XX' is not a country's code."),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field(rule_set, typed, field, told):
    answer = signed_in(*MAY_WRITE).post(page("example_by_hand", rule_set.pk), by_hand(**typed))
    assert answer.status_code == 200
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert told in str(errors[field]).replace("&#x27;", "'")
    assert not ExampleOrder.objects.exists()


def test_one_from_an_order(rule_set):
    from stock.models import Variant

    basket = a_basket(SalesChannel.objects.get(), (Variant.objects.get(), 1), reference="H26-1")
    save_run(run=plan_basket(basket=basket, trigger="sourced").run)
    client = signed_in(*MAY_WRITE)
    unknown = client.post(page("example_from_order", rule_set.pk), {"reference": "H0"})
    assert "No decision was made for an order H0." in unknown.content.decode()
    client.post(page("example_from_order", rule_set.pk), {"reference": "H26-1", "name": "one shirt"})
    assert ExampleOrder.objects.get().name == "one shirt"
    assert wanted() == Outcome("planned", None, None, {"near": {"SHIRT": 1}})


def test_what_should_become_of_it_is_changed_and_it_is_removed(rule_set):
    client = signed_in(*MAY_WRITE)
    client.post(page("example_by_hand", rule_set.pk), by_hand())
    at = page("example", rule_set.pk, ExampleOrder.objects.get().pk)
    form = client.get(at).context["form"]
    assert form.initial["parcels"] == "near SHIRT 2"
    typed = {"name": "two", "outcome": "planned", "rule": "", "action": "", "parcels": "near SHIRT 1\nfar SHIRT 1"}
    assert client.post(at, typed).status_code == 302
    assert wanted() == Outcome("planned", None, None, {"near": {"SHIRT": 1}, "far": {"SHIRT": 1}})
    assert "near (2 × SHIRT)" in client.get(at).content.decode()
    client.post(at, {"drop": "1"})
    assert not ExampleOrder.objects.exists()


def failing(rule_set, *permissions):
    client = signed_in(*MAY_WRITE, "publish_ruleset", *permissions)
    client.post(page("example_by_hand", rule_set.pk), by_hand())
    expect_of_example(example_id=ExampleOrder.objects.get().pk, name="two", expected=Outcome("unfillable"))
    return client


def test_publishing_stops_and_says_which_example_fails(rule_set):
    client = failing(rule_set)
    shown = client.get(page("move_publish", rule_set.pk, 1)).content.decode()
    assert "An example order does not end as it should: publishing stops here." in shown
    assert 'name="although"' not in shown
    assert "Confirm" not in shown  # nobody is offered what would be refused
    answer = client.post(page("move_publish", rule_set.pk, 1), {"at": "", "although": "I say so."})
    assert answer.status_code == 200
    assert RuleSetVersion.objects.get().state == "draft"


def test_who_may_publishes_all_the_same_with_a_reason(rule_set):
    client = failing(rule_set, "override_examples")
    shown = client.get(page("move_publish", rule_set.pk, 1)).content.decode()
    assert 'name="although"' in shown
    assert "Confirm" in shown
    client.post(page("move_publish", rule_set.pk, 1), {"at": "", "although": ""})
    assert RuleSetVersion.objects.get().state == "draft"
    client.post(page("move_publish", rule_set.pk, 1), {"at": "", "although": "Sale starts tonight."})
    assert RuleSetVersion.objects.get().state == "published"
    assert AuditEntry.objects.get(action="rule_set.examples_overridden").changes["reason"] == "Sale starts tonight."


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_only_look_makes_no_example(rule_set, method):
    client = signed_in("view_ruleset")
    for name in ("example_by_hand", "example_from_order"):
        assert getattr(client, method)(page(name, rule_set.pk)).status_code == 403
