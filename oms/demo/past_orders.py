"""Three weeks of orders in every state, made by living through them: the clock is set back and moved on."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import datetime, timedelta

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import OmsError
from oms.core.events import keep_events
from oms.core.services.relaying import drain_events
from oms.demo.drawing import Market, draw_request
from oms.demo.pacing import next_step_at
from oms.demo.working import advance, lines_of, tell
from orders.carriers.protocol import TrackingKind
from orders.models import Fulfilment, Order
from orders.services.cancelling import cancel_order
from orders.services.declining import decline_fulfilment
from orders.services.holding import hold_order
from orders.services.picking import pick_fulfilment
from orders.services.placing import place_order
from orders.states import FulfilmentState, Mode

DAYS = 21
# Half of the orders are of the last day and a half: they are the work that waits.
RECENT = timedelta(hours=36)
MINUTE = timedelta(minutes=1)

MOST_STEPS = 10
# What goes wrong, and how often of a hundred.
FATES = {
    "cancelled": 4,
    "held": 3,
    "declined": 7,
    "short": 6,
    "exception": 3,
    "refused": 2,
    "forgotten": 4,
    "": 71,
}
TROUBLE = {"exception": TrackingKind.EXCEPTION, "refused": TrackingKind.RETURNED_TO_SENDER}


def place_past_orders(*, count: int, offered: Market, draw: random.Random) -> None:
    """Place `count` orders over the last three weeks; the older, the further along."""
    if not count:
        return
    now = clock.now()
    ages = [_age(draw, is_recent=bool(number % 2)) for number in range(count)]
    moments = sorted(now - age for age in ages)
    with clock.set_clock(moments[0]) as hands, keep_events(), acting_as("system"):
        for number, moment in enumerate(moments, start=1):
            hands.move_to(moment)
            order = _place(number, offered, draw, is_recent=now - moment < RECENT)
            if order is not None:
                fate = draw.choices(list(FATES), weights=list(FATES.values()))[0]
                _live_on(order, until=now, hands=hands, fate=fate, draw=draw)


def _age(draw: random.Random, *, is_recent: bool) -> timedelta:
    """Of the recent ones most are of the last hours: somebody must still accept them."""
    return 2 * MINUTE + (RECENT * draw.random() ** 2 if is_recent else timedelta(days=DAYS) * draw.random())


def _place(number: int, offered: Market, draw: random.Random, *, is_recent: bool) -> Order | None:
    """One order; None when what was drawn is no longer there."""
    with suppress(OmsError):
        order = place_order(request=draw_request(f"demo-{number:05d}", offered, draw, is_recent=is_recent))
        drain_events()
        return order
    return None


def _live_on(order: Order, *, until: datetime, hands: clock.SetClock, fate: str, draw: random.Random) -> None:
    """What became of an order until then; few things go wrong on the way, but each does."""
    if fate == "cancelled":
        cancel_order(order_id=order.pk)
    elif fate == "held":
        hold_order(order_id=order.pk, reason="Adresse à vérifier")
    else:
        _work_on(order, until=until, hands=hands, fate=fate, draw=draw)
        if fate in ("declined", "short"):
            # It lies with others now, and they do their work.
            _work_on(order, until=until, hands=hands, fate="", draw=draw)
    drain_events()


def _work_on(order: Order, *, until: datetime, hands: clock.SetClock, fate: str, draw: random.Random) -> None:
    """Each stock point goes on from where it stands, whatever the others do."""
    for work in list(order.fulfilments.live().order_by("pk")):
        hands.move_to(work.changed_at)
        with suppress(OmsError):
            _work(work, until=until, hands=hands, fate=fate, draw=draw)
        drain_events()


def _work(work: Fulfilment, *, until: datetime, hands: clock.SetClock, fate: str, draw: random.Random) -> None:
    """Take the work as far as its age allows."""
    for _ in range(MOST_STEPS):
        work.refresh_from_db()
        if work.state not in FulfilmentState.live():
            return
        moment = next_step_at(work, draw)
        if moment > until:
            return
        hands.move_to(moment)
        if fate == "declined" and work.state == FulfilmentState.OFFERED:
            decline_fulfilment(fulfilment_id=work.pk, reason="not_found")
            return
        if fate == "forgotten" and work.state == FulfilmentState.READY_FOR_PICKUP:
            return
        if fate in TROUBLE and work.state == FulfilmentState.HANDED_OVER and work.mode != Mode.SHIP_TO_STORE:
            tell(list(work.parcels.order_by("pk")), TROUBLE[fate])
            if fate == "refused":
                return
            # What was held up goes on a day later.
            fate = ""
            continue
        _step(work, is_short=fate == "short")
        drain_events()


def _step(work: Fulfilment, *, is_short: bool) -> None:
    if is_short and work.state == FulfilmentState.ACCEPTED:
        pick_fulfilment(fulfilment_id=work.pk, lines=lines_of(work, one_missing=True))
    else:
        advance(work)
