"""Each rule set that comes with the product has example orders, all of which end as they should."""

import pytest
from django.utils import translation

from oms.orchestration.models import ExampleOrder, RuleSet
from oms.orchestration.queries.examples import examples_tried
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.services.defaults import ensure_default_rule_sets
from oms.orchestration.services.scenarios import ensure_scenarios
from oms.sourcing.rule_parsing import parse_rule_set
from tests.orchestration.builders import a_channel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
GIVEN = {
    "web_channels": ["web"],
    "shop_channels": ["shops"],
    "warehouse_groups": ["depots"],
    "store_groups": ["shops"],
}


@pytest.fixture
def shipped():
    a_channel("web")
    a_channel("shops", kind="store")
    return {*ensure_default_rule_sets(**GIVEN), *ensure_scenarios(**GIVEN)}


def test_they_end_as_they_should(shipped):
    assert len(shipped) == 10
    for rule_set in RuleSet.objects.all():
        tried = examples_tried(rule_set.pk, parse_rule_set(version_to_read(rule_set).document))
        assert tried, rule_set.code
        assert [each.known.example.name for each in tried if not each.tried.is_as_wanted] == []


def test_their_names_are_told_in_french(shipped):
    with translation.override("fr"):
        untold = [each.name for each in ExampleOrder.objects.all() if each.title == each.name]
    assert untold == []


def test_a_retailers_own_are_told_as_they_are_named(shipped):
    example = ExampleOrder.objects.first()
    example.origin = "by hand"
    with translation.override("fr"):
        assert example.title == example.name
