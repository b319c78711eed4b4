"""Fault 9: a lock that is never evaluated. Captured SQL shows that every row that is changed was locked before.

`tests/stock/test_locks_come_first.py` says it of reservations and movements, which share one lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from oms.core.bulk import Row
from oms.core.today import today as the_day_it_is
from stock.models import LevelDifference, SalesChannel, StockCount, StockLevel, StockPoint, Transfer, Variant
from stock.services.allotting import save_allotments
from stock.services.counting import approve_count, open_count, submit_count, write_counted
from stock.services.pausing import pause_stock_point
from stock.services.protecting import apply_pending_protection
from stock.services.reconciling import reconcile_stock, repair_difference
from stock.services.reserving import reserve_stock
from stock.services.ruling import save_protection_rules
from stock.services.setting_aside import give_back, give_expired_back, set_aside
from stock.services.transferring import accept_transfer, cancel_transfer, receive_transfer, ship_transfer
from tests.stock.feeds.feeding import file_of, queue, run
from tests.stock.making import arrive, expect, make_channel, make_point, make_variant, receive, want

pytestmark = pytest.mark.django_db

# Rows that two people may want to change at once. (How far an import is, only the one process writes that runs it.)
TABLES = (
    "stock_stocklevel",
    "stock_expectedreceipt",
    "stock_transfer",
    "stock_stockcount",
    "stock_leveldifference",
    "stock_channelallotment",
    "stock_allotmentcounter",
    "stock_stockpoint",
    "stock_stocksource",
)
_LOCK = re.compile(r"FOR (?:NO KEY )?UPDATE")
_UPDATED = re.compile(r'UPDATE "?(stock_\w+)"?')
# Written only as it was read, where it lay or by whom it was written: whoever wrote it meanwhile is passed over, not
# overwritten.
_AS_READ = re.compile("s.ctid IS NOT DISTINCT FROM|s.xmin = c.version")
_READ = re.compile(r'(?:FROM|JOIN) "?(stock_\w+)"?')


def changed_without_lock(statements: list[str]) -> set[str]:
    """Tables of `TABLES` that were updated before any statement had locked rows of them."""
    locked: set[str] = set()
    careless: set[str] = set()
    for statement in statements:
        if _LOCK.search(statement.replace("DO UPDATE", "")):
            locked |= set(_READ.findall(statement))
        if _AS_READ.search(statement):
            continue
        plain = re.sub(r"FOR (NO KEY )?UPDATE", "", statement)
        careless |= {table for table in _UPDATED.findall(plain) if table in TABLES and table not in locked}
    return careless


class World:
    """Ten shirts in Paris, none in Lyon; one channel."""

    def __init__(self) -> None:
        self.web: SalesChannel = make_channel("web")
        self.paris: StockPoint = make_point("PARIS")
        self.lyon: StockPoint = make_point("LYON")
        self.shirt: Variant = make_variant("SHIRT")
        self.level: StockLevel = receive(self.shirt, self.paris, 10)

    def aside(self, **more: Any) -> int:
        row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": 2, "reason": "display", "reference": "d"}
        assert set_aside(rows=[Row(0, row | {"expires_at": None} | more)]).errors == []
        return int(self.level.unavailabilities.get().pk)

    def counted(self) -> StockCount:
        count = open_count(reference="C", stock_point=self.paris)
        write_counted(stock_count=count, rows=[Row(0, {"sku": "SHIRT", "counted": 7})])
        submit_count(stock_count=count)
        return count

    def transfer(self, *, until: str) -> int:
        made = Transfer.objects.create(
            reference="T",
            variant=self.shirt,
            giver=self.paris,
            receiver=self.lyon,
            source="slow",
            quantity=4,
            unit_cost=1,
        )
        if until in ("accepted", "shipped"):
            accept_transfer(transfer_id=made.pk)
        if until == "shipped":
            ship_transfer(transfer_id=made.pk)
        return made.pk

    def difference(self) -> LevelDifference:
        StockLevel.objects.update(on_hand=13)
        reconcile_stock()
        return LevelDifference.objects.get()

    def announce(self, quantity: int) -> None:
        expect(self.shirt, self.paris, quantity)

    def allot(self, quantity: int) -> None:
        row = {"channel": "web", "sku": "SHIRT", "quantity": quantity}
        assert save_allotments(rows=[Row(0, row)]).errors == []

    def protect(self) -> None:
        assert save_protection_rules(rows=[Row(0, {"code": "r", "quantity": 2})]).errors == []

    def buy(self, units: int = 1) -> None:
        reserve_stock(owner="b", channel_id=self.web.pk, wants=[want(self.shirt, self.paris, units)])


def later(world: World) -> None:
    world.aside(expires_at=clock.now() + timedelta(minutes=1))


STORIES: dict[str, tuple[Callable[[World], Any], Callable[[World, Any], Any], str]] = {
    "a count is approved": (World.counted, lambda _, count: approve_count(stock_count=count), "stock_stocklevel"),
    "units are set aside": (lambda _: None, lambda world, _: world.aside(), "stock_stocklevel"),
    "they are given back": (World.aside, lambda _, pk: give_back(ids=[pk]), "stock_stocklevel"),
    "a transfer is accepted": (
        lambda world: world.transfer(until="proposed"),
        lambda _, pk: accept_transfer(transfer_id=pk),
        "stock_transfer",
    ),
    "it is cancelled": (
        lambda world: world.transfer(until="accepted"),
        lambda _, pk: cancel_transfer(transfer_id=pk),
        "stock_transfer",
    ),
    "it is sent": (
        lambda world: world.transfer(until="accepted"),
        lambda _, pk: ship_transfer(transfer_id=pk),
        "stock_stocklevel",
    ),
    "it is received": (
        lambda world: world.transfer(until="shipped"),
        lambda _, pk: receive_transfer(transfer_id=pk, quantity=4),
        "stock_expectedreceipt",
    ),
    "a difference is repaired": (
        World.difference,
        lambda _, found: repair_difference(difference=found),
        "stock_stocklevel",
    ),
    "a receipt shrinks": (
        lambda world: world.announce(5),
        lambda world, _: world.announce(3),
        "stock_expectedreceipt",
    ),
    "a receipt arrives": (
        lambda world: world.announce(5),
        lambda world, _: arrive(world.shirt, world.paris, 2),
        "stock_expectedreceipt",
    ),
    "an allotment changes": (lambda world: world.allot(5), lambda world, _: world.allot(6), "stock_channelallotment"),
    "a channel sells below its allotment": (
        lambda world: world.allot(5),
        lambda world, _: world.buy(),
        "stock_allotmentcounter",
    ),
    "protection is applied": (World.protect, lambda _world, _: apply_pending_protection(), "stock_stocklevel"),
    "a stock point pauses": (
        lambda _: None,
        lambda world, _: pause_stock_point(stock_point_id=world.paris.pk, until=the_day_it_is() + timedelta(2)),
        "stock_stockpoint",
    ),
    "a file is applied": (
        lambda _: queue(file_of("SHIRT,PARIS,3"), as_of=clock.now() - timedelta(minutes=1)),
        lambda _, made: run(made),
        "stock_stocklevel",
    ),
}


def captured(world: World, story: str) -> list[str]:
    prepare, act, _ = STORIES[story]
    prepared = prepare(world)
    with CaptureQueriesContext(connection) as queries:
        act(world, prepared)
    return [str(query["sql"]) for query in queries]


@pytest.mark.parametrize("story", STORIES)
def test_what_is_changed_was_locked_before(story: str) -> None:
    statements = captured(World(), story)
    changed = {table for statement in statements for table in _UPDATED.findall(statement)}
    assert STORIES[story][2] in changed, "the story does not touch what it is about"
    assert changed_without_lock(statements) == set()


def test_levels_of_a_file_are_written_as_they_were_read() -> None:
    """The control: without the condition they would be careless."""
    statements = captured(World(), "a file is applied")
    assert changed_without_lock([_AS_READ.sub("true", each) for each in statements]) == {"stock_stocklevel"}


def test_units_whose_moment_has_come_are_locked_before_they_come_back() -> None:
    world = World()
    later(world)
    with clock.clock_at(clock.now() + timedelta(hours=1)), CaptureQueriesContext(connection) as queries:
        assert give_expired_back() == 2
    assert changed_without_lock([str(query["sql"]) for query in queries]) == set()


@pytest.mark.parametrize("story", ["it is cancelled", "a receipt shrinks", "an allotment changes"])
def test_a_lock_that_is_never_evaluated_is_noticed(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a queryset that says it locks and never does."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda found, **_: found.all())
    assert changed_without_lock(captured(World(), story)) != set()
