"""An order is offered to several stores: the goods stay where they were planned until one of them claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import ConcurrentChange, StateConflict
from oms.core.services.relaying import drain_events
from oms.orchestration.models import CapacityUse
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.errors import OfferTaken
from orders.models import Exclusion, Fulfilment, Order
from orders.services.accepting import accept_fulfilment
from orders.services.cancelling import cancel_order
from orders.services.claiming import claim
from orders.services.declining import decline_fulfilment, expire_overdue_offers
from orders.services.recalling import reroute_order
from orders.services.work import SkuQuantity, Work, read_work
from stock.errors import InsufficientStock
from stock.models import SalesChannel, Variant
from stock.services.reserving import Want, reserve_stock
from tests.factories.network import make_channel, make_store, make_variant
from tests.orders.making import place, slices, works
from tests.orders.working import picked
from tests.stock.making import figures, receive
from tests.support.holding import assert_invariants_hold


class Town:
    """Four stores, each a little farther from the customer in Lille, with two units each."""

    def __init__(self, *, candidates: int = 3, **changes: Any) -> None:
        self.stores = [make_store(latitude=50.6 - step / 20, longitude=3.06) for step in range(4)]
        self.article: Variant = make_variant()
        for store in self.stores:
            receive(self.article, store, 2)
        self.channel: SalesChannel = make_channel(stock_points=self.stores)
        rule = {"name": "offer", "assignment": {"kind": "offer", "candidates": candidates}, **changes}
        save_draft(code="offers", document={"code": "offers", "name": "Offers", "rules": [rule]})
        publish(code="offers")

    def order(self, units: int = 1) -> Order:
        order = place(self.channel, {self.article.sku: units})
        drain_events()
        return order

    def offer(self, order: Order, place_: int) -> Fulfilment:
        return Fulfilment.objects.filter(order=order, stock_point=self.stores[place_]).latest("pk")

    def reserved(self) -> list[int]:
        return [figures(self.article, store)[1] for store in self.stores]

    def codes(self, *places: int) -> list[str]:
        return [self.stores[place_].code for place_ in places]


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def states(order: Order) -> list[str]:
    return [state for _, state in works(order)]


def test_the_cheapest_stores_are_offered_it_and_the_planned_one_holds_the_goods(town: Town) -> None:
    order = town.order(2)
    assert works(order) == [(code, "offered") for code in town.codes(0, 1, 2)]
    assert town.reserved() == [2, 0, 0, 0]
    assert slices(order) == {(town.article.sku, town.stores[0].code, 2, "offered")}
    assert_invariants_hold()


def test_whoever_claims_gets_the_goods_and_the_others_lose_the_offer(town: Town) -> None:
    order = town.order(2)
    claimed = accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
    assert (claimed.state, claimed.stock_point_id) == ("accepted", town.stores[1].pk)
    assert states(order) == ["cancelled", "accepted", "cancelled"]
    assert town.reserved() == [0, 2, 0, 0]
    assert slices(order) == {(town.article.sku, town.stores[1].code, 2, "assigned")}
    assert picked(claimed).state == "picking"
    assert_invariants_hold()


def test_the_planned_store_claims_like_the_others(town: Town) -> None:
    order = town.order()
    accept_fulfilment(fulfilment_id=town.offer(order, 0).pk)
    assert states(order) == ["accepted", "cancelled", "cancelled"]
    assert town.reserved() == [1, 0, 0, 0]
    assert_invariants_hold()


@pytest.mark.parametrize("late", [0, 2])
def test_who_comes_too_late_is_told_who_and_when(town: Town, late: int) -> None:
    order = town.order()
    with acting_as("user:lille"):
        won = accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
        again = accept_fulfilment(fulfilment_id=won.pk)
    assert (again.pk, again.accepted_at) == (won.pk, won.accepted_at)
    with acting_as("user:amiens"), pytest.raises(OfferTaken) as refused:
        accept_fulfilment(fulfilment_id=town.offer(order, late).pk)
    assert won.accepted_at is not None
    assert refused.value.data == {"claimed_by": "user:lille", "claimed_at": won.accepted_at.isoformat()}
    assert town.reserved() == [0, 1, 0, 0]


def test_a_claim_of_what_is_not_there_any_more_moves_nothing(town: Town) -> None:
    order = town.order(2)
    reserve_stock(owner="cart:1", channel_id=town.channel.pk, wants=[Want(town.article.pk, town.stores[1].pk, 1)])
    with pytest.raises(InsufficientStock):
        accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
    assert states(order) == ["offered"] * 3
    assert town.reserved() == [2, 1, 0, 0]
    assert_invariants_hold()


def test_the_place_in_the_day_goes_with_the_claim(db: None) -> None:
    town = Town()
    for store in town.stores[:2]:
        store.daily_order_capacity = 1
        store.save()
    order = town.order()
    used = CapacityUse.objects.order_by("stock_point_id").values_list("stock_point__code", "used")
    assert list(used.all()) == [(town.stores[0].code, 1)]
    accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
    assert list(used.all()) == [(town.stores[0].code, 0), (town.stores[1].code, 1)]
    assert_invariants_hold()


def test_a_candidate_that_declines_is_not_asked_again_and_the_others_are_not_disturbed(town: Town) -> None:
    order = town.order()
    decline_fulfilment(fulfilment_id=town.offer(order, 2).pk, reason="not_found")
    assert states(order) == ["offered", "offered", "declined"]
    assert figures(town.article, town.stores[2]) == (0, 0, 0)
    assert list(Exclusion.objects.values_list("stock_point__code", "reason")) == [(town.stores[2].code, "not_found")]
    order.refresh_from_db()
    assert order.hops == 0
    accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
    assert_invariants_hold()


def test_the_planned_store_declines_and_the_next_ones_are_asked(town: Town) -> None:
    order = town.order()
    decline_fulfilment(fulfilment_id=town.offer(order, 0).pk, reason="no_capacity")
    drain_events()
    live = [work for work in works(order) if work[1] == "offered"]
    assert live == [(code, "offered") for code in town.codes(1, 2, 3)]
    assert town.reserved() == [0, 1, 0, 0]
    assert_invariants_hold()


def test_some_units_declined_leave_the_rest_on_offer(town: Town) -> None:
    order = town.order(2)
    decline_fulfilment(
        fulfilment_id=town.offer(order, 0).pk, reason="no_capacity", lines=[SkuQuantity(town.article.sku, 1)]
    )
    accept_fulfilment(fulfilment_id=Fulfilment.objects.filter(order=order, stock_point=town.stores[1]).first().pk)  # type: ignore[union-attr]
    assert town.reserved()[:2] == [0, 1]
    drain_events()
    assert_invariants_hold()


def test_nobody_answers_and_all_of_them_are_left_alone(db: None, time_machine: Any) -> None:
    town = Town(candidates=2, acceptance_minutes=30)
    order = town.order()
    time_machine.move_to(clock.now() + timedelta(minutes=31), tick=True)
    assert expire_overdue_offers() == 1
    assert states(order) == ["expired", "expired"]
    drain_events()
    assert [work for work in works(order) if work[1] == "offered"] == [(c, "offered") for c in town.codes(2, 3)]
    assert town.reserved() == [0, 0, 1, 0]
    order.refresh_from_db()
    assert order.hops == 1
    assert_invariants_hold()


@pytest.mark.parametrize("ending", [cancel_order, reroute_order], ids=["cancelled", "rerouted"])
def test_offers_end_with_the_work_they_stand_beside(town: Town, ending: Callable[..., Any]) -> None:
    order = town.order()
    ending(order_id=order.pk)
    assert states(order) == ["cancelled"] * 3
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
def test_of_stores_that_claim_together_one_gets_it() -> None:
    assert claimed_together() == 1
    assert_invariants_hold()


def test_a_claim_that_read_too_early_is_found_out_under_the_locks(town: Town) -> None:
    order = town.order(2)
    offer, early = town.offer(order, 2), read_work(town.offer(order, 0).pk)
    accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
    with pytest.raises(ConcurrentChange), transaction.atomic():
        claim(offer, early)
    assert town.reserved() == [0, 2, 0, 0]


def test_without_the_locks_it_fails_half_way_and_tells_nobody_who_was_faster(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    order = town.order(2)
    offer, early = town.offer(order, 2), read_work(town.offer(order, 0).pk)
    accept_fulfilment(fulfilment_id=town.offer(order, 1).pk)
    monkeypatch.setattr("orders.services.claiming._move_goods", reserve_without_release)
    monkeypatch.setattr("orders.services.claiming.lock_work", lambda work: work)
    monkeypatch.setattr("orders.services.claiming._require_offered", lambda offer: offer)
    with pytest.raises(StateConflict), transaction.atomic():
        claim(offer, early)


def reserve_without_release(offer: Fulfilment, lead: Work, pieces: list[Any]) -> list[int]:
    wants = [Want(piece.line.variant_id, offer.stock_point_id, piece.quantity) for piece in pieces]
    return reserve_stock(owner="cart:x", channel_id=None, wants=wants)


def claimed_together() -> int:
    answers = claimed_at(0, 1, 2, 3)
    won = [each for each in answers if isinstance(each, Fulfilment)]
    lost = [each for each in answers if isinstance(each, OfferTaken)]
    assert len(won) + len(lost) == 4, answers
    return len(won)


def claimed_at(*places: int) -> list[object]:
    town = Town(candidates=4)
    order = town.order(2)
    offers = [town.offer(order, place_).pk for place_ in places]
    together = Barrier(len(offers))
    answers: list[object] = []

    def claim(number: int, pk: int) -> None:
        try:
            with acting_as(f"user:{number}"):
                together.wait(timeout=30)
                answers.append(accept_fulfilment(fulfilment_id=pk))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [Thread(target=claim, args=each) for each in enumerate(offers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers
