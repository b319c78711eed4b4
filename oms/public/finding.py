"""Finding one's order again by its number and e-mail, without letting anybody guess."""

from __future__ import annotations

from django.db.models import Count, Q

from oms.core.errors import TooManyAttempts
from oms.core.logins import LONGEST_NAME, WITHIN_S
from oms.core.models import LoginFailure
from oms.core.queries.machine_time import ago
from orders.models import Order
from orders.services.numbering import normalised

# In a quarter of an hour: by one address for one number, for one number by everybody, by one address.
MISSES_ALLOWED = 5
MISSES_ALLOWED_PER_NUMBER = 50
MISSES_ALLOWED_PER_ADDRESS = 20
# Kept beside the failed sign-ins, under a name no user can have.
_PREFIX = "order "


def find_order(*, number: str, email: str, address: str) -> Order | None:
    """The order, where both fit. Raises `TooManyAttempts` after too many misses."""
    name = f"{_PREFIX}{normalised(number)}"[:LONGEST_NAME].casefold()
    _require_patience(name, address)
    found = Order.objects.placed().filter(number=normalised(number)).first()
    if found is not None and found.customer_email and found.customer_email.casefold() == email.casefold():
        return found
    LoginFailure.objects.create(username=name, address=address)
    return None


def _require_patience(name: str, address: str) -> None:
    here, of_number = Q(address=address), Q(username=name)
    recent = LoginFailure.objects.filter(username__startswith=_PREFIX, at__gt=ago(WITHIN_S)).aggregate(
        both=Count("pk", filter=here & of_number),
        number=Count("pk", filter=of_number),
        address=Count("pk", filter=here),
    )
    if (
        recent["both"] >= MISSES_ALLOWED
        or recent["number"] >= MISSES_ALLOWED_PER_NUMBER
        or recent["address"] >= MISSES_ALLOWED_PER_ADDRESS
    ):
        raise TooManyAttempts(data={"retry_after": WITHIN_S})
