"""Generated requests: every answer is one that the served OpenAPI document announces, and none is a server error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from oms.core.api import views
from oms.wsgi import application
from orders.models import Order, Parcel
from tests.api.routes import Route, api_routes, without_names
from tests.api.scoping import (
    BULK,
    LISTS,
    NAMING,
    OBJECTS,
    PUBLIC,
    SHARED,
    SIGNED,
)
from tests.api.world import Call, World, hold_body

ACCEPT = {"Accept": "application/vnd.oai.openapi+json"}
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/schema/", application, headers=ACCEPT)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
REALLY = st.sampled_from([True, True, False])


pytestmark = pytest.mark.django_db


ROUTES = {route.key: route for route in api_routes()}
BY_ROUTE = {without_names(label.replace("/api/v1", "")): operation for label, operation in OPERATIONS.items()}
SUCCEEDING = set(ROUTES) - SIGNED - PUBLIC


class Reality:
    """What exists, by the names under which requests speak of it."""

    def __init__(self, world: World) -> None:
        self.key = world.head_office.key
        offered = world.offered()
        packed = world.packed()
        world.drafted()
        world.head_office.post("/reservations/", hold_body())
        number = offered["order"]
        parcel = Parcel.objects.get(pk=packed["parcels"][0]["id"])
        self.values: dict[str, Any] = {
            "sku": "shirt",
            "channel": "channel-a",
            "stock_point": "store-a",
            "pickup_point": "store-a",
            "selling_stock_point": "store-a",
            "gateway": "simulated",
            "country": "FR",
            "postcode": "59800",
            "currency": "EUR",
            "tracking_number": parcel.tracking_number,
            "reference": "cart-a",
            "carrier": "house",
            "number": number,
            "line_id": Order.objects.get(number=number).lines.get().pk,
            "code": "a",
        }
        self.keys = {"/fulfilments/": offered["id"], "/parcels/": parcel.pk}

    def parameters_for(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        keys = [key for start, key in self.keys.items() if path.removeprefix("/api/v1").startswith(start)]
        real = self.values | ({"pk": keys[0], "id": keys[0]} if keys else {})
        return {name: real.get(name, value) for name, value in given.items()}

    def told(self, body: Any) -> Any:
        """The body with what it names really there."""
        if isinstance(body, list):
            return [self.told(each) for each in body]
        if not isinstance(body, dict):
            return body
        names = self.values.keys() & body.keys()
        real = {name: self.values[name] for name in names if isinstance(body[name], str)}
        return {name: self.told(value) for name, value in body.items()} | real


@contextmanager
def requests_keep_the_connection() -> Iterator[None]:
    """As Django's own test client does: the transaction of the test outlives each request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def reality(django_db_setup: None, django_db_blocker: Any) -> Iterator[Reality]:
    """One world for all operations: each request is forgotten once it is answered."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = Reality(World())
        with requests_keep_the_connection():
            yield found
        transaction.set_rollback(True)


def refusals_are_problems(response: Any) -> None:
    """RFC 9457, with our stable code, on every refusal."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    problem = response.json()
    assert {"type", "title", "status", "code", "detail"} <= problem.keys()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:halles:problem:{problem['code']}"
    assert problem["detail"]


def keep_to_the_document(reality: Reality, label: str, mode: GenerationMode, examples: int) -> None:
    operation = OPERATIONS[label]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), is_real=REALLY)
    def conforms(case: Case, is_real: bool) -> None:
        if is_real and mode == GenerationMode.POSITIVE:
            case.path_parameters = reality.parameters_for(operation.path, dict(case.path_parameters or {}))
            case.body = reality.told(case.body)
        with transaction.atomic():
            response = case.call_and_validate(headers={"Authorization": f"Bearer {reality.key}"}, checks=CHECKS)
            transaction.set_rollback(True)
        refusals_are_problems(response)

    conforms()


def succeeding(world: World, route: Route) -> tuple[Call, int]:
    """The call of the route's fixture for the tests of scoping, and its status."""
    key = route.key
    if key in BULK:
        return Call(body=[BULK[key](world).row]), 200
    if key in LISTS:
        return Call(query=LISTS[key](world).query), 200
    made = (OBJECTS | NAMING | SHARED)[key](world)
    return made, made.success


@pytest.mark.parametrize("key", sorted(SUCCEEDING))
def test_success_is_answered_as_it_says(key: str) -> None:
    world, route = World(), ROUTES[key]
    given, status = succeeding(world, route)
    operation = BY_ROUTE[without_names(key)]
    # The document calls a primary key `id`.
    named = {"id" if name == "pk" else name: value for name, value in given.parameters.items()}
    media_type = "multipart/form-data" if given.is_form else "application/json"
    case = operation.Case(
        path_parameters=named,
        query=dict(given.query),
        **({} if given.body is None else {"body": given.body, "media_type": media_type}),
    )
    with requests_keep_the_connection():
        response = case.call_and_validate(headers={"Authorization": f"Bearer {world.head_office.key}"}, checks=CHECKS)
    assert response.status_code == status


@pytest.fixture(autouse=True)
def _signatures_are_another_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a peer signs is proven elsewhere; here its messages are read."""
    monkeypatch.setattr(views, "verify", lambda request, name: "message")


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_what_fits_the_document_is_answered_as_it_says(reality: Reality, label: str) -> None:
    keep_to_the_document(reality, label, GenerationMode.POSITIVE, examples=12)


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_what_does_not_fit_is_refused_as_it_says(reality: Reality, label: str) -> None:
    keep_to_the_document(reality, label, GenerationMode.NEGATIVE, examples=8)


@pytest.mark.long
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_at_length(reality: Reality, label: str, mode: GenerationMode) -> None:
    keep_to_the_document(reality, label, mode, examples=150)
