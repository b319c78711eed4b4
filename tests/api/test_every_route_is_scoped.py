"""Every route of the API: nobody without a key, nobody without the scope, nobody to another's objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from oms.core import clock
from oms.core.api.permissions import opening_scopes
from tests.api.routes import Route, addresses, api_routes
from tests.api.scoping import BULK, LISTS, NAMING, OBJECTS, PUBLIC, SHARED, SIGNED, path_of
from tests.api.world import Call, World
from tests.factories.clients import EVERY_SCOPE, Api, api_client, signing_peer
from tests.factories.retailer import answered

pytestmark = pytest.mark.django_db

ROUTES = {route.key: route for route in api_routes()}
WITH_KEY = sorted(set(ROUTES) - SIGNED - PUBLIC)
KINDS = (OBJECTS, LISTS, BULK, NAMING, SHARED, SIGNED, PUBLIC)


@pytest.fixture
def world() -> World:
    return World()


def anybody_of(route: Route) -> str:
    """The route's address with parameters of the right form; keys and scopes are judged before objects."""
    return path_of(
        route.path, dict.fromkeys(("pk", "line_id"), 1) | dict.fromkeys(("number", "code", "reference"), "x")
    )


def call(api: Api, route: Route, given: Call) -> Any:
    path = path_of(route.path, given.parameters)
    return api.get(path, **given.query) if route.method == "GET" else api.call(route.method, path, given.body)


def test_every_route_has_exactly_one_fixture() -> None:
    """A route that is not named in tests/api/scoping.py must be added there: say whose objects it is about."""
    named = [key for kind in KINDS for key in kind]
    assert sorted(ROUTES) == sorted(named)


def test_every_object_in_an_address_is_protected_by_a_fixture_of_its_own() -> None:
    with_object = {key for key, route in ROUTES.items() if route.has_object}
    assert with_object - SIGNED == set(OBJECTS)


# Beside the API and the admin, each with tests of its own: whose it is, and who else may see it.
ELSEWHERE = {
    "store/": "a store's own people (tests/store)",
    "pay/": "whoever holds a signed link to a payment (tests/public)",
    "order/": "whoever holds a signed link (tests/public)",
    "mailbox/": "whoever runs an installation without a mail server (tests/integrations)",
    "pictures/": "everybody: what articles look like",
    "language/": "everybody: the language of one's own pages",
    "livez": "everybody: a health check",
    "readyz": "everybody: a health check",
}


def test_nothing_else_is_served() -> None:
    unknown = [address for address in addresses() if address and not address.startswith(tuple(ELSEWHERE))]
    assert unknown == []


@pytest.mark.parametrize("key", WITH_KEY)
def test_without_a_key_it_is_refused(key: str) -> None:
    route = ROUTES[key]
    for api in (Api(None), Api("halles_00000000_wrong")):
        response = api.call(route.method, anybody_of(route), {})
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("key", WITH_KEY)
def test_without_its_scope_it_is_refused(key: str) -> None:
    route = ROUTES[key]
    scopes = opening_scopes(route.view, route.method)
    assert scopes
    assert set(scopes) <= set(EVERY_SCOPE)
    others = api_client(*(each for each in EVERY_SCOPE if each not in scopes))
    response = others.call(route.method, anybody_of(route), {})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert response.json()["data"] == {"scope": scopes[0]}


@pytest.mark.parametrize("key", sorted(PUBLIC))
def test_the_document_is_public(key: str) -> None:
    assert Api(None).get(ROUTES[key].path).status_code == 200


@pytest.mark.parametrize("key", sorted(OBJECTS))
def test_anothers_object_is_not_found(key: str, world: World) -> None:
    route, given = ROUTES[key], OBJECTS[key](world)
    strangers = given.strangers
    assert strangers
    for name in strangers:
        response = call(world.strangers[name], route, given)
        assert response.status_code == 404, (name, response.content)
        assert response["Content-Type"] == "application/problem+json"
    owner = world.head_office if given.by_head_office else world.owner
    response = call(owner, route, given)
    assert response.status_code == given.success, response.content


@pytest.mark.parametrize("key", sorted(LISTS))
def test_lists_hold_ones_own_rows_only(key: str, world: World) -> None:
    route, given = ROUTES[key], LISTS[key](world)

    def values(api: Api) -> list[Any]:
        response = api.get(route.path, **given.query)
        assert response.status_code == 200, response.content
        assert response.json()["next"] is None
        return [row[given.name] for row in response.json()["results"]]

    assert given.value in values(world.owner)
    for name in given.strangers:
        assert given.value not in values(world.strangers[name]), name


@pytest.mark.parametrize("key", sorted(BULK))
def test_rows_about_anothers_object_are_refused(key: str, world: World) -> None:
    route, given = ROUTES[key], BULK[key](world)
    for name in given.strangers:
        response = world.strangers[name].call(route.method, route.path, [given.row])
        assert response.status_code == 200, response.content
        answer = response.json()
        assert [(error["index"], error["code"]) for error in answer["errors"]] == [(0, given.code)]
        assert (answer["created"], answer["updated"], answer["unchanged"]) == (0, 0, 0)
    answer = world.owner.call(route.method, route.path, [given.row]).json()
    assert (answer["errors"], answer["created"] + answer["updated"]) == ([], 1)


@pytest.mark.parametrize("key", sorted(NAMING))
def test_naming_anothers_object_is_refused(key: str, world: World) -> None:
    route, given = ROUTES[key], NAMING[key](world)
    for name in given.strangers:
        response = call(world.strangers[name], route, given)
        assert (response.status_code, response.json()["code"]) in given.refusals, response.content
    response = call(world.owner, route, given)
    assert response.status_code == given.success, response.content


def test_figures_of_another_store_inside_a_file_are_refused(world: World) -> None:
    rows = [{"sku": "shirt", "stock_point": point, "quantity": 3} for point in ("store-a", "store-b")]
    body = {"kind": "snapshot", "as_of": "2099-01-01T00:00:00Z", "source": "till-b", "rows": rows}
    with clock.clock_at(datetime(2099, 1, 1, 1, tzinfo=UTC)):
        accepted = answered(world.strangers["store-b"].post("/stock-imports/", body), 202)
        world.retailer.drain()
    done = answered(world.strangers["store-b"].get(f"/stock-imports/{accepted['id']}/"), 200)
    assert (done["status"], done["applied"], done["rejected"] + done["quarantined"]) == ("applied", 1, 1)
    assert world.retailer.levels("shirt") == {("shirt", "store-a"): (20, 0), ("shirt", "store-b"): (3, 0)}


@pytest.mark.parametrize("key", sorted(SIGNED))
def test_a_message_needs_its_own_peers_signature(key: str) -> None:
    path = path_of(ROUTES[key].path, {"carrier": "house"})
    body = {
        "event_id": "e1",
        "tracking_number": "HA000000000001",
        "kind": "in_transit",
        "occurred_at": "2026-01-01T00:00:00Z",
    }
    another = signing_peer("another")
    house = signing_peer("house")
    assert Api(None).post(path, body).status_code == 401
    assert api_client().post(path, body).status_code == 401
    assert another.post(path, body).status_code == 401
    assert house.post(path, body).status_code == 200
