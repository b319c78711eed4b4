"""Finding the order of goods that came back without one."""

from __future__ import annotations

from django.db import transaction

from oms.core.access import EVERYTHING, Access
from oms.core.errors import StateConflict
from oms.core.retrying import retry_on_conflict
from orders.models import Order
from returns.models import Return, ReturnLine
from returns.queries.finding import order_on_receipt
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of
from returns.queries.units import uninspected_units
from returns.services.claiming import claim_units
from returns.services.telling import tell
from returns.states import RETURN_MOVES, ReturnState


@retry_on_conflict
@transaction.atomic
def match_return(*, return_id: int, order: str, is_exception: bool = False, access: Access = EVERYTHING) -> Return:
    """Claim everything the blind return brought from this order (its number or receipt), under the policy.

    Raises `UnknownOrder`, `UnknownSku` for an article the order does not have, `NotReturnable` for units it
    cannot give. A return that is matched with this order already stays as it is.
    """
    found = order_on_receipt(order, access=access)
    Order.objects.locked(found.pk)
    returned = Return.objects.locked(return_id)
    if returned.order_id == found.pk:
        return returned
    if returned.state != ReturnState.RECEIVED_UNMATCHED:
        raise StateConflict(f"This return is {returned.state}; it has its order.", data={"state": returned.state})
    lines = list(ReturnLine.objects.filter(returned=returned, received_quantity__gt=0).order_by("position"))
    is_exception = is_exception or returned.is_exception
    claim_units(
        found,
        [(line, line.received_quantity) for line in lines],
        policy_for(banner_of(found)),
        is_exception=is_exception,
    )
    state = ReturnState.RECEIVED if uninspected_units(returned) else ReturnState.INSPECTED
    RETURN_MOVES.move(returned, state, order=found, channel_id=found.channel_id, is_exception=is_exception)
    tell(returned, "return.matched", units=sum(line.received_quantity for line in lines))
    return returned
