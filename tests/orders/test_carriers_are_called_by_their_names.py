"""People read what carriers and services are called; programs keep their codes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.remembering import remembering
from oms.orchestration.models import CarrierService
from oms.orchestration.templatetags.orchestration_words import service_words
from orders import wording
from tests.factories.clients import api_client

pytestmark = pytest.mark.django_db

ROW = {
    "carrier": "coursiers-du-nord",
    "service": "coursier-nord",
    "modes": ["home"],
    "zones": [{"code": "fr", "countries": ["FR"]}],
    "transit_days": {"fr": 1},
    "currency": "EUR",
}
NAMED = {"carrier_name": "Coursiers du Nord", "service_name": "Coursier Nord"}


def given(*rows: dict[str, Any]) -> None:
    assert api_client().put("/carrier-services/", list(rows)).json()["errors"] == []


def test_by_the_names_they_were_given() -> None:
    given(ROW | NAMED)
    assert wording.carrier("coursiers-du-nord") == "Coursiers du Nord"
    assert wording.service("coursier-nord") == wording.service("coursiers-du-nord/coursier-nord") == "Coursier Nord"
    assert service_words("coursier-nord") == "Coursier Nord"


def test_without_a_name_as_their_codes_read() -> None:
    given(ROW)
    assert wording.carrier("coursiers-du-nord") == "Coursiers du nord"
    assert wording.service("coursier-nord") == service_words("coursier-nord") == "Coursier nord"


def test_a_service_that_several_offer_is_named_with_its_carrier() -> None:
    given(ROW | NAMED, ROW | {"carrier": "alpes", "carrier_name": "Alpes-Rhône"})
    assert wording.service("coursiers-du-nord/coursier-nord") == "Coursiers du Nord · Coursier Nord"
    assert wording.service("alpes/coursier-nord") == "Alpes-Rhône · Coursier nord"


def test_the_built_in_ones_and_ways_of_delivery_are_told_in_words() -> None:
    given(ROW | NAMED | {"service": "relay", "service_name": ""})
    assert (wording.carrier("house"), wording.carrier_told("house")) == ("House carrier", "")
    assert (wording.service("house"), wording.service("relay")) == ("Standard", "Relay point")
    assert wording.carrier_told("coursiers-du-nord") == "Coursiers du Nord"


def test_a_page_reads_them_once() -> None:
    given(ROW | NAMED)
    with remembering(), CaptureQueriesContext(connection) as captured:
        for _ in range(3):
            assert wording.carrier("coursiers-du-nord") == "Coursiers du Nord"
            wording.service("coursier-nord")
    assert len(captured) == 1
    CarrierService.objects.update(carrier_name="Others")
    assert wording.carrier("coursiers-du-nord") == "Others"
