"""Published rule sets are asked by priority, then code; where none matches the shipped default decides."""

import pytest

from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.rule_sets import publish, roll_back, save_draft
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    channel, shirt = a_channel(), a_variant("SHIRT")
    lies(shirt, a_point("depot"), 50)

    def planned(**fields):
        return plan_basket(basket=a_basket(channel, (shirt, 1), **fields), trigger="order.placed")

    return planned


def put(code: str, **fields) -> None:
    save_draft(code=code, document=a_document(code, **fields))
    publish(code=code)


def test_the_lowest_priority_is_asked_first_then_the_smallest_code(plan):
    put("late", priority=200)
    put("beta", priority=100)
    put("alpha", priority=100)
    assert (plan().rule_set, plan().version) == ("alpha", 1)


def test_a_set_that_is_not_for_this_order_is_passed_over(plan):
    put("express", priority=1, applies_to={"modes": ["express"]})
    put("all", priority=2)
    assert plan().rule_set == "all"
    assert plan(mode="express").rule_set == "express"


def test_a_draft_decides_nothing(plan):
    save_draft(code="web-home", document=a_document())
    assert (plan().rule_set, plan().version) == ("default", None)


def test_a_new_version_decides_from_the_next_basket_on_and_a_roll_back_too(plan):
    put("web-home")
    assert plan().version == 1
    put("web-home", max_hops=2)
    assert (plan().version, plan().max_hops) == (2, 2)
    roll_back(code="web-home", version=1)
    assert (plan().version, plan().max_hops) == (1, 5)


def test_the_rule_s_own_settings_come_with_the_plan(plan):
    document = a_document(max_hops=3)
    document["rules"] = [
        {"name": "offered", "assignment": {"kind": "offer", "candidates": 4}, "acceptance_minutes": 90}
    ]
    save_draft(code="web-home", document=document)
    publish(code="web-home")

    found = plan()

    assert (found.rule, found.assignment, found.offer_candidates) == ("offered", "offer", 4)
    assert (found.acceptance_minutes, found.max_hops) == (90, 3)
