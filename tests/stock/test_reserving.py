"""All of a basket is reserved, or none of it."""

import pytest

from oms.core.errors import Invalid
from stock.errors import InsufficientStock
from stock.models import LevelProtection, Reservation, StockLevel
from stock.services.reserving import reserve_stock
from stock.states import ReservationState
from tests.stock.making import (
    NOON,
    figures,
    level_of,
    make_channel,
    make_point,
    make_variant,
    receive,
    reservations,
    want,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def web():
    return make_channel("web")


@pytest.fixture
def paris():
    return make_point("PARIS")


def test_reserves_every_line_and_answers_one_id_per_want_in_order(web, paris):
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shoe, paris, 4)
    receive(shirt, paris, 5)
    ids = reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shoe, paris, 1), want(shirt, paris, 2)])
    made = {row.pk: (row.variant.sku, row.quantity, row.state) for row in Reservation.objects.all()}
    assert [made[pk] for pk in ids] == [("SHOE", 1, "confirmed"), ("SHIRT", 2, "confirmed")]
    assert figures(shirt, paris) == (5, 2, 0)
    assert figures(shoe, paris) == (4, 1, 0)


def test_merges_two_lines_of_one_sku_for_the_level_and_keeps_a_reservation_for_each(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 5)
    ids = reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 2), want(shirt, paris, 3)])
    assert [Reservation.objects.get(pk=pk).quantity for pk in ids] == [2, 3]
    assert figures(shirt, paris) == (5, 5, 0)


def test_refuses_two_lines_of_one_sku_that_only_fit_one_by_one(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 4)
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 2), want(shirt, paris, 3)])
    assert refusal.value.data == {"lines": [{"sku": "SHIRT", "stock_point": "PARIS", "requested": 5, "available": 4}]}
    assert figures(shirt, paris) == (4, 0, 0)


def test_a_shortage_names_every_short_sku_and_moves_nothing(web, paris):
    shirt, shoe, hat, sock = (make_variant(sku) for sku in ("SHIRT", "SHOE", "HAT", "SOCK"))
    receive(shirt, paris, 5)
    receive(shoe, paris, 1)
    receive(hat, paris, 0)
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(
            owner="buyer:1",
            channel_id=web.pk,
            wants=[want(shirt, paris, 5), want(shoe, paris, 2), want(hat, paris, 1), want(sock, paris, 1)],
        )
    assert refusal.value.data == {
        "lines": [
            {"sku": "SHOE", "stock_point": "PARIS", "requested": 2, "available": 1},
            {"sku": "HAT", "stock_point": "PARIS", "requested": 1, "available": 0},
            {"sku": "SOCK", "stock_point": "PARIS", "requested": 1, "available": 0},
        ]
    }
    assert not Reservation.objects.exists()
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {0}


def test_counts_reserved_unavailable_and_protected_units_as_taken(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 10)
    StockLevel.objects.update(unavailable=2, protection_units=3)
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 4)])
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shirt, paris, 2)])
    assert refusal.value.data["lines"][0]["available"] == 1
    reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shirt, paris, 1)])
    assert figures(shirt, paris) == (10, 5, 2)


def test_a_share_kept_back_is_rounded_up(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 7)
    StockLevel.objects.update(protection_percent="10.0")
    assert level_of(shirt, paris).protected == 1
    with pytest.raises(InsufficientStock):
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 7)])
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 6)])


def test_a_rule_for_the_channel_replaces_the_levels_own_protection(web, paris):
    shirt, market = make_variant("SHIRT"), make_channel("market")
    level = receive(shirt, paris, 10)
    StockLevel.objects.update(protection_units=3)
    LevelProtection.objects.create(level=level, channel=market, units=8)
    LevelProtection.objects.create(level=level, channel=web, units=0, percent="0")
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(owner="buyer:1", channel_id=market.pk, wants=[want(shirt, paris, 3)])
    assert refusal.value.data["lines"][0]["available"] == 2
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 10)])
    assert figures(shirt, paris) == (10, 10, 0)


def test_a_seller_in_the_shop_sells_down_to_zero_and_no_further(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 3)
    StockLevel.objects.update(protection_units=2)
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 4)], down_to_zero=True)
    assert refusal.value.data["lines"][0]["available"] == 3
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 3)], down_to_zero=True)
    assert figures(shirt, paris) == (3, 3, 0)


def test_held_units_carry_their_end(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 3)
    (held,) = reserve_stock(
        owner="hold:cart",
        channel_id=web.pk,
        wants=[want(shirt, paris, 1)],
        state=ReservationState.HELD,
        expires_at=NOON,
    )
    row = Reservation.objects.get(pk=held)
    assert (row.state, row.expires_at, row.ended_at) == ("held", NOON, None)
    assert reservations("hold:cart") == [("SHIRT", "PARIS", 1, "held")]


def test_refuses_a_quantity_below_one(web, paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 3)
    with pytest.raises(Invalid):
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 0)])
    assert figures(shirt, paris) == (3, 0, 0)


def test_nothing_wanted_reserves_nothing(web):
    assert reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[]) == []
