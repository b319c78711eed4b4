"""`POST /reservations/`: units kept for a cart, wherever the channel has them."""

from datetime import timedelta

import pytest

from oms.core import clock
from stock.models import Reservation
from stock.queries.holds import hold_reservations
from stock.services.reserving import expire_reservations, reserve_stock
from tests.stock.calling import Caller
from tests.stock.making import NOON, figures, make_channel, make_point, make_variant, receive, reservations, want
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with clock.set_clock(NOON) as time:
        yield time
        assert_invariants_hold()


@pytest.fixture
def shop():
    return Caller("shop")


def cart(*lines: tuple[str, int], **fields: object) -> dict:
    return {
        "reference": "cart-1",
        "channel": "web",
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "expires_at": "2026-05-04T12:30:00Z",
        **fields,
    }


def test_spreads_over_the_points_by_priority_then_code(shop):
    make_channel("web")
    shirt = make_variant("SHIRT")
    for code, priority, units in (("C", 1, 2), ("B", 5, 2), ("A", 5, 2), ("D", 9, 9)):
        receive(shirt, make_point(code, priority=priority), units)
    status, answer = shop.post("/reservations/", cart(("SHIRT", 5)))
    assert status == 201
    assert answer == {
        "reference": "cart-1",
        "lines": [
            {
                "sku": "SHIRT",
                "quantity": 5,
                "stock_points": [
                    {"code": "C", "quantity": 2},
                    {"code": "A", "quantity": 2},
                    {"code": "B", "quantity": 1},
                ],
            }
        ],
        "expires_at": "2026-05-04T12:30:00Z",
    }
    assert reservations("hold:cart-1") == [
        ("SHIRT", "C", 2, "held"),
        ("SHIRT", "A", 2, "held"),
        ("SHIRT", "B", 1, "held"),
    ]


def test_holds_at_the_stock_point_named_and_nowhere_else(shop):
    make_channel("web")
    shirt, paris, lyon = make_variant("SHIRT"), make_point("PARIS", priority=1), make_point("LYON")
    receive(shirt, paris, 5)
    receive(shirt, lyon, 1)
    assert shop.post("/reservations/", cart(("SHIRT", 1), stock_point="LYON"))[0] == 201
    assert (figures(shirt, paris), figures(shirt, lyon)) == ((5, 0, 0), (1, 1, 0))
    status, answer = shop.post("/reservations/", cart(("SHIRT", 2), reference="cart-2", stock_point="LYON"))
    assert (status, answer["code"]) == (409, "insufficient_stock")
    assert answer["data"]["lines"] == [{"sku": "SHIRT", "requested": 2, "available": 0}]


def test_all_or_nothing(shop):
    make_channel("web")
    shirt, shoe, paris = make_variant("SHIRT"), make_variant("SHOE"), make_point("PARIS")
    receive(shirt, paris, 5)
    receive(shoe, paris, 1)
    status, answer = shop.post("/reservations/", cart(("SHIRT", 1), ("SHOE", 2)))
    assert (status, answer["code"]) == (409, "insufficient_stock")
    assert answer["data"]["lines"] == [{"sku": "SHOE", "requested": 2, "available": 1}]
    assert not Reservation.objects.exists()
    assert figures(shirt, paris) == (5, 0, 0)


def test_the_same_reference_replaces_its_hold_whose_units_count_as_free(shop):
    make_channel("web")
    shirt, shoe, paris = make_variant("SHIRT"), make_variant("SHOE"), make_point("PARIS")
    receive(shirt, paris, 5)
    receive(shoe, paris, 5)
    shop.post("/reservations/", cart(("SHIRT", 4)))
    assert shop.post("/reservations/", cart(("SHIRT", 5), ("SHOE", 1)))[0] == 201
    assert (figures(shirt, paris), figures(shoe, paris)) == ((5, 5, 0), (5, 1, 0))
    assert shop.post("/reservations/", cart(("SHOE", 2)))[0] == 201
    assert (figures(shirt, paris), figures(shoe, paris)) == ((5, 0, 0), (5, 2, 0))
    assert [row.quantity for row in hold_reservations("cart-1")] == [2]


def test_a_replacement_that_cannot_be_had_leaves_the_old_hold(shop):
    make_channel("web")
    shirt, paris = make_variant("SHIRT"), make_point("PARIS")
    receive(shirt, paris, 5)
    shop.post("/reservations/", cart(("SHIRT", 4)))
    status, answer = shop.post("/reservations/", cart(("SHIRT", 6)))
    assert (status, answer["data"]["lines"]) == (409, [{"sku": "SHIRT", "requested": 6, "available": 5}])
    assert reservations("hold:cart-1") == [("SHIRT", "PARIS", 4, "held")]


def test_a_deleted_hold_is_free_again_and_unknown_from_then_on(shop):
    make_channel("web")
    shirt, paris = make_variant("SHIRT"), make_point("PARIS")
    receive(shirt, paris, 5)
    shop.post("/reservations/", cart(("SHIRT", 4)))
    assert shop.delete("/reservations/cart-1/") == (204, None)
    assert figures(shirt, paris) == (5, 0, 0)
    status, answer = shop.delete("/reservations/cart-1/")
    assert (status, answer["code"]) == (404, "not_found")


def test_an_expired_hold_is_given_back_by_the_sweeper(shop, noon):
    make_channel("web")
    shirt, paris = make_variant("SHIRT"), make_point("PARIS")
    receive(shirt, paris, 5)
    shop.post("/reservations/", cart(("SHIRT", 4)))
    noon.advance(timedelta(minutes=30))
    assert expire_reservations() == 1
    assert figures(shirt, paris) == (5, 0, 0)


def test_two_lines_of_one_sku_are_one(shop):
    make_channel("web")
    shirt, paris = make_variant("SHIRT"), make_point("PARIS")
    receive(shirt, paris, 5)
    answer = shop.post("/reservations/", cart(("SHIRT", 2), ("SHIRT", 1)))[1]
    assert [(line["sku"], line["quantity"]) for line in answer["lines"]] == [("SHIRT", 3)]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"channel": "nope"}, 404, "unknown_channel"),
        ({"stock_point": "nope"}, 404, "unknown_stock_point"),
        ({"lines": [{"sku": "NOPE", "quantity": 1}]}, 422, "unknown_sku"),
        ({"lines": []}, 422, "invalid"),
        ({"lines": [{"sku": "SHIRT", "quantity": 0}]}, 422, "invalid"),
        ({"expires_at": "2026-05-04T11:59:00Z"}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
    ],
)
def test_refuses_what_cannot_be_held(shop, fields, status, code):
    make_channel("web")
    receive(make_variant("SHIRT"), make_point("PARIS"), 5)
    answer = shop.post("/reservations/", cart(("SHIRT", 1), **fields))
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert not Reservation.objects.exists()


def test_another_channels_hold_is_neither_seen_replaced_nor_deleted(shop):
    make_channel("web")
    make_channel("market")
    receive(make_variant("SHIRT"), make_point("PARIS"), 5)
    shop.post("/reservations/", cart(("SHIRT", 1)))
    partner = Caller("partner", channels=["market"])
    assert partner.list("/reservations/") == []
    assert partner.delete("/reservations/cart-1/")[0] == 404
    status, answer = partner.post("/reservations/", cart(("SHIRT", 1), channel="market"))
    assert (status, answer["code"]) == (409, "duplicate_reference")
    assert partner.post("/reservations/", cart(("SHIRT", 1)))[0] == 404
    assert reservations("hold:cart-1") == [("SHIRT", "PARIS", 1, "held")]


def test_an_idempotency_key_answers_a_repeat_from_the_record(shop):
    make_channel("web")
    receive(make_variant("SHIRT"), make_point("PARIS"), 5)
    first = shop.post("/reservations/", cart(("SHIRT", 1)), **{"Idempotency-Key": "k1"})
    again = shop.post("/reservations/", cart(("SHIRT", 1)), **{"Idempotency-Key": "k1"})
    assert first == again
    assert Reservation.objects.count() == 1


def test_lists_reservations_with_their_filters(shop):
    web = make_channel("web")
    shirt, paris = make_variant("SHIRT"), make_point("PARIS")
    receive(shirt, paris, 5)
    shop.post("/reservations/", cart(("SHIRT", 1)))
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 2)])
    assert [row["owner"] for row in shop.list("/reservations/", sku="SHIRT")] == ["buyer:1", "hold:cart-1"]
    assert [row["owner"] for row in shop.list("/reservations/", kind="held")] == ["hold:cart-1"]
    assert [row["owner"] for row in shop.list("/reservations/", owner="buyer:1")] == ["buyer:1"]
    assert shop.list("/reservations/", stock_point="NOPE") == []
    (row,) = shop.list("/reservations/", owner="hold:cart-1")
    del row["id"]
    assert row == {
        "owner": "hold:cart-1",
        "channel": "web",
        "sku": "SHIRT",
        "stock_point": "PARIS",
        "quantity": 1,
        "state": "held",
        "expires_at": "2026-05-04T12:30:00Z",
        "created_at": "2026-05-04T12:00:00Z",
        "ended_at": None,
    }
