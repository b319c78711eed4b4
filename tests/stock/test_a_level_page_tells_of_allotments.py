"""A level's page says what each channel may take of its article at most, and what is left of that."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from stock.queries.allotments import allotments_left, ceilings
from tests.admin.people import signed_in
from tests.stock.making import expect, make_channel, make_point, make_variant, receive
from tests.stock.test_allotments_are_ceilings import allot, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> tuple[Any, Any, Any, Any]:
    """(web, market, Paris, ten shirts there)."""
    web, market, paris, shirt = (
        make_channel("web"),
        make_channel("market"),
        make_point("PARIS"),
        make_variant("SHIRT", category="tops"),
    )
    receive(shirt, paris, 10)
    return web, market, paris, shirt


def left(variant: Any, access: Access = EVERYTHING) -> list[tuple[str, str, int, int]]:
    """(channel, ceiling, left, left of what is to come)."""
    with override("en"):
        return [
            (each.allotment.channel.code, each.allotment.ceiling, each.left.units, each.left.to_come)
            for each in allotments_left(variant, access=access)
        ]


def test_each_channel_has_what_is_left_of_its_own(world: Any) -> None:
    web, market, paris, shirt = world
    allot(web, shirt, quantity=6)
    allot(market, "tops", percent=Decimal("50"))
    buy(web, shirt, paris, 2)
    buy(market, shirt, paris, 1, owner="buyer:2")
    expect(shirt, paris, 8)
    assert left(shirt) == [("market", "50%", 4, 4), ("web", "6", 4, 4)]
    for channel in (web, market):
        ceiling = ceilings(channel_id=channel.pk, variant_ids=[shirt.pk])[shirt.pk]
        assert (ceiling.units, ceiling.to_come) == (4, 4)


def test_the_articles_own_goes_before_its_categorys_and_one_not_in_force_is_passed_over(world: Any) -> None:
    web, market, _paris, shirt = world
    allot(web, "tops", quantity=50)
    allot(web, shirt, quantity=6)
    allot(market, "tops", quantity=9)
    allot(market, shirt, quantity=3, starts_at=clock.now() + timedelta(days=1))
    assert left(shirt) == [("market", "9", 9, 9), ("web", "6", 6, 6)]
    assert left(make_variant("HAT", category="")) == []


def test_who_is_bound_to_channels_is_told_of_these_alone(world: Any) -> None:
    web, market, _paris, shirt = world
    allot(web, shirt, quantity=6)
    allot(market, shirt, quantity=3)
    assert left(shirt, Access(channels=frozenset({web.pk}), stock_points=None)) == [("web", "6", 6, 6)]


def test_the_page_leads_to_them_in_two_queries_however_many_there_are(world: Any) -> None:
    web, market, _paris, shirt = world
    first = allot(web, shirt, quantity=6)
    with CaptureQueriesContext(connection) as one:
        allotments_left(shirt, access=EVERYTHING)
    allot(market, shirt, percent=Decimal("12.5"))
    with CaptureQueriesContext(connection) as two:
        allotments_left(shirt, access=EVERYTHING)
    assert (len(one), len(two)) == (2, 2)
    level = reverse("admin:stock_stocklevel_of") + "?sku=SHIRT&stock_point=PARIS"
    page = signed_in("merchandiser").get(level, follow=True).content.decode()
    address = reverse("admin:stock_channelallotment_change", args=[first.pk])
    assert f'href="{address}">web</a>' in page
    assert "6 left to take" in page and "12.5%" in page
    service = signed_in("customer_service").get(level, follow=True).content.decode()
    assert address not in service and "6 left to take" in service
