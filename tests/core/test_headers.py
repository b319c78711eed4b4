"""Every answer carries its request's id and a content security policy."""

import re

import pytest
import structlog

from oms.core.models import User
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]

STRICT = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def test_an_answer_allows_no_script_but_our_own_files(client):
    for path in ("/livez", "/api/v1/nowhere/", "/nowhere"):
        assert client.get(path)["Content-Security-Policy"] == STRICT


def test_the_admin_allows_evaluation_but_no_inline_script(client):
    client.force_login(User.objects.create_superuser("root", password="x"))
    policy = client.get("/admin/")["Content-Security-Policy"]
    assert policy == f"{STRICT}; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/core/auditentry/", "/admin/core/user/add/"])
def test_the_admins_pages_need_no_more_than_their_policy_allows(client, path):
    client.force_login(User.objects.create_superuser("root", password="x"))
    page = client.get(path, follow=True).content.decode()
    inline = [tag for tag in re.findall(r"<script\b[^>]*>", page) if "src=" not in tag and "json" not in tag]
    assert inline == []
    assert re.findall(r"<[^>]+\son(?:click|change|submit|load)=", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//[^\"]+", page) == []


def test_a_well_formed_request_id_is_kept(client):
    assert client.get("/livez", HTTP_X_REQUEST_ID="edge-0123.abc_D")["X-Request-Id"] == "edge-0123.abc_D"


@pytest.mark.parametrize("given", [None, "short", "x" * 65, "no spaces here", 'a"b"c"d"e'])
def test_any_other_is_replaced(client, given):
    headers = {} if given is None else {"HTTP_X_REQUEST_ID": given}
    assert re.fullmatch(r"[0-9a-f]{32}", client.get("/livez", **headers)["X-Request-Id"])


def test_what_is_logged_in_a_request_carries_its_id(monkeypatch):
    from tests.core import urls

    seen = []
    monkeypatch.setattr(urls, "during", [lambda: seen.append(structlog.contextvars.get_contextvars())])
    _, key = make_client()
    calling(key).post("/api/v1/things/", {"name": "a"}, HTTP_X_REQUEST_ID="edge-0123")
    assert seen == [{"request_id": "edge-0123"}]
    assert structlog.contextvars.get_contextvars() == {}
