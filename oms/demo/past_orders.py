"""Three weeks of orders in every state, made by living through them: the clock is set back and moved on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import OmsError
from oms.core.events import keep_events
from oms.core.services.relaying import drain_events
from oms.demo.catalogue import Article
from oms.demo.places import STORES, Site
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import Fulfilment, Order, Parcel
from orders.services.accepting import accept_fulfilment
from orders.services.cancelling import cancel_order
from orders.services.collecting import collect_fulfilment, pickup_code
from orders.services.declining import decline_fulfilment
from orders.services.handing_over import hand_over_fulfilment
from orders.services.holding import hold_order
from orders.services.packing import Packing, pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.services.placing import place_order
from orders.services.requests import Address, Customer, OrderRequest, RequestedLine, RequestedPayment
from orders.services.tracking import record_carrier_event
from orders.services.work import SkuQuantity
from orders.states import AllocationState, FulfilmentState

FIRST_NAMES = ("Camille", "Louise", "Jules", "Inès", "Adam", "Chloé", "Gabriel", "Manon", "Rayan", "Alice")
LAST_NAMES = ("Martin", "Bernard", "Petit", "Robert", "Moreau", "Fournier", "Girard", "Lefèvre", "Benali", "Nguyen")
STREETS = ("rue de la République", "avenue Jean-Jaurès", "place du Marché", "rue Victor-Hugo", "quai des Fleurs")
DAYS = 21
PACKAGING_G = 200


def place_past_orders(*, count: int, catalogue: Sequence[Article], stores: Sequence[Site], draw: random.Random) -> None:
    """Place `count` orders over the last three weeks; the older, the further along."""
    now = clock.now()
    moments = sorted(now - timedelta(minutes=draw.randint(5, DAYS * 24 * 60)) for _ in range(count))
    with clock.set_clock(moments[0]) as hands, keep_events(), acting_as("system"):
        for number, moment in enumerate(moments, start=1):
            hands.move_to(moment)
            order = _place(number, catalogue, stores, draw)
            if order is not None:
                _live_on(order, age=now - moment, hands=hands, draw=draw)


def _place(number: int, catalogue: Sequence[Article], stores: Sequence[Site], draw: random.Random) -> Order | None:
    """One order; None when what was drawn is no longer there."""
    with suppress(OmsError):
        order = place_order(request=_request(number, catalogue, stores, draw))
        drain_events()
        return order
    return None


def _request(number: int, catalogue: Sequence[Article], stores: Sequence[Site], draw: random.Random) -> OrderRequest:
    channel, mode = draw.choices(
        [("demo-web", "home"), ("demo-web", "pickup"), ("demo-store", "ship_to_store"), ("demo-store", "home")],
        weights=[60, 20, 10, 10],
    )[0]
    store = draw.choice(list(stores))
    home = draw.choice(STORES)
    name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
    bought = draw.sample(list(catalogue), draw.choices([1, 2, 3], weights=[70, 20, 10])[0])
    is_collected = mode in ("pickup", "ship_to_store")
    return OrderRequest(
        channel=channel,
        external_reference=f"demo-{number:05d}",
        mode=mode,
        customer=Customer(name=name, email=f"client{number}@example.org", phone="+33 6 12 34 56 78"),
        lines=tuple(RequestedLine(article.sku, draw.choices([1, 2], weights=[85, 15])[0]) for article in bought),
        shipping_address=None
        if is_collected
        else Address(
            line1=f"{draw.randint(1, 120)} {draw.choice(STREETS)}",
            city=home.name,
            country="FR",
            postcode=home.postcode,
            latitude=home.latitude,
            longitude=home.longitude,
        ),
        pickup_point=store.code if is_collected else None,
        selling_stock_point=store.code if channel == "demo-store" else None,
        payments=(RequestedPayment("simulated", "card"),),
        language="fr",
    )


def _live_on(order: Order, *, age: timedelta, hands: clock.SetClock, draw: random.Random) -> None:
    """What became of an order of that age; a few were cancelled, held or declined on the way."""
    fate = draw.random()
    placed_at = clock.now()
    if fate < 0.04:
        cancel_order(order_id=order.pk)
    elif fate < 0.07:
        hold_order(order_id=order.pk, reason="Address to be checked")
    elif age > timedelta(hours=6):
        is_declined = fate < 0.15
        for fulfilment_id in list(order.fulfilments.order_by("pk").values_list("pk", flat=True)):
            _work(fulfilment_id, age=age, placed_at=placed_at, hands=hands, is_declined=is_declined)
    drain_events()


def _work(fulfilment_id: int, *, age: timedelta, placed_at: datetime, hands: clock.SetClock, is_declined: bool) -> None:
    """Take the work as far as its age allows."""
    hands.move_to(placed_at + timedelta(hours=1))
    if is_declined and Fulfilment.objects.get(pk=fulfilment_id).state == FulfilmentState.OFFERED:
        decline_fulfilment(fulfilment_id=fulfilment_id, reason="not_found")
        drain_events()
        return
    fulfilment = accept_fulfilment(fulfilment_id=fulfilment_id)
    if age < timedelta(hours=12):
        return
    hands.move_to(placed_at + timedelta(hours=3))
    lines = _lines(fulfilment)
    fulfilment = pick_fulfilment(fulfilment_id=fulfilment_id, lines=lines)
    if fulfilment.state != FulfilmentState.READY_FOR_PICKUP:
        _ship(fulfilment, lines, age=age, placed_at=placed_at, hands=hands)
    elif age > timedelta(days=2):
        hands.move_to(placed_at + timedelta(days=1))
        collect_fulfilment(fulfilment_id=fulfilment_id, code=pickup_code(fulfilment.pickup))


def _lines(fulfilment: Fulfilment) -> list[SkuQuantity]:
    allocations = fulfilment.allocations.filter(state=AllocationState.ASSIGNED).select_related("line")
    return [SkuQuantity(allocation.line.sku, allocation.quantity) for allocation in allocations]


def _ship(
    fulfilment: Fulfilment, lines: list[SkuQuantity], *, age: timedelta, placed_at: datetime, hands: clock.SetClock
) -> None:
    weights = fulfilment.allocations.values_list("line__variant__weight_g", "quantity")
    weight_g = PACKAGING_G + sum(weight * units for weight, units in weights)
    pack_fulfilment(fulfilment_id=fulfilment.pk, parcels=[Packing(weight_g, lines)])
    drain_events()
    if age < timedelta(days=1):
        return
    hands.move_to(placed_at + timedelta(hours=5))
    hand_over_fulfilment(fulfilment_id=fulfilment.pk)
    for parcel in fulfilment.parcels.all():
        _travel(parcel, age=age, placed_at=placed_at, hands=hands)


def _travel(parcel: Parcel, *, age: timedelta, placed_at: datetime, hands: clock.SetClock) -> None:
    steps = (
        (timedelta(days=1), TrackingKind.IN_TRANSIT),
        (timedelta(days=2), TrackingKind.OUT_FOR_DELIVERY),
        (timedelta(days=2, hours=6), TrackingKind.DELIVERED),
    )
    for after, kind in steps:
        if age < after:
            return
        hands.move_to(placed_at + after)
        update = TrackingUpdate(
            event_id=f"{parcel.tracking_number}-{kind.value}",
            tracking_number=parcel.tracking_number or "",
            kind=kind,
            occurred_at=clock.now(),
        )
        record_carrier_event(carrier=parcel.carrier, update=update)
