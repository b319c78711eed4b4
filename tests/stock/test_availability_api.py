"""`GET /availability/`: what a channel may promise, with its waterfall."""

from datetime import date, timedelta

import pytest

from oms.core import clock
from oms.core.bulk import Row
from oms.core.today import today as the_day_it_is
from stock.models import LevelProtection, StockLevel, StockPoint
from stock.services.allotting import save_allotments
from stock.services.correcting import mark_unavailable
from stock.services.expecting import save_expected_receipts
from stock.services.reserving import release_reservations, reserve_stock
from tests.stock.calling import Caller
from tests.stock.making import make_channel, make_point, make_variant, receive, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Caller("shop")


def test_sums_the_points_of_the_channel_and_answers_every_sku_asked(shop):
    paris, lyon, outlet = make_point("PARIS"), make_point("LYON"), make_point("OUTLET")
    make_channel("web", points=[paris, lyon])
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 3)
    receive(shirt, lyon, 4)
    receive(shirt, outlet, 50)
    assert shop.get("/availability/", channel="web", sku=["SHOE", "SHIRT"]) == (
        200,
        {
            "channel": "web",
            "items": [
                {"sku": "SHOE", "available": 0, "future": []},
                {"sku": "SHIRT", "available": 7, "future": []},
            ],
        },
    )
    assert shoe.sku == "SHOE"


def test_the_detail_shows_each_subtraction_of_each_point(shop):
    paris, lyon = make_point("PARIS"), make_point("LYON")
    web = make_channel("web")
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 10)
    receive(shirt, lyon, 4)
    StockLevel.objects.filter(stock_point=paris).update(protection_units=3)
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 2)])
    mark_unavailable(variant_id=shirt.pk, stock_point_id=paris.pk, quantity=1, reason="damaged", reference="decline:1")
    status, answer = shop.get("/availability/", channel="web", sku="SHIRT", detail="stock_points")
    assert status == 200
    assert answer["items"] == [
        {
            "sku": "SHIRT",
            "available": 8,
            "future": [],
            "stock_points": [
                {"code": "LYON", "on_hand": 4, "reserved": 0, "unavailable": 0, "protected": 0, "available": 4},
                {"code": "PARIS", "on_hand": 10, "reserved": 2, "unavailable": 1, "protected": 3, "available": 4},
            ],
        }
    ]


def test_each_article_is_told_where_it_lies_whatever_the_points_are_called(shop):
    """Codes with signs that mean something to formats, made in another order; each article at other points."""
    codes = ["zoë", 'a "quoted" %s', "100%", "b,c", "back\\slash"]
    points = [make_point(code) for code in codes]
    make_channel("web", points=points)
    quantities = {"SHIRT": [1, 2, 3, 4, 5], "SHOE": [6, None, 7, None, 8], "SOCK": [None] * 5}
    for sku, units in quantities.items():
        variant = make_variant(sku)
        for point, unit in zip(points, units, strict=True):
            if unit is not None:
                receive(variant, point, unit)
    answer = shop.get("/availability/", channel="web", sku=list(quantities), detail="stock_points")[1]
    found = {item["sku"]: [(at["code"], at["on_hand"]) for at in item["stock_points"]] for item in answer["items"]}
    there = {
        sku: sorted((code, unit) for code, unit in zip(codes, units, strict=True) if unit is not None)
        for sku, units in quantities.items()
    }
    assert found == there
    assert [item["available"] for item in answer["items"]] == [15, 21, 0]


def test_a_point_short_of_its_promises_counts_for_nothing_not_less(shop):
    paris, lyon = make_point("PARIS"), make_point("LYON")
    web = make_channel("web")
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 5)
    receive(shirt, lyon, 2)
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 5)])
    receive(shirt, paris, -4, kind="count")
    answer = shop.get("/availability/", channel="web", sku="SHIRT", detail="stock_points")[1]
    assert answer["items"][0]["available"] == 2
    assert answer["items"][0]["stock_points"][1] == {
        "code": "PARIS",
        "on_hand": 1,
        "reserved": 5,
        "unavailable": 0,
        "protected": 0,
        "available": 0,
    }


@pytest.mark.parametrize(
    "figures",
    [
        (-1, 0, 0, 0),
        (-32_768, 32_767, 32_767, 32_767),
        (-32_769, 1, 2, 3),
        (32_767, 0, 32_767, 1),
        (32_768, 65_535, 65_536, 7),
        (2_147_483_647, 2_147_483_647, 2_147_483_647, 2_147_483_647),
    ],
    ids=str,
)
def test_the_detail_tells_any_figure_the_database_holds(shop, figures):
    """Large ones beside small ones, and less than nothing."""
    make_channel("web")
    shirt = make_variant("SHIRT")
    receive(shirt, make_point("A"), 8)
    receive(shirt, make_point("B"), 9)
    names = ("on_hand", "reserved", "unavailable", "protection_units")
    StockLevel.objects.filter(stock_point__code="B").update(**dict(zip(names, figures, strict=True)))
    other, told = shop.get("/availability/", channel="web", sku="SHIRT", detail="stock_points")[1]["items"][0][
        "stock_points"
    ]
    assert other == {"code": "A", "on_hand": 8, "reserved": 0, "unavailable": 0, "protected": 0, "available": 8}
    on_hand, reserved, unavailable, protected = figures
    available = max(0, on_hand - reserved - unavailable - protected)
    assert tuple(told.values()) == ("B", *figures, available)


def test_each_channel_has_its_own_protection(shop):
    paris = make_point("PARIS")
    make_channel("web")
    market = make_channel("market")
    level = receive(make_variant("SHIRT"), paris, 10)
    StockLevel.objects.update(protection_units=1)
    LevelProtection.objects.create(level=level, channel=market, percent="25.00")
    found = {code: shop.get("/availability/", channel=code, sku="SHIRT")[1] for code in ("web", "market")}
    assert found["web"]["items"][0]["available"] == 9
    assert found["market"]["items"][0]["available"] == 7


def test_points_that_are_inactive_or_paused_do_not_count(shop):
    today = the_day_it_is()
    shirt = make_variant("SHIRT")
    make_channel("web")
    receive(shirt, make_point("OPEN"), 1)
    receive(shirt, make_point("CLOSED", is_active=False), 10)
    receive(shirt, make_point("PAUSED", paused_until=today + timedelta(days=2)), 100)
    receive(shirt, make_point("RESUMED", paused_until=today - timedelta(days=1)), 1000)
    receive(shirt, make_point("NO-SERVICES", ships_orders=False, offers_pickup=False, daily_order_capacity=0), 10000)
    answer = shop.get("/availability/", channel="web", sku="SHIRT", detail="stock_points")[1]
    assert answer["items"][0]["available"] == 11001
    assert [point["code"] for point in answer["items"][0]["stock_points"]] == ["NO-SERVICES", "OPEN", "RESUMED"]


def test_the_detail_knows_of_each_change_of_the_network_at_the_next_call(shop):
    """Which stock points there are is remembered between calls."""
    points = [make_point(code) for code in ("A", "B", "C")]
    web, shirt = make_channel("web", points=points[:2]), make_variant("SHIRT")
    for units, point in zip((1, 10, 100), points, strict=True):
        receive(shirt, point, units)

    def told():
        item = shop.get("/availability/", channel="web", sku="SHIRT", detail="stock_points")[1]["items"][0]
        return item["available"], [point["code"] for point in item["stock_points"]]

    assert told() == (11, ["A", "B"])
    web.stock_points.add(points[2])
    assert told() == (111, ["A", "B", "C"])
    StockPoint.objects.filter(code="A").update(is_active=False)
    assert told() == (110, ["B", "C"])
    StockPoint.objects.filter(code="B").update(paused_until=the_day_it_is() + timedelta(days=2))
    assert told() == (100, ["C"])
    with clock.set_clock(clock.now() + timedelta(days=3)):
        assert told() == (110, ["B", "C"])
    StockPoint.objects.filter(code="C").update(code="AA")
    web.stock_points.remove(points[1])
    assert told() == (100, ["AA"])


def test_reflects_a_reservation_and_its_release_at_once(shop):
    paris, web, shirt = make_point(), make_channel("web"), make_variant("SHIRT")
    receive(shirt, paris, 5)
    ids = reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 2)])
    assert shop.get("/availability/", channel="web", sku="SHIRT")[1]["items"][0]["available"] == 3
    release_reservations(ids=ids)
    assert shop.get("/availability/", channel="web", sku="SHIRT")[1]["items"][0]["available"] == 5


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"channel": "web", "sku": "NOPE"}, 404, "unknown_sku"),
        ({"channel": "nope", "sku": "SHIRT"}, 404, "unknown_channel"),
        ({"channel": "web"}, 422, "invalid"),
        ({"sku": "SHIRT"}, 422, "invalid"),
        ({"channel": "web", "sku": "SHIRT", "at": "tomorrow"}, 422, "invalid"),
        ({"channel": "web", "sku": "SHIRT", "detail": "colours"}, 422, "invalid"),
        ({"channel": "web", "sku": "SHIRT", "stock_point": "NOWHERE"}, 404, "unknown_stock_point"),
        ({"channel": "web", "sku": "SHIRT", "colour": "red"}, 422, "invalid"),
        ({"channel": "web", "sku": [f"S{n}" for n in range(101)]}, 422, "invalid"),
    ],
)
def test_refuses_what_it_cannot_answer(shop, query, status, code):
    make_channel("web")
    make_variant("SHIRT")
    answer = shop.get("/availability/", **query)
    assert (answer[0], answer[1]["code"]) == (status, code)


def test_of_some_stock_points_alone(shop):
    """What is there, what comes and what is told of each; the channel's allotment limits them, too."""
    paris, lyon, outlet = make_point("PARIS"), make_point("LYON"), make_point("OUTLET")
    web = make_channel("web", points=[paris, lyon])
    shirt = make_variant("SHIRT")
    for point, units in ((paris, 3), (lyon, 4), (outlet, 50)):
        receive(shirt, point, units)
        expected_on = the_day_it_is() + timedelta(days=3)
        expect(point, expected_on, units)

    def asked(*codes: str, **more: str) -> dict:
        (item,) = shop.get("/availability/", channel="web", sku="SHIRT", stock_point=list(codes), **more)[1]["items"]
        return item

    def units(item: dict) -> tuple[int, int]:
        return item["available"], sum(each["available"] for each in item["future"])

    assert units(asked("LYON")) == (4, 4)
    assert units(asked("LYON", "PARIS")) == units(asked()) == (7, 7)
    assert units(asked("OUTLET")) == (0, 0), "it does not feed the channel"
    assert units(asked("PARIS", at="2999-01-01")) == (6, 0)
    detailed = asked("PARIS", detail="stock_points")
    assert (detailed["available"], [each["code"] for each in detailed["stock_points"]]) == (3, ["PARIS"])
    save_allotments(rows=[Row(0, {"channel": web.code, "sku": "SHIRT", "quantity": 2})])
    assert units(asked("LYON")) == units(asked("LYON", detail="stock_points")) == (2, 0)


def expect(point: StockPoint, on: date, units: int) -> None:
    row = {"reference": f"PO-{point.code}", "sku": "SHIRT", "stock_point": point.code, "quantity": units}
    assert not save_expected_receipts(rows=[Row(0, row | {"expected_on": on, "kind": "purchase"})]).errors


def test_accepts_a_date_to_ask_for(shop):
    make_channel("web")
    receive(make_variant("SHIRT"), make_point(), 2)
    assert shop.get("/availability/", channel="web", sku="SHIRT", at="2030-01-01")[1]["items"] == [
        {"sku": "SHIRT", "available": 2, "future": []}
    ]


def test_a_hundred_skus_take_as_many_queries_as_one(shop, django_assert_num_queries):
    make_channel("web")
    point = make_point()
    skus = [f"S{n}" for n in range(100)]
    for sku in skus:
        receive(make_variant(sku), point, 1)
    shop.get("/availability/", channel="web", sku="S0")
    with django_assert_num_queries(3):
        assert shop.get("/availability/", channel="web", sku="S0")[0] == 200
    with django_assert_num_queries(3):
        assert len(shop.get("/availability/", channel="web", sku=skus)[1]["items"]) == 100


def test_another_channel_is_as_unknown_as_none(shop):
    make_channel("web")
    make_channel("market")
    make_variant("SHIRT")
    partner = Caller("partner", channels=["market"])
    assert partner.get("/availability/", channel="market", sku="SHIRT")[0] == 200
    status, answer = partner.get("/availability/", channel="web", sku="SHIRT")
    assert (status, answer["code"]) == (404, "unknown_channel")
