"""The goods are here: counted, on hand at once, waiting to be looked at."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.errors import Invalid, StateConflict
from oms.core.retrying import retry_on_conflict
from orders.services.work import SkuQuantity
from returns.models import Return, ReturnClaim, ReturnLine
from returns.queries.finding import stock_point_taking_returns
from returns.services.claiming import give_up_claims
from returns.services.distributing import Room, spread
from returns.services.locking import lock_return
from returns.services.shelving import put_in
from returns.services.telling import tell
from returns.states import RETURN_MOVES, ReturnState
from stock.models import StockPoint


@retry_on_conflict
@transaction.atomic
def receive_return(
    *, return_id: int, stock_point: str = "", lines: list[SkuQuantity], access: Access = EVERYTHING
) -> Return:
    """Take in these units, final totals per SKU (none given: all that was asked), at a stock point.

    What did not come of a return is given up: it may be returned another time. The same receipt again
    changes nothing. Raises `QuantityMismatch` for more units or other articles than the return speaks of.
    """
    seen = Return.objects.select_related("stock_point").get(pk=return_id)
    point = _place(seen, stock_point, access)
    asked = list(ReturnLine.objects.filter(returned=seen).order_by("position"))
    told = _told(lines) or _sums(asked, "quantity")
    if seen.received_at is not None:
        return _same_receipt(seen, point, told, asked)
    _require(seen)
    rooms = [Room(line, line.sku, line.quantity) for line in asked]
    came = spread(told, rooms, what="are in this return")
    if not came:
        raise Invalid(gettext_noop("Nothing was received: cancel the return instead."), errors={"lines": ["Nothing."]})
    put_in(seen, came, point)
    returned = lock_return(seen)
    for line, quantity in came:
        line.received_quantity = quantity
    ReturnLine.objects.bulk_update([line for line, _ in came], ["received_quantity"])
    _give_up_the_rest(returned, asked)
    RETURN_MOVES.move(returned, ReturnState.RECEIVED, stock_point=point, received_at=clock.now())
    tell(returned, "return.received", units=sum(told.values()), stock_point=point.code)
    return returned


def _place(seen: Return, code: str, access: Access) -> StockPoint:
    if code:
        return stock_point_taking_returns(code, access=access)
    if seen.stock_point is None:
        raise Invalid(errors={"stock_point": [gettext_noop("Say where the goods are.")]})
    return stock_point_taking_returns(seen.stock_point.code, access=access)


def _told(lines: list[SkuQuantity]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _sums(lines: list[ReturnLine], column: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.sku] = sums.get(line.sku, 0) + getattr(line, column)
    return {sku: units for sku, units in sums.items() if units}


def _same_receipt(seen: Return, point: StockPoint, told: Mapping[str, int], asked: list[ReturnLine]) -> Return:
    """A repeat, as a tablet sends it that lost the answer, or of a blind return, which was received when made."""
    if point.pk == seen.stock_point_id and told == _sums(asked, "received_quantity"):
        return seen
    raise StateConflict(
        gettext_noop("This return was received before, in other quantities or elsewhere."), data={"state": seen.state}
    )


def _require(seen: Return) -> None:
    if not RETURN_MOVES.allows(seen.state, ReturnState.RECEIVED):
        raise StateConflict(f"This return is {seen.state}; it cannot be received.", data={"state": seen.state})


def _give_up_the_rest(returned: Return, lines: list[ReturnLine]) -> None:
    assert returned.order_id is not None
    missing = {line.pk: line.quantity - line.received_quantity for line in lines}
    given_up = []
    # The last claims first: what came is counted on the first lines, as it was spread.
    for claim in ReturnClaim.objects.filter(line__in=lines).order_by("-pk"):
        units = min(missing[claim.line_id], claim.quantity)
        if units > 0:
            missing[claim.line_id] -= units
            given_up.append((claim, units))
    give_up_claims(returned.order_id, given_up)
