"""A scan opens its article, words list what matches, and each tells what is here, in the warehouse and elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core.today import today as the_day_it_is
from stock.models import ExpectedReceipt, Product
from tests.factories.network import make_stock_point, make_store, make_variant
from tests.orders.counter import Counter
from tests.stock.making import receive
from tests.store.selling import Tablet, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> tuple[Counter, Tablet]:
    return opened()


def queries_of(tablet: Tablet, *args: Any, **query: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert tablet.get(*args, **query).status_code == 200
    return len(captured)


def test_a_scan_opens_its_article(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    counter.shirt.gtin = "3612345678905"
    counter.shirt.save()
    answer = tablet.get("sell", q="3612345678905")
    assert answer.url == f"{reverse('store:sell-product', args=[counter.shirt.product.code])}?sku={counter.shirt.sku}"


def test_words_list_what_matches_with_where_it_lies(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    answer = tablet.get("sell", q="artic")
    found = {each.product.code: each.places for each in answer.context["results"].found}
    assert set(found) == {counter.shirt.product.code, counter.hat.product.code}
    shirt = found[counter.shirt.product.code]
    assert (shirt.shelf, shirt.own, shirt.elsewhere, shirt.warehouses) == (1, 1, 2, 3)
    assert b"Network: 2" in answer.content
    assert b"Warehouse: 3" in answer.content


def test_nothing_found_says_what_to_do(shop: tuple[Counter, Tablet]) -> None:
    _, tablet = shop
    answer = tablet.get("sell", q="zzz")
    assert b"Scan the label again" in answer.content


def test_an_article_shows_its_waterfall_by_stock_point(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    sheet = tablet.get("sell-product", counter.shirt.product.code).context["sheet"]
    points = [(each.point.name, each.waterfall.available, each.is_own) for each in sheet.points]
    assert points[0] == ("Lille", 1, True)
    assert set(points[1:]) == {("Lyon", 2, False), ("Orléans", 3, False)}
    assert [each.km for each in sheet.points] == sorted(each.km for each in sheet.points)


def test_what_is_to_come_is_told_with_its_day(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    day = the_day_it_is() + timedelta(days=9)
    ExpectedReceipt.objects.create(
        reference="PO-1", variant=counter.shirt, stock_point=counter.warehouse, quantity=12, expected_on=day
    )
    page = tablet.get("sell-product", counter.shirt.product.code)
    (coming,) = page.context["sheet"].coming
    assert (coming.available, coming.available_on) == (12, day)
    assert b"Coming on" in page.content


def test_sizes_and_colours_make_a_grid(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    product = Product.objects.create(code="dress", name="Robe")
    for size in ("M", "S", "XL"):
        receive(make_variant(product=product, size=size, colour="rouge"), counter.lyon, 1)
    make_variant(product=product, size="S", colour="bleu")
    sheet = tablet.get("sell-product", "dress").context["sheet"]
    assert list(sheet.sizes) == ["S", "M", "XL"]
    assert [row.colour for row in sheet.rows] == ["bleu", "rouge"]
    assert [cell.variant is not None for cell in sheet.rows[0].cells] == [True, False, False]
    assert sheet.chosen.colour == "rouge"


def test_an_unknown_article_is_not_found(shop: tuple[Counter, Tablet]) -> None:
    _, tablet = shop
    assert tablet.get("sell-product", "nothing").status_code == 404


def test_queries_do_not_grow_with_stock_points_or_articles(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    code = counter.shirt.product.code
    tablet.get("sell", q="artic")
    before = queries_of(tablet, "sell", q="artic"), queries_of(tablet, "sell-product", code)
    for _ in range(10):
        for point in (make_store(), make_stock_point()):
            receive(counter.shirt, point, 1)
        receive(make_variant(), counter.lyon, 1)
    after = queries_of(tablet, "sell", q="artic"), queries_of(tablet, "sell-product", code)
    assert after == before
