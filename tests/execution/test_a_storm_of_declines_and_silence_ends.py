"""A third of the stores decline at random, a third never answer, and feeds correct the stock meanwhile: every order
ends with a store that works on it, or in a queue that a person reads, and nobody is asked beyond the limit."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.models import Allocation, Fulfilment, Order
from orders.services.accepting import accept_fulfilment
from orders.services.declining import DeclineReason, decline_fulfilment, expire_overdue_offers
from orders.services.waiting import retry_waiting_orders
from orders.states import AllocationState, FulfilmentState
from stock.errors import InsufficientStock
from stock.models import StockLevel, StockPoint, Variant
from tests.factories.network import make_channel, make_store, make_variants
from tests.orders.making import place
from tests.orders.working import picked
from tests.stock.making import receive
from tests.support.holding import assert_invariants_hold

MAX_HOPS = 4
ROUNDS = 3 * (MAX_HOPS + 2)
RULES = [
    {
        "name": "offered to three",
        "assignment": {"kind": "offer", "candidates": 3},
        "acceptance_minutes": 60,
        "late_days": 30,
    },
    {"name": "in two parcels", "max_parcels": 2, "complete_only": False, "acceptance_minutes": 60, "late_days": 30},
]


class Storm:
    def __init__(self, orders: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.stores = [
            make_store(latitude=48 + self.chance.random() * 3, longitude=2 + self.chance.random() * 2)
            for _ in range(18)
        ]
        self.articles = make_variants(12)
        for article in self.articles:
            for store in self.chance.sample(self.stores, 9):
                receive(article, store, self.chance.randint(1, 2 + orders // 20))
        self.channel = make_channel(stock_points=self.stores)
        save_draft(code="storm", document={"code": "storm", "name": "Storm", "rules": RULES, "max_hops": MAX_HOPS})
        publish(code="storm")
        self.placed = 0
        for _ in range(orders):
            self._order()

    def _order(self) -> None:
        basket = self.chance.sample(self.articles, self.chance.randint(1, 3))
        try:
            place(self.channel, {article.sku: self.chance.randint(1, 2) for article in basket})
            self.placed += 1
        except InsufficientStock:
            pass

    def round(self) -> int:
        """Everybody does what they do with what they are offered; how many offers there were."""
        offers = list(Fulfilment.objects.filter(state=FulfilmentState.OFFERED).order_by("pk"))
        self.chance.shuffle(offers)
        for offer in offers:
            self._answer(offer)
        return len(offers)

    def pass_an_hour(self, hands: Any) -> int:
        """Answers, silence until every offer has expired, and what comes of both; how many offers there were."""
        drain_events()
        asked = self.round()
        drain_events()
        later: datetime = clock.now() + timedelta(minutes=61)
        hands.move_to(later, tick=True)
        while expire_overdue_offers():
            pass
        drain_events()
        retry_waiting_orders()
        return asked

    def _answer(self, offer: Fulfilment) -> None:
        temper = self.stores.index(StockPoint.objects.get(pk=offer.stock_point_id)) % 3
        if Fulfilment.objects.get(pk=offer.pk).state != FulfilmentState.OFFERED or temper == 2:
            return
        if temper == 1 and self.chance.random() < 0.7:
            decline_fulfilment(fulfilment_id=offer.pk, reason=self.chance.choice(DeclineReason.values))
            return
        try:
            work = accept_fulfilment(fulfilment_id=offer.pk)
        except InsufficientStock:
            return
        if self.chance.random() < 0.5:
            picked(work)

    def feed(self) -> None:
        """Counts that differ a little from the books, down and up."""
        for level in self.chance.sample(list(StockLevel.objects.order_by("pk")), 6):
            difference = self.chance.choice([-2, -1, 1, 2])
            if level.on_hand + difference >= 0:
                article, store = (
                    Variant.objects.get(pk=level.variant_id),
                    StockPoint.objects.get(pk=level.stock_point_id),
                )
                receive(article, store, difference, kind="count")


# Committed as it goes: within one transaction the rows that are written most could never be tidied up, and each
# look at them would take longer than the one before.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("orders", [30, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(3000)])])
def test_every_order_ends_with_a_store_or_in_a_queue(orders: int, time_machine: Any) -> None:
    storm = Storm(orders, seed=20261127)
    for _ in range(ROUNDS):
        storm.pass_an_hour(time_machine)
        storm.feed()
    # No more feeds: each order may still be asked for as often as it may be declined, and then it is over.
    for _ in range(ROUNDS):
        if not storm.pass_an_hour(time_machine):
            break
    assert storm.placed > orders // 2
    assert not Fulfilment.objects.filter(state=FulfilmentState.OFFERED).exists()
    undecided = [AllocationState.RESERVED, AllocationState.OFFERED]
    assert not Allocation.objects.filter(state__in=undecided).exists()
    assert max(Order.objects.values_list("hops", flat=True)) <= MAX_HOPS + 1 + 3  # works of one order decline apart
    assert all(StoredRun(run).is_repeated_identically() for run in SourcingRun.objects.all())
    assert_invariants_hold()
