"""Reserving an article that many want at once: one of those who ask answers all who wait, in one transaction.

One by one, each holds the level's lock while his commit goes to the disk, and the others stand in line behind him.
Here everybody first writes down what he wants and tries the lock of the queue: one for each level and channel. Who
gets it locks the allotment's counter and the level, as everybody does, judges all that wait in the order in which they
came, writes their reservations, and commits to memory. The others commit what they want (the table is not logged), wait
for that, and find their reservations, or that they were refused. Nobody is told of his before it is on the disk: each
waits for that beside the others, while the next one answers already.

All of it is one trip to the database: the procedure commits in between, which no function may, and no client could as
cheaply (eight trips for each reservation cost more than the disk). What is reserved are ordinary reservations of
ordinary levels: nothing that reads them knows of this. Whoever holds a counter or a level never waits for a queue.
"""

from datetime import datetime, timedelta
from typing import Final

from oms.core import clock
from oms.core.prepared import prepared
from stock.models import ReservationRequest
from stock.states import ReservationState

# Nobody waits so long: these are of server processes that were killed, in queues that nobody has joined since.
FORGOTTEN_AFTER: Final = timedelta(hours=1)

_RESERVE: Final = """
CALL stock_reserve_together(
    %(owner)s::text, %(channel_id)s::bigint, %(variant_id)s::bigint, %(stock_point_id)s::bigint, %(quantity)s::integer,
    %(state)s::text, %(expires_at)s::timestamptz, %(at)s::timestamptz, %(down_to_zero)s::boolean, %(is_first)s::boolean,
    NULL)
"""


def reserve_together(
    *,
    owner: str,
    channel_id: int | None,
    variant_id: int,
    stock_point_id: int,
    quantity: int,
    state: ReservationState,
    expires_at: datetime | None = None,
    down_to_zero: bool = False,
    is_first: bool = False,
) -> int | None:
    """Reserve units of one level; the reservation's id, None when it is refused. In no transaction.

    `is_first` refuses an owner who holds anything yet. A refusal may have reasons that are not shortage (a channel
    that has a share of the stock, another process that holds for the same owner): whoever is refused asks by himself,
    and hears there what is short. When it raises, nothing is held.
    """
    parameters = {
        "owner": owner,
        "channel_id": channel_id,
        "variant_id": variant_id,
        "stock_point_id": stock_point_id,
        "quantity": quantity,
        "state": state.value,
        "expires_at": expires_at,
        "at": clock.now(),
        "down_to_zero": down_to_zero,
        "is_first": is_first,
    }
    [(reservation,)] = prepared(_RESERVE, parameters)
    return reservation


def forget_requests() -> int:
    """Drop requests that nobody has waited for; how many."""
    dropped, _ = ReservationRequest.objects.filter(asked_at__lt=clock.now() - FORGOTTEN_AFTER).delete()
    return dropped
