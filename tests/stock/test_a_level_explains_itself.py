"""The stock level page in the admin: its waterfall, what moved, who holds units, and which rule wins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.access import EVERYTHING
from oms.core.queries.references import Reference, named_references
from oms.core.services.relaying import drain_events
from stock.models import ProtectionRule, StockLevel
from stock.queries.level_pages import SHOWN, Aside, LevelPage, level_page
from stock.queries.protection_chain import Outcome, protection_chain
from stock.services.correcting import mark_unavailable
from stock.services.protecting import apply_pending_protection
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.orders.conftest import open_shop
from tests.orders.making import place
from tests.stock.making import level_of, make_channel, make_point, make_variant, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def level() -> StockLevel:
    point, variant = make_point("PARIS", kind="store"), make_variant("SHIRT", category="tops")
    receive(variant, point, 10)
    return level_of(variant, point)


def url(level: StockLevel) -> str:
    return reverse("admin:stock_stocklevel_change", args=[level.pk])


def test_the_chain_tells_which_rule_wins_and_why_the_others_do_not(level: StockLevel) -> None:
    now, web = clock.now(), make_channel("web")
    save_rule(rule=ProtectionRule(code="everything", quantity=9))
    save_rule(rule=ProtectionRule(code="tops", category="tops", quantity=2))
    save_rule(rule=ProtectionRule(code="tops-too", category="tops", percent=30))
    save_rule(rule=ProtectionRule(code="shirt-later", variant=level.variant, quantity=1, starts_at=now + timedelta(1)))
    save_rule(rule=ProtectionRule(code="web-weak", kind="store", channel=web, quantity=8))
    save_rule(rule=ProtectionRule(code="web-strong", variant=level.variant, channel=web, quantity=5))
    save_rule(rule=ProtectionRule(code="elsewhere", kind="warehouse", quantity=3))
    apply_pending_protection()
    assert [(link.rule.code, link.outcome) for link in protection_chain(level, at=now)] == [
        ("shirt-later", Outcome.NOT_NOW),
        ("tops", Outcome.WINS),
        ("tops-too", Outcome.WINS),
        ("everything", Outcome.OVERRULED),
        ("web-strong", Outcome.WINS),
        ("web-weak", Outcome.OVERRULED),
    ]
    page = level_page(level_of(level.variant, level.stock_point), access=EVERYTHING)
    assert (page.waterfall.protected, page.waterfall.available) == (3, 7)
    assert [(channel.code, waterfall.available) for channel, waterfall in page.channels] == [("web", 5)]


def test_movements_are_paged_by_key_newest_first(level: StockLevel) -> None:
    for _ in range(SHOWN):
        receive(level.variant, level.stock_point, 1)
    first = level_page(level, access=EVERYTHING)
    assert len(first.movements) == SHOWN
    rest = level_page(level, access=EVERYTHING, before=first.next_movement)
    assert (len(rest.movements), rest.next_movement) == (1, None)
    assert first.movements[0].pk > first.movements[-1].pk > rest.movements[0].pk
    assert signed_in("merchandiser").get(url(level), {"before": "nonsense"}).status_code == 200


def test_reservations_lead_to_their_orders() -> None:
    shop = open_shop()
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    page = signed_in("customer_service").get(url(level_of(shop.variants[0], shop.near))).content.decode()
    assert reverse("admin:orders_order_change", args=[order.pk]) in page
    assert f">{order.number}</a>" in page


def test_what_was_set_aside_and_given_back_is_no_reason_any_more(level: StockLevel) -> None:
    def mark(quantity: int, reason: str, reference: str) -> None:
        mark_unavailable(
            variant_id=level.variant_id,
            stock_point_id=level.stock_point_id,
            quantity=quantity,
            reason=reason,
            reference=reference,
        )

    def page() -> LevelPage:
        return level_page(level_of(level.variant, level.stock_point), access=EVERYTHING)

    mark(1, "to_inspect", "return:R1")
    mark(-1, "to_inspect", "return:R1:done")
    assert (page().aside, len(page().unavailabilities)) == ([], 2)
    merchandiser = signed_in("merchandiser")
    assert "Every unit on hand can be sold." in merchandiser.get(url(level)).content.decode()

    mark(3, "damaged", "a")
    mark(-1, "damaged", "b")
    StockLevel.objects.filter(pk=level.pk).update(unavailable=F("unavailable") + 4)
    assert page().aside == [Aside("damaged", 2), Aside("", 4, is_explained=False)]
    assert "4</strong> that nothing explains" in merchandiser.get(url(level)).content.decode()
    mark(5, "other", "import:7")
    assert page().aside == [Aside("damaged", 2), Aside("", 5), Aside("", 4, is_explained=False)]


def test_an_owner_nobody_knows_is_shown_as_it_is() -> None:
    assert named_references(["hold:cart-9", "order:nowhere"]) == {
        "hold:cart-9": Reference("hold:cart-9"),
        "order:nowhere": Reference("order:nowhere"),
    }


def test_nothing_can_be_posted_to_a_level(level: StockLevel) -> None:
    assert signed_in("head_office").post(url(level), {"on_hand": 99}).status_code == 403
    assert level_of(level.variant, level.stock_point).on_hand == 10


def test_the_page_takes_as_many_queries_however_much_moved(level: StockLevel) -> None:
    client = signed_in("merchandiser")
    client.get(url(level))
    counts = []
    for rules in range(2):
        for number in range(3 * rules):
            channel = make_channel(f"c{number}")
            save_rule(rule=ProtectionRule(code=f"r{number}", channel=channel, quantity=number))
            receive(level.variant, level.stock_point, 1)
        apply_pending_protection()
        with CaptureQueriesContext(connection) as found:
            _ok(client, level)
        counts.append(len(found))
    assert counts[0] == counts[1]


def _ok(client: Client, level: StockLevel) -> None:
    assert client.get(url(level)).status_code == 200


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["no unit was looked for here yet", "No receipt here in a year"]),
        ("fr", ["aucune unité n’a encore été cherchée ici", "Aucune réception ici en un an"]),
    ],
)
def test_a_suggestion_without_evidence_counts_nothing_in_nothing(language: str, told: list[str]) -> None:
    variant, point = make_variant("BARE"), make_point("NEW")
    level = StockLevel.objects.create(variant=variant, stock_point=point)
    page = signed_in("head_office", language=language).get(reverse("admin:stock_stocklevel_change", args=[level.pk]))
    assert all(words in page.content.decode() for words in told)
