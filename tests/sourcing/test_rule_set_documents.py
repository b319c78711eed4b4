import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing import DEFAULT_RULE_SET, RuleSetInvalid, parse_rule_set
from oms.sourcing.facts import MODES, STOCK_POINT_KINDS
from oms.sourcing.rules import Assignment, Filters, Objectives, OrderConditions, Rule, RuleCalendar, WhenNothingFits

# As the public contract shows it.
EXAMPLE = json.loads("""
{"code": "web-home", "name": "Web, home delivery", "priority": 100,
 "applies_to": {"channels": ["web"], "channel_kinds": [], "banners": [], "modes": ["home", "express"],
                "countries": ["FR"], "postcode_prefixes": [], "order_value": {"min": null, "max": null},
                "categories_any": [], "tags_any": []},
 "rules": [
  {"name": "complete from a warehouse",
   "filters": {"kinds": ["warehouse"], "groups_any": [], "exclude_groups": [], "stock_points": [],
               "exclude_stock_points": [], "within_km": null, "min_capacity_left": null, "min_units_left": null,
               "same_banner": false, "open_today": false, "destination_only": false, "exclude_destination": false},
   "objectives": {"transport": "1", "handling": "1", "carbon_per_kg": "0.10", "ageing": "0", "scarcity": "0",
                  "lateness_per_day": "2", "decline": "1", "priority": "0", "extra_parcel": "0"},
   "max_parcels": 1, "complete_only": true, "allow_quantity_split": false, "late_days": 0,
   "assignment": {"kind": "assign"}, "acceptance_minutes": null,
   "calendar": {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}},
  {"name": "then stores within 300 km, two parcels", "filters": {"kinds": ["store"], "within_km": 300},
   "objectives": {"transport": "1", "handling": "1"},
   "max_parcels": 2, "complete_only": true, "assignment": {"kind": "offer", "candidates": 3},
   "acceptance_minutes": 120}],
 "when_nothing_fits": {"action": "queue", "cancel_after_days": 3}, "max_hops": 5, "uses_learning": true}
""")


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    document = copy.deepcopy(EXAMPLE)
    inner: Any = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return document


def test_the_example_is_read_with_its_defaults() -> None:
    rule_set = parse_rule_set(EXAMPLE)
    assert (rule_set.code, rule_set.name, rule_set.priority) == ("web-home", "Web, home delivery", 100)
    assert rule_set.applies_to == OrderConditions(channels=("web",), modes=("home", "express"), countries=("FR",))
    assert rule_set.rules == (
        Rule(name="complete from a warehouse", filters=Filters(kinds=("warehouse",))),
        Rule(
            name="then stores within 300 km, two parcels",
            filters=Filters(kinds=("store",), within_km=300),
            max_parcels=2,
            assignment=Assignment("offer", 3),
            acceptance_minutes=120,
        ),
    )
    assert rule_set.when_nothing_fits == WhenNothingFits("queue", 3)
    assert (rule_set.max_hops, rule_set.uses_learning) == (5, True)


def test_absent_keys_have_the_contracts_defaults() -> None:
    rule = parse_rule_set({"code": "c", "name": "n", "rules": [{"name": "r"}]}).rules[0]
    assert rule.objectives == Objectives(
        transport=Decimal(1),
        handling=Decimal(1),
        carbon_per_kg=Decimal("0.10"),
        ageing=Decimal(0),
        scarcity=Decimal(0),
        lateness_per_day=Decimal(2),
        decline=Decimal(1),
        priority=Decimal(0),
        extra_parcel=Decimal(0),
    )
    assert (rule.max_parcels, rule.complete_only, rule.allow_quantity_split, rule.late_days) == (1, True, False, 0)
    assert (rule.assignment, rule.acceptance_minutes) == (Assignment("assign", 1), None)
    assert rule.calendar == RuleCalendar((1, 2, 3, 4, 5, 6, 7), 0, 1440)
    assert rule.filters == Filters()


def test_the_document_comes_back_with_every_key() -> None:
    document = parse_rule_set(EXAMPLE).to_document()
    first = copy.deepcopy(EXAMPLE["rules"][0])
    first["filters"] |= {"tags_any": [], "exclude_tags": [], "open_now": False, "min_cover_days": None}
    assert document["rules"][0] == {**first, "no_split_below": None}
    always = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00", "first_day": None, "last_day": None}
    assert document["applies_to"] == EXAMPLE["applies_to"] | {"customer_classes": [], "ordered": always}
    assert {key: document[key] for key in document if key not in ("rules", "applies_to")} == {
        key: EXAMPLE[key] for key in EXAMPLE if key not in ("rules", "applies_to")
    }
    assert parse_rule_set(document) == parse_rule_set(EXAMPLE)
    assert json.loads(json.dumps(document)) == document


def test_the_shipped_default_is_a_valid_document() -> None:
    assert parse_rule_set(DEFAULT_RULE_SET.to_document()) == DEFAULT_RULE_SET


NAMES = st.text(min_size=1, max_size=10).filter(str.strip)
MONEY = st.decimals(0, 1000, places=2).map(lambda amount: format(amount, "f"))
RULES = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "filters": st.fixed_dictionaries(
            {},
            optional={
                "kinds": st.lists(st.sampled_from(STOCK_POINT_KINDS), unique=True),
                "groups_any": st.lists(NAMES, unique=True, max_size=3),
                "within_km": st.none() | st.integers(1, 5000) | st.floats(0.5, 5000),
                "min_units_left": st.none() | st.integers(0, 9),
                "same_banner": st.booleans(),
            },
        ),
        "objectives": st.dictionaries(st.sampled_from(["transport", "priority", "extra_parcel"]), MONEY),
        "max_parcels": st.integers(1, 99),
        "complete_only": st.booleans(),
        "assignment": st.sampled_from([{"kind": "assign"}, {"kind": "offer"}, {"kind": "offer", "candidates": 9}]),
        "calendar": st.fixed_dictionaries({"from": st.just("08:30"), "to": st.sampled_from(["08:31", "24:00"])}),
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"code": NAMES, "name": NAMES, "rules": st.lists(RULES, min_size=1, max_size=3, unique_by=lambda r: r["name"])},
    optional={
        "priority": st.integers(0, 1000),
        "applies_to": st.fixed_dictionaries(
            {}, optional={"modes": st.lists(st.sampled_from(MODES), unique=True), "order_value": st.just({"min": "5"})}
        ),
        "max_hops": st.integers(0, 9),
        "uses_learning": st.booleans(),
    },
)


@settings(deadline=None)
@given(DOCUMENTS)
def test_any_valid_document_survives_the_round_trip(document: dict[str, Any]) -> None:
    rule_set = parse_rule_set(document)
    assert parse_rule_set(json.loads(json.dumps(rule_set.to_document()))) == rule_set


MISTAKES = [
    (changed("priorty", to=1), "priorty", "unknown_key"),
    (changed("rules", 0, "filters", "kind", to=["store"]), "rules[0].filters.kind", "unknown_key"),
    (changed("rules", 1, "objectives", "speed", to="1"), "rules[1].objectives.speed", "unknown_key"),
    (changed("applies_to", "order_value", "mean", to="1"), "applies_to.order_value.mean", "unknown_key"),
    (changed("rules", 0, "assignment", "candidates", to=2), "rules[0].assignment.candidates", "unknown_key"),
    (changed("when_nothing_fits", "then", to="x"), "when_nothing_fits.then", "unknown_key"),
    (changed("code", to=7), "code", "wrong_type"),
    (changed("name", to=" "), "name", "invalid"),
    (changed("priority", to="100"), "priority", "wrong_type"),
    (changed("priority", to=True), "priority", "wrong_type"),
    (changed("priority", to=-1), "priority", "out_of_range"),
    (changed("applies_to", to=[]), "applies_to", "wrong_type"),
    (changed("applies_to", "modes", to=["home", "drone"]), "applies_to.modes[1]", "unknown_value"),
    (changed("applies_to", "modes", to="home"), "applies_to.modes", "wrong_type"),
    (changed("applies_to", "modes", to=["home", "home"]), "applies_to.modes", "duplicate"),
    (changed("applies_to", "channel_kinds", to=["fax"]), "applies_to.channel_kinds[0]", "unknown_value"),
    (changed("applies_to", "countries", to=["France"]), "applies_to.countries[0]", "invalid"),
    (changed("applies_to", "order_value", to={"min": "9", "max": "8"}), "applies_to.order_value", "invalid"),
    (changed("applies_to", "order_value", to={"min": 0.5}), "applies_to.order_value.min", "wrong_type"),
    (changed("rules", to=[]), "rules", "required"),
    (changed("rules", to={}), "rules", "required"),
    (changed("rules", 0, to="all"), "rules[0]", "wrong_type"),
    (changed("rules", 1, "name", to=EXAMPLE["rules"][0]["name"]), "rules", "duplicate"),
    (changed("rules", 0, "filters", "within_km", to=0), "rules[0].filters.within_km", "out_of_range"),
    (changed("rules", 0, "filters", "within_km", to="300"), "rules[0].filters.within_km", "wrong_type"),
    (changed("rules", 0, "filters", "min_units_left", to=1.5), "rules[0].filters.min_units_left", "wrong_type"),
    (changed("rules", 0, "filters", "same_banner", to=1), "rules[0].filters.same_banner", "wrong_type"),
    (changed("rules", 0, "objectives", "ageing", to="-1"), "rules[0].objectives.ageing", "out_of_range"),
    (changed("rules", 0, "objectives", "ageing", to="NaN"), "rules[0].objectives.ageing", "out_of_range"),
    (changed("rules", 0, "objectives", "ageing", to="one"), "rules[0].objectives.ageing", "invalid"),
    (changed("rules", 0, "objectives", "ageing", to="0.0000001"), "rules[0].objectives.ageing", "invalid"),
    (changed("rules", 0, "objectives", "ageing", to=None), "rules[0].objectives.ageing", "wrong_type"),
    (changed("rules", 0, "max_parcels", to=0), "rules[0].max_parcels", "out_of_range"),
    (changed("rules", 0, "complete_only", to=None), "rules[0].complete_only", "wrong_type"),
    (changed("rules", 0, "late_days", to=-1), "rules[0].late_days", "out_of_range"),
    (changed("rules", 0, "assignment", to={"kind": "auction"}), "rules[0].assignment.kind", "unknown_value"),
    (changed("rules", 1, "assignment", "candidates", to=0), "rules[1].assignment.candidates", "out_of_range"),
    (changed("rules", 1, "acceptance_minutes", to=0), "rules[1].acceptance_minutes", "out_of_range"),
    (changed("rules", 0, "calendar", "weekdays", to=[0]), "rules[0].calendar.weekdays[0]", "out_of_range"),
    (changed("rules", 0, "calendar", "from", to="9:00"), "rules[0].calendar.from", "invalid"),
    (changed("rules", 0, "calendar", "to", to="24:01"), "rules[0].calendar.to", "invalid"),
    (changed("rules", 0, "calendar", "from", to="24:00"), "rules[0].calendar", "invalid"),
    (changed("when_nothing_fits", "action", to="wait"), "when_nothing_fits.action", "unknown_value"),
    (changed("when_nothing_fits", "cancel_after_days", to=-3), "when_nothing_fits.cancel_after_days", "out_of_range"),
    (changed("max_hops", to=None), "max_hops", "wrong_type"),
    (changed("uses_learning", to="yes"), "uses_learning", "wrong_type"),
]


@pytest.mark.parametrize(("document", "path", "code"), MISTAKES, ids=[f"{p} {c}" for _, p, c in MISTAKES])
def test_a_mistake_is_named_by_its_path(document: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        parse_rule_set(document)
    assert [(error["path"], error["code"]) for error in refused.value.errors] == [(path, code)]
    assert refused.value.errors[0]["detail"]


@pytest.mark.parametrize("key", ["code", "name"])
def test_what_is_required_is_missed(key: str) -> None:
    document = {name: value for name, value in EXAMPLE.items() if name != key}
    with pytest.raises(RuleSetInvalid) as refused:
        parse_rule_set(document)
    assert [(error["path"], error["code"]) for error in refused.value.errors] == [(key, "required")]


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        parse_rule_set({"code": 1, "rules": [{"name": "a", "max_parcels": "x"}, {"filters": {"kinds": [1]}}], "z": 0})
    assert [error["path"] for error in refused.value.errors] == [
        "code",
        "name",
        "rules[0].max_parcels",
        "rules[1].name",
        "rules[1].filters.kinds[0]",
        "z",
    ]


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_what_is_no_object_is_no_rule_set(document: Any) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        parse_rule_set(document)
    assert refused.value.errors[0] == {"path": "$", "code": "wrong_type", "detail": "must be an object"}
