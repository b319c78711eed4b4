"""A carrier's zones, days and tariffs are rows of a form; what is stored is as `api.md` says."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from oms.orchestration.models import CarrierService
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.support.forms import form_values

pytestmark = pytest.mark.django_db
FIELDS: dict[str, Any] = {
    "modes": ["relay", "home"],
    "zones": [
        {"code": "fr", "countries": ["FR", "BE"], "postcode_prefixes": []},
        {"code": "islands", "countries": ["FR"], "postcode_prefixes": ["20", "97"]},
    ],
    "transit_days": {"islands": 4, "fr": 2},
    "price_table": [
        {"zone": "fr", "up_to_g": 1000, "amount": "4.90"},
        {"zone": "fr", "amount": "7.5"},
        {"zone": "islands", "up_to_g": None, "amount": "12.00"},
    ],
    "cost_table": [],
    "barred": [{"zones": ["islands"], "categories": ["aerosols"]}],
    "slots": [["08:00", "10:00"], ["18:00", "24:00"]],
    "working_days": [6, 1, 2, 3, 4, 5],
}


@pytest.fixture
def service() -> CarrierService:
    return CarrierService.objects.create(carrier="post", service="parcel", currency="EUR", **FIELDS)


def posted(client: Client, service: CarrierService, **changed: Any) -> HttpResponse:
    address = reverse("admin:orchestration_carrierservice_change", args=[service.pk])
    answer = client.post(address, form_values(client.get(address).content.decode()) | changed)
    service.refresh_from_db()
    return answer  # type: ignore[return-value]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_that_is_saved_as_it_came_changes_nothing(service: CarrierService, language: str) -> None:
    answer = posted(signed_in("head_office", language=language), service, carrier=["poste"])
    assert answer.status_code == 302
    assert service.carrier == "poste"
    assert {name: getattr(service, name) for name in FIELDS} == FIELDS


def test_rows_are_changed_added_and_taken_away_with_a_french_comma(service: CarrierService) -> None:
    tariff = {
        "price_table-zone": ["fr", "", "islands"],
        "price_table-up_to_g": ["2 000", "", ""],
        "price_table-amount": ["5,20", "", "13"],
        "transit_days-zone": ["fr", "islands"],
        "transit_days-days": ["1", "4"],
    }
    assert posted(signed_in("head_office", language="fr"), service, **tariff).status_code == 302
    assert service.price_table == [
        {"zone": "fr", "up_to_g": 2000, "amount": "5.20"},
        {"zone": "islands", "up_to_g": None, "amount": "13"},
    ]
    assert service.transit_days == {"fr": 1, "islands": 4}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"price_table-amount": ["much", "1", "1"]}, "Row 1: Amount: “much” is not an amount."),
        ({"price_table-up_to_g": ["1", "some", ""]}, "Row 2: Up to (g): “some” is not a whole number."),
        ({"price_table-amount": ["1", "", "1"]}, "Row 2: Amount is missing."),
        ({"price_table-zone": ["fr", "fr", "moon"]}, "There is no zone moon."),
        ({"transit_days-zone": ["fr", "fr"]}, "Two rows have the same name."),
    ],
)
def test_a_wrong_row_is_told_and_nothing_moves(service: CarrierService, changed: dict[str, Any], told: str) -> None:
    rows = {
        "price_table-zone": ["fr", "fr", "islands"],
        "price_table-up_to_g": ["1", "2", ""],
        "price_table-amount": ["1", "2", "3"],
        "transit_days-zone": ["fr", "islands"],
        "transit_days-days": ["1", "4"],
    }
    answer = posted(signed_in("head_office"), service, **(rows | changed))
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert service.price_table == FIELDS["price_table"]
    assert service.transit_days == FIELDS["transit_days"]


def test_mistakes_are_told_in_french(service: CarrierService) -> None:
    answer = posted(signed_in("head_office", language="fr"), service, **{"zones-code": ["fr", "fr"]})
    assert "Deux zones ont le même code." in answer.content.decode()


def test_programs_are_told_in_english_whatever_they_accept() -> None:
    row = {
        "carrier": "post",
        "service": "parcel",
        "currency": "EUR",
        **FIELDS,
        "cost_table": [{"zone": "moon", "amount": "1"}],
    }
    with override("fr"):
        answer = api_client("config:write").put("/carrier-services/", [row], accept_language="fr")
    (refused,) = answer.json()["errors"]
    assert refused["detail"] == "cost_table: There is no zone moon."
