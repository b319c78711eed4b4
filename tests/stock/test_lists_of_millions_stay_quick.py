"""What a search and a sorted column cost where there are millions of levels."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from stock.models import StockLevel, StockPoint, Variant
from tests.admin.people import signed_in
from tests.stock.making import make_point, make_variant

pytestmark = pytest.mark.django_db

LEVELS = reverse("admin:stock_stocklevel_changelist")


@pytest.fixture
def client() -> Client:
    return signed_in("head_office")


@pytest.fixture
def many() -> None:
    """Two hundred articles at a hundred stock points."""
    articles = [make_variant(f"SKU-{number}", gtin="0012345678905" if not number else None) for number in range(200)]
    points = [make_point(f"STORE-{number}") for number in range(100)]
    StockLevel.objects.bulk_create(
        [StockLevel(variant=article, stock_point=point, on_hand=1) for article in articles for point in points]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stock_stocklevel, stock_variant, stock_stockpoint")


@pytest.mark.parametrize("searched", ["SKU-0", "sku-0", "0012345678905", "12345678905", "nothing"])
def test_an_article_is_searched_by_an_index_of_the_levels(many: None, client: Client, searched: str) -> None:
    found = client.get(LEVELS, {"q": searched}).context["cl"]
    assert {level.variant.sku for level in found.result_list} == (set() if searched == "nothing" else {"SKU-0"})
    assert "Seq Scan on stock_stocklevel" not in found.queryset.explain()


@pytest.mark.parametrize("page", [LEVELS, reverse("admin:stock_stockmovement_changelist")])
def test_columns_are_sorted_where_the_list_is_narrow(client: Client, page: str) -> None:
    point, article = make_point("PARIS"), make_variant("SHIRT")
    StockLevel.objects.create(variant=article, stock_point=point)
    assert not client.get(page).context["cl"].sortable_by
    for narrow in ({"stock_point__id__exact": StockPoint.objects.get().pk}, {"q": Variant.objects.get().sku}):
        assert "variant" in client.get(page, narrow).context["cl"].sortable_by
