"""Sourcing a message's orders together ends as sourcing them one after the other does, in far fewer statements."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.clock import set_clock
from oms.orchestration.models import CapacityUse, SourcingRun
from oms.orchestration.queries.runs import StoredRun
from orders.models import Fulfilment
from orders.services import sourcing_many
from orders.services.sourcing import source_order
from orders.services.sourcing_many import source_orders
from tests.orders.conftest import Shop
from tests.orders.histories_of_sourcing import Orders, told_of
from tests.orders.making import place, works
from tests.stock.making import receive
from tests.support.holding import assert_invariants_hold

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def one_by_one(order_ids: list[int]) -> None:
    for order_id in order_ids:
        source_order(order_id=order_id)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 60))])
def test_it_ends_as_one_by_one(seed: int) -> None:
    with set_clock(NOON):
        orders = Orders(seed)
        loop = told_of(lambda: one_by_one(orders.ids))
        together = told_of(lambda: source_orders(order_ids=orders.ids))
        assert together == loop
        source_orders(order_ids=orders.ids)
        assert all(StoredRun(run).is_repeated_identically() for run in SourcingRun.objects.all())
        assert_invariants_hold()


@pytest.mark.django_db
def test_some_that_forget_what_the_others_took_end_otherwise(monkeypatch: Any) -> None:
    """The negative control: capacities that are not counted from order to order are seen by the comparison."""
    monkeypatch.setattr("oms.orchestration.services.planning._less_capacity", lambda gathered, taken: gathered)
    with set_clock(NOON):
        for seed in range(8):
            orders = Orders(seed)
            loop = told_of(lambda ids=orders.ids: one_by_one(ids))
            if told_of(lambda ids=orders.ids: source_orders(order_ids=ids)) != loop:
                return
    raise AssertionError("no history told the difference")


def test_a_place_taken_by_one_is_gone_for_the_next(shop: Shop) -> None:
    shop.near.daily_order_capacity = 2
    shop.near.save()
    orders = [place(shop.channel, {shop.skus[0]: 1}) for _ in range(3)]
    source_orders(order_ids=[order.pk for order in orders])
    near, far = (shop.near.code, "accepted"), (shop.far.code, "accepted")
    assert [works(order) for order in orders] == [[near], [near], [far]]
    assert CapacityUse.objects.get().used == 2
    assert_invariants_hold()


def test_twenty_take_as_many_statements_as_four(shop: Shop) -> None:
    for variant in shop.variants:
        receive(variant, shop.near, 50)
    few, many = ([place(shop.channel, {shop.skus[n % 3]: 1}).pk for n in range(count)] for count in (4, 20))
    counted = []
    for order_ids in (few, many):
        with CaptureQueriesContext(connection) as queries:
            source_orders(order_ids=order_ids)
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert Fulfilment.objects.count() == 24


def test_where_one_raises_those_before_it_are_sourced(shop: Shop, monkeypatch: Any) -> None:
    first, second = (place(shop.channel, {sku: 1}) for sku in shop.skus[:2])

    def refused(**_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sourcing_many, "source_order", refused)
    monkeypatch.setattr(sourcing_many, "_is_simple", lambda standing: standing.order.pk == first.pk)
    with pytest.raises(ZeroDivisionError):
        source_orders(order_ids=[first.pk, second.pk])
    assert works(first) == [(shop.near.code, "accepted")]
    assert works(second) == []
