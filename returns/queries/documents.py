"""Returns as the API tells them: a fixed number of queries for one return and for a page of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F

from oms.core.money import quantise
from orders.models import PaymentOperation
from returns.models import Disposition, Return, ReturnLabel, ReturnLine
from returns.queries.valuing import RefundPreview
from returns.states import ReturnState

Document = dict[str, Any]


def listed_returns() -> Any:
    """Returns with what their documents need of other tables."""
    return Return.objects.select_related("order", "channel", "stock_point", "exchange_order")


def return_documents(returns: Iterable[Return]) -> list[Document]:
    """One document per return, in their order; four queries."""
    rows = list(returns)
    ids = [each.pk for each in rows]
    lines = _line_documents(ids)
    refunds = _refund_documents(rows)
    labels = dict(ReturnLabel.objects.filter(returned__in=ids).values_list("returned_id", "tracking_number"))
    return [_document(each, lines[each.pk], refunds[each.number], labels) for each in rows]


def return_document(returned: Return) -> Document:
    return return_documents([returned])[0]


def preview_document(preview: RefundPreview) -> Document:
    """What a refund would give back now, and by which tenders."""

    def money(amount: Decimal) -> str:
        return str(quantise(amount, preview.value.currency))

    return {
        "goods": money(preview.value.goods),
        "shipping": money(preview.value.shipping),
        "return_shipping_fee": money(preview.value.fee),
        "total": money(preview.value.total),
        "amount": money(preview.amount),
        "currency": preview.value.currency,
        "is_captured": not preview.is_waiting,
        "is_paid_elsewhere": preview.is_paid_elsewhere,
        "tenders": [
            {"payment": payment.pk, "gateway": payment.gateway, "method": payment.method, "amount": money(share)}
            for payment, share in preview.tenders
        ],
    }


def _document(
    returned: Return, lines: Sequence[Document], refunds: Sequence[Document], labels: dict[int, str | None]
) -> Document:
    order = returned.order
    currency = (
        order.currency if order else returned.stock_point.currency if returned.stock_point else settings.BASE_CURRENCY
    )

    def money(amount: Decimal) -> str:
        return str(quantise(amount, currency))

    return {
        "number": returned.number,
        "state": returned.state,
        "way": returned.way,
        "order": order.number if order else None,
        "channel": returned.channel.code if returned.channel else None,
        "stock_point": returned.stock_point.code if returned.stock_point else None,
        "is_exception": returned.is_exception,
        "requested_at": returned.requested_at,
        "expires_at": returned.expires_at if returned.state in ReturnState.awaited() else None,
        "received_at": returned.received_at,
        "settled_at": returned.settled_at,
        "closed_at": returned.closed_at,
        "outcome_reason": returned.outcome_reason,
        "lines": lines,
        "settlement": returned.settlement or None,
        "goods_amount": money(returned.goods_amount),
        "shipping_amount": money(returned.shipping_amount),
        "return_shipping_fee": money(returned.return_shipping_fee),
        "refund_amount": money(returned.refund_amount),
        "credit_amount": money(returned.credit_amount),
        "currency": currency,
        "exchange_order": returned.exchange_order.number if returned.exchange_order else None,
        "refunds": refunds,
        "has_label": returned.pk in labels,
        "tracking_number": labels.get(returned.pk),
    }


def _line_documents(return_ids: Sequence[int]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    rows = Disposition.objects.filter(line__returned__in=return_ids).order_by("pk")
    for line_id, quantity, grade, kind, destination in rows.values_list(
        "line_id", "quantity", "grade", "kind", F("destination__code")
    ):
        found[line_id].append({"quantity": quantity, "grade": grade, "disposition": kind, "destination": destination})
    documents: dict[int, list[Document]] = defaultdict(list)
    for line in ReturnLine.objects.filter(returned__in=return_ids).order_by("returned_id", "position"):
        documents[line.returned_id].append(
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "received": line.received_quantity,
                "reason": line.reason,
                "dispositions": found[line.pk],
            }
        )
    return documents


def _refund_documents(returns: Sequence[Return]) -> dict[str, list[Document]]:
    """By return number: what its orders' payments were asked to give back under its name."""
    documents: dict[str, list[Document]] = defaultdict(list)
    operations = PaymentOperation.objects.filter(
        payment__order__in=[each.order_id for each in returns if each.order_id is not None],
        kind=PaymentOperation.Kind.REFUND,
        reference__startswith="return:",
    )
    for operation in operations.select_related("payment").order_by("pk"):
        documents[operation.reference.split(":")[1]].append(
            {
                "payment": operation.payment_id,
                "gateway": operation.payment.gateway,
                "method": operation.payment.method,
                "amount": str(quantise(operation.amount, operation.payment.currency)),
                "state": operation.state,
            }
        )
    return documents
