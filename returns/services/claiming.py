"""Return lines as units of order lines: never more than left for the customer, never twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext_noop

from orders.models import Order, OrderLine
from orders.services.taking_back import give_back_units, take_back_units
from returns.errors import NotReturnable, UnknownSku
from returns.models import ReturnClaim, ReturnLine, ReturnPolicy
from returns.queries.returnable import RETURNED_BEFORE, Returnable, returnable_lines, states_of
from returns.services.distributing import Room, spread


def check_returnable(
    order: Order, units: Mapping[str, int], policy: ReturnPolicy, *, is_exception: bool
) -> Sequence[Returnable]:
    """The order's lines with what may come back of each. Raises `UnknownSku` or `NotReturnable`."""
    lines = returnable_lines(order, policy, is_exception=is_exception)
    bought = {each.line.sku for each in lines}
    unknown = {sku: [f"{sku} is not in order {order.number}."] for sku in sorted(set(units) - bought)}
    if unknown:
        raise UnknownSku(gettext_noop("An article is not part of this order."), errors=unknown)
    free: Counter[str] = Counter()
    for each in lines:
        free[each.line.sku] += each.quantity
    short = sorted(sku for sku, quantity in units.items() if quantity > free[sku])
    if short:
        why = {each.line.sku: each.why or RETURNED_BEFORE for each in reversed(lines)}
        rows = [{"sku": sku, "requested": units[sku], "returnable": free[sku], "why": why[sku]} for sku in short]
        raise NotReturnable(data={"lines": rows})
    return lines


def claim_units(
    order: Order,
    lines: Sequence[tuple[ReturnLine, int]],
    policy: ReturnPolicy,
    *,
    is_exception: bool,
) -> None:
    """Count the lines' units (line, units) on the order's lines, which have to have as many. The order is locked."""
    told: Counter[str] = Counter()
    for line, quantity in lines:
        told[line.sku] += quantity
    free = check_returnable(order, told, policy, is_exception=is_exception)
    claims = _claims(lines, free)
    units: Counter[int] = Counter()
    for claim in claims:
        units[claim.order_line_id] += claim.quantity
    taken = take_back_units(order_id=order.pk, units=units, states=states_of(policy, is_exception=is_exception))
    if taken != set(units):
        raise NotReturnable
    ReturnClaim.objects.bulk_create(claims)


def _claims(lines: Sequence[tuple[ReturnLine, int]], free: Sequence[Returnable]) -> list[ReturnClaim]:
    left = {each.line.pk: each.quantity for each in free}
    claims = []
    for line, quantity in lines:
        rooms: list[Room[OrderLine]] = [Room(each.line, each.line.sku, left[each.line.pk]) for each in free]
        for order_line, units in spread({line.sku: quantity}, rooms, what="may be returned"):
            left[order_line.pk] -= units
            claims.append(ReturnClaim(line=line, order_line=order_line, quantity=units))
    return claims


def give_up_claims(order_id: int, claims: Iterable[tuple[ReturnClaim, int]]) -> None:
    """These units of the claims never came: they may be returned another time. The order is locked."""
    units: Counter[int] = Counter()
    changed = []
    for claim, quantity in claims:
        units[claim.order_line_id] += quantity
        claim.quantity -= quantity
        changed.append(claim)
    if changed:
        give_back_units(order_id=order_id, units=units)
        ReturnClaim.objects.bulk_update(changed, ["quantity"])
