"""What chance seldom brings, lived through on purpose: one of each trouble, so that every screen has it to show."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import OmsError
from oms.core.events import keep_events
from oms.core.services.relaying import drain_events
from oms.demo.drawing import STAFFED, Market, collected_request, delivered_request, near_request, sent_for_request
from oms.demo.terminals import lose_the_line
from oms.demo.working import advance, tell
from orders.carriers.protocol import TrackingKind
from orders.models import Order, Parcel
from orders.services.losing import declare_lost
from orders.services.placing import place_order
from orders.services.requests import OrderRequest
from orders.states import FulfilmentState, Mode
from stock.errors import InsufficientStock

REFERENCE: Final = "demo-story"
DAY: Final = timedelta(days=1)
STEP: Final = timedelta(hours=2)
MOST_STEPS: Final = 8
MOST_DRAWS: Final = 10
# Delivered so long ago that what came back of them is over: `past_returns` takes these.
LONG_AGO: Final = 19 * DAY

Story = Callable[["Teller"], None]


class Teller:
    """The hands of the clock, and what every story needs: a reference of its own, a market, chance."""

    def __init__(self, number: int, offered: Market, draw: random.Random, hands: clock.SetClock, now: datetime) -> None:
        self.reference = f"{REFERENCE}-{number:02d}"
        self.offered = offered
        self.draw = draw
        self.hands = hands
        self.now = now

    def ago(self, span: timedelta) -> None:
        self.hands.move_to(self.now - span)

    def placed(self, draw_request: Callable[[], OrderRequest]) -> Order:
        """What is drawn may be sold by now: then something else is."""
        for _ in range(MOST_DRAWS):
            with suppress(InsufficientStock):
                order = place_order(request=draw_request())
                drain_events()
                return order
        raise InsufficientStock

    def delivered(self, skus: Sequence[str] = ()) -> Order:
        return self.placed(lambda: delivered_request(self.reference, self.offered, self.draw, skus=skus))

    def collected(self, store: str, mode: Mode) -> Order:
        return self.placed(
            lambda: collected_request(self.reference, self.offered, self.draw, store=store, mode=mode.value)
        )

    def carry_on(self, order: Order, *, until: FulfilmentState) -> None:
        """All the work of the order, two hours between two steps, until it stands there."""
        for _ in range(MOST_STEPS):
            works = list(order.fulfilments.live().exclude(state=until).order_by("pk"))
            for work in works:
                advance(work)
            drain_events()
            if not order.fulfilments.live().exclude(state=until).exists():
                return
            self.hands.advance(STEP)


def tell_stories(*, offered: Market, draw: random.Random) -> None:
    """Each from its own moment in the past until now."""
    now = clock.now()
    with clock.set_clock(now) as hands, keep_events(), acting_as("system"):
        for number, story in enumerate(_stories(offered), start=1):
            # One whose article was sold meanwhile is not told.
            with suppress(OmsError):
                story(Teller(number, offered, draw, hands, now))
            drain_events()


def _stories(offered: Market) -> Iterator[Story]:
    yield from (delivered_long_ago, delivered_long_ago, lost_parcel, lost_parcel)
    for store in (code for code in STAFFED if code in offered.shelves):
        yield collected_by_nobody(store, Mode.PICKUP, settings.PICKUP_KEPT_DAYS)
        yield collected_by_nobody(store, Mode.PICKUP, settings.PICKUP_KEPT_DAYS + 2)
        yield collected_by_nobody(store, Mode.E_RESERVATION, settings.RESERVATION_KEPT_DAYS)
        yield collected_by_nobody(store, Mode.E_RESERVATION, 1)
        yield waits_to_be_put_aside(store)
        yield from (prepared(store, FulfilmentState.PICKING, 3), prepared(store, FulfilmentState.PACKED, 6))
    yield pre_ordered
    yield payment_to_be_verified
    for store in (code for code in STAFFED if code in offered.shelves):
        yield from (on_its_way_to(store), on_its_way_to(store))


def delivered_long_ago(teller: Teller) -> None:
    teller.ago(LONG_AGO)
    order = teller.delivered()
    teller.carry_on(order, until=FulfilmentState.COMPLETED)


def lost_parcel(teller: Teller) -> None:
    """Sent nine days ago, last seen on its way; customer service asked the carrier the day before yesterday."""
    teller.ago(9 * DAY)
    order = teller.delivered()
    teller.carry_on(order, until=FulfilmentState.HANDED_OVER)
    parcels = list(Parcel.objects.filter(fulfilment__order=order).order_by("pk"))
    tell(parcels, TrackingKind.IN_TRANSIT)
    teller.ago(2 * DAY)
    for parcel in parcels:
        declare_lost(order_id=order.pk, parcel_id=parcel.pk)


def collected_by_nobody(store: str, mode: Mode, days: int) -> Story:
    """On the shelf of a store for so many days."""

    def story(teller: Teller) -> None:
        teller.ago(days * DAY + STEP)
        order = teller.collected(store, mode)
        teller.carry_on(order, until=FulfilmentState.READY_FOR_PICKUP)

    return story


def prepared(store: str, state: FulfilmentState, hours: int) -> Story:
    """Sold elsewhere, sent home from this store's shelf, and so far by now."""

    def story(teller: Teller) -> None:
        teller.ago(timedelta(hours=hours))
        order = teller.placed(
            lambda: near_request(teller.reference, teller.offered, teller.draw, store=store, sold_at=_another(store))
        )
        teller.carry_on(order, until=state)

    return story


def on_its_way_to(store: str) -> Story:
    """Sold here yesterday, sent by another store or a warehouse, to be collected here once it is received."""

    def story(teller: Teller) -> None:
        teller.ago(DAY)
        order = teller.placed(
            lambda: sent_for_request(teller.reference, teller.offered, teller.draw, store=store, shelf=_another(store))
        )
        teller.carry_on(order, until=FulfilmentState.HANDED_OVER)

    return story


def _another(store: str) -> str:
    return next(code for code in STAFFED if code != store)


def waits_to_be_put_aside(store: str) -> Story:
    def story(teller: Teller) -> None:
        teller.ago(timedelta(minutes=20))
        teller.collected(store, Mode.E_RESERVATION)

    return story


def pre_ordered(teller: Teller) -> None:
    """Of an article that is still to come."""
    teller.ago(DAY)
    teller.delivered([article.sku for article in teller.offered.sold_out[:1]])


def payment_to_be_verified(teller: Teller) -> None:
    """The line of the terminal in Lille dropped a moment ago."""
    teller.ago(timedelta(minutes=3))
    lose_the_line(teller.reference, teller.offered, teller.draw)
