"""A key bound to a part of the network finds no rule set; one without the scope is refused."""

import pytest

from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import publish, save_draft
from stock.services.binding import bind_client
from tests.orchestration.builders import a_channel, a_document, a_point
from tests.support.api import calling, make_client

pytestmark = pytest.mark.django_db

ROUTES = [
    ("get", "rule-sets/web-home/", None),
    ("put", "rule-sets/web-home/", a_document()),
    ("post", "rule-sets/web-home/publish/", {}),
    ("post", "rule-sets/web-home/roll-back/", {"version": 1}),
    ("get", "rule-sets/web-home/versions/", None),
    ("post", "rule-sets/web-home/lint/", {}),
]


@pytest.fixture
def rule_set():
    save_draft(code="web-home", document=a_document())
    publish(code="web-home")
    save_draft(code="web-home", document=a_document(priority=1))


def called(client, method, path, body):
    return getattr(client, method)(f"/api/v1/{path}", **({} if body is None else {"data": body}))


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_the_owner_s_key_is_answered(rule_set, method, path, body):
    _, key = make_client(scopes=["config:write"])
    assert called(calling(key), method, path, body).status_code == 200


@pytest.mark.parametrize("bound_to", ["channel", "stock_point"])
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_bound_key_finds_nothing_and_changes_nothing(rule_set, bound_to, method, path, body):
    before = list(RuleSetVersion.objects.order_by("pk").values())
    client, key = make_client(scopes=["config:write"])
    if bound_to == "channel":
        bind_client(client=client, channels=[a_channel().code])
    else:
        bind_client(client=client, stock_points=[a_point("shop").code])
    answer = called(calling(key), method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_rule_set")
    assert list(RuleSetVersion.objects.order_by("pk").values()) == before


def test_a_bound_key_lists_none(rule_set):
    client, key = make_client(scopes=["config:write"])
    bind_client(client=client, channels=[a_channel().code])
    assert calling(key).get("/api/v1/rule-sets/").json()["results"] == []


@pytest.mark.parametrize(("method", "path", "body"), [*ROUTES, ("get", "rule-sets/", None), ("put", "postcodes/", [])])
def test_without_the_scope_a_key_is_refused(rule_set, method, path, body):
    _, key = make_client(scopes=["stock:write", "orders:write"])
    answer = called(calling(key), method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert RuleSet.objects.get().published_version.number == 1
