"""A card payment in a shop whose outcome nobody knows, because the terminal's line dropped, until it is back."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from django.db.models import QuerySet

from oms.core import clock
from oms.demo.drawing import STAFFED, Market, delivered_request
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Order, Payment
from orders.services.placing import place_order
from orders.services.requests import RequestedPayment
from orders.services.settling import hear_gateway, waiting_key
from orders.states import PaymentState

# Well within the time an order waits for its payment.
DOWN_FOR: Final = timedelta(minutes=20)


def lose_the_line(reference: str, offered: Market, draw: random.Random) -> Order:
    """Sold in Lille, delivered home; the card was taken and no answer came."""
    payment = RequestedPayment(gateway=TERMINAL, method="card")
    request = delivered_request(reference, offered, draw, sold_at=STAFFED[0], payment=payment)
    order = place_order(request=request)
    waiting = waiting_key(order)
    if waiting is not None:
        SimulatedTerminal().present_card(waiting[1], Card.LOST)
        hear_gateway(gateway=TERMINAL, key=waiting[1])
    return order


def restore_lines() -> None:
    """Where it has been down for long enough: what became of the payment is known now."""
    terminal = SimulatedTerminal()
    for payment in unverified().filter(created_at__lt=clock.now() - DOWN_FOR):
        waiting = waiting_key(payment.order)
        if waiting is not None and waiting[0] == TERMINAL:
            terminal.restore_line(waiting[1])
            hear_gateway(gateway=TERMINAL, key=waiting[1])


def unverified() -> QuerySet[Payment]:
    """The demo's payments at a terminal whose outcome is unknown."""
    found = Payment.objects.filter(state=PaymentState.UNKNOWN, gateway=TERMINAL)
    return found.filter(order__channel__code__startswith="demo-").select_related("order").order_by("pk")
