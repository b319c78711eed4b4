"""How a basket's delivered lines can travel: one option per mode, as `POST /delivery-promises/` tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from oms.core.money import quantise
from oms.orchestration.baskets import Destination
from orders.models import Basket
from orders.queries.baskets import Contents
from orders.services.demands import Demand, DemandLine, Placement, Policy, place_demand
from orders.services.resolving import COLLECTED_MODES
from orders.states import Mode
from stock.errors import InsufficientStock
from stock.models import StockPoint

TRIGGER = "quoted"
Option = dict[str, Any]

_SENT = (Mode.HOME, Mode.EXPRESS)
_COLLECTED = (Mode.PICKUP, Mode.SHIP_TO_STORE)


def delivery_options(*, basket: Basket, contents: Contents) -> list[Option]:
    """Every mode that can bring all delivered lines where they are wanted, soonest first, flags set.

    Nothing is kept and nothing is recorded. A mode that is neither sooner nor cheaper than another to the
    same door is left out.
    """
    demand = _demand(basket, contents)
    modes = [*(_SENT if demand.destination else ()), *(_COLLECTED if _collects(basket) else ())]
    found: list[Option] = []
    for mode in modes:
        option = _option(basket, demand, mode)
        if option is not None and not _is_no_better(option, found):
            found.append(option)
    _name_origins(found)
    _flag(found)
    return sorted(found, key=lambda option: (option["promised_on"], option["mode"]))


def _collects(basket: Basket) -> bool:
    return basket.pickup_point is not None and basket.pickup_point.offers_pickup


def _demand(basket: Basket, contents: Contents) -> Demand:
    address = basket.shipping_address or {}
    return Demand(
        reference=basket.hold_reference,
        channel_id=basket.channel_id,
        lines=tuple(
            DemandLine(
                key=str(content.line.pk),
                variant_id=content.line.variant_id,
                sku=content.line.variant.sku,
                quantity=content.line.quantity,
                mode="",
            )
            for content in contents.delivered
        ),
        destination=(
            Destination(country=address["country"], postcode=address.get("postcode", ""))
            if address.get("country")
            else None
        ),
        selling_stock_point_id=basket.stock_point_id,
        order_value=contents.subtotal,
    )


def _option(basket: Basket, demand: Demand, mode: Mode) -> Option | None:
    point = basket.pickup_point if mode in COLLECTED_MODES else None
    lines = tuple(replace(line, mode=mode.value, pickup_point_id=point.pk if point else None) for line in demand.lines)
    try:
        placement = place_demand(replace(demand, lines=lines), policy=Policy(), trigger=TRIGGER, record=False)
    except InsufficientStock:
        return None
    return _told(basket, demand, mode, point, placement)


def _told(basket: Basket, demand: Demand, mode: Mode, point: StockPoint | None, placement: Placement) -> Option | None:
    parcels = [parcel for plan in placement.plans for parcel in plan.parcels]
    if not parcels or any(plan.unplanned for plan in placement.plans):
        return None
    skus = {line.key: line.sku for line in demand.lines}
    currency = basket.channel.currency
    return {
        "mode": mode.value,
        "service": parcels[0].service,
        "pickup_point": point.code if point else None,
        "promised_from": min(parcel.promised_on for parcel in parcels).isoformat(),
        "promised_on": max(parcel.promised_on for parcel in parcels).isoformat(),
        "price": str(quantise(Decimal(0), currency)),
        "currency": currency,
        "cost": str(quantise(placement.cost, currency)),
        "co2e_g": sum(plan.co2e_g for plan in placement.plans),
        "parcels": [
            {
                "stock_point": str(parcel.stock_point_id),
                "service": parcel.service,
                "lines": [{"sku": skus[line.key], "quantity": line.quantity} for line in parcel.lines],
                "ships_on": parcel.ships_on.isoformat(),
                "promised_on": parcel.promised_on.isoformat(),
            }
            for parcel in parcels
        ],
        "is_split": len(parcels) > 1,
        "degraded": any(plan.is_degraded for plan in placement.plans),
        "token": "",
    }


def _is_no_better(option: Option, others: Sequence[Option]) -> bool:
    return any(
        other["pickup_point"] == option["pickup_point"]
        and other["promised_on"] <= option["promised_on"]
        and Decimal(other["price"]) <= Decimal(option["price"])
        for other in others
    )


def _name_origins(options: Sequence[Option]) -> None:
    """Stock points by their names: a seller does not know codes. One query for all options."""
    parcels = [parcel for option in options for parcel in option["parcels"]]
    points = StockPoint.objects.in_bulk({int(parcel["stock_point"]) for parcel in parcels})
    for parcel in parcels:
        point = points[int(parcel["stock_point"])]
        parcel |= {"stock_point": point.code, "stock_point_name": point.name}


def _flag(options: Sequence[Option]) -> None:
    """The best of each kind; nothing is the best where all are alike."""
    for flag, key in (("is_cheapest", "price"), ("is_fastest", "promised_on"), ("is_greenest", "co2e_g")):
        values = [Decimal(option[key]) if key == "price" else option[key] for option in options]
        for option, value in zip(options, values, strict=True):
            option[flag] = value == min(values) and (len(options) == 1 or value != max(values))
