"""How a basket's delivered lines can travel: what `POST /delivery-promises/` answers, for a seller's screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from oms.core import clock
from oms.orchestration.baskets import BasketLine, Destination
from oms.orchestration.promises import NOW_AND_LATER, DeliveryOption, Enquiry, Missing, option_document
from oms.orchestration.services.degrading import promise_in_time
from oms.sourcing.house import SERVICE as HOUSE
from orders.models import Basket
from orders.queries.baskets import Contents
from orders.states import Mode
from stock.models import StockPoint
from stock.queries.availability import LevelKey
from stock.queries.holds import hold_reservations

OFFERED = frozenset({Mode.HOME, Mode.EXPRESS, Mode.PICKUP, Mode.SHIP_TO_STORE})
# The built-in service goes everywhere at any hour: only a carrier has relay points and drives in slots.
OF_CARRIERS = frozenset({Mode.RELAY, Mode.SLOT})
# What is still to come is sent to an address or to a store, once it is there.
LATER = (Mode.HOME, Mode.SHIP_TO_STORE)

Option = dict[str, Any]

_QUALITIES: Final[Mapping[str, Callable[[Option], Any]]] = {
    "is_cheapest": lambda option: Decimal(option["price"]),
    "is_fastest": lambda option: option["promised_on"],
    "is_greenest": lambda option: round(option["co2e_g"], -1),
}


@dataclass(frozen=True, slots=True)
class Deliveries:
    """`options` as the API tells them, soonest first and of one day the cheapest, each for all delivered lines; none
    while anything is missing.

    Where the channel sells what is still to come, an option says what of it waits: `waiting`. One of which
    nothing is there and no day is known promises nothing, so it has no token.
    `about`: what can be told where the stock could not be read in time: no plan, so nothing to choose from.
    """

    options: list[Option]
    missing: tuple[Missing, ...] = ()
    about: tuple[Option, ...] = ()


def delivery_options(*, basket: Basket, contents: Contents) -> Deliveries:
    """Nothing is kept and nothing is recorded. Raises `UnknownCountry`.

    Which is cheapest, fastest or greenest is told where there is something to choose from.
    """
    enquiry = _enquiry(basket, contents)
    if enquiry.destination is None and enquiry.pickup_point_id is None:
        return Deliveries([])
    quote = promise_in_time(lambda _: enquiry)
    if quote.has_no_plan:
        about = [option_document(option) for option in quote.options if option.mode in OFFERED]
        return Deliveries([], about=tuple(sorted(about, key=lambda option: (option["promised_on"], option["mode"]))))
    if quote.unavailable and not _may_wait(contents, quote.unavailable):
        return Deliveries([], quote.unavailable)
    options = [option_document(option) for option in quote.options if _is_offered(option, contents)]
    if quote.unavailable:
        options = [option for option in options if option["waiting"]]
        if not options and all(each.next_available_on is None for each in quote.unavailable):
            options = _undated(enquiry, quote.unavailable, currency=basket.channel.currency)
    _name_origins(options)
    _flag(options)
    return Deliveries(sorted(options, key=_soonest_then_cheapest))


def _soonest_then_cheapest(option: Option) -> tuple[Any, ...]:
    """Nobody should have to read past the paid way of a day to find the free one of the same day."""
    return option["promised_on"], Decimal(option["price"]), option["promised_from"], option["mode"], option["choice"]


def _is_offered(option: DeliveryOption, contents: Contents) -> bool:
    if option.mode in OF_CARRIERS:
        return all(parcel.service != HOUSE for parcel in option.parcels)
    # What is put aside is not paid for, what is carried out is: they are two sales.
    return option.mode in OFFERED or (option.mode == Mode.E_RESERVATION and not contents.carried_out)


def _may_wait(contents: Contents, missing: Iterable[Missing]) -> bool:
    """Whether all that is missing may be sold before it comes."""
    waiting = Counter[str]()
    for content in contents.delivered:
        waiting[content.line.variant.sku] += content.waiting
    return all(each.quantity <= waiting[each.sku] for each in missing)


def _undated(enquiry: Enquiry, missing: Sequence[Missing], *, currency: str) -> list[Option]:
    """Nothing of the basket is there and nobody knows when it comes: nothing is planned, so nothing is promised, and
    the order pays no transport."""
    today = clock.now().date().isoformat()
    return [
        {
            "mode": mode.value,
            "choice": NOW_AND_LATER,
            "service": HOUSE,
            "pickup_point": None,
            "promised_from": today,
            "promised_on": today,
            "cut_off_at": None,
            "price": "0.00",
            "currency": currency,
            "cost": "0.00",
            "co2e_g": 0,
            "parcels": [],
            "slots": [],
            "waiting": [{"sku": each.sku, "quantity": each.quantity, "available_on": None} for each in missing],
            "is_split": False,
            "degraded": False,
            "token": "",
        }
        for mode in LATER
        if (enquiry.pickup_point_id if mode == Mode.SHIP_TO_STORE else enquiry.destination) is not None
    ]


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
    """What is said to be the best of all deliveries may be one that this screen does not offer.

    One is the best, or none where all are alike: of several as cheap it is the soonest, of several as soon the
    cheapest, and what a seller reads as the same figure is the same. What is only put aside is sold later, so it is
    compared with nothing.
    """
    sold = [option for option in options if option["mode"] != Mode.E_RESERVATION]
    for flag, value in _QUALITIES.items():
        told = {value(option) for option in sold}
        best = min(sold, key=lambda option: (value(option), *_soonest_then_cheapest(option)), default=None)
        for option in options:
            option[flag] = option is best and (len(sold) == 1 or len(told) > 1)
