"""`/rule-sets/…`: written, published, rolled back, listed, read and linted by another program."""

import pytest

from oms.core import clock
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import publish, save_draft
from tests.orchestration.builders import a_document
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

# The contract's own example, whole.
EXAMPLE = {
    "code": "web-home",
    "name": "Web, home delivery",
    "priority": 100,
    "applies_to": {
        "channels": ["web"],
        "channel_kinds": [],
        "banners": [],
        "modes": ["home", "express"],
        "countries": ["FR"],
        "postcode_prefixes": [],
        "order_value": {"min": None, "max": None},
        "categories_any": [],
        "tags_any": [],
    },
    "rules": [
        {
            "name": "complete from a warehouse",
            "filters": {
                "kinds": ["warehouse"],
                "groups_any": [],
                "exclude_groups": [],
                "stock_points": [],
                "exclude_stock_points": [],
                "within_km": None,
                "min_capacity_left": None,
                "min_units_left": None,
                "same_banner": False,
                "open_today": False,
                "destination_only": False,
                "exclude_destination": False,
            },
            "objectives": {
                "transport": "1",
                "handling": "1",
                "carbon_per_kg": "0.10",
                "ageing": "0",
                "scarcity": "0",
                "lateness_per_day": "2",
                "decline": "1",
                "priority": "0",
                "extra_parcel": "0",
            },
            "max_parcels": 1,
            "complete_only": True,
            "allow_quantity_split": False,
            "late_days": 0,
            "assignment": {"kind": "assign"},
            "acceptance_minutes": None,
            "calendar": {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"},
        },
        {
            "name": "then stores within 300 km, two parcels",
            "filters": {"kinds": ["store"], "within_km": 300},
            "objectives": {"transport": "1", "handling": "1"},
            "max_parcels": 2,
            "complete_only": True,
            "assignment": {"kind": "offer", "candidates": 3},
            "acceptance_minutes": 120,
        },
    ],
    "when_nothing_fits": {"action": "queue", "cancel_after_days": 3},
    "max_hops": 5,
    "uses_learning": True,
}


@pytest.fixture
def api():
    return calling(make_client(scopes=["config:write"])[1])


def test_the_contract_s_example_is_accepted_and_comes_back_whole(api):
    answer = api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["code"], body["version"], body["state"], body["edited_by"]) == (
        "web-home",
        1,
        "draft",
        "client:web-shop",
    )
    first = EXAMPLE["rules"][0]
    added = {"tags_any": [], "exclude_tags": [], "open_now": False, "min_cover_days": None}
    assert body["document"]["rules"][0] == {**first, "filters": first["filters"] | added, "no_split_below": None}
    assert body["document"]["rules"][1]["filters"]["within_km"] == 300
    always = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00", "first_day": None, "last_day": None}
    asked = EXAMPLE["applies_to"] | {"customer_classes": [], "ordered": always}
    assert {key: value for key, value in body["document"].items() if key != "rules"} == {
        key: value for key, value in EXAMPLE.items() if key != "rules"
    } | {"applies_to": asked}


def test_mistakes_are_answered_by_path_and_nothing_is_written(api):
    answer = api.put("/api/v1/rule-sets/web-home/", a_document(applies_to={"modes": ["hoem"]}))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_rule_set")
    assert [(each["path"], each["code"]) for each in answer.json()["errors"]] == [
        ("applies_to.modes[0]", "unknown_value")
    ]
    assert RuleSet.objects.count() == 0


@pytest.mark.parametrize("body", [[], [{}], "x", 3])
def test_a_body_that_is_not_an_object_is_refused(api, body):
    assert api.put("/api/v1/rule-sets/web-home/", body).status_code == 422


def test_publishing_takes_effect_before_the_answer(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    answer = api.post("/api/v1/rule-sets/web-home/publish/", {})
    assert answer.status_code == 200
    assert (answer.json()["version"], answer.json()["state"], answer.json()["published_by"]) == (
        1,
        "published",
        "client:web-shop",
    )
    assert RuleSet.objects.get().published_version.number == 1


def test_publishing_needs_no_body(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    assert api.post("/api/v1/rule-sets/web-home/publish/").json()["state"] == "published"


def test_publishing_for_later_answers_the_scheduled_version(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    answer = api.post("/api/v1/rule-sets/web-home/publish/", {"at": "2026-06-01T00:00:00Z"})
    assert (answer.json()["state"], answer.json()["effective_at"]) == ("scheduled", "2026-06-01T00:00:00Z")
    assert RuleSet.objects.get().published_version is None


def test_a_repeated_publish_with_its_key_gets_the_recorded_answer(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    first = api.post("/api/v1/rule-sets/web-home/publish/", {}, HTTP_IDEMPOTENCY_KEY="k1")
    again = api.post("/api/v1/rule-sets/web-home/publish/", {}, HTTP_IDEMPOTENCY_KEY="k1")
    assert (again.status_code, again.headers["Idempotent-Replayed"], again.content) == (200, "true", first.content)


def test_without_a_draft_publishing_conflicts(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    api.post("/api/v1/rule-sets/web-home/publish/", {})
    answer = api.post("/api/v1/rule-sets/web-home/publish/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_draft")


def test_rolling_back_answers_the_version_in_force(api):
    for priority in (1, 2):
        api.put("/api/v1/rule-sets/web-home/", {**EXAMPLE, "priority": priority})
        api.post("/api/v1/rule-sets/web-home/publish/", {})
    answer = api.post("/api/v1/rule-sets/web-home/roll-back/", {"version": 1})
    assert (answer.status_code, answer.json()["version"], answer.json()["document"]["priority"]) == (200, 1, 1)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"version": "x"}, 422, "invalid"),
        ({"version": 1, "why": "x"}, 422, "invalid"),
        ({"version": 9}, 404, "unknown_version"),
        ({"version": 1}, 409, "state_conflict"),
    ],
)
def test_a_roll_back_that_cannot_be_is_refused(api, body, status, code):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    answer = api.post("/api/v1/rule-sets/web-home/roll-back/", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_unknown_fields_of_publish_are_refused(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    assert api.post("/api/v1/rule-sets/web-home/publish/", {"when": "now"}).status_code == 422
    assert RuleSetVersion.objects.get().state == "draft"


def test_versions_are_listed_newest_first(api):
    for priority in (1, 2):
        save_draft(code="web-home", document=a_document(priority=priority))
        publish(code="web-home")
    save_draft(code="other", document=a_document("other"))
    body = api.get("/api/v1/rule-sets/web-home/versions/").json()
    assert [(each["version"], each["state"]) for each in body["results"]] == [(2, "published"), (1, "retired")]
    assert (body["next"], body["previous"]) == (None, None)


def test_a_rule_set_is_read_with_all_that_is_live_of_it(api):
    save_draft(code="web-home", document=a_document(priority=5))
    publish(code="web-home")
    save_draft(code="web-home", document=a_document(priority=6))
    publish(code="web-home", at=clock.now().replace(year=2027))
    save_draft(code="web-home", document=a_document(priority=7))
    body = api.get("/api/v1/rule-sets/web-home/").json()
    assert (body["code"], body["name"], body["priority"]) == ("web-home", "Web, home delivery", 5)
    assert (body["published"]["version"], body["draft"]["version"]) == (1, 3)
    assert [each["version"] for each in body["scheduled"]] == [2]


def test_rule_sets_are_listed_in_the_order_they_are_asked(api):
    for code, priority in [("b", 2), ("a", 2), ("c", 1)]:
        save_draft(code=code, document=a_document(code, priority=priority))
    publish(code="a")
    results = api.get("/api/v1/rule-sets/").json()["results"]
    assert [(each["code"], each["published_version"]) for each in results] == [("c", None), ("a", 1), ("b", None)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("get", "versions/"), ("post", "publish/"), ("post", "roll-back/"), ("post", "lint/"),
    ],
)  # fmt: skip
def test_what_nobody_wrote_is_not_found(api, method, path):
    answer = getattr(api, method)(f"/api/v1/rule-sets/none/{path}", **({"data": {}} if method == "post" else {}))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_rule_set")


def test_lint_answers_its_findings(api):
    api.put("/api/v1/rule-sets/web-home/", EXAMPLE)
    answer = api.post("/api/v1/rule-sets/web-home/lint/", {})
    assert answer.status_code == 200
    assert {(each["rule"], each["code"]) for each in answer.json()["findings"]} == {
        (None, "unknown_channel"),
        ("complete from a warehouse", "matches_nothing"),
        ("then stores within 300 km, two parcels", "matches_nothing"),
        (None, "no_fallback"),
    }
