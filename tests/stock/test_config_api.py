"""Bulk PUTs of the configuration: upserts by natural key, valid rows applied, the others named."""

from datetime import date, time
from decimal import Decimal

import pytest

from stock.models import Banner, Product, SalesChannel, StockPoint, StockPointGroup, Variant
from tests.stock.calling import Caller
from tests.stock.making import make_point, make_variant

pytestmark = pytest.mark.django_db

NOTHING_WRONG = {"created": 0, "updated": 0, "unchanged": 0, "errors": []}


@pytest.fixture
def erp():
    return Caller()


def test_a_banner_is_created_then_unchanged_then_updated(erp):
    row = {"code": "atelier", "name": "Atelier", "currency": "EUR", "languages": ["fr", "en"]}
    assert erp.put("/banners/", [row]) == (200, {**NOTHING_WRONG, "created": 1})
    assert erp.put("/banners/", [row]) == (200, {**NOTHING_WRONG, "unchanged": 1})
    assert erp.put("/banners/", [{"code": "atelier", "name": "L'Atelier"}]) == (200, {**NOTHING_WRONG, "updated": 1})
    banner = Banner.objects.get(code="atelier")
    assert (banner.name, banner.currency, banner.languages) == ("L'Atelier", "EUR", ["fr", "en"])


def test_a_new_stock_point_gets_the_defaults(erp, settings):
    settings.BASE_CURRENCY = "CHF"
    row = {"code": "LYON", "name": "Lyon", "kind": "store", "country": "FR"}
    assert erp.put("/stock-points/", [row])[1] == {**NOTHING_WRONG, "created": 1}
    point = StockPoint.objects.get(code="LYON")
    assert point.daily_order_capacity is None
    assert point.opening_hours == {}
    assert point.closed_on == []
    assert point.cut_off is None
    assert point.tags == []
    assert list(point.groups.all()) == []
    assert point.currency == "CHF"
    assert point.is_active


def test_every_field_of_a_stock_point_is_kept_and_read_back(erp):
    erp.put("/banners/", [{"code": "atelier", "name": "Atelier", "currency": "EUR"}])
    row = {
        "code": "LYON",
        "name": "Lyon Part-Dieu",
        "kind": "store",
        "latitude": 45.76,
        "longitude": 4.86,
        "line1": "17 rue du Docteur-Bouchut",
        "postcode": "69003",
        "city": "Lyon",
        "country": "FR",
        "timezone": "Europe/Paris",
        "is_active": True,
        "ships_orders": False,
        "offers_pickup": True,
        "offers_reservation": False,
        "takes_orders": True,
        "accepts_returns": False,
        "daily_order_capacity": 0,
        "hourly_order_capacity": 4,
        "paused_until": "2030-01-02",
        "priority": 7,
        "handling_cost": "1.2500",
        "currency": "EUR",
        "banner": "atelier",
        "preparation_minutes": 45,
        "opening_hours": {"mon": [["10:00", "12:30"], ["14:00", "24:00"]]},
        "closed_on": ["2026-12-25"],
        "cut_off": "16:00",
        "groups": ["south", "flagship"],
        "tags": ["tram"],
        "expected_decline_percent": "0.00",
    }
    assert erp.put("/stock-points/", [row])[1] == {**NOTHING_WRONG, "created": 1}
    point = StockPoint.objects.get(code="LYON")
    assert (point.cut_off, point.paused_until, point.closed_on) == (time(16), date(2030, 1, 2), [date(2026, 12, 25)])
    (read,) = erp.list("/stock-points/")
    assert {**read, "groups": sorted(read["groups"])} == {**row, "groups": ["flagship", "south"]}
    assert erp.put("/stock-points/", [row])[1] == {**NOTHING_WRONG, "unchanged": 1}


def test_what_is_absent_on_update_stays_and_null_means_none(erp):
    row = {"code": "LYON", "name": "Lyon", "kind": "store", "country": "FR", "cut_off": "16:00", "postcode": "69003"}
    erp.put("/stock-points/", [row])
    answer = erp.put("/stock-points/", [{"code": "LYON", "cut_off": None, "postcode": ""}])
    assert answer[1] == {**NOTHING_WRONG, "updated": 1}
    point = StockPoint.objects.get(code="LYON")
    assert (point.name, point.cut_off, point.postcode) == ("Lyon", None, "")


def test_changed_groups_alone_make_a_row_updated(erp):
    row = {"code": "LYON", "name": "Lyon", "kind": "store", "country": "FR", "groups": ["south"]}
    erp.put("/stock-points/", [row])
    assert erp.put("/stock-points/", [{**row, "groups": ["north", "flagship"]}])[1] == {**NOTHING_WRONG, "updated": 1}
    point = StockPoint.objects.get(code="LYON")
    assert sorted(point.groups.values_list("code", flat=True)) == ["flagship", "north"]
    assert StockPointGroup.objects.count() == 3
    assert erp.put("/stock-points/", [{"code": "LYON", "groups": None}])[1]["updated"] == 1
    assert not point.groups.exists()


def test_wrong_rows_are_named_by_index_and_the_others_applied(erp):
    status, answer = erp.put(
        "/stock-points/",
        [
            {"code": "A", "name": "A", "kind": "store", "country": "FR"},
            {"code": "B", "name": "B", "kind": "castle", "country": "FR"},
            {"code": "C", "kind": "store", "country": "FR"},
            {"code": "D", "name": "D", "kind": "store", "country": "FR", "banner": "nobody"},
            {
                "code": "E",
                "name": "E",
                "kind": "store",
                "country": "FR",
                "opening_hours": {"mon": [["19:00", "10:00"]]},
            },
            {"code": "F", "name": "F", "kind": "store", "country": "FR", "latitude": 48.0},
            {"code": "G", "name": "G", "kind": "store", "country": "FR", "colour": "red"},
            {"code": "A", "name": "again", "kind": "store", "country": "FR"},
            {"code": "H", "name": "H", "kind": "store", "country": "France"},
        ],
    )
    assert status == 200
    assert (answer["created"], answer["updated"], answer["unchanged"]) == (1, 0, 0)
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [
        (1, "invalid"),
        (2, "invalid"),
        (3, "unknown_banner"),
        (4, "invalid"),
        (5, "invalid"),
        (6, "invalid"),
        (7, "duplicate_row"),
        (8, "invalid"),
    ]
    assert answer["errors"][1]["detail"] == "name: This field is required."
    assert list(StockPoint.objects.values_list("code", "name")) == [("A", "A")]


def test_more_than_5000_rows_are_refused_whole(erp):
    rows = [{"code": f"B{number}", "name": "B", "currency": "EUR"} for number in range(5001)]
    status, answer = erp.put("/banners/", rows)
    assert (status, answer["code"]) == (413, "too_many_rows")
    assert not Banner.objects.exists()


def test_a_variant_comes_with_its_product(erp):
    row = {
        "sku": "SHIRT-M",
        "gtin": "4006381333931",
        "product": {"code": "SHIRT", "name": "Shirt", "brand": "Atelier", "category": "tops", "season_ends_on": None},
        "size": "M",
        "colour": "blue",
        "price": "39.90",
        "currency": "EUR",
        "weight_g": 250,
        "length_mm": 300,
        "width_mm": 200,
        "height_mm": 20,
        "is_active": True,
        "is_hot": True,
    }
    assert erp.put("/variants/", [row])[1] == {**NOTHING_WRONG, "created": 1}
    assert erp.list("/variants/") == [row]
    assert erp.put("/variants/", [row])[1] == {**NOTHING_WRONG, "unchanged": 1}
    renamed = {"sku": "SHIRT-M", "product": {"code": "SHIRT", "name": "Blue shirt"}}
    assert erp.put("/variants/", [renamed])[1] == {**NOTHING_WRONG, "updated": 1}
    product = Product.objects.get()
    assert (product.name, product.brand, product.category) == ("Blue shirt", "Atelier", "tops")
    assert Variant.objects.get().price == Decimal("39.90")


def test_a_variant_is_found_by_its_sku_or_its_gtin_with_or_without_zeros(erp):
    make_variant("SHIRT", gtin="0036000291452")
    make_variant("SHOE")

    def found(**asked: str) -> list[str]:
        return [each["sku"] for each in erp.get("/variants/", **asked)[1]["results"]]

    assert sorted(found()) == ["SHIRT", "SHOE"]
    assert found(sku="SHOE") == ["SHOE"]
    assert found(gtin="36000291452") == found(gtin="0036000291452") == ["SHIRT"]
    assert found(sku="NOPE") == found(gtin="4006381333931") == found(sku="SHOE", gtin="36000291452") == []


def test_a_gtin_needs_its_right_check_digit_where_present(erp):
    product = {"code": "P", "name": "P"}
    answer = erp.put(
        "/variants/",
        [
            {"sku": "A", "product": product, "gtin": "4006381333931"},
            {"sku": "B", "product": product, "gtin": "4006381333932"},
            {"sku": "C", "product": product, "gtin": ""},
            {"sku": "D", "product": product, "gtin": None},
            {"sku": "E", "product": product, "gtin": "73513537"},
            {"sku": "F", "product": product, "gtin": "123"},
        ],
    )[1]
    assert answer["created"] == 4
    assert [error["index"] for error in answer["errors"]] == [1, 5]
    assert dict(Variant.objects.values_list("sku", "gtin")) == {
        "A": "4006381333931",
        "C": None,
        "D": None,
        "E": "73513537",
    }


def test_a_gtin_belongs_to_one_variant_and_two_may_swap_theirs(erp):
    product = {"code": "P", "name": "P"}
    first, second = "4006381333931", "73513537"
    erp.put(
        "/variants/",
        [{"sku": "A", "product": product, "gtin": first}, {"sku": "B", "product": product, "gtin": second}],
    )
    answer = erp.put("/variants/", [{"sku": "C", "product": product, "gtin": first}, {"sku": "D", "product": product}])[
        1
    ]
    assert (answer["created"], answer["errors"][0]["code"]) == (1, "duplicate_gtin")
    answer = erp.put("/variants/", [{"sku": "A", "gtin": second}, {"sku": "B", "gtin": first}])[1]
    assert answer == {**NOTHING_WRONG, "updated": 2}
    assert dict(Variant.objects.exclude(gtin=None).values_list("sku", "gtin")) == {"A": second, "B": first}


def test_a_new_variant_needs_a_currency_with_its_price_and_a_name_for_its_product(erp):
    answer = erp.put(
        "/variants/",
        [
            {"sku": "A", "price": "10.00"},
            {"sku": "B", "product": {"code": "P"}},
            {"sku": "C"},
        ],
    )[1]
    assert answer["created"] == 1
    assert [error["detail"] for error in answer["errors"]] == [
        "currency: This field is required with a price.",
        "product.name: This field is required.",
    ]
    assert Variant.objects.get().product.code == "C"


def test_a_channel_is_fed_by_all_stock_points_or_by_those_listed(erp):
    make_point("A")
    make_point("B")
    row = {"code": "web", "name": "Web", "kind": "web", "currency": "EUR", "stock_points": ["B", "A"]}
    assert erp.put("/sales-channels/", [row])[1] == {**NOTHING_WRONG, "created": 1}
    channel = SalesChannel.objects.get()
    assert sorted(channel.stock_points.values_list("code", flat=True)) == ["A", "B"]
    assert not channel.serves_all_stock_points
    assert erp.put("/sales-channels/", [{**row, "stock_points": ["A", "B"]}])[1] == {**NOTHING_WRONG, "unchanged": 1}
    assert erp.put("/sales-channels/", [{"code": "web", "stock_points": ["A"]}])[1] == {**NOTHING_WRONG, "updated": 1}
    assert erp.list("/sales-channels/")[0]["stock_points"] == ["A"]
    assert erp.put("/sales-channels/", [{"code": "web", "stock_points": "all"}])[1] == {**NOTHING_WRONG, "updated": 1}
    assert erp.list("/sales-channels/")[0]["stock_points"] == "all"
    answer = erp.put("/sales-channels/", [{"code": "web", "stock_points": ["A", "Z"]}])[1]
    assert answer["errors"] == [{"index": 0, "code": "unknown_stock_point", "detail": "There is no stock point Z."}]


def test_thousands_of_rows_take_few_queries(erp, django_assert_max_num_queries):
    points = [
        {"code": f"S{n}", "name": f"S{n}", "kind": "store", "country": "FR", "groups": [f"g{n % 7}"]}
        for n in range(2000)
    ]
    variants = [
        {"sku": f"V{n}", "product": {"code": f"P{n % 500}", "name": "P"}, "price": "1.00", "currency": "EUR"}
        for n in range(2000)
    ]
    with django_assert_max_num_queries(30):
        assert erp.put("/stock-points/", points)[1]["created"] == 2000
    with django_assert_max_num_queries(30):
        assert erp.put("/variants/", variants)[1]["created"] == 2000
    assert Product.objects.count() == 500
    changed = [{**row, "price": "2.00"} for row in variants]
    with django_assert_max_num_queries(30):
        assert erp.put("/variants/", changed)[1] == {**NOTHING_WRONG, "updated": 2000}


def test_a_bound_key_writes_its_own_stock_points_and_channels_only(erp):
    make_point("MINE")
    make_point("YOURS")
    erp.put("/sales-channels/", [{"code": "web", "name": "Web", "kind": "web", "currency": "EUR"}])
    erp.put("/sales-channels/", [{"code": "app", "name": "App", "kind": "mobile", "currency": "EUR"}])
    mine = Caller("store", stock_points=["MINE"], channels=["web"])
    answer = mine.put("/stock-points/", [{"code": code, "name": "x"} for code in ("MINE", "YOURS", "NEW")])[1]
    assert (answer["updated"], answer["created"]) == (1, 0)
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [
        (1, "unknown_stock_point"),
        (2, "unknown_stock_point"),
    ]
    answer = mine.put("/sales-channels/", [{"code": "web", "name": "x"}, {"code": "app", "name": "x"}])[1]
    assert answer["updated"] == 1
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [(1, "unknown_channel")]
    assert [row["code"] for row in mine.list("/stock-points/")] == ["MINE"]
    assert [row["code"] for row in mine.list("/sales-channels/")] == ["web"]


def test_a_key_without_the_scope_is_refused():
    reader = Caller("reader", scopes=["stock:read"])
    status, answer = reader.put("/banners/", [{"code": "atelier", "name": "Atelier", "currency": "EUR"}])
    assert (status, answer["code"]) == (403, "forbidden")
    assert not Banner.objects.exists()


def test_the_catalogue_keeps_variants_another_row_does_not_name(erp):
    make_variant("OTHER")
    erp.put("/variants/", [{"sku": "A", "product": {"code": "P", "name": "P"}}])
    assert sorted(Variant.objects.values_list("sku", flat=True)) == ["A", "OTHER"]


@pytest.mark.parametrize("binding", [{"stock_points": ["MINE"]}, {"channels": ["web"]}])
def test_a_bound_key_does_not_write_what_belongs_to_the_whole_network(erp, binding):
    make_point("MINE")
    erp.put("/sales-channels/", [{"code": "web", "name": "Web", "kind": "web", "currency": "EUR"}])
    erp.put("/banners/", [{"code": "atelier", "name": "Atelier", "currency": "EUR"}])
    erp.put("/variants/", [{"sku": "SHIRT", "price": "10.00", "currency": "EUR"}])
    bound = Caller("bound", **binding)
    assert bound.put("/banners/", [{"code": "atelier", "name": "Mine"}])[0] == 403
    assert bound.put("/variants/", [{"sku": "SHIRT", "price": "0.01"}])[0] == 403
    assert Banner.objects.get().name == "Atelier"
    assert Variant.objects.get().price == Decimal("10.00")


def test_a_key_bound_to_one_kind_does_not_write_the_other(erp):
    make_point("MINE")
    erp.put("/sales-channels/", [{"code": "web", "name": "Web", "kind": "web", "currency": "EUR"}])
    store, shop = Caller("store", stock_points=["MINE"]), Caller("shop", channels=["web"])
    answer = store.put("/sales-channels/", [{"code": "web", "name": "x"}, {"code": "new", "name": "x"}])[1]
    assert [error["code"] for error in answer["errors"]] == ["unknown_channel", "unknown_channel"]
    answer = shop.put("/stock-points/", [{"code": "MINE", "name": "x"}, {"code": "NEW", "name": "x"}])[1]
    assert [error["code"] for error in answer["errors"]] == ["unknown_stock_point", "unknown_stock_point"]
    assert SalesChannel.objects.get().name == "Web"
    assert StockPoint.objects.get().name == "MINE"
