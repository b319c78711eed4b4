"""Everything about one level, in a fixed number of queries, however much moved there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q, Sum

from oms.core import clock
from oms.core.access import Access, limited
from oms.core.queries.references import Reference, named_references
from stock.models import LedgerMovement, Reservation, SalesChannel, StockLevel, Unavailability, UnavailableReason
from stock.queries.allotments import AllotmentLeft, allotments_left
from stock.queries.availability import Waterfall
from stock.queries.ledger import name_references_of
from stock.queries.protection_chain import Link, protection_chain
from stock.queries.protection_suggestions import Evidence, suggested_for_level
from stock.queries.unavailable_sql import proven_unavailable

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Held:
    reservation: Reservation
    owner: Reference


@dataclass(frozen=True, slots=True)
class Aside:
    """Units that cannot be sold now. `reason` empty: an imported figure says so, or where they are not `is_explained`,
    nothing does.

    `until`: when the first of them are given back by themselves.
    """

    reason: str
    quantity: int
    until: datetime | None = None
    is_explained: bool = True


@dataclass(frozen=True)
class LevelPage:
    """`next_movement` is the key to go on from to older movements, None at the end."""

    level: StockLevel
    waterfall: Waterfall
    channels: Sequence[tuple[SalesChannel, Waterfall]]
    allotments: Sequence[AllotmentLeft]
    chain: Sequence[Link]
    suggestion: Evidence
    movements: Sequence[LedgerMovement]
    next_movement: int | None
    reservations: Sequence[Held]
    aside: Sequence[Aside]
    unavailabilities: Sequence[Unavailability]


def level_page(level: StockLevel, *, access: Access, before: int | None = None) -> LevelPage:
    """Of what is one channel's, only what the access covers. `before`: only movements older than this key,
    newest first.
    """
    key = {"variant_id": level.variant_id, "stock_point_id": level.stock_point_id}
    movements = LedgerMovement.objects.filter(**key).order_by("-pk")
    if before is not None:
        movements = movements.filter(pk__lt=before)
    shown = list(movements[: SHOWN + 1])
    held = list(
        Reservation.objects.live()
        .visible_to(access)
        .filter(**key, expected_receipt=None)
        .select_related("channel")
        .order_by("-pk")[:SHOWN]
    )
    owners = named_references(each.owner for each in held)
    own = limited(level.channel_protections.select_related("channel"), access, channel="channel_id")
    return LevelPage(
        level=level,
        waterfall=_waterfall(level, level.protected),
        channels=[
            (each.channel, _waterfall(level, each.protected_of(level.on_hand)))
            for each in own.order_by("channel__code")
        ],
        allotments=allotments_left(level.variant, access=access),
        chain=[link for link in protection_chain(level, at=clock.now()) if link.is_told(access)],
        suggestion=suggested_for_level(level),
        movements=name_references_of(shown[:SHOWN]),
        next_movement=shown[SHOWN - 1].pk if len(shown) > SHOWN else None,
        reservations=[Held(each, owners[each.owner]) for each in held],
        aside=_aside(level),
        unavailabilities=list(Unavailability.objects.filter(level=level).order_by("-pk")[:SHOWN]),
    )


def _waterfall(level: StockLevel, protected: int) -> Waterfall:
    return Waterfall(level.on_hand, level.reserved, level.unavailable, protected)


def _aside(level: StockLevel) -> list[Aside]:
    """What is unavailable now, by reason: what was set aside and given back since is no reason any more."""
    own = Unavailability.objects.filter(level=level).exclude(reference__startswith="import:").order_by()
    sums = own.values("reason").annotate(
        units=Sum("quantity"), until=Min("expires_at", filter=Q(quantity__gt=0, ended_at=None))
    )
    found = [
        Aside(str(UnavailableReason(reason).label), units, soonest)
        for reason, units, soonest in sums.values_list("reason", "units", "until").order_by("reason")
        if units > 0
    ]
    explained = proven_unavailable(level.pk)
    if not explained:
        found = []
    imported = explained - sum(each.quantity for each in found)
    rest = [Aside("", imported), Aside("", level.unavailable - explained, is_explained=False)]
    return [*found, *(each for each in rest if each.quantity)]
