"""From the codes of a request to the things they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from oms.core.access import Access
from oms.core.errors import Invalid
from orders.errors import UnknownChannel, UnknownSku, UnknownStockPoint
from orders.gateways import gateway_for
from orders.queries.placing import Article, Channel, Named, named_in_request
from orders.services.addresses import check_address
from orders.services.requests import OrderRequest, RequestedLine
from orders.states import Mode
from stock.models import StockPoint

DELIVERED_MODES = Mode.delivered()
COLLECTED_MODES = Mode.collected()
OFFERS = {Mode.PICKUP: "offers_pickup", Mode.SHIP_TO_STORE: "offers_pickup", Mode.E_RESERVATION: "offers_reservation"}


@dataclass(frozen=True)
class Resolved:
    """What a request names, found. `points` by code, `articles` by SKU."""

    channel: Channel
    articles: Mapping[str, Article]
    points: Mapping[str, StockPoint]

    def point_id(self, code: str | None) -> int | None:
        return self.points[code].pk if code else None


def named_in(request: OrderRequest, access: Access) -> Named:
    """The channel, its articles, and what it already placed under this reference. Raises `UnknownChannel`."""
    named = named_in_request(
        channel=request.channel,
        reference=request.external_reference,
        skus={line.sku for line in request.lines},
        access=access,
    )
    if named is None:
        raise UnknownChannel(errors={"channel": [f"There is no sales channel {request.channel}."]})
    return named


def resolve_request(request: OrderRequest, named: Named, access: Access) -> Resolved:
    """Everything the request names, checked: raises a subclass of `Invalid` that tells the field or line."""
    _check_modes(request)
    for address, name in ((request.shipping_address, "shipping_address"), (request.billing_address, "billing_address")):
        if address is not None:
            check_address(address, name=name)
    for payment in request.payments:
        gateway_for(payment.gateway)
    _check_articles(request, named)
    points = _points(request)
    _check_points(request, points, access)
    return Resolved(channel=named.channel, articles=named.articles, points=points)


def line_mode(request: OrderRequest, line: RequestedLine) -> str:
    return line.mode or request.mode


def line_pickup_point(request: OrderRequest, line: RequestedLine) -> str | None:
    """Where a line is collected: its own point, else the order's; none for a delivered line."""
    return (line.pickup_point or request.pickup_point) if line_mode(request, line) in COLLECTED_MODES else None


def _check_modes(request: OrderRequest) -> None:
    """Each way to receive goods needs to be told where, and a slot when."""
    modes = {line_mode(request, line) for line in request.lines}
    errors: dict[str, object] = {}
    if modes & DELIVERED_MODES and request.shipping_address is None:
        errors["shipping_address"] = [gettext_noop("Needed where goods are delivered.")]
    if Mode.CARRY_OUT in modes and not request.selling_stock_point:
        errors["selling_stock_point"] = [gettext_noop("Needed where goods are carried out of the shop.")]
    if Mode.RELAY in modes and not request.relay_point:
        errors["relay_point"] = [gettext_noop("Needed for delivery to a relay point.")]
    if Mode.SLOT in modes and request.slot is None:
        errors["slot"] = [gettext_noop("Needed for delivery in a slot.")]
    if request.slot is not None and request.slot.to <= request.slot.from_:
        errors["slot"] = [gettext_noop("It ends before it starts.")]
    homeless = {
        str(index): {"pickup_point": ["Needed where goods are collected."]}
        for index, line in enumerate(request.lines)
        if line_mode(request, line) in COLLECTED_MODES and not line_pickup_point(request, line)
    }
    if homeless and request.mode in COLLECTED_MODES and not request.pickup_point:
        errors["pickup_point"] = ["Needed where goods are collected."]
    elif homeless:
        errors["lines"] = homeless
    if errors:
        raise Invalid(gettext_noop("What the mode needs is missing."), errors=errors)


def _points(request: OrderRequest) -> dict[str, StockPoint]:
    codes = {request.pickup_point, request.selling_stock_point, *(line.pickup_point for line in request.lines)} - {None}
    if not codes:
        return {}
    found = {point.code: point for point in StockPoint.objects.filter(code__in=codes)}
    missing = sorted(code for code in codes if code and code not in found)
    if missing:
        raise UnknownStockPoint(f"There is no stock point {missing[0]}.", errors={"stock_points": missing})
    return found


def _check_points(request: OrderRequest, points: Mapping[str, StockPoint], access: Access) -> None:
    if request.selling_stock_point:
        seller = points[request.selling_stock_point]
        if not access.sees_stock_point(seller.pk):
            raise UnknownStockPoint(errors={"selling_stock_point": [f"There is no stock point {seller.code}."]})
        if not seller.takes_orders:
            raise Invalid(errors={"selling_stock_point": [f"{seller.code} takes no orders."]})
    for index, line in enumerate(request.lines):
        code, offer = line_pickup_point(request, line), OFFERS.get(Mode(line_mode(request, line)))
        if code and offer and not getattr(points[code], offer):
            raise Invalid(errors={"lines": {str(index): {"pickup_point": [f"{code} does not offer this mode."]}}})


def _check_articles(request: OrderRequest, named: Named) -> None:
    """An article that is no longer sold is as unknown as one that never was."""
    articles = named.articles
    unknown = {
        str(index): {"sku": [f"There is no article {line.sku}."]}
        for index, line in enumerate(request.lines)
        if line.sku not in articles
    }
    if unknown:
        raise UnknownSku(errors={"lines": unknown})
    currency = named.channel.currency
    foreign = {
        str(index): {"unit_price": [f"{line.sku} has no price in {currency}."]}
        for index, line in enumerate(request.lines)
        if line.unit_price is None and articles[line.sku].currency != currency
    }
    if foreign:
        raise Invalid(errors={"lines": foreign})
