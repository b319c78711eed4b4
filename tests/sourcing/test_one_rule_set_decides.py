from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from oms.sourcing import DEFAULT_RULE_SET, matching_rule_set
from oms.sourcing.facts import ChannelFacts, Destination, OrderFacts
from oms.sourcing.rules import OrderConditions, OrderWindow
from tests.sourcing.builders import basket, line, point, rule, rule_set

ORDER = OrderFacts(
    channel="web",
    channel_kind="web",
    banner="maison",
    mode="home",
    country="FR",
    postcode="75011",
    order_value=Decimal("80.00"),
    categories=frozenset({"shoes", "socks"}),
    tags=frozenset({"fragile"}),
    customer_class="gold",
    # A Friday, a quarter to midnight in Paris.
    ordered_at=datetime(2026, 11, 27, 22, 45, tzinfo=UTC),
    timezone="Europe/Paris",
)


def conditions(**given: Any) -> OrderConditions:
    return OrderConditions(**given)


@pytest.mark.parametrize(
    ("matching", "other"),
    [
        ({"channels": ("app", "web")}, {"channels": ("app",)}),
        ({"channel_kinds": ("web",)}, {"channel_kinds": ("store",)}),
        ({"banners": ("maison",)}, {"banners": ("autre",)}),
        ({"modes": ("home", "express")}, {"modes": ("pickup",)}),
        ({"countries": ("FR", "BE")}, {"countries": ("BE",)}),
        ({"postcode_prefixes": ("69", "75")}, {"postcode_prefixes": ("5",)}),
        ({"min_order_value": Decimal(80)}, {"min_order_value": Decimal("80.01")}),
        ({"max_order_value": Decimal(80)}, {"max_order_value": Decimal("79.99")}),
        ({"categories_any": ("socks", "hats")}, {"categories_any": ("hats",)}),
        ({"tags_any": ("fragile",)}, {"tags_any": ("bulky",)}),
        ({"customer_classes": ("gold", "staff")}, {"customer_classes": ("staff",)}),
        ({"ordered": OrderWindow(weekdays=(5,))}, {"ordered": OrderWindow(weekdays=(6,))}),
        ({"ordered": OrderWindow(start=23 * 60 + 45)}, {"ordered": OrderWindow(end=23 * 60 + 45)}),
        (
            {"ordered": OrderWindow(first_day=date(2026, 11, 27))},
            {"ordered": OrderWindow(first_day=date(2026, 11, 28))},
        ),
        ({"ordered": OrderWindow(last_day=date(2026, 11, 27))}, {"ordered": OrderWindow(last_day=date(2026, 11, 26))}),
    ],
)
def test_each_condition_is_read(matching: dict[str, Any], other: dict[str, Any]) -> None:
    assert conditions(**matching).matches(ORDER)
    assert not conditions(**other).matches(ORDER)


def test_conditions_must_all_hold_and_none_restricts_nothing() -> None:
    assert conditions().matches(ORDER)
    assert not conditions(channels=("web",), modes=("pickup",)).matches(ORDER)


def test_lower_priority_first_then_code() -> None:
    first, second, third = (rule_set(rule(), code=code, priority=p) for code, p in (("z", 1), ("a", 2), ("b", 2)))
    assert matching_rule_set([third, second, first], ORDER) == first
    assert matching_rule_set([third, second], ORDER) == second


def test_the_first_that_matches_decides_alone() -> None:
    pickup = rule_set(rule(), code="p", priority=1, applies_to=conditions(modes=("pickup",)))
    home = rule_set(rule(), code="h", priority=9, applies_to=conditions(modes=("home",)))
    assert matching_rule_set([pickup, home], ORDER) == home


def test_when_none_matches_the_shipped_default_decides() -> None:
    pickup = rule_set(rule(), applies_to=conditions(modes=("pickup",)))
    assert matching_rule_set([pickup], ORDER) is DEFAULT_RULE_SET
    assert matching_rule_set([], ORDER) is DEFAULT_RULE_SET


def test_facts_tell_what_a_rule_set_is_chosen_by() -> None:
    lines = [line("A", category="shoes", tags=("fragile",)), line("B"), line("C", category="socks")]
    facts = basket(
        [point("P")],
        lines,
        {},
        channel=ChannelFacts("web", "web", "maison"),
        destination=Destination("FR", "Europe/Paris", "75011"),
        order_value=Decimal("80.00"),
        customer_class="gold",
        ordered_at=ORDER.ordered_at,
    )
    assert facts.order == replace(ORDER, timezone=facts.timezone)
    assert replace(facts, ordered_at=None).order.ordered_at == facts.now


def test_a_collected_order_is_in_the_country_of_its_pickup_point() -> None:
    facts = basket([point("P", country="BE")], [line("A")], {}, mode="pickup", pickup_point="P", destination=None)
    assert facts.order.country == "BE"
    nowhere = replace(facts, pickup_point=None)
    assert nowhere.order.country is None
    assert not conditions(countries=("FR",)).matches(nowhere.order)
