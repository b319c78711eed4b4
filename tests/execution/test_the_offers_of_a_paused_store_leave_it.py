"""A store that pauses answers nobody: its offers go to others, what it accepted stays its work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.core.services.relaying import drain_events
from oms.core.today import today as the_day_it_is
from orders.models import Exclusion
from orders.services.accepting import accept_fulfilment
from orders.services.waiting import hand_on_accepted
from stock.services.pausing import pause_stock_point, reopen_stock_point
from tests.execution.test_the_first_to_claim_an_offer_gets_it import Town
from tests.orders.making import works
from tests.orders.working import picked
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def town(db: None) -> Town:
    return Town(candidates=2)


def pause(town: Town, place_: int) -> None:
    pause_stock_point(stock_point_id=town.stores[place_].pk, until=the_day_it_is() + timedelta(days=3))
    drain_events()


def test_the_planned_store_pauses_and_the_next_two_are_asked(town: Town) -> None:
    order = town.order()
    pause(town, 0)
    live = [work for work in works(order) if work[1] == "offered"]
    assert live == [(code, "offered") for code in town.codes(1, 2)]
    assert town.reserved() == [0, 1, 0, 0]
    order.refresh_from_db()
    assert (order.hops, Exclusion.objects.count()) == (0, 0)
    assert_invariants_hold()


def test_a_store_asked_beside_it_pauses_and_the_goods_stay_where_they_are(town: Town) -> None:
    order = town.order()
    pause(town, 1)
    assert works(order) == [(town.codes(0)[0], "offered"), (town.codes(1)[0], "cancelled")]
    assert town.reserved() == [1, 0, 0, 0]
    assert_invariants_hold()


def test_what_it_accepted_stays_its_work(town: Town) -> None:
    order = town.order()
    accept_fulfilment(fulfilment_id=town.offer(order, 0).pk)
    pause(town, 0)
    assert works(order)[0] == (town.codes(0)[0], "accepted")


def test_what_it_accepted_and_has_not_begun_goes_to_others_where_it_is_asked_for(town: Town) -> None:
    order = town.order()
    accept_fulfilment(fulfilment_id=town.offer(order, 0).pk)
    pause(town, 0)
    assert hand_on_accepted(stock_point_id=town.stores[0].pk) == 1
    live = [work for work in works(order) if work[1] in ("offered", "accepted")]
    assert live == [(code, "offered") for code in town.codes(1, 2)]
    assert town.reserved() == [0, 1, 0, 0]
    assert_invariants_hold()


def test_what_it_has_begun_stays_its_work_whatever_is_asked(town: Town) -> None:
    order = town.order()
    picked(accept_fulfilment(fulfilment_id=town.offer(order, 0).pk))
    pause(town, 0)
    assert hand_on_accepted(stock_point_id=town.stores[0].pk) == 0
    assert town.reserved()[0] == 1


def test_a_store_that_is_open_keeps_what_it_accepted(town: Town) -> None:
    order = town.order()
    accept_fulfilment(fulfilment_id=town.offer(order, 0).pk)
    assert hand_on_accepted(stock_point_id=town.stores[0].pk) == 0
    assert works(order)[0] == (town.codes(0)[0], "accepted")


def test_what_waited_for_it_is_tried_again_when_it_reopens(town: Town) -> None:
    order = town.order()
    for place_ in range(4):
        pause(town, place_)
    assert not [work for work in works(order) if work[1] == "offered"]
    reopen_stock_point(stock_point_id=town.stores[2].pk)
    drain_events()
    assert [work for work in works(order) if work[1] == "offered"] == [(town.codes(2)[0], "offered")]
    assert_invariants_hold()
