"""Random orders to be sourced, and all that sourcing them wrote, told without the ids that differ each time."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import transaction

from oms.core import clock
from oms.core.models import OutboxEvent
from oms.orchestration.models import CapacityUse, SourcingRun
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.models import Allocation, Exclusion, Fulfilment, Order, OrderLine, TimelineEntry
from orders.services.holding import hold_order
from stock.errors import InsufficientStock
from stock.models import StockLevel, StockPoint, Variant
from tests.factories.network import make_channel, make_stock_point, make_store, make_variants
from tests.orders.making import LILLE, MARSEILLE, place
from tests.stock.making import receive

RULES = [
    {"name": "whole", "max_parcels": 1, "acceptance_minutes": 90, "late_days": 30},
    {"name": "in parts", "complete_only": False, "late_days": 30},
]


class Orders:
    """Two warehouses and three stores, some with few places left, five scarce articles and a dozen orders.

    Between placing and sourcing much has happened: goods came and went, orders were held, points excluded.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        chance = self.chance
        self.points = [
            make_stock_point(latitude=50.63, longitude=3.06, **self._limits()),
            make_stock_point(latitude=43.3, longitude=5.4, **self._limits()),
            *(make_store(latitude=46 + n, longitude=2 + n, **self._limits()) for n in range(3)),
        ]
        self.articles = make_variants(5)
        for article in self.articles:
            for point in chance.sample(self.points, 4):
                receive(article, point, chance.randint(1, 5))
        self.channel = make_channel(allows_backorders=chance.random() < 0.3)
        if chance.random() < 0.5:
            document = {"code": "random", "name": "Random", "rules": RULES, "max_hops": 2}
            save_draft(code="random", document=document)
            publish(code="random")
        self.ids = [order.pk for order in map(self._placed, range(12)) if order is not None]
        for order_id in self.ids:
            self._unsettle(order_id)
        chance.shuffle(self.ids)

    def _limits(self) -> dict[str, int]:
        return self.chance.choice([{}, {}, {"daily_order_capacity": self.chance.randint(1, 4)}])

    def _placed(self, _: int) -> Order | None:
        chance = self.chance
        basket = chance.sample(self.articles, chance.randint(1, 3))
        pickup = {"mode": "pickup", "pickup_point": chance.choice(self.points[2:]).code}
        wish = chance.choice([{"mode": "home"}] * 3 + [pickup])
        try:
            return place(
                self.channel,
                {article.sku: chance.randint(1, 2) for article in basket},
                shipping_address=chance.choice([LILLE, MARSEILLE]),
                consolidate=chance.random() < 0.3,
                **wish,
            )
        except InsufficientStock:
            return None

    def _unsettle(self, order_id: int) -> None:
        chance, fate = self.chance, self.chance.random()
        if fate < 0.1:
            hold_order(order_id=order_id, reason="fraud_review")
        elif fate < 0.2:
            line = OrderLine.objects.filter(order_id=order_id).order_by("pk")[0]
            point = chance.choice(self.points)
            Exclusion.objects.create(line=line, stock_point=point, reason="declined", at=clock.now())
        elif fate < 0.25:
            Order.objects.filter(pk=order_id).update(hops=9)
        elif fate < 0.35:
            Order.objects.filter(pk=order_id).update(
                needs_attention="Ask the customer. Some units find no stock point."
            )
        elif fate < 0.6:
            receive(chance.choice(self.articles), chance.choice(self.points), chance.randint(1, 2))
        elif fate < 0.7:
            level = chance.choice(list(StockLevel.objects.filter(on_hand__gt=0).order_by("pk")))
            article = Variant.objects.get(pk=level.variant_id)
            receive(article, StockPoint.objects.get(pk=level.stock_point_id), -1, kind="count")


def told_of(source: Callable[[], None]) -> dict[str, Any]:
    """What is in the tables once it has run; then all of it is undone."""
    before = OutboxEvent.objects.count()
    with transaction.atomic():
        source()
        told = _told(before)
        transaction.set_rollback(True)
    return told


def _told(before: int) -> dict[str, Any]:
    events = OutboxEvent.objects.order_by("pk")[before:]
    return {
        "orders": list(Order.objects.order_by("pk").values_list("number", "state", "hops", "needs_attention")),
        "slices": sorted(map(_slice, Allocation.objects.select_related("stock_point", "reservation", "fulfilment"))),
        "works": sorted(map(_work, Fulfilment.objects.select_related("stock_point", "lead__stock_point"))),
        "timeline": [_entry(each) for each in TimelineEntry.objects.order_by("order_id", "pk")],
        "runs": [_run(run) for run in SourcingRun.objects.order_by("reference", "pk")],
        "levels": list(StockLevel.objects.order_by("pk").values_list("pk", "on_hand", "reserved")),
        "places": sorted(CapacityUse.objects.values_list("stock_point", "on", "used")),
        "events": Counter((event.name, event.payload.get("order_id")) for event in events),
    }


def _slice(piece: Allocation) -> tuple[str, ...]:
    held, work = piece.reservation, piece.fulfilment
    told = (piece.line_id, piece.stock_point, piece.quantity, piece.state, piece.reason, piece.give_up_at)
    return tuple(map(str, (*told, held and (held.quantity, held.state, held.stock_point_id), work and _work(work))))


def _work(work: Fulfilment) -> tuple[str, ...]:
    columns = {field.attname: getattr(work, field.attname) for field in Fulfilment._meta.concrete_fields}
    del columns["id"], columns["lead_id"]
    return (
        str(work.order_id),
        str(work.stock_point_id),
        str(sorted(columns.items())),
        str(work.lead and work.lead.stock_point_id),
    )


def _entry(entry: TimelineEntry) -> tuple[Any, ...]:
    return (entry.order_id, entry.event, {name: said for name, said in entry.data.items() if name != "fulfilment"})


def _run(run: SourcingRun) -> tuple[Any, ...]:
    return (run.reference, run.trigger, run.outcome, run.rule, run.plan, bytes(run.facts), bytes(run.candidates))
