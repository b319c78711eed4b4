"""A key does what its scopes say: every scope against every method of a view."""

import pytest

from oms.core.models.clients import Scope
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]

NEEDED = {
    ("GET", "/api/v1/things/"): "stock:read",
    ("HEAD", "/api/v1/things/"): "stock:read",
    ("POST", "/api/v1/things/"): "orders:write",
    ("PUT", "/api/v1/thing-rows/"): "config:write",
    ("GET", "/api/v1/entries/"): "stock:read",
}
BODIES = {"POST": {"name": "a"}, "PUT": [{"code": "a"}]}


@pytest.mark.parametrize("scope", Scope.values)
@pytest.mark.parametrize(("method", "path"), NEEDED)
def test_a_method_opens_to_its_scope_alone(method, path, scope):
    _, key = make_client("one-scope", [scope])
    answer = calling(key).generic(method, path, _body(method), content_type="application/json")
    if scope == NEEDED[method, path]:
        assert answer.status_code in {200, 201}
    else:
        assert answer.status_code == 403
        if method != "HEAD":
            assert answer.json()["code"] == "forbidden"
            assert answer.json()["data"] == {"scope": NEEDED[method, path]}


def test_a_method_whose_scope_was_forgotten_is_refused_to_all():
    _, key = make_client()
    answer = calling(key).get("/api/v1/forgotten/")
    assert (answer.status_code, answer.json()["detail"]) == (403, "No scope opens this method.")


def _body(method: str) -> bytes:
    import json

    return json.dumps(BODIES[method]).encode() if method in BODIES else b""
