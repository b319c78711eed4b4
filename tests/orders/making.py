"""Requests, and what is read of the orders they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orders.models import Allocation, Fulfilment, Order, Payment
from orders.services.placing import place_order
from orders.services.requests import Address, Customer, OrderRequest, RequestedLine, RequestedPayment
from stock.models import SalesChannel
from tests.factories.network import unique

LILLE = Address(
    line1="1 place du Théâtre", postcode="59800", city="Lille", country="FR", latitude=50.64, longitude=3.06
)
MARSEILLE = Address(
    line1="1 quai du Port", postcode="13002", city="Marseille", country="FR", latitude=43.3, longitude=5.37
)
CARD = RequestedPayment(gateway="simulated", method="card", token="tok_visa")


def request_for(
    channel: SalesChannel, lines: Mapping[str, int] | Sequence[RequestedLine], **values: Any
) -> OrderRequest:
    """Paid by card, delivered to Lille, unless told otherwise."""
    wanted = (
        tuple(RequestedLine(sku=sku, quantity=units) for sku, units in lines.items())
        if isinstance(lines, Mapping)
        else tuple(lines)
    )
    given: dict[str, Any] = {
        "channel": channel.code,
        "external_reference": unique("web"),
        "mode": "home",
        "customer": Customer(name="Camille Martin", email="camille@example.org"),
        "shipping_address": LILLE,
        "payments": (CARD,),
        "lines": wanted,
    }
    return OrderRequest(**given | values)


def paid_with(token: str) -> tuple[RequestedPayment, ...]:
    """The simulated gateway's tokens: `refuse`, `unknown`, `timeout` and what follows them."""
    return (replace(CARD, token=token),)


def place(channel: SalesChannel, lines: Mapping[str, int] | Sequence[RequestedLine], **values: Any) -> Order:
    return place_order(request=request_for(channel, lines, **values))


def slices(order: Order) -> set[tuple[str, str | None, int, str]]:
    """(SKU, stock point, units, state) of every slice, history included; no two are the same."""
    rows = Allocation.objects.filter(line__order=order)
    found = list(rows.values_list("line__sku", "stock_point__code", "quantity", "state"))
    assert len(found) == len(set(found)), found
    return set(found)


def state_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).state


def works(order: Order) -> list[tuple[str, str]]:
    """(stock point, state) of the order's fulfilments, oldest first."""
    return list(Fulfilment.objects.filter(order=order).order_by("pk").values_list("stock_point__code", "state"))


def payments(order: Order) -> list[tuple[str, str, str, str]]:
    """(state, captured, voided, refunded) of the order's payments, oldest first."""
    rows = Payment.objects.filter(order=order).order_by("pk")
    return [(row.state, str(row.captured), str(row.voided), str(row.refunded)) for row in rows]


def events(order: Order) -> list[str]:
    """The order's timeline."""
    return list(order.timeline.order_by("pk").values_list("event", flat=True))
