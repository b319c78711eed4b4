"""What tests of execution look at, and how they see that a refusal moved nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model

from oms.core.models import OutboxEvent
from oms.orchestration.models import CapacityUse
from orders.models import (
    Allocation,
    CarrierEvent,
    Exclusion,
    Fulfilment,
    Label,
    Order,
    Parcel,
    ParcelLine,
    PaymentOperation,
    TimelineEntry,
)
from stock.models import Reservation, StockLevel, StockMovement, Unavailability
from tests.factories.clients import Api
from tests.factories.retailer import Json, Retailer

_WATCHED: tuple[type[Model], ...] = (
    StockLevel,
    StockMovement,
    Unavailability,
    Reservation,
    CapacityUse,
    Order,
    Fulfilment,
    Allocation,
    Exclusion,
    Parcel,
    ParcelLine,
    Label,
    CarrierEvent,
    PaymentOperation,
    TimelineEntry,
    OutboxEvent,
)


def everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in _WATCHED}


@contextmanager
def nothing_moves() -> Iterator[None]:
    before = everything()
    yield
    after = everything()
    assert {name for name in before if before[name] != after[name]} == set()


def refused(
    retailer: Retailer, work: Json, action: str, body: Json | None = None, *, status: int, api: Api | None = None
) -> Json:
    """A move that must be refused with this status, without any effect; the problem."""
    with nothing_moves():
        answer = (api or retailer.api).post(f"/fulfilments/{work['id']}/{action}/", body or {})
    assert answer.status_code == status, answer.content
    problem: Json = answer.json()
    return problem


def repeated(retailer: Retailer, work: Json, action: str, body: Json | None = None) -> Json:
    """The same move again: the same answer as before, and nothing moves."""
    with nothing_moves():
        return retailer.move(work, action, body)


def lines(**units: int) -> list[Json]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def level(sku: str, point: str) -> tuple[int, int, int]:
    """On hand, reserved, unavailable."""
    row = StockLevel.objects.get(variant__sku=sku, stock_point__code=point)
    return row.on_hand, row.reserved, row.unavailable


def movements(sku: str, point: str, kind: str) -> list[int]:
    rows = StockMovement.objects.filter(variant__sku=sku, stock_point__code=point, kind=kind)
    return list(rows.order_by("pk").values_list("quantity", flat=True))


def history(number: str) -> list[tuple[str, str | None, int, str, str]]:
    """(SKU, stock point, units, state, reason) of every slice, the given-up ones too, oldest first."""
    rows = Allocation.objects.filter(line__order__number=number).order_by("pk")
    return list(rows.values_list("line__sku", "stock_point__code", "quantity", "state", "reason"))


def told(number: str, event: str) -> int:
    return TimelineEntry.objects.filter(order__number=number, event=event).count()


def state_of(work: Json) -> str:
    return Fulfilment.objects.get(pk=work["id"]).state
