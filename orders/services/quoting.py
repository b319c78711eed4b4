"""How a basket's delivered lines can travel: what `POST /delivery-promises/` answers, for a seller's screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from oms.orchestration.baskets import BasketLine, Destination
from oms.orchestration.promises import Enquiry, Missing, option_document
from oms.orchestration.services.promising import delivery_options as promised_options
from orders.models import Basket
from orders.queries.baskets import Contents
from orders.states import Mode
from stock.models import StockPoint
from stock.queries.availability import LevelKey
from stock.queries.holds import hold_reservations

# Slots and relay points are chosen on pages of their own; what is only put aside is not paid for.
OFFERED = frozenset({Mode.HOME.value, Mode.EXPRESS.value, Mode.PICKUP.value, Mode.SHIP_TO_STORE.value})

Option = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deliveries:
    """`options` as the API tells them, soonest first, each for all delivered lines; none while anything is missing."""

    options: list[Option]
    missing: tuple[Missing, ...] = ()


def delivery_options(*, basket: Basket, contents: Contents) -> Deliveries:
    """Nothing is kept and nothing is recorded. Raises `UnknownCountry`.

    Which is cheapest, fastest or greenest is told where there is something to choose from.
    """
    enquiry = _enquiry(basket, contents)
    if enquiry.destination is None and enquiry.pickup_point_id is None:
        return Deliveries([])
    quote = promised_options(enquiry=enquiry)
    if quote.unavailable:
        return Deliveries([], quote.unavailable)
    options = [option_document(option) for option in quote.options if option.mode in OFFERED]
    _name_origins(options)
    _flag(options)
    return Deliveries(sorted(options, key=lambda option: (option["promised_on"], option["mode"])))


def _enquiry(basket: Basket, contents: Contents) -> Enquiry:
    address = basket.shipping_address or {}
    return Enquiry(
        channel_id=basket.channel_id,
        lines=tuple(
            BasketLine(str(content.line.pk), content.line.variant_id, content.line.quantity)
            for content in contents.delivered
        ),
        destination=(
            Destination(country=address["country"], postcode=address.get("postcode", ""))
            if address.get("country")
            else None
        ),
        pickup_point_id=basket.pickup_point_id,
        own_units=_own_units(basket, contents),
        order_value=contents.subtotal,
    )


def _own_units(basket: Basket, contents: Contents) -> Counter[LevelKey]:
    """What is kept for the basket counts as free; what the customer takes along is about to leave the shelf."""
    units: Counter[LevelKey] = Counter()
    for held in hold_reservations(basket.hold_reference) if basket.held_until else ():
        units[held.variant_id, held.stock_point_id] += held.quantity
    for content in contents.carried_out:
        units[content.line.variant_id, basket.stock_point_id or 0] -= content.line.quantity
    return units


def _name_origins(options: list[Option]) -> None:
    """Stock points by their names: a seller does not know codes. One query for all options."""
    parcels = [parcel for option in options for parcel in option["parcels"]]
    codes = {parcel["stock_point"] for parcel in parcels}
    names = dict(StockPoint.objects.filter(code__in=codes).values_list("code", "name"))
    for parcel in parcels:
        parcel["stock_point_name"] = names[parcel["stock_point"]]


def _flag(options: list[Option]) -> None:
    """What is said to be the best of all deliveries may be one that this screen does not offer."""
    for flag, key in (("is_cheapest", "price"), ("is_fastest", "promised_on"), ("is_greenest", "co2e_g")):
        values = [float(option[key]) if key == "price" else option[key] for option in options]
        for option, value in zip(options, values, strict=True):
            option[flag] = value == min(values) and (len(options) == 1 or value != max(values))
