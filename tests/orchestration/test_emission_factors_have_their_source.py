"""Published factors are taken over with their source; what has none is marked as an estimate everywhere."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oms.demo.carriers import SERVICES
from oms.orchestration.emissions import BY_CODE, PUBLISHED
from oms.orchestration.models import CarrierService
from tests.factories.clients import api_client
from tests.orders.punctual import POST
from tests.support.forms import form_values

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[2] / "docs" / "emissions.md"


def put(**values: Any) -> list[dict[str, Any]]:
    answer = api_client("config:write").put("/carrier-services/", [POST | values])
    errors: list[dict[str, Any]] = answer.json()["errors"]
    return errors


@pytest.mark.parametrize("factor", PUBLISHED, ids=lambda factor: factor.code)
def test_each_published_factor_is_told_in_the_document_with_its_source(factor: Any) -> None:
    (row,) = [line for line in DOCUMENT.read_text().splitlines() if line.startswith(f"| `{factor.code}`")]
    cells = [cell.strip() for cell in row.split("|")]
    assert Decimal(cells[3]) == factor.g_per_t_km
    assert cells[4] == ("the house's" if factor.g_per_parcel is None else str(factor.g_per_parcel))
    assert len(factor.source) <= CarrierService._meta.get_field("emission_source").max_length  # type: ignore[operator]
    assert any(year in factor.source for year in ("2012", "2022", "v23.11"))


def test_factors_are_an_estimate_until_they_have_a_source() -> None:
    assert put() == []
    assert CarrierService.objects.get().emission_is_estimate
    (refused,) = put(emission_is_estimate=False)
    assert refused["detail"] == "emission_source: Factors that are no estimate have a source."
    assert CarrierService.objects.get().emission_is_estimate
    assert put(emission_is_estimate=False, emission_source="The carrier's report, 2025, p. 12") == []
    assert not CarrierService.objects.get().emission_is_estimate
    (refused,) = put(emission_source="")
    assert CarrierService.objects.get().emission_source


def test_a_published_factor_is_taken_over_on_the_services_page(admin_client: Client) -> None:
    put()
    service = CarrierService.objects.get()
    address = reverse("admin:orchestration_carrierservice_change", args=[service.pk])
    form = form_values(admin_client.get(address).content.decode()) | {"published": "parcel-colissimo"}
    answer = admin_client.post(address, form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    service.refresh_from_db()
    assert (service.emission_g_per_t_km, service.emission_g_per_parcel) == (0, 357)
    assert (service.emission_is_estimate, service.emission_source) == (False, BY_CODE["parcel-colissimo"].source)
    listed = admin_client.get(reverse("admin:orchestration_carrierservice_changelist"))
    assert "Emissions with a source" in listed.content.decode()


def test_the_demos_carriers_name_the_source_of_what_was_published() -> None:
    sources = {row["service"]: row.get("emission_source", "") for row in SERVICES}
    assert sources["relay"] == BY_CODE["articulated-34-40t"].source
    assert sources["express"] == BY_CODE["rigid-uk"].source
    assert sources["slot"] == ""  # nothing was found in print: an estimate
