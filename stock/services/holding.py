"""Cart holds: units kept for a basket for a while, wherever the channel has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.errors import Invalid, NotFound
from oms.core.retrying import retry_on_conflict
from stock.errors import DuplicateReference, InsufficientStock
from stock.models import Reservation, StockPoint, Variant
from stock.queries.availability import LevelKey, Waterfall, available_by_point
from stock.queries.holds import hold_owner, hold_reservations
from stock.queries.hot_articles import hot_articles
from stock.queries.network import channel_stock_points
from stock.services.combining import reserve_together
from stock.services.releasing import release_reservations
from stock.services.reserving import Want, move_reservations
from stock.states import ReservationState

ATTEMPTS: Final = 4
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 731002))"


@dataclass(frozen=True, slots=True)
class Hold:
    reference: str
    expires_at: datetime
    wants: list[Want]
    """Where the units are held, by line, then by the stock points' priority."""


def hold_cart(
    *,
    reference: str,
    channel_id: int,
    lines: Sequence[tuple[int, int]],
    expires_at: datetime,
    stock_point_id: int | None = None,
    access: Access = EVERYTHING,
) -> Hold:
    """Hold `(variant id, quantity)` until `expires_at`: all lines or none.

    At the stock point given, else spread over the channel's by priority, then code. A hold under the
    same reference is replaced in the same moment, its units counted as free. Raises `InsufficientStock`
    with `lines: [{sku, requested, available}]`, and then the old hold stays as it was.
    """
    if expires_at <= clock.now():
        raise Invalid(
            gettext_noop("A hold ends later than now."), errors={"expires_at": [gettext_noop("This is in the past.")]}
        )
    merged = _merged(lines)
    points = _points_to_ask(channel_id, stock_point_id, access)
    hold = _hold_together(reference, channel_id, merged, points, expires_at)
    return hold or _hold_or_replace(reference, channel_id, merged, points, expires_at, access)


def _hold_together(
    reference: str, channel_id: int, merged: Mapping[int, int], points: Sequence[StockPoint], expires_at: datetime
) -> Hold | None:
    """A first hold of one hot article, with all who want it; None where it has to be asked for as any other."""
    if len(merged) != 1 or connection.in_atomic_block or not hot_articles().issuperset(merged):
        return None
    wants = _spread(channel_id, merged, points, own=_units_of(hold_reservations(reference)))
    if len(wants) != 1:
        return None
    reservation = reserve_together(
        owner=hold_owner(reference),
        channel_id=channel_id,
        variant_id=wants[0].variant_id,
        stock_point_id=wants[0].stock_point_id,
        quantity=wants[0].quantity,
        state=ReservationState.HELD,
        expires_at=expires_at,
        is_first=True,
    )
    return None if reservation is None else Hold(reference=reference, expires_at=expires_at, wants=wants)


@retry_on_conflict
@transaction.atomic
def _hold_or_replace(
    reference: str,
    channel_id: int,
    merged: Mapping[int, int],
    points: Sequence[StockPoint],
    expires_at: datetime,
    access: Access,
) -> Hold:
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [hold_owner(reference)])
    old = _replaceable(reference, access)
    for attempt in range(1, ATTEMPTS + 1):
        wants = _spread(channel_id, merged, points, own=_units_of(old))
        try:
            move_reservations(
                owner=hold_owner(reference),
                channel_id=channel_id,
                release=[(reservation.pk, reservation.quantity) for reservation in old],
                wants=wants,
                state=ReservationState.HELD,
                expires_at=expires_at,
            )
        except InsufficientStock:
            # Somebody was faster between the reading and the lock: spread again over what is left.
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return Hold(reference=reference, expires_at=expires_at, wants=wants)


@retry_on_conflict
@transaction.atomic
def hold_units(*, reference: str, channel_id: int, wants: Sequence[Want], expires_at: datetime) -> Hold:
    """Hold units exactly where they were promised from: all of them or none. A hold under the same reference is
    replaced. Raises `InsufficientStock`, and then the old hold stays as it was.
    """
    if expires_at <= clock.now():
        raise Invalid(
            gettext_noop("A hold ends later than now."), errors={"expires_at": [gettext_noop("This is in the past.")]}
        )
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [hold_owner(reference)])
    move_reservations(
        owner=hold_owner(reference),
        channel_id=channel_id,
        release=[(held.pk, held.quantity) for held in hold_reservations(reference)],
        wants=wants,
        state=ReservationState.HELD,
        expires_at=expires_at,
    )
    return Hold(reference=reference, expires_at=expires_at, wants=list(wants))


@retry_on_conflict
@transaction.atomic
def delete_hold(*, reference: str, access: Access = EVERYTHING) -> None:
    """Give a cart's units back."""
    ids = [row.pk for row in hold_reservations(reference) if _is_visible(row, access)]
    if not ids:
        raise NotFound(f"There is no hold {reference}.")
    release_reservations(ids=ids)


def _replaceable(reference: str, access: Access) -> list[Reservation]:
    old = hold_reservations(reference)
    if not all(_is_visible(row, access) for row in old):
        raise DuplicateReference(f"The reference {reference} is in use.")
    return old


def _is_visible(reservation: Reservation, access: Access) -> bool:
    return access.sees_stock_point(reservation.stock_point_id) and access.sees_channel(reservation.channel_id)


def _merged(lines: Sequence[tuple[int, int]]) -> dict[int, int]:
    merged: dict[int, int] = {}
    for variant, quantity in lines:
        merged[variant] = merged.get(variant, 0) + quantity
    return merged


def _points_to_ask(channel_id: int, stock_point_id: int | None, access: Access) -> list[StockPoint]:
    """In the order in which their units are taken."""
    return [
        point
        for point in channel_stock_points(channel_id)
        if access.sees_stock_point(point.pk) and stock_point_id in (None, point.pk)
    ]


def _units_of(reservations: Sequence[Reservation]) -> dict[LevelKey, int]:
    units: dict[LevelKey, int] = {}
    for row in reservations:
        key = (row.variant_id, row.stock_point_id)
        units[key] = units.get(key, 0) + row.quantity
    return units


def _spread(
    channel_id: int, merged: Mapping[int, int], points: Sequence[StockPoint], *, own: Mapping[LevelKey, int]
) -> list[Want]:
    levels = available_by_point(
        channel_id=channel_id, variant_ids=merged, stock_point_ids=[point.pk for point in points]
    )
    wants: list[Want] = []
    short: dict[int, int] = {}
    for variant, quantity in merged.items():
        left = quantity
        for point in points:
            key = (variant, point.pk)
            units = min(left, _usable(levels.get(key), own.get(key, 0)))
            if units > 0:
                wants.append(Want(variant_id=variant, stock_point_id=point.pk, quantity=units))
                left -= units
        if left:
            short[variant] = quantity - left
    if short:
        raise _shortage(merged, short)
    return wants


def _usable(level: Waterfall | None, own: int) -> int:
    """What is free, the hold's own units counted as free."""
    return 0 if level is None else max(0, level.free + own)


def _shortage(merged: Mapping[int, int], available: Mapping[int, int]) -> InsufficientStock:
    skus = dict(Variant.objects.filter(pk__in=available).values_list("pk", "sku"))
    lines: list[dict[str, Any]] = [
        {"sku": skus[variant], "requested": merged[variant], "available": units} for variant, units in available.items()
    ]
    named = ", ".join(line["sku"] for line in lines)
    return InsufficientStock(f"There is not enough stock of {named}.", data={"lines": lines})
