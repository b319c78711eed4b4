"""A drawn picture for every article, for anybody who is shown the article."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from oms.demo.catalogue import COLOURS, FAMILIES, articles
from oms.demo.pictures import SHADES, picture
from oms.demo.silhouettes import BY_CATEGORY, BY_NAME, HANGER
from stock.models import Product


def test_every_family_and_colour_of_the_demo_has_a_shape_and_a_shade_of_its_own() -> None:
    assert {name for _, name, *_ in FAMILIES} == set(BY_NAME)
    assert {category for category, *_ in FAMILIES} == set(BY_CATEGORY)
    assert {colour.lower() for colour in COLOURS} == set(SHADES)
    assert len({shape.body for shape in BY_NAME.values()}) == len(BY_NAME)


def test_a_picture_is_one_document_without_style_or_script() -> None:
    for article in list(articles(20)):
        drawn = picture(
            code=article.product_code, name=article.product_name, category=article.category, colour=article.colour
        )
        root = ElementTree.fromstring(drawn)
        assert root.attrib["viewBox"] == "0 0 120 120"
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names <= {"svg", "rect", "path", "clipPath"}
        assert not any("style" in element.attrib for element in root.iter())


def test_an_unknown_family_is_a_hanger_and_words_of_the_catalogue_never_reach_the_drawing() -> None:
    drawn = picture(code='"><script>', name="<b>Objet</b>", category="x", colour='"/><script>')
    assert HANGER.body in drawn
    assert "script" not in drawn
    assert "<b>" not in drawn


@pytest.mark.django_db
def test_it_is_served_to_anybody_from_one_query_and_kept_by_browsers(
    client: Client, django_assert_num_queries: object
) -> None:
    Product.objects.create(code="D0001", name="Manteau Marais", category="Manteaux")
    with django_assert_num_queries(1):  # type: ignore[operator]
        response = client.get(reverse("picture", args=["D0001", "Gris chiné"]))
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert "default-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.django_db
def test_every_word_of_a_retailer_has_an_address_and_unknown_articles_are_not_found(client: Client) -> None:
    Product.objects.create(code="A/1", name="Objet", category="")
    assert client.get(reverse("picture", args=["A/1", ""])).status_code == 200
    assert client.get(reverse("picture", args=["A/1", "noir/blanc"])).status_code == 200
    assert client.get(reverse("picture", args=["nothing", "Noir"])).status_code == 404
