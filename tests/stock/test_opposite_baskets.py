"""Baskets that name the same articles in opposite orders wait for each other; they never deadlock."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from django.db import OperationalError, connection, transaction

from stock.models import StockLevel
from stock.services.consuming import consume_reservations
from stock.services.reserving import move_reservations, release_reservations, reserve_stock
from tests.stock.blocking import wait_until_blocked
from tests.stock.making import make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import Elsewhere
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)

NAIVE = "UPDATE stock_stocklevel SET reserved = reserved + 1 WHERE id = %s AND on_hand - reserved >= 1"


@pytest.fixture
def levels() -> list[StockLevel]:
    """Three levels in the order of their ids; the middle one is where both baskets are made to wait."""
    paris = make_point("PARIS")
    return [receive(make_variant(sku), paris, 10) for sku in ("FIRST", "MIDDLE", "LAST")]


def both_at_once(middle: StockLevel, calls: list[Callable[[], object]]) -> list[object]:
    """Run the calls while somebody holds the middle level, let go when all of them wait; their outcomes."""
    with ExitStack() as stack:
        others = [Elsewhere(call) for call in calls]
        with transaction.atomic():
            StockLevel.objects.select_for_update().get(pk=middle.pk)
            for number, other in enumerate(others, start=1):
                stack.enter_context(other)
                wait_until_blocked(number)
        outcomes: list[object] = []
        for other in others:
            try:
                outcomes.append(other.result())
            except Exception as error:
                outcomes.append(error)
        return outcomes


def test_opposite_baskets_are_both_reserved(levels):
    web = make_channel("web")
    wants = [want(level.variant, level.stock_point, 1) for level in levels]
    outcomes = both_at_once(
        levels[1],
        [
            lambda: transaction.atomic(reserve_stock)(owner="buyer:1", channel_id=web.pk, wants=wants),
            lambda: transaction.atomic(reserve_stock)(owner="buyer:2", channel_id=web.pk, wants=wants[::-1]),
        ],
    )
    assert [isinstance(outcome, list) and len(outcome) for outcome in outcomes] == [3, 3]
    assert list(StockLevel.objects.values_list("reserved", flat=True)) == [2, 2, 2]
    assert_invariants_hold()


def test_updating_in_the_order_of_the_basket_deadlocks(levels):
    """The negative control: the same two baskets, each level written when its line comes."""
    ids = [level.pk for level in levels]

    def naive(order: list[int]) -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                for level in order:
                    cursor.execute(NAIVE, [level])

        return run

    outcomes = both_at_once(levels[1], [naive(ids), naive(ids[::-1])])
    errors = [outcome for outcome in outcomes if isinstance(outcome, OperationalError)]
    assert len(errors) == 1
    assert "deadlock detected" in str(errors[0])


def test_giving_back_taking_out_and_moving_keep_the_same_order(levels):
    web = make_channel("web")
    wants = [want(level.variant, level.stock_point, 1) for level in levels]
    carts = [reserve_stock(owner=f"buyer:{n}", channel_id=web.pk, wants=wants) for n in range(3)]
    outcomes = both_at_once(
        levels[1],
        [
            lambda: release_reservations(ids=carts[0][::-1]),
            lambda: consume_reservations(items=[(pk, 1) for pk in carts[1]], kind="sale", reference="T1"),
            lambda: move_reservations(
                owner="buyer:2", channel_id=web.pk, release=[(pk, 1) for pk in carts[2][::-1]], wants=wants[::-1]
            ),
        ],
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert list(StockLevel.objects.order_by("pk").values_list("on_hand", "reserved")) == [(9, 1)] * 3
    assert_invariants_hold()
