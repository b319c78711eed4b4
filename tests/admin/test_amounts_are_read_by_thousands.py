"""Amounts of units are grouped as the reader's language does it; what names a row or is read by a program is bare."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override

from oms.core.admin.base import EstimatingPaginator
from oms.core.amounts import grouped, share, signed
from oms.core.money import money_text
from oms.core.refusals import told
from stock.models import QuarantinedFigure, StockImport, StockLevel, StockMovement, StockSource
from tests.admin.people import signed_in
from tests.stock.making import NOON, make_point, make_variant, receive

pytestmark = pytest.mark.django_db

GROUPED = {"en": "8,480", "fr": "8\u00a0480"}


@pytest.fixture
def level() -> StockLevel:
    return receive(make_variant("SHIRT"), make_point("PARIS"), 8480)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_in_lists_and_on_a_levels_page(level: StockLevel, language: str) -> None:
    client = signed_in("head_office", language=language)
    for address in (
        reverse("admin:stock_stocklevel_changelist"),
        reverse("admin:stock_stocklevel_change", args=[level.pk]),
        reverse("admin:stock_stockmovement_changelist"),
        reverse("admin:stock_stocklevel_explain", args=[level.pk]),
    ):
        assert GROUPED[language] in client.get(address).content.decode(), address


def test_the_number_of_a_row_stays_bare_and_its_columns_are_sorted(level: StockLevel) -> None:
    StockMovement.objects.bulk_create(
        StockMovement(
            id=number,
            variant=level.variant,
            stock_point=level.stock_point,
            kind="count",
            reference=str(number),
            quantity=number,
            occurred_at=NOON,
        )
        for number in (91_001, 91_002)
    )
    client = signed_in("head_office")
    asked = {"variant__id__exact": level.variant_id, "o": "-4"}
    answer = client.get(reverse("admin:stock_stockmovement_changelist"), asked)
    page = answer.content.decode()
    assert ">91002<" in page.replace(" ", "").replace("\n", "")
    assert "91,002" in page
    assert [movement.quantity for movement in answer.context["cl"].result_list] == [91_002, 91_001, 8480]


def test_on_a_page_to_look_at(level: StockLevel) -> None:
    movement = StockMovement.objects.get(variant=level.variant)
    address = reverse("admin:stock_stockmovement_change", args=[movement.pk])
    page = signed_in("head_office", language="fr").get(address).content.decode()
    assert GROUPED["fr"] in page
    assert "8480" not in page


def test_less_than_nothing_has_the_sign_for_it() -> None:
    with override("fr"):
        assert (grouped(-8480), signed(-1)) == ("−8\u00a0480", "−1")
        assert money_text(Decimal("-12.9"), "EUR") == "−12,90\u00a0€"


def test_the_meters_of_a_level_are_read_by_the_browser(level: StockLevel) -> None:
    page = signed_in("head_office", language="fr").get(reverse("admin:stock_stocklevel_change", args=[level.pk]))
    assert '<meter min="0" max="8480" value="8480">' in page.content.decode()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "It takes 8,480 of 93,458 units off the levels it touches."),
        ("fr", "8\u00a0480 unités sur 93\u00a0458"),
    ],
)
def test_in_what_services_say(language: str, sentence: str) -> None:
    with override(language):
        assert sentence in told("It takes 8480 of 93458 units off the levels it touches.")


def test_nothing_is_not_told_as_a_number() -> None:
    source = StockSource.objects.create(name="erp")
    kept = StockImport.objects.create(source=source, kind="delta", basis="physical", as_of=NOON, created_by="erp")
    QuarantinedFigure.objects.create(
        source=source, stock_import=kept, line_number=2, sku="NEW", stock_point="NOWHERE", quantity=1, as_of=NOON
    )
    answer = signed_in("head_office").post(reverse("admin:stock_quarantinedfigure_retry"), follow=True)
    assert "Still none of their SKUs and stock points is known: nothing was imported." in answer.content.decode()


def test_how_many_a_list_holds_and_the_way_to_all_of_them_where_it_is_narrowed(
    level: StockLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EstimatingPaginator, "count", 67_497)
    client, address = signed_in("head_office", language="fr"), reverse("admin:stock_stocklevel_changelist")
    whole = client.get(address).content.decode()
    narrowed = client.get(address, {"stock_point__id__exact": level.stock_point_id}).content.decode()
    assert "67\u00a0497" in whole
    assert "67\u00a0497 résultats" in narrowed
    assert "résultats (" not in whole


@pytest.mark.parametrize(
    ("percent", "english", "french"),
    [
        ("25.00", "25%", "25\u00a0%"),
        ("12.50", "12.5%", "12,5\u00a0%"),
        ("100.00", "100%", "100\u00a0%"),
        ("0.00", "0%", "0\u00a0%"),
    ],
)
def test_a_share_has_no_noughts_it_does_not_need(percent: str, english: str, french: str) -> None:
    for language, written in (("en", english), ("fr", french)):
        with override(language):
            assert share(Decimal(percent)) == written
