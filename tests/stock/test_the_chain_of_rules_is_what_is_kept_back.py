"""The chain that is shown for an article and a stock point is the one by which its level is protected."""

from __future__ import annotations

import random
from datetime import timedelta
from math import ceil
from typing import Any

import pytest

from oms.core import clock
from oms.core.bulk import Row
from stock.models import LevelProtection, StockPointGroup
from stock.queries.protection_chain import Link, Outcome, protection_chain
from stock.services.protecting import apply_pending_protection
from stock.services.ruling import save_protection_rules
from tests.stock.calling import Caller
from tests.stock.making import level_of, make_channel, make_point, make_variant, receive

pytestmark = pytest.mark.django_db
ON_HAND = 10


def kept(links: list[Link], channel_id: int | None) -> int | None:
    """By the winners of the chain for the channel; None where none is its own."""
    winners = [link.rule for link in links if link.outcome == Outcome.WINS and link.rule.channel_id == channel_id]
    figures = [
        rule.quantity if rule.quantity is not None else ceil((rule.percent or 0) * ON_HAND / 100) for rule in winners
    ]
    return max(figures, default=None)


@pytest.mark.parametrize("seed", range(25))
def test_whatever_rules_there_are(seed: int) -> None:
    chance = random.Random(seed)
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT", category="tops")
    group = StockPointGroup.objects.create(code="centre", name="Centre")
    paris.groups.add(group)
    receive(shirt, paris, ON_HAND)
    rows: list[dict[str, Any]] = []
    for number in range(chance.randrange(1, 9)):
        row: dict[str, Any] = {"code": f"r{number}"}
        row |= {"quantity": chance.randrange(9)} if chance.random() < 0.6 else {"percent": chance.choice([0, 15, 50])}
        row |= chance.choice([{}, {"stock_point": "PARIS"}, {"group": "centre"}, {"kind": "store"}])
        row |= chance.choice([{}, {"sku": "SHIRT"}, {"product": "P-SHIRT"}, {"category": "tops"}])
        row |= chance.choice([{}, {}, {"channel": "web"}])
        row |= chance.choice([{}, {}, {}, {"starts_at": clock.now() + timedelta(days=1)}])
        rows.append(row)
    assert save_protection_rules(rows=[Row(place, row) for place, row in enumerate(rows)]).errors == []
    apply_pending_protection()
    level = level_of(shirt, paris)
    links = protection_chain(level, at=clock.now())
    assert level.protected == (kept(links, None) or 0)
    own = LevelProtection.objects.filter(level=level, channel=web).first()
    assert (None if own is None else own.protected_of(ON_HAND)) == kept(links, web.pk)


def test_a_program_is_told_it_where_nothing_has_ever_lain_too() -> None:
    make_channel("web"), make_point("PARIS"), make_point("LYON", kind="warehouse"), make_variant("SHIRT")
    erp = Caller("erp")
    rules = [
        {"code": "all", "quantity": 3},
        {"code": "shirt", "percent": "10", "sku": "SHIRT"},
        {"code": "stores", "quantity": 1, "kind": "store"},
        {"code": "web", "quantity": 2, "channel": "web", "sku": "SHIRT"},
    ]
    assert erp.put("/protection-rules/", rules)[1]["errors"] == []
    status, told = erp.get("/protection-rules/chain/", sku="SHIRT", stock_point="LYON")
    assert (status, told["sku"], told["stock_point"]) == (200, "SHIRT", "LYON")
    shown = [(rule["code"], rule["outcome"], rule["quantity"], rule["percent"], rule["sku"]) for rule in told["rules"]]
    assert shown == [
        ("shirt", "wins", None, "10.00", "SHIRT"),
        ("all", "overruled", 3, None, None),
        ("web", "wins", 2, None, "SHIRT"),
    ]
    assert erp.get("/protection-rules/chain/", sku="NOTHING", stock_point="LYON")[0] == 404
    assert erp.get("/protection-rules/chain/", sku="SHIRT")[0] == 422


def test_a_key_bound_to_a_channel_is_not_told_the_rules_of_another() -> None:
    make_channel("web"), make_channel("tills"), make_point("LYON"), make_variant("SHIRT")
    erp = Caller("erp")
    rules = [
        {"code": "all", "quantity": 3},
        *({"code": code, "quantity": 2, "channel": code} for code in ("web", "tills")),
    ]
    assert erp.put("/protection-rules/", rules)[1]["errors"] == []
    for caller, codes in ((erp, ["all", "tills", "web"]), (Caller("till", channels=["tills"]), ["all", "tills"])):
        told = caller.get("/protection-rules/chain/", sku="SHIRT", stock_point="LYON")[1]
        assert [rule["code"] for rule in told["rules"]] == codes
