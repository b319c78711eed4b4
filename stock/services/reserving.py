"""Promising units: all of a basket or none, never more than is free, in one lock order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.errors import Invalid
from oms.core.prepared import prepared_cursor, whole_numbers
from oms.core.retrying import retry_on_conflict
from stock.errors import InsufficientStock
from stock.models import StockPoint, Variant
from stock.queries.allotments import is_allotted
from stock.queries.availability import LevelKey, level_waterfalls
from stock.queries.hot_articles import hot_articles
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, PROTECTED
from stock.services.announcing import announce_raised
from stock.services.ceilings import Counters, count_taken, lock_counters, refuse_beyond_ceiling
from stock.services.closing import close_parts
from stock.services.combining import reserve_together
from stock.services.confirming import confirm_reservations, split_reservation
from stock.services.consuming import consume_reservations
from stock.services.locking import lock_levels, lock_levels_of_reservations
from stock.services.releasing import expire_reservations, release_reservations
from stock.states import ReservationState

__all__ = [
    "NOTING",
    "TAKING",
    "Want",
    "confirm_reservations",
    "consume_reservations",
    "expire_reservations",
    "lock_levels",
    "move_reservations",
    "release_reservations",
    "reserve_stock",
    "split_reservation",
    "taking_parameters",
]


@dataclass(frozen=True, slots=True)
class Want:
    variant_id: int
    stock_point_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted, by whom, and under which conditions."""

    owner: str
    channel_id: int | None
    wants: Sequence[Want]
    state: ReservationState
    expires_at: datetime | None
    down_to_zero: bool
    is_below_ceiling: bool = False

    @property
    def by_variant(self) -> dict[int, int]:
        units: dict[int, int] = {}
        for want in self.wants:
            units[want.variant_id] = units.get(want.variant_id, 0) + want.quantity
        return units

    @property
    def by_level(self) -> dict[LevelKey, int]:
        """Units by level, in the order in which the levels are first named."""
        units: dict[LevelKey, int] = {}
        for want in self.wants:
            key = (want.variant_id, want.stock_point_id)
            units[key] = units.get(key, 0) + want.quantity
        return units


# Locks the levels in the order of their ids before it writes any, and judges what it has locked: an
# UPDATE joined to the values would take its locks in no order and deadlock on opposite baskets.
# `own` are units of the level that the same owner has just given up: they may always be kept, even
# where the level has become short. The LIMIT is how many there are anyway: it tells the planner that they
# are few, so that it keeps one plan for baskets of every size instead of planning each basket anew.
#
# The parts of the statement: placing an order puts them at the head of its own, so that stock and order
# are written in one round trip. `verdict.is_enough` says whether anything may be written at all.
TAKING: Final = f"""locked AS MATERIALIZED (
    SELECT s.id, s.variant_id, s.stock_point_id, w.quantity, w.own, w.place, s.on_hand - s.reserved - s.unavailable
           - CASE WHEN %(down_to_zero)s::boolean THEN 0 ELSE {PROTECTED} END AS free
    FROM (
        SELECT * FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(quantities)s::integer[],
                             %(own)s::integer[]) WITH ORDINALITY AS a(variant_id, stock_point_id, quantity, own, place)
        LIMIT %(levels)s::bigint
    ) w
    JOIN stock_stocklevel s USING (variant_id, stock_point_id)
    {JOIN_CHANNEL_PROTECTION}
    ORDER BY s.id FOR NO KEY UPDATE OF s
), verdict AS MATERIALIZED (
    SELECT count(*) = %(levels)s AND bool_and(quantity <= own OR free >= quantity) AND (
        %(is_below_ceiling)s::boolean
        OR NOT EXISTS (SELECT 1 FROM stock_saleschannel c WHERE c.id = %(channel_id)s::bigint AND c.has_allotments)
    ) AS is_enough FROM locked
), taken AS (
    UPDATE stock_stocklevel s SET reserved = s.reserved + locked.quantity
    FROM locked, verdict WHERE s.id = locked.id AND verdict.is_enough
)"""  # noqa: S608 (our own fragments)
NOTING: Final = """INSERT INTO stock_reservation
    (owner, channel_id, variant_id, stock_point_id, quantity, state, expires_at, created_at)
SELECT %(owner)s, %(channel_id)s::bigint, variant_id, stock_point_id, quantity, %(state)s,
       %(expires_at)s::timestamptz, %(at)s::timestamptz
FROM locked, verdict WHERE verdict.is_enough ORDER BY place
RETURNING variant_id, stock_point_id, id"""
_RESERVE: Final = f"WITH {TAKING} {NOTING}"


class _Allotted(Exception):
    """The channel has allotments: they have to be looked at first."""


@retry_on_conflict
def reserve_stock(
    *,
    owner: str,
    channel_id: int | None,
    wants: Sequence[Want],
    state: ReservationState = ReservationState.CONFIRMED,
    expires_at: datetime | None = None,
    down_to_zero: bool = False,
) -> list[int]:
    """Reserve all the wants or none; the reservations' ids, one per want, in their order.

    `down_to_zero` ignores protection: a seller in the shop sells what is on the shelf. Raises
    `InsufficientStock` naming every short SKU; then nothing has changed and nothing stays locked.
    """
    asked = _Asked(owner, channel_id, wants, state, expires_at, down_to_zero)
    has_one_want_per_level = len(asked.by_level) == len(wants)
    is_on_its_own = has_one_want_per_level and not transaction.get_connection().in_atomic_block
    if is_on_its_own and (reservation := _take_together(asked)) is not None:
        return [reservation]
    try:
        if is_on_its_own:
            # One statement is a transaction of its own: it writes everything or nothing.
            return _take(asked, own={})
        with transaction.atomic():
            return _take(asked, own={})
    except _Allotted:
        # Nothing stayed locked: the counters' locks come before the levels'.
        with transaction.atomic():
            return _take_below_ceiling(asked)


@retry_on_conflict
def move_reservations(
    *,
    owner: str,
    channel_id: int | None,
    release: Sequence[tuple[int, int]],
    wants: Sequence[Want],
    state: ReservationState = ReservationState.CONFIRMED,
    expires_at: datetime | None = None,
    down_to_zero: bool = False,
) -> list[int]:
    """Give up `(reservation id, quantity)` and reserve the wants instead, at once; the new reservations' ids.

    The units given up count as free, whoever's they were (a cart hold is taken over by its order), and
    may be wanted again even where their level has become short. A part given up leaves the rest of its
    reservation as it was. Raises `StateConflict` where one is no longer live or too small.
    """
    asked = _Asked(owner, channel_id, wants, state, expires_at, down_to_zero)
    wanted = asked.by_level
    with transaction.atomic():
        reservations = [reservation for reservation, _ in release]
        counters: Counters = {}
        if channel_id is not None and wants and is_allotted(channel_id):
            asked = replace(asked, is_below_ceiling=True)
            counters = lock_counters(channel_id=channel_id, variant_ids=asked.by_variant, reservation_ids=reservations)
        lock_levels_of_reservations(reservations, wanted)
        freed = close_parts(items=release, into=ReservationState.RELEASED)
        if counters:
            refuse_beyond_ceiling(channel_id=channel_id or 0, units=asked.by_variant, own=_by_variant(freed))
        ids = _take(asked, own=freed)
        count_taken(counters=counters, reservation_ids=ids)
        announce_raised(key[0] for key, quantity in freed.items() if quantity > wanted.get(key, 0))
        return ids


def _take_together(asked: _Asked) -> int | None:
    """With all who want the same hot article; None where it is not one, or it was refused."""
    if len(asked.wants) != 1 or asked.wants[0].variant_id not in hot_articles():
        return None
    _refuse_empty(asked)
    [want] = asked.wants
    return reserve_together(
        owner=asked.owner,
        channel_id=asked.channel_id,
        variant_id=want.variant_id,
        stock_point_id=want.stock_point_id,
        quantity=want.quantity,
        state=asked.state,
        expires_at=asked.expires_at,
        down_to_zero=asked.down_to_zero,
    )


def _take_below_ceiling(asked: _Asked) -> list[int]:
    channel_id = asked.channel_id or 0
    counters = lock_counters(channel_id=channel_id, variant_ids=asked.by_variant)
    refuse_beyond_ceiling(channel_id=channel_id, units=asked.by_variant)
    ids = _take(replace(asked, is_below_ceiling=True), own={})
    count_taken(counters=counters, reservation_ids=ids)
    return ids


def _by_variant(units: Mapping[LevelKey, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for (variant, _), quantity in units.items():
        found[variant] = found.get(variant, 0) + quantity
    return found


def _take(asked: _Asked, *, own: Mapping[LevelKey, int]) -> list[int]:
    units = asked.by_level
    if not units:
        return []
    _refuse_empty(asked)
    parameters = taking_parameters(
        owner=asked.owner,
        channel_id=asked.channel_id,
        merged=units,
        state=asked.state,
        expires_at=asked.expires_at,
        down_to_zero=asked.down_to_zero,
        own=own,
        is_below_ceiling=asked.is_below_ceiling,
    )
    with prepared_cursor() as cursor:
        cursor.execute(_RESERVE, parameters)
        reserved = {(variant, point): reservation for variant, point, reservation in cursor.fetchall()}
    if not reserved:
        if not asked.is_below_ceiling and is_allotted(asked.channel_id):
            raise _Allotted
        raise _shortage(asked, own)
    return _one_per_want(asked.wants, reserved)


def _refuse_empty(asked: _Asked) -> None:
    if any(want.quantity <= 0 for want in asked.wants):
        raise Invalid(gettext_noop("A reservation needs at least one unit."))


def taking_parameters(
    *,
    owner: str,
    channel_id: int | None,
    merged: Mapping[LevelKey, int],
    state: ReservationState = ReservationState.CONFIRMED,
    expires_at: datetime | None = None,
    down_to_zero: bool = False,
    own: Mapping[LevelKey, int] | None = None,
    is_below_ceiling: bool = False,
) -> dict[str, Any]:
    """What `TAKING` and `NOTING` are run with; `merged` are the units wanted by level.

    A channel with allotments gets nothing unless `is_below_ceiling`: under the locks of their counters.
    """
    return {
        "owner": owner,
        "channel_id": channel_id,
        "state": state.value,
        "expires_at": expires_at,
        "at": clock.now(),
        "down_to_zero": down_to_zero,
        "is_below_ceiling": is_below_ceiling,
        "levels": len(merged),
        "variant_ids": whole_numbers(variant for variant, _ in merged),
        "stock_point_ids": whole_numbers(point for _, point in merged),
        "quantities": whole_numbers(merged.values()),
        "own": whole_numbers(own.get(key, 0) if own else 0 for key in merged),
    }


def _one_per_want(wants: Sequence[Want], reserved: Mapping[LevelKey, int]) -> list[int]:
    """One reservation was made for each level; where several wants share it, the later ones get a part of their own."""
    ids: list[int] = []
    last_for = {(want.variant_id, want.stock_point_id): place for place, want in enumerate(wants)}
    for place, want in enumerate(wants):
        key = (want.variant_id, want.stock_point_id)
        is_last = last_for[key] == place
        ids.append(reserved[key] if is_last else split_reservation(id=reserved[key], quantity=want.quantity))
    return ids


def _shortage(asked: _Asked, own: Mapping[LevelKey, int]) -> InsufficientStock:
    """Within a transaction it is read while the levels are still locked: exactly what the verdict was about."""
    units = asked.by_level
    available = dict.fromkeys(units, 0)
    for key, waterfall in level_waterfalls(channel_id=asked.channel_id, keys=list(units)).items():
        free = waterfall.free + (waterfall.protected if asked.down_to_zero else 0)
        available[key] = max(0, free, min(own.get(key, 0), units[key]))
    short = [key for key, quantity in units.items() if available[key] < quantity]
    skus = dict(Variant.objects.filter(pk__in={variant for variant, _ in short}).values_list("pk", "sku"))
    codes = dict(StockPoint.objects.filter(pk__in={point for _, point in short}).values_list("pk", "code"))
    lines = [
        {
            "sku": skus.get(variant),
            "stock_point": codes.get(point),
            "requested": units[variant, point],
            "available": available[variant, point],
        }
        for variant, point in short
    ]
    named = ", ".join(f"{line['sku']} at {line['stock_point']}" for line in lines)
    return InsufficientStock(f"There is not enough stock of {named}.", data={"lines": lines})
