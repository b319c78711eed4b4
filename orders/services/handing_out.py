"""At the counter: the customer takes all that waits, or some of it and leaves the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.access import EVERYTHING, Access
from oms.core.errors import Invalid
from oms.core.retrying import retry_on_conflict
from orders.errors import QuantityMismatch
from orders.models import Fulfilment
from orders.models.pickups import IdentityCheck
from orders.services.collecting import check_code, end_pickup
from orders.services.uncollecting import LEFT_AT_THE_COUNTER, put_back_uncollected
from orders.services.work import SkuQuantity, Work, read_work
from orders.states import AllocationState
from stock.services.locking import lock_levels_of_reservations


def hand_out(
    *,
    fulfilment_id: int,
    code: str = "",
    check: str = IdentityCheck.CODE,
    is_by_proxy: bool = False,
    taken: Mapping[str, int] | None = None,
    access: Access = EVERYTHING,
) -> Fulfilment:
    """Hand over what waits; of `taken` (units by SKU) the rest is put back for sale and not paid for.

    The code is asked for unless another `check` was made. Raises `WrongPickupCode`, `PickupLocked`,
    `QuantityMismatch`, and `Invalid` where nothing at all is taken: that is a pickup not collected.
    """
    if check == IdentityCheck.CODE:
        check_code(fulfilment_id=fulfilment_id, code=code, access=access)
    return _hand_out(fulfilment_id, IdentityCheck(check), is_by_proxy, taken, access)


@retry_on_conflict
@transaction.atomic
def _hand_out(
    fulfilment_id: int, check: str, is_by_proxy: bool, taken: Mapping[str, int] | None, access: Access
) -> Fulfilment:
    work = read_work(fulfilment_id, access=access)
    if left := _left_behind(work, taken):
        # Two steps on the same levels: all of them are locked before anything of the order is.
        lock_levels_of_reservations([each.reservation_id for each in work.allocations if each.reservation_id])
        put_back_uncollected(fulfilment_id=fulfilment_id, lines=left, reason=LEFT_AT_THE_COUNTER, access=access)
    return end_pickup(fulfilment_id=fulfilment_id, check=check, is_by_proxy=is_by_proxy, access=access)


def _left_behind(work: Work, taken: Mapping[str, int] | None) -> list[SkuQuantity]:
    """Units by SKU that wait and are not taken; none where everything is."""
    here: Counter[str] = Counter()
    for allocation in work.in_state(AllocationState.READY_FOR_PICKUP):
        here[allocation.line.variant.sku] += allocation.quantity
    if taken is None or not here:
        return []
    wrong = {sku: [f"{here[sku]} wait here."] for sku, units in taken.items() if not 0 <= units <= here[sku]}
    if wrong:
        raise QuantityMismatch(errors={"lines": wrong})
    if not any(taken.get(sku, 0) for sku in here):
        raise Invalid(gettext_noop("Nothing is taken: this is a pickup that is not collected."))
    return [SkuQuantity(sku, units - taken.get(sku, 0)) for sku, units in here.items() if units > taken.get(sku, 0)]
