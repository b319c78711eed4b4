"""Replaying a data set's orders through the product: placed, sourced, picked, shipped and delivered in time order.

The services are the ones the API and the workers call; the tasks run in this process, in order, under a clock
that follows the orders. Each run has a banner, a channel, stock points and SKUs of its own.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from django.db.models import Sum

from oms.core import clock
from oms.core.events import keep_events
from oms.core.services.relaying import drain_events
from oms.demo.carriage import Carriage
from oms.demo.nearest import Tally
from oms.demo.olist import ZONE, DataSet, OlistOrder
from oms.demo.replay_setting import DEFAULT, Setting, set_up
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import Allocation, Fulfilment, Order, Parcel
from orders.services.handing_over import hand_over_fulfilment
from orders.services.packing import Packing, pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.services.placing import place_order
from orders.services.requests import Address, Customer, OrderRequest, RequestedLine, RequestedPayment
from orders.services.sweeping import give_up_unfillable
from orders.services.tracking import record_carrier_event
from orders.services.work import SkuQuantity
from orders.states import AllocationState, FulfilmentState
from stock.errors import InsufficientStock

HAND_OVER_AT, DELIVER_AT = time(17), time(12)
Step = Callable[[], object]


@dataclass
class Replay:
    """One run, decided by the shipped rule set `rules`. `progress` is told how many orders of how many are placed.

    `ships` False ends with the decisions: what a plan costs is known then, and packing and delivering take most of
    the time.
    """

    data: DataSet
    seed: int
    progress: Callable[[int, int], None]
    carriage: Carriage
    rules: str = DEFAULT
    ships: bool = True
    refused: int = 0
    _agenda: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=count)

    def run(self) -> tuple[Tally, Setting]:
        """Everything, from stock to the last delivery; what became of it."""
        start = self.data.orders[0].purchased_at - timedelta(days=1)
        with clock.set_clock(start) as hands, keep_events():
            setting = set_up(self.data, seed=self.seed, rules=self.rules, carriage=self.carriage)
            for done, order in enumerate(self.data.orders, start=1):
                self._work_until(order.purchased_at, hands)
                hands.move_to(order.purchased_at)
                self._place(order, setting)
                self.progress(done, len(self.data.orders))
            self._work_until(datetime.max.replace(tzinfo=UTC), hands)
        return tally(self.data, setting, self.carriage), setting

    def _work_until(self, moment: datetime, hands: clock.SetClock) -> None:
        while self._agenda and self._agenda[0][0] <= moment:
            at, _turn, step = heapq.heappop(self._agenda)
            hands.move_to(at)
            step()
            drain_events()

    def _later(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._agenda, (max(at, clock.now()), next(self._turns), step))

    def _place(self, order: OlistOrder, setting: Setting) -> None:
        try:
            placed = place_order(request=request_for(order, setting))
        except InsufficientStock:
            self.refused += 1
            return
        drain_events()
        for moment in _waiting_ends(placed):
            self._later(moment + timedelta(seconds=1), give_up_unfillable)
        if not self.ships:
            return
        today = clock.now().astimezone(ZONE).date()
        for fulfilment_id, ships_on in placed.fulfilments.order_by("pk").values_list("pk", "ships_on"):
            self._prepare(fulfilment_id, ships_on or today)

    def _prepare(self, fulfilment_id: int, ships_on: date) -> None:
        at = datetime.combine(ships_on, HAND_OVER_AT, tzinfo=ZONE)
        self._later(at, lambda: self._ship(fulfilment_id))

    def _ship(self, fulfilment_id: int) -> None:
        slices = Allocation.objects.filter(fulfilment_id=fulfilment_id, state=AllocationState.ASSIGNED).order_by("pk")
        rows = list(slices.values_list("line__variant__sku", "quantity", "line__variant__weight_g"))
        lines = [SkuQuantity(sku, units) for sku, units, _ in rows]
        weight_g = sum(units * weight for _, units, weight in rows)
        pick_fulfilment(fulfilment_id=fulfilment_id, lines=lines)
        pack_fulfilment(fulfilment_id=fulfilment_id, parcels=[Packing(max(weight_g, 1), lines)])
        drain_events()  # the label
        hand_over_fulfilment(fulfilment_id=fulfilment_id)
        for parcel in Parcel.objects.filter(fulfilment_id=fulfilment_id).select_related("fulfilment"):
            self._expect(parcel)

    def _expect(self, parcel: Parcel) -> None:
        promised_on = parcel.fulfilment.promised_on or clock.now().astimezone(ZONE).date()
        at = datetime.combine(promised_on, DELIVER_AT, tzinfo=ZONE)
        self._later(at, lambda: deliver(parcel))


def _waiting_ends(order: Order) -> set[datetime]:
    """When units that no rule could plan are given up, and what they keep reserved is free for the next order."""
    waiting = Allocation.objects.filter(line__order=order, give_up_at__isnull=False)
    return {moment for moment in waiting.values_list("give_up_at", flat=True) if moment is not None}


def deliver(parcel: Parcel) -> None:
    """The carrier says that it has been delivered."""
    update = TrackingUpdate(
        event_id=f"{parcel.tracking_number}-delivered",
        tracking_number=parcel.tracking_number or "",
        kind=TrackingKind.DELIVERED,
        occurred_at=clock.now(),
    )
    record_carrier_event(carrier=parcel.carrier, update=update)


def request_for(order: OlistOrder, setting: Setting) -> OrderRequest:
    """The order as a channel would hand it over: what there is, paid at once, the rest left out."""
    return OrderRequest(
        channel=setting.channel,
        external_reference=order.key,
        mode="home",
        customer=Customer(name=f"Cliente {order.key[:8]}"),
        lines=tuple(
            RequestedLine(setting.skus[item.product], item.quantity, unit_price=item.unit_price) for item in order.items
        ),
        shipping_address=Address(
            line1="Rua 1",
            city=order.place.city,
            country="BR",
            postcode=f"{order.place.prefix}-000",
            latitude=order.place.latitude,
            longitude=order.place.longitude,
        ),
        shipping_price=order.freight,
        payments=(RequestedPayment("simulated", "card"),),
        allow_partial=True,
    )


def tally(data: DataSet, setting: Setting, carriage: Carriage) -> Tally:
    """What the product did, from its own records: each fulfilment is one parcel. What nobody sends is unfilled."""
    places = {setting.points[seller.key]: seller.place for seller in data.sellers}
    destinations = {order.key: order.place for order in data.orders}
    ordered = sum(item.quantity for order in data.orders for item in order.items)
    found = Tally(orders=len(data.orders), units=ordered, unfilled_units=ordered)
    sent = (
        Allocation.objects.counted()
        .filter(fulfilment__order__channel__code=setting.channel)
        .exclude(state=AllocationState.CANCELLED)
        .order_by("fulfilment_id")
        .values_list(
            "fulfilment_id",
            "fulfilment__stock_point__code",
            "fulfilment__order__external_reference",
            "quantity",
            "line__variant__weight_g",
        )
    )
    weights: dict[tuple[int, str, str], int] = defaultdict(int)
    for fulfilment_id, point, reference, units, weight_g in sent:
        found.unfilled_units -= units
        weights[fulfilment_id, point, reference] += units * weight_g
    for (_, point, reference), weight_g in weights.items():
        found.add_parcel(carriage, places[point], destinations[reference], weight_g=weight_g)
    found.served_orders = len({reference for _, _, reference in weights})
    return found


def left_behind(setting: Setting) -> dict[str, int]:
    """Work that never ended, by state: nothing when the replay went to its end."""
    states = Fulfilment.objects.filter(order__channel__code=setting.channel).values_list("state", flat=True)
    ended = {FulfilmentState.COMPLETED, FulfilmentState.DECLINED, FulfilmentState.EXPIRED, FulfilmentState.CANCELLED}
    counts: dict[str, int] = {}
    for state in states:
        if state not in ended:
            counts[state] = counts.get(state, 0) + 1
    return counts


def paid(setting: Setting) -> Decimal:
    """What was captured over all orders of the run."""
    orders = Order.objects.filter(channel__code=setting.channel)
    return orders.aggregate(total=Sum("payments__captured", default=Decimal(0)))["total"]
