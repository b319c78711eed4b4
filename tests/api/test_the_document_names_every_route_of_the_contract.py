"""The served OpenAPI document has what the public contract promises, and all that is really served."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.api.routes import api_routes, without_names

CONTRACT = """
PUT /banners/
PUT /stock-points/
PUT /variants/
PUT /sales-channels/
PUT /protection-rules/
POST /protection-rules/preview/
PUT /postcodes/
PUT /rule-sets/{code}/
POST /rule-sets/{code}/publish/
POST /rule-sets/{code}/roll-back/
GET /rule-sets/{code}/versions/
POST /rule-sets/{code}/lint/
POST /stock-imports/
GET /stock-imports/{id}/
POST /stock-imports/{id}/approve/
GET /stock-imports/{id}/rejects/
POST /stock-movements/
GET /stock-movements/
GET /stock-levels/
GET /availability/
GET /availability/changes/
POST /reservations/
GET /reservations/
DELETE /reservations/{reference}/
POST /orders/
GET /orders/
GET /orders/{number}/
POST /orders/{number}/cancel/
POST /orders/{number}/hold/
POST /orders/{number}/release/
POST /orders/{number}/change-address/
POST /orders/{number}/change-mode/
POST /orders/{number}/reroute/
POST /orders/{number}/lines/{id}/cancel/
GET /orders/{number}/sourcing-runs/
GET /fulfilments/
POST /fulfilments/{id}/accept/
POST /fulfilments/{id}/claim/
POST /fulfilments/{id}/decline/
POST /fulfilments/{id}/pick/
POST /fulfilments/{id}/pack/
POST /fulfilments/{id}/hand-over/
POST /fulfilments/{id}/receive/
POST /fulfilments/{id}/collect/
GET /parcels/{id}/label/
POST /carriers/{carrier}/events/
POST /returns/
POST /returns/{number}/receive/
POST /returns/{number}/inspect/
POST /returns/{number}/match/
POST /returns/{number}/refund/
POST /returns/{number}/exchange/
POST /returns/{number}/cancel/
PUT /channel-allotments/
PUT /carrier-services/
PUT /expected-receipts/
POST /delivery-promises/
PUT /webhook-endpoints/
"""

# Promised for later versions. Once one is served it belongs to the list above.
LATER = """
POST /intake/{shop}/
POST /wms/{stock_point}/events/
POST /payments/{gateway}/webhook/
"""

# Served, and no part of what they serve.
UNDOCUMENTED = {"GET /schema/", "GET /docs/"}


def listed(text: str) -> set[str]:
    return {without_names(row) for row in text.split("\n") if row}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    response = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


@pytest.fixture(scope="module")
def documented(document: dict[str, Any]) -> set[str]:
    methods = {"get", "post", "put", "patch", "delete"}
    return {
        without_names(f"{method.upper()} {path.removeprefix('/api/v1')}")
        for path, operations in document["paths"].items()
        for method in operations
        if method in methods
    }


def test_every_route_of_the_contract_is_documented(documented: set[str]) -> None:
    assert listed(CONTRACT) - documented == set()


def test_routes_of_later_versions_are_not_announced(documented: set[str]) -> None:
    assert listed(LATER) & documented == set()


def test_the_document_is_exactly_what_is_served(documented: set[str]) -> None:
    served = {without_names(route.key) for route in api_routes()} - UNDOCUMENTED
    assert documented == served


def test_it_is_valid_and_nothing_in_it_was_guessed() -> None:
    """Warnings mean names that change with the next field (`State049Enum`), or a view nobody could read."""
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_every_operation_names_its_problems(document: dict[str, Any]) -> None:
    """A program can tell every refusal by the same shape."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if not status.startswith("4") or not response.get("content"):
                    continue
                assert list(response["content"]) == ["application/problem+json"], (path, method, status)
