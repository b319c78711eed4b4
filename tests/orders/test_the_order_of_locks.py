"""Allotments, levels, expected receipts, capacity, reservations, the order, its work, its payments: captured SQL
shows them in this order.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.services.relaying import drain_events
from orders.services.assigning import assign_by_hand
from orders.services.cancelling import cancel_line, cancel_order
from orders.services.changing import change_address
from orders.services.recalling import reroute_order
from orders.services.sourcing import source_order
from orders.services.sweeping import expire_order
from tests.orders.conftest import Shop
from tests.orders.making import MARSEILLE, paid_with, place

RANK = {
    "stock_allotmentcounter": 0,
    "stock_stocklevel": 1,
    "stock_expectedreceipt": 2,
    "stock_reservation": 3,
    "orchestration_capacityuse": 4,
    "orders_order": 5,
    "orders_fulfilment": 6,
    "orders_payment": 7,
}
_LOCK = re.compile(r'FOR NO KEY UPDATE(?: OF "?(\w+)"?)?')
_WRITE = re.compile(r'(?:UPDATE|INSERT INTO) "?(\w+)"?')


def locked_tables(statement: str) -> list[str]:
    """Each lock's table: the one it names, by itself or by its alias, else the first of its statement."""
    found = []
    for lock in _LOCK.finditer(statement):
        before, name = statement[: lock.start()], lock[1]
        if name is None or name in RANK:
            found.append(name or re.findall(r'FROM "?(\w+)"?', before)[0])
            continue
        found.append(re.findall(rf'(?:FROM|JOIN) "?(\w+)"? {name}\b', before)[-1])
    return found


def first_locks(sql: list[str]) -> list[str]:
    """The tables in the order in which their first row is locked or written; rows made new need no lock."""
    seen: list[str] = []
    for statement in sql:
        found = locked_tables(statement) or [
            table for table in _WRITE.findall(statement) if not statement.lstrip().startswith("INSERT")
        ]
        seen.extend(table for table in found if table in RANK and table not in seen)
    return seen


def locked_by(action: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        action()
    return first_locks([query["sql"] for query in captured.captured_queries])


@pytest.fixture
def limited(shop: Shop) -> Shop:
    shop.near.daily_order_capacity = 50
    shop.near.save()
    return shop


def assert_in_order(locks: list[str], *, at_least: set[str]) -> None:
    assert at_least <= set(locks), locks
    assert locks == sorted(locks, key=RANK.__getitem__), locks


def test_assigning_by_hand(limited: Shop) -> None:
    limited.far.daily_order_capacity = 50
    limited.far.save()
    order = place(limited.channel, {limited.skus[0]: 2})
    drain_events()
    locks = locked_by(lambda: assign_by_hand(order_id=order.pk, stock_point=limited.far.code, reason="told by phone"))
    assert_in_order(locks, at_least={"stock_stocklevel", "orchestration_capacityuse", "orders_order"})


def test_cancelling(limited: Shop) -> None:
    order = place(limited.channel, {limited.skus[0]: 2})
    drain_events()
    locks = locked_by(lambda: cancel_order(order_id=order.pk))
    assert_in_order(
        locks, at_least={"stock_stocklevel", "orchestration_capacityuse", "orders_order", "orders_fulfilment"}
    )


def test_cancelling_a_line(limited: Shop) -> None:
    order = place(limited.channel, {limited.skus[0]: 2})
    drain_events()
    locks = locked_by(lambda: cancel_line(order_id=order.pk, line_id=order.lines.get().pk, quantity=1))
    assert_in_order(locks, at_least={"stock_stocklevel", "orders_order"})


def test_sourcing_that_moves_goods(limited: Shop) -> None:
    order = place(limited.channel, {limited.skus[0]: 2})
    type(order).objects.filter(pk=order.pk).update(
        shipping_address={**order.shipping_address, "latitude": 43.3, "longitude": 5.37, "postcode": "13002"}
    )
    locks = locked_by(lambda: source_order(order_id=order.pk))
    assert_in_order(locks, at_least={"stock_stocklevel", "orders_order"})


def test_changing_the_address(limited: Shop) -> None:
    order = place(limited.channel, {limited.skus[0]: 2})
    drain_events()
    locks = locked_by(lambda: change_address(order_id=order.pk, shipping_address=MARSEILLE))
    assert_in_order(
        locks, at_least={"stock_stocklevel", "orchestration_capacityuse", "orders_order", "orders_fulfilment"}
    )


def test_rerouting(limited: Shop) -> None:
    order = place(limited.channel, {limited.skus[0]: 2})
    drain_events()
    locks = locked_by(lambda: reroute_order(order_id=order.pk))
    assert_in_order(locks, at_least={"orchestration_capacityuse", "orders_order", "orders_fulfilment"})


def test_expiring(limited: Shop) -> None:
    order = place(limited.channel, {limited.skus[0]: 2}, payments=())
    type(order).objects.filter(pk=order.pk).update(pay_by=order.placed_at)
    locks = locked_by(lambda: expire_order(order_id=order.pk))
    assert_in_order(locks, at_least={"stock_stocklevel", "orders_order"})


def test_a_refused_payment(limited: Shop) -> None:
    with CaptureQueriesContext(connection) as captured, pytest.raises(Exception, match="refused"):
        place(limited.channel, {limited.skus[0]: 2}, payments=paid_with("refuse"))
    sql = [query["sql"] for query in captured.captured_queries]
    # The order is written in a transaction of its own, before the gateway is asked.
    # What the decision rests on may have had to be stored first: the statement that wrote nothing then runs again.
    *_, written = [place for place, statement in enumerate(sql) if "INSERT INTO orders_order " in statement]
    assert_in_order(first_locks(sql[: written + 1]), at_least={"stock_stocklevel"})
    assert_in_order(first_locks(sql[written + 1 :]), at_least={"stock_stocklevel", "orders_order", "orders_payment"})
