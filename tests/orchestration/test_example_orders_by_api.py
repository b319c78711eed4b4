"""`/rule-sets/{code}/examples/`: read whole, written back, tried and dropped by another program."""

import pytest

from oms.orchestration.models import ExampleOrder
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import save_draft
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
URL = "/api/v1/rule-sets/ours/examples/"


@pytest.fixture
def api():
    return calling(make_client(scopes=["config:write"])[1])


@pytest.fixture
def decided():
    """An order that went to the shop, under a draft of its own name."""
    shop, shirt = a_point("shop"), a_variant("SHIRT")
    lies(shirt, shop, 3)
    plan = plan_basket(basket=a_basket(a_channel("web"), (shirt, 1)), trigger="test")
    save_run(run=plan.run, reference="A1")
    save_draft(code="ours", document=a_document(code="ours"))


def test_an_order_becomes_an_example_and_ends_as_it_did(api, decided):
    answer = api.put(URL, [{"name": "one shirt", "order": "A1"}], format="json")
    assert answer.json() == {"created": 1, "updated": 0, "unchanged": 0, "errors": []}
    (example,) = api.get(URL).json()["results"]
    assert (example["name"], example["origin"]) == ("one shirt", "order A1")
    assert example["expected"]["parcels"] == {"shop": {"SHIRT": 1}}
    assert example["facts"]["lines"][0]["sku"] == "SHIRT"


def test_what_was_read_is_written_back_unchanged(api, decided):
    api.put(URL, [{"name": "one shirt", "order": "A1"}], format="json")
    (example,) = api.get(URL).json()["results"]
    row = {name: example[name] for name in ("name", "facts", "expected")}
    assert api.put(URL, [row], format="json").json() == {"created": 0, "updated": 0, "unchanged": 1, "errors": []}
    ExampleOrder.objects.all().delete()
    assert api.put(URL, [row], format="json").json()["created"] == 1
    (again,) = api.get(URL).json()["results"]
    assert (again["facts"], again["expected"], again["origin"]) == (example["facts"], example["expected"], "API")


def test_they_are_tried_under_the_draft(api, decided):
    expected = {"outcome": "unfillable"}
    api.put(URL, [{"name": "nobody has it", "order": "A1", "expected": expected}], format="json")
    (tried,) = api.post(f"{URL}try/", {}, format="json").json()["examples"]
    assert (tried["name"], tried["differing"]) == ("nobody has it", ["outcome"])
    assert tried["got"]["parcels"] == {"shop": {"SHIRT": 1}}
    refused = api.post("/api/v1/rule-sets/ours/publish/", {}, format="json")
    assert (refused.status_code, refused.json()["data"]) == (409, {"examples": ["nobody has it"]})


def test_rows_that_say_nothing_are_refused_one_by_one(api, decided):
    rows = [
        {"name": "neither"},
        {"name": "both", "order": "A1", "facts": {"now": "2026-01-01T00:00:00+00:00"}},
        {"name": "unknown", "order": "B2"},
        {"name": "no facts", "facts": {"now": "yesterday"}},
        {"name": "no such field", "facts": {"colour": "blue"}},
        {"name": "good", "order": "A1"},
    ]
    answer = api.put(URL, rows, format="json").json()
    assert (answer["created"], [error["index"] for error in answer["errors"]]) == (1, [0, 1, 2, 3, 4])
    assert answer["errors"][2]["detail"] == "reference: No decision was made for an order B2."
    assert answer["errors"][3]["detail"] == "facts: They are not the facts of an order."
    assert ExampleOrder.objects.get().name == "good"


def test_one_is_dropped_by_its_own_rule_set_only(api, decided):
    api.put(URL, [{"name": "one shirt", "order": "A1"}], format="json")
    save_draft(code="theirs", document=a_document(code="theirs"))
    example = ExampleOrder.objects.get()
    assert api.delete(f"/api/v1/rule-sets/theirs/examples/{example.pk}/").status_code == 404
    assert api.delete(f"{URL}{example.pk}/").status_code == 204
    assert api.get(URL).json()["results"] == []
    assert api.delete(f"{URL}{example.pk}/").json()["code"] == "unknown_example"
