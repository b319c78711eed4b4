"""Asking to give something back: in store, by post, through customer service, or without a known order."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.actors import current_actor
from oms.core.errors import Invalid
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Order
from orders.services.numbering import new_number
from returns.errors import UnknownReason, UnknownSku
from returns.models import Return, ReturnLabel, ReturnLine, ReturnPolicy
from returns.models.policies import Payer
from returns.queries.finding import order_by_number, order_on_receipt, postal_stock_point, stock_point_taking_returns
from returns.queries.policies import policy_for, reasons_of, takes_any_reason
from returns.queries.returnable import banner_of
from returns.services.claiming import claim_units
from returns.services.requests import ReturnRequest, WantedLine
from returns.services.shelving import put_in
from returns.services.telling import tell
from returns.states import ReturnState, Way
from stock.models import StockPoint, Variant

LIGHTEST_PARCEL_G = 100


def request_return(*, request: ReturnRequest, access: Access = EVERYTHING) -> Return:
    """The new return. By post its label is being made; a blind one is received by this.

    Raises `UnknownOrder`, `UnknownReason`, `UnknownSku`, `UnknownStockPoint`, `ReturnsNotAccepted`, and
    `NotReturnable` for units that did not reach the customer, came back before or fall out of the policy.
    """
    point = stock_point_taking_returns(request.stock_point, access=access) if request.stock_point else None
    if request.way == Way.BLIND:
        return _receive_blind(request, _own_point(point, access))
    if bool(request.order) == bool(request.receipt):
        raise Invalid(errors={"order": [gettext_noop("Give the order, or its receipt.")]})
    order = (
        order_by_number(request.order, access=access)
        if request.order
        else order_on_receipt(request.receipt, access=access)
    )
    return _request(request, order, point)


def _own_point(point: StockPoint | None, access: Access) -> StockPoint:
    """Where a blind return is: said, or the one point the caller works for."""
    if point is not None:
        return point
    own = list(StockPoint.objects.filter(pk__in=access.stock_points or ())[:2])
    if len(own) != 1:
        raise Invalid(errors={"stock_point": [gettext_noop("Say where the goods are.")]})
    return stock_point_taking_returns(own[0].code, access=access)


@retry_on_conflict
@transaction.atomic
def _request(request: ReturnRequest, order: Order, point: StockPoint | None) -> Return:
    policy = policy_for(banner_of(order))
    is_retailers_fault = _check_reasons(policy, request.lines, order.language)
    if request.way == Way.POST and point is None:
        point = postal_stock_point(order, policy)
    Order.objects.locked(order.pk)
    returned = _write(
        request,
        state=_first_state(request, policy),
        order=order,
        channel_id=order.channel_id,
        stock_point=point,
        expires_at=clock.now() + timedelta(days=policy.send_within_days),
        return_shipping_fee=_fee(request, policy, is_retailers_fault=is_retailers_fault),
    )
    lines = _write_lines(returned, request.lines)
    claim_units(order, [(line, line.quantity) for line in lines], policy, is_exception=request.is_exception)
    if request.way == Way.POST:
        _ask_for_label(returned, lines)
    tell(returned, "return.requested", units=sum(request.units.values()), way=returned.way)
    return returned


def _first_state(request: ReturnRequest, policy: ReturnPolicy) -> ReturnState:
    """What the policy allows needs nobody's word, unless the banner wants one for what is sent."""
    waits = policy.needs_authorisation and request.way == Way.POST
    return ReturnState.REQUESTED if waits else ReturnState.AUTHORISED


def _fee(request: ReturnRequest, policy: ReturnPolicy, *, is_retailers_fault: bool) -> Any:
    pays = policy.return_shipping_paid_by == Payer.CUSTOMER and not is_retailers_fault
    return policy.return_shipping_fee if pays and request.way == Way.POST else 0


@retry_on_conflict
@transaction.atomic
def _receive_blind(request: ReturnRequest, point: StockPoint) -> Return:
    """The goods are here and their order is not known: into stock at once, to be matched later."""
    if request.order or request.receipt:
        raise Invalid(errors={"order": [gettext_noop("A blind return has none; the order is matched later.")]})
    _check_reasons(policy_for(point.banner_id), request.lines, "en")
    now = clock.now()
    returned = _write(request, state=ReturnState.RECEIVED_UNMATCHED, stock_point=point, received_at=now)
    lines = _write_lines(returned, request.lines)
    for line in lines:
        line.received_quantity = line.quantity
    ReturnLine.objects.bulk_update(lines, ["received_quantity"])
    put_in(returned, [(line, line.quantity) for line in lines], point)
    tell(returned, "return.received", units=sum(request.units.values()), way=returned.way)
    return returned


def _write(request: ReturnRequest, **values: Any) -> Return:
    now = clock.now()
    return Return.objects.create(
        number=new_number("R", now),
        way=request.way,
        is_exception=request.is_exception,
        approved_by=request.approved_by,
        requested_at=now,
        requested_by=current_actor(),
        **values,
    )


def _write_lines(returned: Return, wanted: Sequence[WantedLine]) -> list[ReturnLine]:
    """One line per SKU and reason. Also articles that are no longer sold come back."""
    units: dict[tuple[str, str], int] = {}
    for line in wanted:
        units[line.sku, line.reason] = units.get((line.sku, line.reason), 0) + line.quantity
    variants = {variant.sku: variant for variant in Variant.objects.filter(sku__in={sku for sku, _ in units})}
    unknown = {sku: [f"There is no SKU {sku}."] for sku, _ in units if sku not in variants}
    if unknown:
        raise UnknownSku(gettext_noop("An article is not known under this SKU."), errors=unknown)
    return ReturnLine.objects.bulk_create(
        ReturnLine(
            returned=returned, position=position, variant=variants[sku], sku=sku, quantity=quantity, reason=reason
        )
        for position, ((sku, reason), quantity) in enumerate(units.items(), start=1)
    )


def _check_reasons(policy: ReturnPolicy, lines: Sequence[WantedLine], language: str) -> bool:
    """Whether every reason given is the retailer's fault. Raises `UnknownReason`."""
    known = {reason.code: reason for reason in reasons_of(policy, language=language)}
    unknown = sorted({line.reason for line in lines} - known.keys())
    if unknown and not takes_any_reason(policy):
        raise UnknownReason(errors={"reason": [f"Unknown: {', '.join(unknown)}."]}, data={"reasons": sorted(known)})
    return all(line.reason in known and known[line.reason].is_retailers_fault for line in lines)


def _ask_for_label(returned: Return, lines: Sequence[ReturnLine]) -> None:
    """The label's key is stored now; a task buys it once the return is authorised."""
    weight = sum(line.variant.weight_g * line.quantity for line in lines)
    ReturnLabel.objects.create(
        returned=returned,
        weight_g=max(LIGHTEST_PARCEL_G, weight),
        label_key=uuid.uuid4(),
        created_at=clock.now(),
    )
    if returned.state == ReturnState.AUTHORISED:
        emit("return.label_due", return_id=returned.pk)
