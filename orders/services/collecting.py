"""Goods that wait for their customer in a store: received there, made ready, collected against a code."""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.actors import current_actor
from oms.core.errors import ConcurrentChange, NotFound, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.errors import PickupLocked, WrongPickupCode
from orders.models import Allocation, Fulfilment, Parcel, Pickup
from orders.models.pickups import IdentityCheck
from orders.services.calling_for_help import call_for_help
from orders.services.rollups import roll_up_order
from orders.services.timeline import note, tell
from orders.services.work import Work, as_it_was_read, lock_work, read_work, require_not_on_hold, require_state
from orders.states import (
    ALLOCATION_MOVES,
    FULFILMENT_MOVES,
    PARCEL_MOVES,
    AllocationState,
    FulfilmentState,
    Mode,
    ParcelState,
)
from stock.services.reserving import consume_reservations

CODE_DIGITS = 6
_RECEIVED = (FulfilmentState.READY_FOR_PICKUP, FulfilmentState.COMPLETED)
MOST_TRIES = 5


def pickup_code(pickup: Pickup, *, key: str | None = None) -> str:
    """The customer's code: a keyed hash of the pickup's nonce, so no copy of the database tells it."""
    digest = salted_hmac("halles.pickup-code", pickup.nonce, secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _is_code(pickup: Pickup, code: str) -> bool:
    """Compared in constant time, also with the keys that were rotated out."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(pickup_code(pickup, key=key).encode(), code.encode()) for key in keys)


def make_ready(fulfilment: Fulfilment, *, frm: str) -> Pickup:
    """The goods are put aside for their customer (the work is locked)."""
    now = clock.now()
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(fulfilment=fulfilment),
        frm=frm,
        to=AllocationState.READY_FOR_PICKUP,
        changed_at=now,
    )
    FULFILMENT_MOVES.move(fulfilment, FulfilmentState.READY_FOR_PICKUP, changed_at=now)
    pickup = Pickup.objects.create(
        fulfilment=fulfilment, nonce=secrets.token_hex(16), ready_at=now, expires_on=_kept_until(fulfilment, now)
    )
    was_prepared_here = frm == AllocationState.PICKED
    tell(
        fulfilment,
        event="pickup.ready",
        outcome="ready_for_pickup",
        began_at=fulfilment.created_at if was_prepared_here else None,
    )
    emit("pickup.ready", order_id=fulfilment.order_id, fulfilment_id=fulfilment.pk)
    return pickup


def _kept_until(fulfilment: Fulfilment, now: datetime) -> date:
    """The last day it waits, in the store's own zone. What nobody has paid for waits less long."""
    assert fulfilment.pickup_point is not None
    is_unpaid = fulfilment.mode == Mode.E_RESERVATION
    days = settings.RESERVATION_KEPT_DAYS if is_unpaid else settings.PICKUP_KEPT_DAYS
    return fulfilment.pickup_point.local_day(now) + timedelta(days=days)


def make_ready_if_picked(fulfilment: Fulfilment) -> None:
    """Once everything left is picked, what is collected from this very shop is ready (the work is locked)."""
    if fulfilment.state != FulfilmentState.PICKING or fulfilment.pickup_point_id != fulfilment.stock_point_id:
        return
    unpicked = (AllocationState.OFFERED, AllocationState.ASSIGNED, AllocationState.PICKING)
    if not Allocation.objects.filter(fulfilment=fulfilment, state__in=unpicked).exists():
        make_ready(fulfilment, frm=AllocationState.PICKED)


@retry_on_conflict
@transaction.atomic
def receive_fulfilment(*, fulfilment_id: int, access: Access = EVERYTHING) -> Fulfilment:
    """Ship to store: all its parcels have arrived where the customer will collect them."""
    work = _arriving(fulfilment_id, access)
    if work.fulfilment.state in _RECEIVED:
        return work.fulfilment
    work = lock_work(work)
    _take_in(work, work.fulfilment.parcels.exclude(state=ParcelState.CANCELLED))
    ready_once_received(work.fulfilment)
    return work.fulfilment


@retry_on_conflict
@transaction.atomic
def receive_parcel(*, parcel_id: int, access: Access = EVERYTHING) -> Fulfilment:
    """Ship to store: this parcel has arrived. With the last one of its work the goods are ready for the customer,
    who is told once, of all of them.
    """
    parcel = Parcel.objects.get(pk=parcel_id)
    work = _arriving(parcel.fulfilment_id, access)
    is_received = work.fulfilment.state in _RECEIVED
    if not is_received:
        work = lock_work(work)
    # Lost or coming back, it may have been parted from the others between being read and its work being read.
    if Parcel.objects.values_list("fulfilment_id", flat=True).get(pk=parcel_id) != work.fulfilment.pk:
        raise ConcurrentChange
    if is_received:
        return work.fulfilment
    _take_in(work, Parcel.objects.filter(pk=parcel_id))
    ready_once_received(work.fulfilment)
    return work.fulfilment


def _arriving(fulfilment_id: int, access: Access) -> Work:
    """The work whose goods are on their way to a store of the caller's, or were."""
    work = read_work(fulfilment_id, access=access)
    if not access.sees_stock_point(work.fulfilment.pickup_point_id):
        raise NotFound(gettext_noop("There is no such fulfilment."))
    if work.fulfilment.mode != Mode.SHIP_TO_STORE:
        raise StateConflict(
            gettext_noop("These goods do not travel to a store."), data={"state": work.fulfilment.state}
        )
    if work.fulfilment.state not in _RECEIVED:
        require_state(work, FulfilmentState.HANDED_OVER)
    return work


def _take_in(work: Work, parcels: QuerySet[Parcel]) -> None:
    """Each parcel once, also one whose carrier lost it or sent it back; the work is locked."""
    now = clock.now()
    for parcel in parcels.filter(received_at=None).order_by("pk"):
        Parcel.objects.filter(pk=parcel.pk).update(received_at=now)
        if parcel.state != ParcelState.DELIVERED:
            PARCEL_MOVES.move(parcel, ParcelState.DELIVERED, delivered_at=now)
            call_for_help(parcel, work.fulfilment.order)


def ready_once_received(fulfilment: Fulfilment) -> None:
    """Once no parcel of the work is still to come its goods wait for the customer (the work is locked)."""
    parcels = fulfilment.parcels.exclude(state=ParcelState.CANCELLED)
    if parcels.filter(received_at=None).exists():
        return
    left_at = parcels.aggregate(at=Min("handed_over_at"))["at"]
    tell(fulfilment, event="fulfilment.received", outcome="delivered", began_at=left_at)
    make_ready(fulfilment, frm=AllocationState.IN_TRANSFER)
    roll_up_order(order_id=fulfilment.order_id)


def collect_fulfilment(*, fulfilment_id: int, code: str, access: Access = EVERYTHING) -> Fulfilment:
    """Hand the goods to the customer who tells the code. Five wrong codes lock the pickup."""
    check_code(fulfilment_id=fulfilment_id, code=code, access=access)
    return end_pickup(fulfilment_id=fulfilment_id, access=access)


def check_code(*, fulfilment_id: int, code: str, access: Access = EVERYTHING) -> None:
    """Raises `WrongPickupCode` with the tries left, `PickupLocked` after five wrong ones."""
    pickup = _pickup_of(fulfilment_id, access)
    tries_left = _try_code(pickup.pk, code)
    if tries_left is not None:
        raise WrongPickupCode(data={"tries_left": tries_left})


@transaction.atomic
def _try_code(pickup_id: int, code: str) -> int | None:
    """None for the right code, else the tries left. Raises `PickupLocked`.

    One at a time, so that guesses made at the same moment are not five tries each; and in a transaction of
    its own, so that refusing does not forget the try.
    """
    pickup = Pickup.objects.select_for_update(no_key=True).get(pk=pickup_id)
    if pickup.failed_tries >= MOST_TRIES:
        raise PickupLocked
    if _is_code(pickup, code):
        return None
    Pickup.objects.filter(pk=pickup_id).update(failed_tries=F("failed_tries") + 1)
    tries_left = MOST_TRIES - pickup.failed_tries - 1
    if not tries_left:
        order_id = Fulfilment.objects.values_list("order_id", flat=True).get(pickup=pickup_id)
        note(order_id=order_id, event="pickup.locked", fulfilment=pickup.fulfilment_id)
    return tries_left


def _pickup_of(fulfilment_id: int, access: Access) -> Pickup:
    work = read_work(fulfilment_id, access=access)
    if not access.sees_stock_point(work.fulfilment.pickup_point_id):
        raise NotFound(gettext_noop("There is no such fulfilment."))
    require_state(work, FulfilmentState.READY_FOR_PICKUP, FulfilmentState.COMPLETED)
    pickup = Pickup.objects.filter(fulfilment_id=fulfilment_id).first()
    if pickup is None:
        raise NotFound(gettext_noop("There is nothing to collect here."))
    return pickup


@retry_on_conflict
@transaction.atomic
def end_pickup(
    *,
    fulfilment_id: int,
    check: str = IdentityCheck.CODE,
    is_by_proxy: bool = False,
    access: Access = EVERYTHING,
) -> Fulfilment:
    """Everything that waits is with the customer, whose identity was checked in this way.

    Raises `PickupLocked` after five wrong codes, whatever is shown then: customer service must be asked.
    """
    pickup = _pickup_of(fulfilment_id, access)
    if pickup.failed_tries >= MOST_TRIES and pickup.collected_at is None:
        raise PickupLocked
    work = read_work(fulfilment_id, access=access)
    if work.fulfilment.state == FulfilmentState.COMPLETED:
        return work.fulfilment
    require_not_on_hold(work)
    require_state(work, FulfilmentState.READY_FOR_PICKUP)
    if work.fulfilment.pickup_point_id == work.fulfilment.stock_point_id:
        _spend(work)
    work = lock_work(work)
    now = clock.now()
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(fulfilment=work.fulfilment),
        frm=AllocationState.READY_FOR_PICKUP,
        to=AllocationState.COLLECTED,
        changed_at=now,
    )
    FULFILMENT_MOVES.move(work.fulfilment, FulfilmentState.COMPLETED, changed_at=now)
    Pickup.objects.filter(fulfilment=work.fulfilment).update(
        collected_at=now, collected_by=current_actor(), identity_check=check, is_by_proxy=is_by_proxy
    )
    tell(work.fulfilment, event="fulfilment.collected", outcome="collected")
    roll_up_order(order_id=work.fulfilment.order_id)
    emit("fulfilment.collected", order_id=work.fulfilment.order_id, fulfilment_id=fulfilment_id)
    return work.fulfilment


def _spend(work: Work) -> None:
    """Goods from this shop's own shelf leave its stock now; shipped ones left their origin's long ago."""
    items = [
        (allocation.reservation_id, allocation.quantity)
        for allocation in work.in_state(AllocationState.READY_FOR_PICKUP)
        if allocation.reservation_id is not None
    ]
    with as_it_was_read():
        consume_reservations(items=items, kind="sale", reference=f"fulfilment:{work.fulfilment.pk}")
