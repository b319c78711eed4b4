"""Transfers as a stock point sees them: what it is to send, what is on its way to it."""

from __future__ import annotations

from collections.abc import Sequence

from oms.store.queries.codes import scanned
from stock.models import StockPoint, Transfer

SHOWN_AT_MOST = 200


def transfers_to_send(stock_point: StockPoint) -> list[Transfer]:
    """Accepted and still here, by where they go."""
    found = Transfer.objects.to_send().filter(giver=stock_point).select_related("variant__product", "receiver")
    return list(found.order_by("receiver__name", "pk")[:SHOWN_AT_MOST])


def transfers_arriving(stock_point: StockPoint) -> list[Transfer]:
    """On their way here, the first expected first."""
    found = Transfer.objects.on_the_way().filter(receiver=stock_point).select_related("variant__product", "giver")
    return list(found.order_by("expected_on", "pk")[:SHOWN_AT_MOST])


def transfer_of_code(text: str, among: Sequence[Transfer]) -> Transfer | None:
    """The first of them whose article was scanned."""
    variant = scanned(text, (transfer.variant for transfer in among))
    return next((transfer for transfer in among if transfer.variant == variant), None)
