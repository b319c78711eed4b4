"""The admin's form of a protection rule: what it would hide is shown before anything is written."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.models import AuditEntry
from stock.models import PendingProtection, ProtectionRule, StockLevel, StockPointGroup
from stock.queries.availability import level_waterfalls
from stock.queries.protection_preview import hidden_rows, hidden_stock
from stock.services.protecting import apply_pending_protection, apply_protection
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.stock.making import make_channel, make_point, make_variant, receive

pytestmark = pytest.mark.django_db

ADD = "admin:stock_protectionrule_add"


@pytest.fixture
def merchandiser() -> Client:
    return signed_in("merchandiser")


@pytest.fixture
def stocked() -> None:
    paris, lyon = make_point("PARIS", kind="store"), make_point("LYON", kind="store")
    receive(make_variant("SHIRT"), paris, 5)
    receive(make_variant("SHOE"), lyon, 2)


def typed(**values: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("stock_point", "group", "kind", "variant", "product", "category", "channel", "percent"), "")
    dates = {f"{name}_{part}": "" for name in ("starts_at", "ends_at") for part in (0, 1)}
    return {"code": "r", "quantity": "3", **empty, **dates} | values


def test_the_first_press_shows_what_it_hides_and_writes_nothing(stocked: None, merchandiser: Client) -> None:
    response = merchandiser.post(reverse(ADD), typed())
    assert response.status_code == 200
    hidden = response.context["preview"]["hidden"]
    assert (hidden.hidden_units, hidden.hidden_skus, hidden.skus_to_zero) == (5, 2, 1)
    assert hidden.histogram == [("1", 0), ("2", 1), ("3–5", 1)]
    told = response.content.decode()
    assert "1 SKU could no longer be sold at all." in told
    assert "Please correct" not in told
    assert not ProtectionRule.objects.exists()
    assert not PendingProtection.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="protection_rule").exists()


def test_the_second_press_saves_what_was_previewed(stocked: None, merchandiser: Client) -> None:
    confirmed = merchandiser.post(reverse(ADD), typed()).context["preview"]["confirmed"]
    assert merchandiser.post(reverse(ADD), typed(previewed=confirmed)).status_code == 302
    assert ProtectionRule.objects.get().quantity == 3


def test_another_rule_than_the_previewed_one_is_previewed_anew(stocked: None, merchandiser: Client) -> None:
    confirmed = merchandiser.post(reverse(ADD), typed()).context["preview"]["confirmed"]
    for changed in (typed(previewed=confirmed, quantity="4"), typed(previewed="made-up")):
        assert "preview" in merchandiser.post(reverse(ADD), changed).context
    assert not ProtectionRule.objects.exists()


def test_a_change_is_previewed_in_place_of_the_present_rule(stocked: None, merchandiser: Client) -> None:
    rule = save_rule(rule=ProtectionRule(code="r", quantity=1))
    apply_pending_protection()
    url = reverse("admin:stock_protectionrule_change", args=[rule.pk])
    response = merchandiser.post(url, typed(quantity="3"))
    assert response.context["preview"]["hidden"].hidden_units == 3
    rule.refresh_from_db()
    assert rule.quantity == 1
    assert merchandiser.post(url, typed(quantity="3", previewed=response.context["preview"]["confirmed"])).url
    rule.refresh_from_db()
    assert rule.quantity == 3


def test_a_wrong_rule_is_refused_without_a_preview(stocked: None, merchandiser: Client) -> None:
    response = merchandiser.post(reverse(ADD), typed(percent="10"))
    assert "preview" not in response.context
    assert "Give either units or a percentage from 0 to 100." in response.content.decode()


def test_a_category_is_one_of_the_catalogues(stocked: None, merchandiser: Client) -> None:
    known = make_variant("COAT", category="Coats").product.category
    assert f'<option value="{known}">' in merchandiser.get(reverse(ADD)).content.decode()
    assert "preview" in merchandiser.post(reverse(ADD), typed(category=known)).context
    refused = merchandiser.post(reverse(ADD), typed(category="Shrits"))
    assert "preview" not in refused.context
    assert "No article is of this category." in refused.content.decode()


def test_every_level_comes_as_a_file(stocked: None, merchandiser: Client) -> None:
    response = merchandiser.post(reverse(ADD), typed(_export="1"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(response.streaming_content).decode().split()  # type: ignore[attr-defined]
    assert lines == ["sku,stock_point,before,after", "SHIRT,PARIS,5,2", "SHOE,LYON,2,0"]
    assert not ProtectionRule.objects.exists()


def test_who_only_looks_may_neither_preview_nor_save(stocked: None) -> None:
    service = signed_in("customer_service")
    assert service.post(reverse(ADD), typed()).status_code == 403
    assert service.post(reverse(ADD), typed(_export="1")).status_code == 403


def _random_rule(draw: random.Random, things: dict[str, list[Any]], code: str) -> ProtectionRule:
    rule = ProtectionRule(code=code)
    place, article = draw.choice(["", "stock_point", "group", "kind"]), draw.choice(["", "variant", "product", "cat"])
    if place == "kind":
        rule.kind = draw.choice(["store", "warehouse"])
    elif place:
        setattr(rule, place, draw.choice(things[place]))
    if article == "cat":
        rule.category = draw.choice(["tops", "shoes"])
    elif article:
        setattr(rule, article, draw.choice(things[article]))
    rule.channel = draw.choice([None, *things["channel"]])
    if draw.random() < 0.5:
        rule.quantity = draw.randint(0, 6)
    else:
        rule.percent = Decimal(draw.randint(0, 100))
    return rule


@pytest.mark.parametrize("seed", range(12))
def test_a_preview_is_what_saving_does(seed: int) -> None:
    """Whatever rules there are: the levels it names are those whose availability falls once it is applied."""
    draw = random.Random(seed)
    groups = [StockPointGroup.objects.create(code=code) for code in ("north", "south")]
    points = [make_point(f"P{number}", kind=draw.choice(["store", "warehouse"])) for number in range(5)]
    for point in points:
        point.groups.set(draw.sample(groups, draw.randint(0, 2)))
    variants = [make_variant(f"V{number}", category=draw.choice(["tops", "shoes"])) for number in range(4)]
    for variant in variants:
        for point in points:
            receive(variant, point, draw.randint(0, 12))
    web, market = make_channel("web"), make_channel("market", points=points[:3])
    things = {"stock_point": points, "group": groups, "variant": variants, "channel": [web, market]}
    things["product"] = [variant.product for variant in variants]
    for number in range(6):
        save_rule(rule=_random_rule(draw, things, f"r{number}"))
    apply_pending_protection()
    apply_protection(level_ids=list(StockLevel.objects.values_list("pk", flat=True)))
    rule = _random_rule(draw, things, "new")
    told = {(row["sku"], row["stock_point"]): (row["before"], row["after"]) for row in _rows(rule)}

    keys = [(variant.pk, point.pk) for variant in variants for point in points]
    names = {(variant.pk, point.pk): (variant.sku, point.code) for variant in variants for point in points}
    before = level_waterfalls(channel_id=rule.channel_id, keys=keys)
    save_rule(rule=rule)
    apply_pending_protection()
    apply_protection(level_ids=list(StockLevel.objects.values_list("pk", flat=True)))
    after = level_waterfalls(channel_id=rule.channel_id, keys=keys)
    fallen = {
        names[key]: (before[key].available, after[key].available)
        for key in keys
        if after[key].available < before[key].available
        and (rule.channel != market or key[1] in {point.pk for point in points[:3]})
    }
    assert told == fallen


def _rows(rule: ProtectionRule) -> list[dict[str, Any]]:
    with transaction.atomic():
        rows = list(hidden_rows(rule=rule, at=clock.now()))
    summary = hidden_stock(rule=rule, at=clock.now())
    assert summary.hidden_units == sum(row["before"] - row["after"] for row in rows)
    assert summary.hidden_skus == len({row["sku"] for row in rows})
    assert summary.top == rows[:20]
    by_sku = defaultdict(list)
    for row in rows:
        by_sku[row["sku"]].append(row["before"] - row["after"])
    most = sorted(by_sku, key=lambda sku: (-sum(by_sku[sku]), sku))[:20]
    assert [(each["sku"], each["points"], each["before"] - each["after"]) for each in summary.top_skus] == [
        (sku, len(by_sku[sku]), sum(by_sku[sku])) for sku in most
    ]
    assert sum(skus for _, skus in summary.histogram) == summary.hidden_skus
    return rows


def test_a_preview_takes_as_many_queries_for_many_levels_as_for_one(merchandiser: Client) -> None:
    counts = []
    for number in range(2):
        for variant in range(1 + 3 * number):
            receive(make_variant(f"V{number}{variant}"), make_point(f"P{number}{variant}"), 5)
        merchandiser.post(reverse(ADD), typed())
        with CaptureQueriesContext(connection) as found:
            merchandiser.post(reverse(ADD), typed())
        counts.append(len(found))
    assert counts[0] == counts[1]
