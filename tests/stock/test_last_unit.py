"""Many buyers, one unit: one gets it."""

import threading

import pytest
from django.db import transaction
from django.db.models import F

from stock.errors import InsufficientStock
from stock.models import Reservation, StockLevel
from stock.services.consuming import consume_reservations
from stock.services.reserving import move_reservations, release_reservations, reserve_stock
from tests.stock.blocking import wait_until_blocked
from tests.stock.making import figures, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import Elsewhere, at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS = 20


def test_one_of_many_buyers_gets_the_last_unit():
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 1)

    def buy(number: int):
        return lambda: reserve_stock(owner=f"buyer:{number}", channel_id=web.pk, wants=[want(shirt, paris, 1)])

    outcomes = at_once([buy(number) for number in range(BUYERS)])
    refused = [outcome for outcome in outcomes if isinstance(outcome, InsufficientStock)]
    assert len(refused) == BUYERS - 1
    assert {refusal.data["lines"][0]["available"] for refusal in refused} == {0}
    assert figures(shirt, paris) == (1, 1, 0)
    assert Reservation.objects.count() == 1
    assert_invariants_hold()


def test_looking_first_and_writing_then_oversells():
    """The negative control: the same buyers without the guard in the update."""
    paris, shirt = make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 1)
    everybody_has_looked = threading.Barrier(5)

    def buy_carelessly() -> bool:
        with transaction.atomic():
            level = StockLevel.objects.get(variant=shirt)
            everybody_has_looked.wait(20)
            if level.on_hand - level.reserved < 1:
                return False
            StockLevel.objects.filter(pk=level.pk).update(reserved=F("reserved") + 1)
            return True

    assert at_once([buy_carelessly] * 5) == [True] * 5
    assert figures(shirt, paris) == (1, 5, 0)


def test_all_units_are_sold_and_not_one_more():
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 30)

    def buy_until_refused() -> int:
        bought = 0
        while True:
            try:
                reserve_stock(owner="buyer:x", channel_id=web.pk, wants=[want(shirt, paris, 1)])
            except InsufficientStock:
                return bought
            bought += 1

    assert sum(at_once([buy_until_refused] * 8)) == 30
    assert figures(shirt, paris) == (30, 30, 0)
    assert_invariants_hold()


def test_units_given_back_while_a_buyer_waits_are_his():
    """The buyer's statement began when nothing was free: it must judge what it has locked, not what it first saw."""
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 1)
    ids = reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
    buyer = Elsewhere(lambda: reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shirt, paris, 1)]))
    with transaction.atomic():
        release_reservations(ids=ids)
        buyer.__enter__()
        wait_until_blocked(1)
    assert len(buyer.result()) == 1
    assert figures(shirt, paris) == (1, 1, 0)
    assert_invariants_hold()


def test_units_taken_while_a_buyer_waits_are_not():
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 1)
    buyer = Elsewhere(lambda: reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shirt, paris, 1)]))
    with transaction.atomic():
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
        buyer.__enter__()
        wait_until_blocked(1)
    with pytest.raises(InsufficientStock):
        buyer.result()
    assert figures(shirt, paris) == (1, 1, 0)


def test_one_reservation_wanted_by_three_ends_once():
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 1)
    (pk,) = reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
    outcomes = at_once(
        [
            lambda: consume_reservations(items=[(pk, 1)], kind="sale", reference="T1"),
            lambda: consume_reservations(items=[(pk, 1)], kind="sale", reference="T2"),
            lambda: move_reservations(
                owner="buyer:2", channel_id=web.pk, release=[(pk, 1)], wants=[want(shirt, paris, 1)]
            ),
        ]
    )
    assert len([outcome for outcome in outcomes if not isinstance(outcome, Exception)]) == 1
    assert_invariants_hold()
