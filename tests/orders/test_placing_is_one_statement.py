"""An order is written whole by one statement: with its stock, its decision and its event, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from oms.core.models import OutboxEvent
from oms.orchestration.models import FactBlob, SourcingRun
from oms.orchestration.services import recording
from orders.models import Order
from orders.services.placing import place_order
from orders.services.requests import RequestedLine
from stock.models import Reservation, SalesChannel
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import place, request_for, slices
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    """Its channel was paid elsewhere: an order is confirmed as it is written."""
    shop = open_shop()
    SalesChannel.objects.filter(pk=shop.channel.pk).update(kind="marketplace")
    return shop


def placed(shop: Shop, units: int = 1) -> Order:
    return place(shop.channel, {shop.skus[0]: units}, payments=())


def rows() -> tuple[int, ...]:
    """Orders, reservations, recorded decisions, events that tell of an order."""
    told = OutboxEvent.objects.filter(name="order.placed").count()
    return *(model.objects.count() for model in (Order, Reservation, SourcingRun)), told


def test_two_statements_read_and_one_writes_and_commits(shop: Shop) -> None:
    placed(shop)
    with CaptureQueriesContext(connection) as captured:
        order = placed(shop, units=2)
    statements = [query["sql"] for query in captured]
    assert len(statements) == 3
    assert [each for each in statements if "INSERT" in each] == statements[-1:]
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "reserved")}
    assert OutboxEvent.objects.filter(name="order.placed", payload={"order_id": order.pk}).count() == 1
    assert SourcingRun.objects.get(reference=order.number).outcome == "planned"
    assert_invariants_hold()


def test_the_first_order_on_a_network_keeps_the_network(shop: Shop) -> None:
    assert FactBlob.objects.count() == 0
    placed(shop, units=2)
    assert FactBlob.objects.count() == 2
    assert rows() == (1, 1, 1, 1)
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)
    assert_invariants_hold()


def test_a_network_that_was_not_kept_leaves_nothing_behind(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Exception):
        pass

    def stopped(_: object) -> None:
        raise Stopped

    monkeypatch.setattr("orders.services.placing.keep_shared", stopped)
    with pytest.raises(Stopped):
        placed(shop)
    assert rows() == (0, 0, 0, 0)
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)


def test_stock_that_is_gone_by_then_leaves_nothing_behind(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    placed(shop)
    before = rows()
    monkeypatch.setattr("orders.services.placing._plan_and_write_locked", lambda draft: pytest.fail("planned thrice"))
    take = recording.run_parameters

    def late(runs: list[recording.RunToSave]) -> dict[str, object]:
        """Between the plan and the statement somebody else sells what the near warehouse has."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE stock_stocklevel SET unavailable = on_hand - reserved WHERE variant_id = %s"
                " AND stock_point_id = %s",
                [shop.variants[0].pk, shop.near.pk],
            )
        return take(runs)

    monkeypatch.setattr("orders.services.writing.run_parameters", late)
    order = placed(shop, units=2)
    assert slices(order) == {(shop.skus[0], shop.far.code, 2, "reserved")}
    assert rows() == tuple(count + 1 for count in before)


def test_within_another_transaction_all_of_it_is_rolled_back_with_it(shop: Shop) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        placed(shop)
        raise ZeroDivisionError
    assert rows() == (0, 0, 0, 0)
    placed(shop)
    assert rows() == (1, 1, 1, 1)


def test_a_basket_of_two_ways_records_both_decisions(shop: Shop) -> None:
    lines = [RequestedLine(shop.skus[0], 1), RequestedLine(shop.skus[1], 1, mode="express")]
    order = place_order(request=replace(request_for(shop.channel, lines), payments=()))
    assert SourcingRun.objects.filter(reference=order.number).count() == 2
    assert_invariants_hold()
