"""Findings of the linter: one test for each, and a set with none."""

from datetime import timedelta

import pytest
from django.utils import translation

from oms.core.models import User
from oms.core.today import today as the_day_it_is
from oms.orchestration.queries.linting import findings_for
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.sourcing.rule_parsing import parse_rule_set
from stock.models import Banner, SalesChannel, StockPoint
from tests.orchestration.builders import a_banner, a_channel, a_document, a_point, a_variant

pytestmark = pytest.mark.django_db

FALLBACK = {"name": "whatever is there", "complete_only": False, "max_parcels": 9}


@pytest.fixture(autouse=True)
def _network():
    a_point("depot", groups=["north"])
    a_point("shop", kind="store", groups=["south"])
    a_point("old", kind="supplier", groups=["gone"], is_active=False)
    a_channel("web")
    a_banner("mode")
    a_variant("SHIRT", category="shirts")
    User.objects.create_superuser("reader", password="x")


def found(*rules, **fields):
    rule_set = parse_rule_set(a_document(rules=[*rules, FALLBACK], **fields))
    return [(each.rule, each.code) for each in findings_for(rule_set)]


def rule(name="first", **fields):
    return {"name": name, **fields}


def test_a_sound_rule_set_has_no_findings():
    assert (
        found(
            rule(filters={"groups_any": ["north"], "stock_points": ["depot"], "exclude_groups": ["south"]}),
            applies_to={"channels": ["web"], "banners": ["mode"], "categories_any": ["shirts"]},
        )
        == []
    )


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ({"channels": ["wbe"]}, "unknown_channel"),
        ({"banners": ["x"]}, "unknown_banner"),
        ({"categories_any": ["x"]}, "unknown_category"),
    ],
)
def test_conditions_that_name_what_does_not_exist(conditions, code):
    assert found(applies_to=conditions) == [(None, code)]


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({"exclude_groups": ["nroth"]}, ["unknown_group"]),
        ({"exclude_tags": ["nroth"]}, ["unknown_tag"]),
        ({"tags_any": ["nroth"]}, ["unknown_tag", "matches_nothing"]),
        ({"exclude_stock_points": ["x"]}, ["unknown_stock_point"]),
        ({"groups_any": ["nroth"]}, ["unknown_group", "matches_nothing"]),
        ({"stock_points": ["x"]}, ["unknown_stock_point", "matches_nothing"]),
    ],
)
def test_filters_that_name_what_does_not_exist(filters, codes):
    assert found(rule(filters=filters)) == [("first", code) for code in codes]


@pytest.mark.parametrize(
    "filters",
    [
        {"kinds": ["marketplace"]},
        {"min_capacity_left": 9, "kinds": ["store"]},
        {"same_banner": True},
        {"kinds": ["supplier"]},
        {"kinds": ["store"], "groups_any": ["north"]},
        {"stock_points": ["depot"], "exclude_groups": ["north"]},
        {"destination_only": True, "exclude_destination": True},
    ],
)
def test_filters_no_active_point_passes(filters):
    StockPoint.objects.filter(code="shop").update(daily_order_capacity=8)
    SalesChannel.objects.update(banner=Banner.objects.get())
    assert found(rule(filters=filters)) == [("first", "matches_nothing")]


def test_filters_only_points_pass_that_do_not_serve_these_orders():
    shop, depot = StockPoint.objects.get(code="shop"), StockPoint.objects.get(code="depot")
    a_channel("app", points=[depot])
    in_stores = rule(filters={"kinds": ["store"]})
    assert found(in_stores, applies_to={"channels": ["app"]}) == [("first", "matches_nothing")]
    assert found(in_stores, applies_to={"channels": ["app", "web"]}) == []
    StockPoint.objects.filter(pk=shop.pk).update(ships_orders=False)
    assert found(in_stores, applies_to={"modes": ["home"]}) == [("first", "matches_nothing")]
    assert found(in_stores, applies_to={"modes": ["home", "pickup"]}) == []
    StockPoint.objects.filter(pk=shop.pk).update(paused_until=the_day_it_is() + timedelta(days=9))
    assert found(in_stores) == [("first", "matches_nothing")]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"filters": {"kinds": ["store"]}}, {"filters": {"kinds": ["store"]}, "objectives": {"transport": "0"}}),
        ({"max_parcels": 3}, {"filters": {"kinds": ["store"]}, "max_parcels": 2}),
        ({}, {"calendar": {"weekdays": [1, 2]}}),
        ({"allow_quantity_split": True, "late_days": 2}, {"late_days": 1}),
        (
            {"filters": {"kinds": ["store", "warehouse"], "within_km": 300, "exclude_groups": ["north"]}},
            {
                "filters": {
                    "kinds": ["store"],
                    "within_km": 200,
                    "exclude_groups": ["north"],
                    "exclude_stock_points": ["old"],
                }
            },
        ),
        ({"max_parcels": 3, "no_split_below": "50"}, {"max_parcels": 3, "no_split_below": "60"}),
        ({"calendar": {"from": "08:00"}}, {"calendar": {"weekdays": [1], "from": "09:00"}}),
    ],
)
def test_a_rule_an_earlier_one_always_forestalls(earlier, later):
    assert found(rule("one", **earlier), rule("two", **later)) == [("two", "unreachable")]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"filters": {"kinds": ["store"]}}, {"filters": {"kinds": ["warehouse"]}}),
        ({}, {"max_parcels": 2}),
        ({}, {"allow_quantity_split": True}),
        ({}, {"late_days": 1}),
        ({}, {"complete_only": False}),
        ({"filters": {"within_km": 200}}, {"filters": {"within_km": 300}}),
        ({"filters": {"min_units_left": 2}}, {"filters": {"kinds": ["store"]}}),
        (
            {"filters": {"exclude_groups": ["south"], "exclude_stock_points": ["old"]}},
            {"filters": {"exclude_groups": ["south"]}},
        ),
        ({"max_parcels": 3, "no_split_below": "50"}, {"max_parcels": 2}),
        ({"calendar": {"weekdays": [1]}}, {}),
    ],
)
def test_a_rule_that_can_plan_what_the_earlier_cannot_is_reachable(earlier, later):
    assert found(rule("one", **earlier), rule("two", **later)) == []


def test_rules_that_all_want_the_whole_order_leave_no_fallback():
    rule_set = parse_rule_set(a_document(rules=[rule()]))
    assert [(each.rule, each.code) for each in findings_for(rule_set)] == [(None, "no_fallback")]


def test_rules_that_are_all_asleep_at_some_hour_leave_no_fallback():
    rules = [rule("day", calendar={"from": "06:00"}), rule("night", calendar={"weekdays": [1, 2, 3], "to": "07:00"})]
    rule_set = parse_rule_set(a_document(rules=[{**each, "complete_only": False} for each in rules]))
    (finding,) = findings_for(rule_set)
    assert (finding.rule, finding.code) == (None, "no_fallback")
    assert finding.detail.endswith("in force: Thursday, Friday, Saturday, Sunday.")


@pytest.mark.parametrize("conditions", [{}, {"modes": ["home"]}])
def test_a_set_another_is_always_asked_before(conditions):
    save_draft(code="first", document=a_document("first", priority=1, applies_to=conditions))
    publish(code="first")
    assert found(priority=2, applies_to={"modes": ["home"]}) == [(None, "overruled")]


def test_a_set_asked_before_the_other_or_for_other_orders_is_not_overruled():
    save_draft(code="other", document=a_document("other", priority=5, applies_to={"modes": ["express"]}))
    publish(code="other")
    save_draft(code="later", document=a_document("later", priority=9))
    publish(code="later")
    assert found(priority=8, applies_to={"modes": ["home"]}) == []


def test_a_set_that_takes_all_the_orders_of_a_later_one():
    save_draft(code="later", document=a_document("later", priority=9, applies_to={"postcode_prefixes": ["75", "69"]}))
    publish(code="later")
    assert found(priority=8, applies_to={"postcode_prefixes": ["6", "7"]}) == [(None, "overrules")]
    assert found(priority=8, applies_to={"postcode_prefixes": ["7"]}) == []
    assert found(priority=8, applies_to={"customer_classes": ["gold"]}) == []
    assert found(priority=8, applies_to={"order_value": {"min": "10"}}) == []


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"objectives": {"extra_parcel": "3"}}, "extra_parcel is weighed, but it plans one parcel only."),
        (
            {"objectives": {"priority": "1"}},
            "priority is weighed, but its stock points all have the same priority.",
        ),
        (
            {"objectives": {"scarcity": "1"}, "filters": {"kinds": ["warehouse"]}},
            "scarcity is weighed, but none of its stock points is a store.",
        ),
        (
            {"objectives": {"handling": "3"}},
            "handling is weighed, but its stock points all have the same handling cost.",
        ),
        (
            {"objectives": {"decline": "3"}},
            "decline is weighed, but its stock points are all expected to decline as often.",
        ),
        (
            {"objectives": {"ageing": "1"}, "filters": {"stock_points": ["shop"]}},
            "ageing is weighed, but only one stock point can be planned.",
        ),
        (
            {"objectives": {"transport": "3"}, "filters": {"destination_only": True}},
            "transport is weighed, but only one stock point can be planned.",
        ),
    ],
)
def test_an_objective_that_is_the_same_whatever_is_planned(fields, detail):
    a_point("annex", groups=["north"])
    rule_set = parse_rule_set(a_document(rules=[rule(**fields), FALLBACK]))
    assert [(each.code, each.detail) for each in findings_for(rule_set)] == [("objective_cannot_matter", detail)]


def test_an_objective_the_settings_give_no_value(settings):
    settings.SOURCING_VALUATION = {**settings.SOURCING_VALUATION, "markdown_share": "0"}
    assert found(rule(objectives={"ageing": "1"})) == [("first", "objective_cannot_matter")]


def test_nothing_is_transported_to_where_it_lies():
    weighed = rule(objectives={"carbon_per_kg": "9"})
    assert found(weighed, applies_to={"modes": ["pickup"]}) == [("first", "objective_cannot_matter")]
    assert found(weighed, applies_to={"modes": ["pickup", "ship_to_store"]}) == []


def test_findings_are_told_in_the_language_of_the_reader():
    with translation.override("fr"):
        (finding,) = findings_for(parse_rule_set(a_document(rules=[rule(filters={"groups_any": ["x"]}), FALLBACK])))[:1]
    assert finding.detail == "Il n’y a pas de groupe x."


def test_two_sets_of_one_priority_that_share_orders():
    save_draft(code="a-home", document=a_document("a-home", applies_to={"modes": ["home", "express"]}))
    publish(code="a-home")
    assert found(applies_to={"channels": ["web"], "modes": ["express", "slot"]}) == [(None, "overlaps")]
    assert found(applies_to={"modes": ["pickup"]}) == []
    assert found(applies_to={"channels": ["web"]}, priority=101) == []


def test_a_queue_without_an_end_and_without_a_reader():
    User.objects.update(is_active=False)
    assert found() == [(None, "queue_nobody_reads")]
    assert found(when_nothing_fits={"action": "queue", "cancel_after_days": 3}) == []
    assert found(when_nothing_fits={"action": "cancel"}) == []


def test_what_has_no_place_is_near_nothing():
    assert found(rule(filters={"within_km": 300})) == []
    StockPoint.objects.update(latitude=None, longitude=None)
    assert found(rule(filters={"within_km": 300})) == [("first", "matches_nothing")]


def test_what_becomes_of_the_order_is_said_in_the_reader_s_words():
    rule_set = parse_rule_set(a_document(rules=[rule()], when_nothing_fits={"action": "backorder"}))
    assert findings_for(rule_set)[0].detail.endswith("nothing of it is sourced (it is back-ordered).")
    with translation.override("fr"):
        assert findings_for(rule_set)[0].detail.endswith("rien n’en est attribué (mise en attente de réassort).")
