"""Held, confirmed, consumed, released, expired, split and moved: the level follows each step."""

from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.errors import StateConflict
from stock.errors import DuplicateReference, InsufficientStock, ReservationExpired
from stock.models import Reservation, StockMovement
from stock.services.reserving import (
    confirm_reservations,
    consume_reservations,
    expire_reservations,
    move_reservations,
    release_reservations,
    reserve_stock,
    split_reservation,
)
from stock.states import ReservationState
from tests.stock.events import told
from tests.stock.making import (
    NOON,
    figures,
    ledger,
    make_channel,
    make_point,
    make_variant,
    receive,
    reservations,
    want,
)
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with clock.set_clock(NOON) as time:
        yield time
        assert_invariants_hold()


@pytest.fixture
def web():
    return make_channel("web")


@pytest.fixture
def paris():
    return make_point("PARIS")


@pytest.fixture
def shirt(paris):
    variant = make_variant("SHIRT")
    receive(variant, paris, 10)
    return variant


def reserve(variant, point, quantity, *, channel, owner="buyer:1", **more) -> int:
    (reservation,) = reserve_stock(owner=owner, channel_id=channel.pk, wants=[want(variant, point, quantity)], **more)
    return reservation


def hold(variant, point, quantity, *, channel, minutes=10) -> int:
    return reserve(
        variant,
        point,
        quantity,
        channel=channel,
        state=ReservationState.HELD,
        expires_at=NOON + timedelta(minutes=minutes),
    )


def test_a_release_gives_the_units_back_once(web, paris, shirt):
    reservation = reserve(shirt, paris, 4, channel=web)
    for _ in range(2):
        release_reservations(ids=[reservation])
        assert figures(shirt, paris) == (10, 0, 0)
    row = Reservation.objects.get(pk=reservation)
    assert (row.state, row.ended_at) == ("released", NOON)
    assert told("stock_level.raised")[1:] == [{"variant_ids": [shirt.pk]}]


def test_goods_that_left_are_one_ledger_row_per_level(web, paris, shirt):
    first, second = reserve(shirt, paris, 2, channel=web), reserve(shirt, paris, 3, channel=web)
    consume_reservations(items=[(first, 2), (second, 3)], kind="shipment", reference="parcel:1")
    assert figures(shirt, paris) == (5, 0, 0)
    assert ledger(shirt, paris) == [("receipt", 10), ("shipment", -5)]
    movement = StockMovement.objects.get(kind="shipment")
    assert (movement.reference, movement.occurred_at, movement.recorded_by) == ("parcel:1", NOON, "system")
    assert {row.ended_at for row in Reservation.objects.all()} == {movement.occurred_at}


def test_a_part_that_left_leaves_the_rest_reserved_under_its_id(web, paris, shirt):
    reservation = reserve(shirt, paris, 5, channel=web)
    consume_reservations(items=[(reservation, 2)], kind="shipment", reference="parcel:1")
    assert figures(shirt, paris) == (8, 3, 0)
    row = Reservation.objects.get(pk=reservation)
    assert (row.state, row.quantity) == ("confirmed", 3)
    assert reservations("buyer:1") == [("SHIRT", "PARIS", 3, "confirmed"), ("SHIRT", "PARIS", 2, "consumed")]
    consume_reservations(items=[(reservation, 3)], kind="shipment", reference="parcel:2")
    assert figures(shirt, paris) == (5, 0, 0)


def test_more_than_is_reserved_cannot_leave_and_nothing_moves(web, paris, shirt):
    first, second = reserve(shirt, paris, 2, channel=web), reserve(shirt, paris, 3, channel=web)
    with pytest.raises(StateConflict) as refusal:
        consume_reservations(items=[(first, 2), (second, 4)], kind="shipment", reference="parcel:1")
    assert refusal.value.data == {"reservation": second, "state": "confirmed"}
    assert figures(shirt, paris) == (10, 5, 0)
    assert ledger(shirt, paris) == [("receipt", 10)]
    assert set(Reservation.objects.values_list("state", flat=True)) == {"confirmed"}


def test_what_has_left_cannot_leave_again(web, paris, shirt):
    reservation = reserve(shirt, paris, 2, channel=web)
    consume_reservations(items=[(reservation, 2)], kind="sale", reference="ticket:1")
    with pytest.raises(StateConflict) as refusal:
        consume_reservations(items=[(reservation, 2)], kind="sale", reference="ticket:2")
    assert refusal.value.data == {"reservation": reservation, "state": "consumed"}
    assert figures(shirt, paris) == (8, 0, 0)


def test_the_ledger_takes_a_kind_and_reference_once_per_level(web, paris, shirt):
    first, second = reserve(shirt, paris, 2, channel=web), reserve(shirt, paris, 3, channel=web)
    consume_reservations(items=[(first, 2)], kind="shipment", reference="parcel:1")
    with pytest.raises(DuplicateReference):
        consume_reservations(items=[(second, 3)], kind="shipment", reference="parcel:1")
    assert figures(shirt, paris) == (8, 3, 0)
    assert Reservation.objects.get(pk=second).state == "confirmed"


def test_confirming_makes_a_hold_firm_under_its_new_owner(web, paris, shirt):
    reservation = hold(shirt, paris, 2, channel=web)
    for _ in range(2):
        confirm_reservations(ids=[reservation], owner="buyer:7")
        row = Reservation.objects.get(pk=reservation)
        assert (row.state, row.owner, row.expires_at) == ("confirmed", "buyer:7", None)
    assert figures(shirt, paris) == (10, 2, 0)


def test_a_hold_whose_time_is_over_cannot_be_confirmed_swept_or_not(web, paris, shirt, noon):
    late, early = hold(shirt, paris, 2, channel=web, minutes=1), hold(shirt, paris, 1, channel=web, minutes=60)
    noon.advance(timedelta(minutes=1))
    with pytest.raises(ReservationExpired) as refusal:
        confirm_reservations(ids=[early, late])
    assert refusal.value.data["state"] == "expired"
    assert Reservation.objects.get(pk=early).state == "held"
    expire_reservations()
    with pytest.raises(ReservationExpired):
        confirm_reservations(ids=[late])
    release_reservations(ids=[early])
    with pytest.raises(StateConflict):
        confirm_reservations(ids=[early])


def test_holds_expire_at_their_time_and_tell_their_owner(web, paris, shirt, noon):
    hold(shirt, paris, 2, channel=web, minutes=10)
    hold(shirt, paris, 1, channel=web, minutes=20)
    reserve(shirt, paris, 3, channel=web, owner="buyer:firm")
    noon.advance(timedelta(minutes=9, seconds=59))
    assert expire_reservations() == 0
    noon.advance(timedelta(seconds=1))
    assert expire_reservations() == 1
    assert expire_reservations() == 0
    assert figures(shirt, paris) == (10, 4, 0)
    gone = Reservation.objects.get(state="expired").pk
    assert told("reservation.expired") == [{"owner": "buyer:1", "reservation_ids": [gone]}]


def test_a_limit_leaves_the_rest_for_the_next_sweep(web, paris, shirt, noon):
    for _ in range(3):
        hold(shirt, paris, 1, channel=web)
    noon.advance(timedelta(hours=1))
    assert [expire_reservations(limit=2), expire_reservations(limit=2)] == [2, 1]
    assert figures(shirt, paris) == (10, 0, 0)


def test_a_reservation_is_taken_apart_without_touching_the_level(web, paris, shirt):
    reservation = hold(shirt, paris, 5, channel=web)
    part = split_reservation(id=reservation, quantity=2)
    rows = {row.pk: row for row in Reservation.objects.all()}
    assert {pk: row.quantity for pk, row in rows.items()} == {reservation: 3, part: 2}
    whole, off = rows[reservation], rows[part]
    assert (whole.owner, whole.state, whole.expires_at, whole.created_at, whole.channel_id) == (
        off.owner,
        off.state,
        off.expires_at,
        off.created_at,
        off.channel_id,
    )
    assert figures(shirt, paris) == (10, 5, 0)
    for quantity in (3, 4):
        with pytest.raises(StateConflict):
            split_reservation(id=reservation, quantity=quantity)


def test_a_move_counts_the_owners_own_units_as_free(web, paris, shirt):
    lyon = make_point("LYON")
    receive(shirt, lyon, 1)
    old = reserve(shirt, paris, 8, channel=web)
    new = move_reservations(
        owner="buyer:1", channel_id=web.pk, release=[(old, 8)], wants=[want(shirt, lyon, 1), want(shirt, paris, 9)]
    )
    assert [Reservation.objects.get(pk=pk).stock_point.code for pk in new] == ["LYON", "PARIS"]
    assert (figures(shirt, lyon), figures(shirt, paris)) == ((1, 1, 0), (10, 9, 0))
    assert Reservation.objects.get(pk=old).state == "released"


def test_a_move_that_fails_leaves_the_old_reservation_as_it_was(web, paris, shirt):
    lyon = make_point("LYON")
    receive(shirt, lyon, 1)
    old = reserve(shirt, paris, 8, channel=web)
    with pytest.raises(InsufficientStock) as refusal:
        move_reservations(
            owner="buyer:1", channel_id=web.pk, release=[(old, 8)], wants=[want(shirt, lyon, 2), want(shirt, paris, 11)]
        )
    assert refusal.value.data["lines"] == [
        {"sku": "SHIRT", "stock_point": "LYON", "requested": 2, "available": 1},
        {"sku": "SHIRT", "stock_point": "PARIS", "requested": 11, "available": 10},
    ]
    assert (figures(shirt, lyon), figures(shirt, paris)) == ((1, 0, 0), (10, 8, 0))
    assert reservations("buyer:1") == [("SHIRT", "PARIS", 8, "confirmed")]


def test_units_may_be_kept_where_the_level_has_become_short(web, paris, shirt):
    old = reserve(shirt, paris, 8, channel=web)
    receive(shirt, paris, -7, kind="count")
    assert figures(shirt, paris) == (3, 8, 0)
    (kept,) = move_reservations(owner="buyer:1", channel_id=web.pk, release=[(old, 8)], wants=[want(shirt, paris, 5)])
    assert figures(shirt, paris) == (3, 5, 0)
    with pytest.raises(InsufficientStock):
        move_reservations(owner="buyer:1", channel_id=web.pk, release=[(kept, 5)], wants=[want(shirt, paris, 6)])
    assert figures(shirt, paris) == (3, 5, 0)


def test_a_part_is_moved_and_the_rest_stays(web, paris, shirt):
    lyon = make_point("LYON")
    receive(shirt, lyon, 5)
    old = reserve(shirt, paris, 5, channel=web)
    move_reservations(owner="buyer:1", channel_id=web.pk, release=[(old, 2)], wants=[want(shirt, lyon, 2)])
    assert (figures(shirt, lyon), figures(shirt, paris)) == ((5, 2, 0), (10, 3, 0))
    assert Reservation.objects.get(pk=old).quantity == 3


def test_an_order_takes_a_carts_hold_over(web, paris, shirt):
    held = hold(shirt, paris, 10, channel=web)
    move_reservations(owner="buyer:9", channel_id=web.pk, release=[(held, 10)], wants=[want(shirt, paris, 10)])
    assert reservations("buyer:9") == [("SHIRT", "PARIS", 10, "confirmed")]
    assert figures(shirt, paris) == (10, 10, 0)


def test_moving_to_nowhere_gives_back(web, paris, shirt):
    old = reserve(shirt, paris, 5, channel=web)
    assert move_reservations(owner="buyer:1", channel_id=web.pk, release=[(old, 5)], wants=[]) == []
    assert figures(shirt, paris) == (10, 0, 0)


def test_what_is_no_longer_live_cannot_be_moved(web, paris, shirt):
    old = reserve(shirt, paris, 5, channel=web)
    release_reservations(ids=[old])
    with pytest.raises(StateConflict) as refusal:
        move_reservations(owner="buyer:1", channel_id=web.pk, release=[(old, 5)], wants=[want(shirt, paris, 5)])
    assert refusal.value.data == {"reservation": old, "state": "released"}
    assert figures(shirt, paris) == (10, 0, 0)


def test_a_move_tells_of_the_units_it_set_free_only(web, paris, shirt):
    lyon, shoe = make_point("LYON"), make_variant("SHOE")
    receive(shoe, lyon, 5)
    stays, leaves = reserve(shirt, paris, 5, channel=web), reserve(shoe, lyon, 2, channel=web)
    before = len(told("stock_level.raised"))
    move_reservations(
        owner="buyer:1", channel_id=web.pk, release=[(stays, 5), (leaves, 2)], wants=[want(shirt, paris, 5)]
    )
    assert told("stock_level.raised")[before:] == [{"variant_ids": [shoe.pk]}]
