"""Whatever a rule set says, the form says it too: no value is lost or changed on the way there and back."""

import json
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.orchestration.admin.rule_set_texts import (
    LAST_SECTION,
    RULE_SECTIONS,
    RULE_WORDS,
    SET_SECTIONS,
    SET_WORDS,
)
from oms.orchestration.editing import (
    RULE_KEYS,
    SET_KEYS,
    document_of,
    name_of_path,
    read_codes,
    values_of,
    written_codes,
)
from oms.sourcing import parse_rule_set
from oms.sourcing.facts import CHANNEL_KINDS, MODES, STOCK_POINT_KINDS
from oms.sourcing.rules import ACTIONS, OBJECTIVES

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=8).filter(
    str.strip
)
CODES = st.lists(TEXT | st.sampled_from(["a, b", '"quoted"', " edge ", "75", "É-1"]), unique=True, max_size=4)
MONEY = st.decimals(0, 1000, places=2).map(lambda amount: format(amount, "f")) | st.sampled_from(["1", "0.000001"])
COUNT = st.none() | st.integers(1, 3000)
HOURS = {
    "weekdays": st.lists(st.integers(1, 7), unique=True, min_size=1),
    "from": st.sampled_from(["00:00", "08:30"]),
    "to": st.sampled_from(["08:31", "24:00"]),
}
DAYS = st.none() | st.sampled_from(["2026-11-27", "2027-01-01"])


def some_of(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True)


RULES = st.fixed_dictionaries(
    {
        "name": TEXT,
        "filters": st.fixed_dictionaries(
            {
                "kinds": some_of(STOCK_POINT_KINDS),
                **dict.fromkeys(
                    (
                        "groups_any",
                        "exclude_groups",
                        "stock_points",
                        "exclude_stock_points",
                        "tags_any",
                        "exclude_tags",
                    ),
                    CODES,
                ),
                "within_km": st.none() | st.integers(1, 40_000) | st.floats(0.001, 40_000),
                **dict.fromkeys(("min_capacity_left", "min_units_left", "min_cover_days"), COUNT),
                **{
                    name: st.booleans()
                    for name in ("same_banner", "open_today", "open_now", "destination_only", "exclude_destination")
                },
            }
        ),
        "objectives": st.fixed_dictionaries(dict.fromkeys(OBJECTIVES, MONEY)),
        "max_parcels": st.integers(1, 99),
        "complete_only": st.booleans(),
        "allow_quantity_split": st.booleans(),
        "late_days": st.integers(0, 3650),
        "assignment": st.just({"kind": "assign"})
        | st.integers(1, 100).map(lambda count: {"kind": "offer", "candidates": count}),
        "acceptance_minutes": COUNT,
        "calendar": st.fixed_dictionaries(HOURS),
        "no_split_below": st.none() | MONEY,
    }
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "code": st.just("web"),
        "name": TEXT,
        "priority": st.integers(0, 1_000_000),
        "applies_to": st.fixed_dictionaries(
            {
                **dict.fromkeys(("channels", "banners", "postcode_prefixes", "categories_any", "tags_any"), CODES),
                "customer_classes": CODES,
                "channel_kinds": some_of(CHANNEL_KINDS),
                "modes": some_of(MODES),
                "countries": st.lists(st.sampled_from(["FR", "BE", "DE"]), unique=True),
                "order_value": st.sampled_from([{"min": None, "max": None}, {"min": "5", "max": "7.50"}]),
                "ordered": st.fixed_dictionaries({**HOURS, "first_day": DAYS, "last_day": st.none()}),
            }
        ),
        "rules": st.lists(RULES, min_size=1, max_size=3, unique_by=lambda rule: rule["name"]),
        "when_nothing_fits": st.fixed_dictionaries({"action": st.sampled_from(ACTIONS), "cancel_after_days": COUNT}),
        "max_hops": st.integers(0, 1000),
        "uses_learning": st.booleans(),
    }
)


def posted(values: Any) -> dict[str, list[str]]:
    """As a browser sends it and Django reads it."""
    query = QueryDict(mutable=True)
    for name, given_values in values.items():
        query.setlist(name, given_values)
    read = QueryDict(query.urlencode())
    return {name: read.getlist(name) for name in read}


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS)
def test_a_document_comes_back_from_the_form_as_it_went_in(document: dict[str, Any]) -> None:
    complete = parse_rule_set(document).to_document()
    assert complete == document, "the strategy gives every key"
    back = {"code": "web", **document_of(posted(values_of(complete)))}
    assert back == complete
    assert json.dumps(back, sort_keys=True) == json.dumps(complete, sort_keys=True), "numbers keep their form, too"


@settings(deadline=None)
@given(CODES)
def test_codes_are_read_as_they_were_written(codes: list[str]) -> None:
    assert read_codes(written_codes(codes)) == codes


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("a,b ,  c", ["a", "b", "c"]),
        (" , a,, ", ["a"]),
        ('"a, b", c', ["a, b", "c"]),
        ('say "no", c', ['say "no"', "c"]),
        ("", []),
        ('"open', ['"open']),
    ],
)
def test_codes_as_people_type_them(typed: str, read: list[str]) -> None:
    assert read_codes(typed) == read


def test_every_key_of_a_document_has_a_place_and_words() -> None:
    def paths(value: Any, prefix: str = "") -> set[str]:
        if not isinstance(value, dict):
            return {prefix[:-1]}
        return set().union(*(paths(inner, f"{prefix}{key}.") for key, inner in value.items()))

    document = parse_rule_set(
        {"code": "c", "name": "n", "rules": [{"name": "r", "assignment": {"kind": "offer"}}]}
    ).to_document()
    (rule,) = document.pop("rules")
    assert {key.path for key in SET_KEYS} == paths(document) - {"code"} == set(SET_WORDS)
    assert {key.path for key in RULE_KEYS} == paths(rule) == set(RULE_WORDS)
    shown = [path for section in (*SET_SECTIONS, LAST_SECTION) for path in section.paths]
    assert sorted(shown) == sorted(SET_WORDS)
    shown = ["name", *(path for section in RULE_SECTIONS for path in section.paths)]
    assert sorted(shown) == sorted(RULE_WORDS)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("rules[1].filters.kinds[0]", "rules.7.filters.kinds"),
        ("rules[0].name", "rules.4.name"),
        ("rules[0]", "rules.4.name"),
        ("applies_to.modes[2]", "applies_to.modes"),
        ("rules", "rules"),
    ],
)
def test_a_mistake_finds_the_value_it_is_about(path: str, name: str) -> None:
    assert name_of_path(path, ["4", "7"]) == name


def test_what_is_no_number_stays_as_it_was_typed_and_decimal_commas_are_read() -> None:
    values = values_of(parse_rule_set({"code": "c", "name": "n", "rules": [{"name": "r"}]}).to_document())
    typed = {
        "rules.0.max_parcels": ["two"],
        "rules.0.objectives.transport": ["1,5"],
        "rules.0.filters.within_km": ["0,5"],
    }
    (rule,) = document_of(values | typed)["rules"]
    assert (rule["max_parcels"], rule["objectives"]["transport"], rule["filters"]["within_km"]) == ("two", "1.5", 0.5)
