"""While the demo runs: now and then a new order, and one step of work in the stores where nobody works.

So that every screen has something true to show at any hour. Bounded, and the same minute twice is one order.
"""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Final

from django.db.models import Q

from oms.core import clock
from oms.core.errors import OmsError
from oms.demo import configuring
from oms.demo.catalogue import articles
from oms.demo.drawing import STAFFED, Market, draw_request, market
from oms.demo.places import STORES, WAREHOUSES
from oms.demo.terminals import lose_the_line, restore_lines, unverified
from oms.demo.working import advance
from orders.models import Fulfilment, Order
from orders.services.placing import place_order
from orders.services.requests import OrderRequest
from orders.states import FulfilmentState
from stock.models import StockPoint, Variant

OPEN_AT_MOST: Final = 150
STEPS_AT_ONCE: Final = 4
MINUTES: Final = 2
REFERENCE: Final = "trickle"


def trickle() -> None:
    """One order, where not too many are open, and a few steps elsewhere."""
    number = int(clock.now().timestamp()) // 60 // MINUTES
    offered = _market()
    if offered is None:
        return
    if Order.objects.filter(channel__code__startswith="demo-").open().count() < OPEN_AT_MOST:
        _place(number, offered)
    _keep_one_unverified(number, offered)
    _advance_elsewhere()


def _keep_one_unverified(number: int, offered: Market) -> None:
    """One payment whose outcome nobody knows; once its line is back, another."""
    with suppress(OmsError):
        restore_lines()
        if not unverified().exists():
            lose_the_line(f"{REFERENCE}-line-{number}", offered, random.Random(number))  # noqa: S311


def _market() -> Market | None:
    """None where there is no demo, or not the whole of it."""
    known = set(StockPoint.objects.filter(code__in=[site.code for site in STORES]).values_list("code", flat=True))
    stores = [site for site in STORES if site.code in known]
    if not known.issuperset(STAFFED):
        return None
    catalogue = list(articles(400))
    present = set(Variant.objects.filter(sku__in=[each.sku for each in catalogue]).values_list("sku", flat=True))
    return market([each for each in catalogue if each.sku in present], stores, sold_out="")


def _place(number: int, offered: Market) -> None:
    """The minute is the reference and the seed: the same minute again asks for the same order and gets it."""
    draw = random.Random(number)  # noqa: S311 (a demonstration, not a secret)
    reference = f"{REFERENCE}-{number}"
    if Order.objects.filter(external_reference=reference).exists():
        return
    with suppress(OmsError):
        request = draw_request(reference, offered, draw, is_recent=True)
        place_order(request=request)
        _replenish(request)


def _replenish(request: OrderRequest) -> None:
    """What was sold comes in again at a warehouse, once: the demo never sells itself out."""
    configuring.movements(
        {
            "sku": line.sku,
            "stock_point": WAREHOUSES[0].code,
            "quantity": line.quantity,
            "kind": "receipt",
            "reference": request.external_reference,
            "occurred_at": clock.now(),
        }
        for line in request.lines
    )


def _advance_elsewhere() -> None:
    """The oldest work of stock points without people; what customers come for is collected after a day."""
    waiting = Fulfilment.objects.live().filter(order__channel__code__startswith="demo-")
    elsewhere = waiting.exclude(stock_point__code__in=STAFFED).exclude(pickup_point__code__in=STAFFED)
    on_its_way = waiting.filter(state=FulfilmentState.HANDED_OVER)
    due = Fulfilment.objects.filter(Q(pk__in=elsewhere.values("pk")) | Q(pk__in=on_its_way.values("pk")))
    for work in due.select_related("pickup").order_by("changed_at", "pk")[:STEPS_AT_ONCE]:
        with suppress(OmsError):
            advance(work)
