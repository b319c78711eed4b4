"""Example orders: kept with their facts, tried under any draft, and in the way of publishing what breaks them."""

from decimal import Decimal

import pytest

from oms.core.models import AuditEntry
from oms.orchestration.errors import ExamplesFail
from oms.orchestration.examples import Outcome, Tried
from oms.orchestration.models import ExampleOrder, RuleSet, RuleSetVersion
from oms.orchestration.queries.examples import examples_tried
from oms.orchestration.services.examples import (
    ExampleByHand,
    drop_example,
    example_by_hand,
    example_from_order,
    expect_of_example,
)
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import publish, roll_back, save_draft
from oms.sourcing.rule_parsing import parse_rule_set
from stock.models import StockLevel, StockPoint
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

NEAR_ONLY = {"rules": [{"name": "near", "filters": {"stock_points": ["near"]}}]}
FAR_ONLY = {"rules": [{"name": "far", "filters": {"stock_points": ["far"]}}]}


@pytest.fixture
def shirt():
    a_channel()
    shirt = a_variant("SHIRT")
    lies(shirt, a_point("near"), 3)
    lies(shirt, a_point("far", lat=43.3, lon=5.4), 3)
    save_draft(code="web-home", document=a_document(**NEAR_ONLY))
    return shirt


def basket(shirt, **fields):
    from stock.models import SalesChannel

    return a_basket(SalesChannel.objects.get(), (shirt, 2), order_value=Decimal(40), **fields)


def under(document) -> Tried:
    (found,) = examples_tried(RuleSet.objects.get().pk, parse_rule_set(document))
    return found.tried


def test_an_example_by_hand_ends_as_the_draft_has_it_and_keeps_its_stock(shirt):
    example_by_hand(code="web-home", name="two shirts", asked=ExampleByHand(basket(shirt)))
    assert ExampleOrder.objects.get().expected == {
        "outcome": "planned",
        "rule": "near",
        "action": None,
        "parcels": {"near": {"SHIRT": 2}},
    }
    StockLevel.objects.update(on_hand=0)
    StockPoint.objects.update(is_active=False)
    assert under(a_document(**NEAR_ONLY)).is_as_wanted


def test_its_stock_may_be_written_by_hand(shirt):
    asked = ExampleByHand(basket(shirt), stock={"SHIRT": {"near": 1, "far": 2}})
    example_by_hand(code="web-home", name="two shirts", asked=asked)
    assert under(a_document(**NEAR_ONLY)).got.outcome == "unfillable"
    assert under(a_document(**FAR_ONLY)).got.parcels == {"far": {"SHIRT": 2}}


def test_an_example_from_an_order_is_to_end_as_it_did(shirt):
    publish(code="web-home")
    save_run(run=plan_basket(basket=basket(shirt, reference="H26-1"), trigger="sourced").run)
    example = example_from_order(code="web-home", reference="H26-1")
    assert (example.name, example.origin) == ("H26-1", "order H26-1")
    assert under(a_document(**NEAR_ONLY)).is_as_wanted
    assert under(a_document(**FAR_ONLY)).differing == ("rule", "parcels")
    assert under(a_document(applies_to={"modes": ["pickup"]}, **NEAR_ONLY)).got == Outcome("not_asked")


def test_only_what_is_said_to_matter_is_compared(shirt):
    example = example_by_hand(code="web-home", name="two shirts", asked=ExampleByHand(basket(shirt)))
    expect_of_example(example_id=example.pk, name="served at all", expected=Outcome("planned"))
    assert under(a_document(**FAR_ONLY)).is_as_wanted
    expect_of_example(example_id=example.pk, name="refused", expected=Outcome("unfillable", action="cancel"))
    assert under(a_document(**FAR_ONLY)).differing == ("outcome", "action")


def test_publishing_stops_when_an_example_fails_and_nothing_changes(shirt):
    example_by_hand(code="web-home", name="two shirts", asked=ExampleByHand(basket(shirt)))
    publish(code="web-home")
    save_draft(code="web-home", document=a_document(**FAR_ONLY))
    with pytest.raises(ExamplesFail) as refused:
        publish(code="web-home")
    assert refused.value.data == {"examples": ["two shirts"]}
    with pytest.raises(ExamplesFail):
        publish(code="web-home", although="  ")
    assert dict(RuleSetVersion.objects.values_list("number", "state")) == {1: "published", 2: "draft"}
    assert not AuditEntry.objects.filter(action="rule_set.examples_overridden").exists()


def test_a_reason_publishes_all_the_same_and_is_audited(shirt):
    example_by_hand(code="web-home", name="two shirts", asked=ExampleByHand(basket(shirt)))
    save_draft(code="web-home", document=a_document(**FAR_ONLY))
    publish(code="web-home", although="The near one closes tomorrow.")
    entry = AuditEntry.objects.get(action="rule_set.examples_overridden")
    assert entry.subject == "rule_set:web-home"
    assert entry.changes == {"version": 1, "reason": "The near one closes tomorrow.", "examples": ["two shirts"]}
    assert RuleSetVersion.objects.get().state == "published"


def test_a_reason_nobody_needed_is_not_audited_and_rolling_back_asks_no_example(shirt):
    publish(code="web-home", although="Just so.")
    example_by_hand(code="web-home", name="two shirts", asked=ExampleByHand(basket(shirt)))
    save_draft(code="web-home", document=a_document(**FAR_ONLY))
    publish(code="web-home", although="Closing.")
    roll_back(code="web-home", version=1)
    assert AuditEntry.objects.filter(action="rule_set.examples_overridden").count() == 1


def test_examples_are_dropped_and_every_change_is_audited(shirt):
    example = example_by_hand(code="web-home", name="two shirts", asked=ExampleByHand(basket(shirt)))
    expect_of_example(example_id=example.pk, name="other", expected=Outcome("planned"))
    drop_example(example_id=example.pk)
    assert not ExampleOrder.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="rule_set.example").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "rule_set.example_kept",
        "rule_set.example_changed",
        "rule_set.example_dropped",
    ]
