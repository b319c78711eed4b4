"""Articles are found by what is scanned or typed: codes exactly, words by their beginnings, accents or not."""

from __future__ import annotations

import pytest
from django.db import connection

from stock.models import Product
from stock.queries.catalogue import product_ids_matching, sold_variants, variant_with_code, words_of
from stock.queries.codes import variants_by_gtin
from tests.stock.making import make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def wardrobe() -> dict[str, Product]:
    names = {"dress": "Robe d'été légère", "coat": "Manteau de laine", "sweater": "Pull cœur"}
    products = {
        code: Product.objects.create(code=code, name=name, brand="Éphémère", category="Vêtements")
        for code, name in names.items()
    }
    make_variant("D-BLU-38", product=products["dress"], colour="bleu", size="38", gtin="3612345678905")
    make_variant("D-RED-40", product=products["dress"], colour="rouge", size="40")
    make_variant("C-BLU-M", product=products["coat"], colour="bleu marine", size="M")
    make_variant("S-RED-M", product=products["sweater"], colour="rouge", size="M")
    return products


def found(text: str) -> list[str]:
    ids = product_ids_matching(text, limit=10)
    codes = dict(Product.objects.values_list("pk", "code"))
    return [codes[pk] for pk in ids]


def test_the_beginning_of_a_word_without_its_accents(wardrobe: object) -> None:
    assert found("ete leg") == ["dress"]
    assert found("ÉTÉ") == ["dress"]
    assert found("COEUR") == ["sweater"]


def test_every_word_must_be_found_in_the_product_or_its_variants(wardrobe: object) -> None:
    assert found("ephemere bleu") == ["coat", "dress"]
    assert found("robe marine") == []


def test_the_middle_of_a_word_finds_nothing(wardrobe: object) -> None:
    assert found("anteau") == []


def test_signs_mean_nothing_and_no_word_finds_nothing(wardrobe: object) -> None:
    assert found("d-blu-38 & | !") == ["dress"]
    assert found(" '() ") == []


def test_what_is_no_longer_sold_is_not_found(wardrobe: dict[str, Product]) -> None:
    wardrobe["coat"].variants.update(is_active=False)
    assert found("manteau") == []
    assert variant_with_code("C-BLU-M") is None


def test_a_scanned_code_is_one_article(wardrobe: object) -> None:
    for code in ("3612345678905", "03612345678905", " d-blu-38 ", "D-BLU-38"):
        variant = variant_with_code(code)
        assert variant is not None
        assert variant.sku == "D-BLU-38"
    assert variant_with_code("361234567890") is None
    assert variant_with_code("") is None


@pytest.mark.parametrize("given", ["012345678905", "0012345678905"])
def test_of_two_numbers_that_differ_by_their_zeros_alone_it_is_the_one_given(given: str) -> None:
    for sku, gtin in [("B", "012345678905"), ("A", "0012345678905")]:
        make_variant(sku, gtin=gtin)
    article = variant_with_code(given)
    assert article is not None
    assert article.gtin == given
    assert variants_by_gtin([given]) == {given: article.pk}


def test_a_number_given_without_its_zeros_is_found_all_the_same() -> None:
    shirt = make_variant("SHIRT", gtin="0012345678905")
    assert variants_by_gtin(["12345678905", "012345678905", "12345678904"]) == {
        "12345678905": shirt.pk,
        "012345678905": shirt.pk,
    }


def test_words_are_searched_as_the_database_has_them(wardrobe: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(stock_words(%s))", ["Œuvre d'été, N°5 ﬁn"])
        assert sorted(words_of("Œuvre d'été, N°5 ﬁn")) == sorted(cursor.fetchone()[0])


def test_words_are_looked_up_through_the_index(wardrobe: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM stock_product"
            " WHERE stock_words(name || ' ' || brand || ' ' || category || ' ' || code) @@ 'x:*'::tsquery"
        )
        assert "stock_product_by_words" in str(cursor.fetchall())


def test_variants_come_by_product_and_colour(wardrobe: dict[str, Product]) -> None:
    ids = [wardrobe["dress"].pk, wardrobe["coat"].pk]
    assert [variant.sku for variant in sold_variants(ids)] == ["D-BLU-38", "D-RED-40", "C-BLU-M"]
