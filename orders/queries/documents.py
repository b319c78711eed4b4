"""Orders as the API tells them: a fixed number of queries for one order and for a page of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F

from oms.core.money import quantise
from orders.models import Allocation, Order, OrderHold, OrderLine, Payment, TimelineEntry
from orders.models.allocations import days_of_slice
from orders.queries.tracking_links import tracking_url
from orders.states import AllocationState

Document = dict[str, Any]


def order_documents(orders: Iterable[Order]) -> list[Document]:
    """One document per order, in their order; four queries."""
    rows = list(orders)
    ids = [order.pk for order in rows]
    lines = _line_documents({order.pk: order for order in rows})
    payments = _payment_documents(ids)
    held = set(OrderHold.objects.filter(order_id__in=ids, released_at__isnull=True).values_list("order_id", flat=True))
    return [_document(order, lines[order.pk], payments[order.pk], order.pk in held) for order in rows]


def order_document(order: Order) -> Document:
    """One order, with its timeline."""
    return {**order_documents([order])[0], "timeline": timeline_documents(order.pk)}


def listed_orders() -> Any:
    """Orders with what their documents need of other tables."""
    return Order.objects.select_related("channel", "pickup_point", "selling_stock_point")


def timeline_documents(order_id: int) -> list[Document]:
    entries = TimelineEntry.objects.filter(order_id=order_id).order_by("pk")
    return [{"at": entry.at, "event": entry.event, "actor": entry.actor, "data": entry.data} for entry in entries]


def _document(order: Order, lines: Sequence[Document], payments: Sequence[Document], is_held: bool) -> Document:
    def money(amount: Decimal) -> str:
        return str(quantise(amount, order.currency))

    return {
        "number": order.number,
        "state": order.state,
        "external_reference": order.external_reference,
        "channel": order.channel.code,
        "mode": order.mode,
        "placed_at": order.placed_at,
        "pay_by": order.pay_by,
        "is_on_hold": is_held,
        "needs_attention": order.needs_attention,
        "customer": {
            "name": order.customer_name,
            "email": order.customer_email,
            "phone": order.customer_phone,
            "class": order.customer_class,
        },
        "tags": order.tags,
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "pickup_point": order.pickup_point.code if order.pickup_point else None,
        "selling_stock_point": order.selling_stock_point.code if order.selling_stock_point else None,
        "lines": lines,
        "promise": order.promise,
        "expected_on": order.expected_on,
        "payments": payments,
        "subtotal": money(order.subtotal),
        "shipping": money(order.shipping),
        "tax": money(order.tax),
        "total": money(order.total),
        "currency": order.currency,
        "tracking_url": tracking_url(order.number),
    }


def _line_documents(orders: Mapping[int, Order]) -> dict[int, list[Document]]:
    slices: dict[int, list[Document]] = defaultdict(list)
    backordered: dict[int, int] = defaultdict(int)
    rows = (
        Allocation.objects.counted()
        .filter(line__order_id__in=orders)
        .order_by("line_id", "pk")
        .values_list(
            "line_id", "line__order_id", "quantity", "state", F("stock_point__code"), "promised_on", "expected_on"
        )
    )
    for line_id, order_id, quantity, state, code, *days in rows:
        if state == AllocationState.BACKORDERED:
            backordered[line_id] += quantity
        promised_on, expected_on = days_of_slice(orders[order_id], state, *days)
        slices[line_id].append(
            {
                "stock_point": code,
                "quantity": quantity,
                "state": state,
                "promised_on": promised_on,
                "expected_on": expected_on,
            }
        )
    documents: dict[int, list[Document]] = defaultdict(list)
    lines = OrderLine.objects.filter(order_id__in=orders).select_related("pickup_point")
    for line in lines.order_by("order_id", "position"):
        currency = orders[line.order_id].currency
        documents[line.order_id].append(_line_document(line, slices[line.pk], backordered[line.pk], currency))
    return documents


def _line_document(line: OrderLine, slices: Sequence[Document], backordered: int, currency: str) -> Document:
    return {
        "id": line.pk,
        "sku": line.sku,
        "quantity": line.quantity,
        "cancelled": line.cancelled_quantity,
        "returned": line.returned_quantity,
        "backordered": backordered,
        "unit_price": str(quantise(line.unit_price, currency)),
        "discount": str(quantise(line.discount, currency)),
        "total": str(quantise(line.total, currency)),
        "mode": line.mode,
        "pickup_point": line.pickup_point.code if line.pickup_point else None,
        "allocations": slices,
    }


def _payment_documents(order_ids: Sequence[int]) -> dict[int, list[Document]]:
    documents: dict[int, list[Document]] = defaultdict(list)
    for payment in Payment.objects.filter(order_id__in=order_ids).order_by("pk"):
        documents[payment.order_id].append(
            {
                "id": payment.pk,
                "gateway": payment.gateway,
                "method": payment.method,
                "amount": str(quantise(payment.amount, payment.currency)),
                "captured": str(quantise(payment.captured, payment.currency)),
                "refunded": str(quantise(payment.refunded, payment.currency)),
                "currency": payment.currency,
                "state": payment.state,
            }
        )
    return documents
