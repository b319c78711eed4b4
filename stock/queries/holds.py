"""Cart holds: reservations of an owner named after the cart."""

from stock.models import Reservation

HOLD_PREFIX = "hold:"


def hold_owner(reference: str) -> str:
    """The reservations' owner of a cart hold."""
    return HOLD_PREFIX + reference


def hold_reservations(reference: str, channel_id: int | None = None) -> list[Reservation]:
    """The live reservations of a cart hold, in the order of its lines; of that channel only, where given."""
    reservations = Reservation.objects.live().filter(owner=hold_owner(reference)).order_by("id")
    if channel_id is not None:
        reservations = reservations.filter(channel_id=channel_id)
    return list(reservations)
