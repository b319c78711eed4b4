"""What a page's title, its way back and its history call an import, a movement and units set aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db.models import Model
from django.urls import reverse

from stock.models import StockImport, StockMovement, StockSource, Unavailability
from tests.admin.people import signed_in
from tests.stock.making import make_point, make_variant, receive

pytestmark = pytest.mark.django_db


def _import() -> StockImport:
    return StockImport.objects.create(
        source=StockSource.objects.create(name="ERP"),
        kind="snapshot",
        basis="physical",
        as_of=datetime(2026, 11, 4, 22, 30, tzinfo=UTC),
        created_by="erp",
    )


def _movement() -> StockMovement:
    receive(make_variant("SHIRT"), make_point("PAR", name="Paris Rivoli"), 3)
    return StockMovement.objects.get()


def _unavailability() -> Unavailability:
    level = receive(make_variant("SHIRT"), make_point("PAR", name="Paris Rivoli"), 3)
    return Unavailability.objects.create(level=level, quantity=2, reason="damaged", reference="A-1")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            _import,
            {"en": "ERP · snapshot · 4 Nov 2026, 23:30", "fr": "ERP · complet · 04 nov. 2026 23:30"},
        ),
        (_movement, {"en": "SHIRT · Paris Rivoli · receipt +3", "fr": "SHIRT · Paris Rivoli · réception +3"}),
        (_unavailability, {"en": "SHIRT · Paris Rivoli · 2 × damaged", "fr": "SHIRT · Paris Rivoli · 2 × abîmé"}),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_its_page_says_it_in_the_readers_language(
    make: Callable[[], Model], told: dict[str, str], language: str
) -> None:
    row = make()
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    page = signed_in("head_office", language=language).get(address).content.decode()
    assert told[language] in page
