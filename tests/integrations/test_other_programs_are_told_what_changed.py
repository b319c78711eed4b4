"""Endpoints hear what changed: signed, thin, under one id for days, never inside a private network."""

from __future__ import annotations

from datetime import timedelta

import httpx
import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from oms.core import clock
from oms.core.models import ApiClient
from oms.integrations.models import WebhookEndpoint, WebhookMessage
from oms.integrations.services import addressing, publishing
from oms.integrations.services.publishing import publish_of_order
from oms.integrations.services.webhook_delivering import WAITS, deliver_due, send_message_again
from orders.services.placing import place_order
from stock.queries.changes import changes_after
from tests.orders.conftest import open_shop
from tests.orders.making import request_for
from tests.stock.calling import Caller
from tests.stock.making import make_channel, make_point, make_variant, receive
from tests.support.concurrently import at_once
from tests.support.horizon import wait_for_foreign_transactions

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://shop.example/hooks"


class Receiver:
    """A program that answers with a status, and remembers what it was sent."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])

    def deliver(self) -> int:
        return deliver_due(transport=httpx.MockTransport(self))


@pytest.fixture(autouse=True)
def public_internet(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False
    names = {"shop.example": "93.184.215.14", "inside.example": "10.0.0.8", "both.example": "127.0.0.1"}

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (names.get(host, host), port))]

    monkeypatch.setattr(addressing.socket, "getaddrinfo", resolve)


def publish_availability() -> int:
    """Once no other test process holds the horizon back."""
    wait_for_foreign_transactions()
    return publishing.publish_availability()


def told() -> list[tuple[str, dict]]:
    return list(WebhookMessage.objects.order_by("created_at", "data__channel").values_list("event", "data"))


def subscribed(caller: Caller | None = None, **row) -> str:
    """The secret that was made for the endpoint."""
    wait_for_foreign_transactions()  # what changed before is then told to nobody
    caller = caller or Caller("shop")
    status, body = caller.put("/webhook-endpoints/", [{"url": URL, "events": ["availability.changed"], **row}])
    assert (status, body["errors"], body["created"]) == (200, [], 1)
    return body["secrets"].get(URL, "")


@pytest.fixture
def message(db) -> WebhookMessage:
    make_channel("web")
    subscribed()
    receive(make_variant("SHIRT"), make_point("PARIS"), 3)
    assert publish_availability() == 1
    return WebhookMessage.objects.get()


def test_rows_are_refused_one_by_one(db):
    rows = [
        {"url": "https://shop.example/a", "events": ["availability.changed"]},
        {"url": "ftp://shop.example/", "events": ["availability.changed"]},
        {"url": "http://shop.example/", "events": ["availability.changed"]},
        {"url": "https://who:me@shop.example/", "events": ["availability.changed"]},
        {"url": "https://shop.example/b", "events": ["weather.changed"]},
        {"url": "https://shop.example/c"},
        {"url": "https://shop.example/d", "events": [], "secret": "whsec_!"},
    ]
    status, body = Caller("shop").put("/webhook-endpoints/", rows)
    assert (status, body["created"]) == (200, 1)
    assert [(error["index"], error["code"]) for error in body["errors"]] == [
        (1, "invalid"),
        (2, "invalid"),
        (3, "invalid"),
        (4, "unknown_event"),
        (5, "unknown_event"),
        (6, "invalid"),
    ]
    assert list(body["secrets"]) == ["https://shop.example/a"]


PRIVATE = [
    "127.0.0.1",
    "10.0.0.3",
    "192.168.1.4:8443",
    "169.254.169.254",
    "[::1]",
    "[::ffff:10.0.0.1]",
    "[fd00::1]",
    "localhost",
    "LOCALHOST.:8443",
    "api.localhost",
    "127.1",
    "2130706433",
]


def test_a_private_address_is_refused_when_it_is_registered(db, settings):
    rows = [{"url": f"https://{address}/hooks", "events": ["order.placed"]} for address in PRIVATE]
    status, body = Caller("shop").put("/webhook-endpoints/", rows)
    refusal = "url: This is an address of a private network: nothing is sent there."
    assert [error["detail"] for error in body["errors"]] == [refusal] * len(PRIVATE)
    assert (status, body["created"], WebhookEndpoint.objects.count()) == (200, 0, 0)
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = True
    assert Caller("shop 2").put("/webhook-endpoints/", rows)[1]["created"] == len(PRIVATE)


def test_a_public_address_and_a_name_are_registered(db):
    """What a name stands for is asked when something is sent."""
    hosts = ["93.184.215.14", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "inside.example", "localhost.example"]
    rows = [{"url": f"https://{host}/hooks", "events": ["order.placed"]} for host in hosts]
    assert Caller("shop").put("/webhook-endpoints/", rows)[1]["created"] == len(hosts)


def test_its_scope_is_needed(db):
    assert Caller("other", scopes=["stock:read"]).put("/webhook-endpoints/", [])[0] == 403


def test_a_secret_is_told_once_and_kept(db):
    caller = Caller("shop")
    secret = subscribed(caller)
    assert secret.startswith("whsec_")
    row = {"url": URL, "events": ["availability.changed"]}
    assert caller.put("/webhook-endpoints/", [row])[1] == {
        "created": 0,
        "updated": 0,
        "unchanged": 1,
        "errors": [],
        "secrets": {},
    }
    assert WebhookEndpoint.objects.get().secret == secret


def test_each_client_has_its_own(db):
    subscribed(Caller("shop"))
    subscribed(Caller("market"))
    assert WebhookEndpoint.objects.count() == 2


def test_changes_are_told_in_one_thin_message_per_channel(db):
    make_channel("web"), make_channel("market")
    subscribed()
    paris = make_point("PARIS")
    for sku in ("A", "B", "C"):
        receive(make_variant(sku), paris, 3)
    assert publish_availability() == 2
    skus = ["A", "B", "C"]
    assert told() == [
        ("availability.changed", {"channel": "market", "skus": skus}),
        ("availability.changed", {"channel": "web", "skus": skus}),
    ]
    assert publish_availability() == 0


def test_it_hears_of_what_changes_after_it_was_made_and_of_channels_its_client_sees(db):
    make_channel("web"), make_channel("market")
    paris = make_point("PARIS")
    receive(make_variant("BEFORE"), paris, 3)
    subscribed(Caller("shop", channels=["web"]))
    receive(make_variant("AFTER"), paris, 3)
    publish_availability()
    assert told() == [("availability.changed", {"channel": "web", "skus": ["AFTER"]})]


def test_a_message_is_signed_and_goes_to_the_address_that_was_looked_at(message):
    receiver = Receiver(204)
    assert receiver.deliver() == 1
    (request,) = receiver.requests
    body = Webhook(message.endpoint.secret).verify(request.content, dict(request.headers))
    assert body["type"] == "availability.changed"
    assert body["data"] == {"channel": "web", "skus": ["SHIRT"]}
    assert (request.url.host, request.headers["host"]) == ("93.184.215.14", "shop.example")
    assert request.extensions["sni_hostname"] == "shop.example"
    message.refresh_from_db()
    assert (message.state, message.attempts, receiver.deliver()) == ("delivered", 1, 0)


def test_a_receiver_that_is_down_for_a_day_gets_all_later_under_the_same_ids(message, time_machine):
    receiver = Receiver(503)
    now = clock.now()
    time_machine.move_to(now, tick=False)
    for wait in WAITS[:9]:
        receiver.deliver()
        now += wait
        time_machine.move_to(now, tick=False)
    receiver.statuses = [200]
    receiver.deliver()
    ids = {request.headers["webhook-id"] for request in receiver.requests}
    assert (len(receiver.requests), ids) == (10, {f"msg_{message.pk.hex}"})
    for request in receiver.requests[-1:]:
        Webhook(message.endpoint.secret).verify(request.content, dict(request.headers))
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("delivered", 10)


def test_one_that_never_gets_through_is_dead_and_can_be_revived(message, time_machine):
    receiver = Receiver(500)
    now = clock.now()
    for wait in (*WAITS, timedelta(0)):
        time_machine.move_to(now, tick=False)
        receiver.deliver()
        now += wait
    message.refresh_from_db()
    assert (message.state, message.last_error, len(receiver.requests)) == ("dead", "answered 500", len(WAITS) + 1)
    send_message_again(message_id=message.pk)
    receiver.statuses = [200]
    assert receiver.deliver() == 1


def test_days_lie_between_the_first_attempt_and_the_last():
    assert sum(WAITS, timedelta(0)) > timedelta(days=4)


@pytest.mark.parametrize(
    "address",
    ["inside.example", "both.example", "127.0.0.1", "169.254.169.254", "192.168.1.4", "[::1]", "[::ffff:10.0.0.1]"],
)
def test_nothing_is_sent_into_a_private_network(message, address):
    WebhookEndpoint.objects.update(url=f"https://{address}/hooks")
    receiver = Receiver(200)
    assert receiver.deliver() == 0
    assert receiver.requests == []
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("pending", 1)
    assert "private network" in message.last_error


def test_a_development_machine_may_be_told_where_it_is_allowed(message, settings):
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = True
    WebhookEndpoint.objects.update(url="http://both.example:8000/hooks")
    assert Receiver(200).deliver() == 1


def test_a_redirect_is_not_followed(message):
    receiver = Receiver(302)
    assert receiver.deliver() == 0
    assert len(receiver.requests) == 1


def test_endpoints_hear_of_orders_their_clients_see(db):
    shop = open_shop()
    make_channel("other")
    subscribed(Caller("all"), events=["order.placed"])
    subscribed(Caller("none", channels=["other"]), events=["order.placed"])
    order = place_order(request=request_for(shop.channel, {shop.skus[0]: 1}))
    assert publish_of_order(event="order.placed", order_id=order.pk) == 1
    (found,) = WebhookMessage.objects.all()
    assert found.data == {"order": order.number, "channel": shop.channel.code}
    assert found.endpoint.client == ApiClient.objects.get(name="all")


def test_its_body_is_what_was_signed_and_nothing_more(message):
    receiver = Receiver(200)
    receiver.deliver()
    assert set(orjson.loads(receiver.requests[0].content)) == {"type", "timestamp", "data"}


def skus_told(channel: str = "web") -> list[list[str]]:
    """Of each message of the channel, oldest first."""
    found = WebhookMessage.objects.filter(data__channel=channel).order_by("created_at", "pk")
    return [message.data["skus"] for message in found]


def test_what_changes_many_times_between_two_rounds_is_told_once(db):
    make_channel("web")
    subscribed()
    paris, shirt, hat = make_point("PARIS"), make_variant("SHIRT"), make_variant("HAT")
    for _ in range(10):
        receive(shirt, paris, 1)
        receive(hat, paris, 1)
    assert publish_availability() == 1
    assert skus_told() == [["SHIRT", "HAT"]]


def test_a_great_change_is_told_in_messages_of_so_many_articles_each(db, monkeypatch):
    monkeypatch.setattr(publishing, "SKUS_PER_MESSAGE", 2)
    make_channel("web"), make_channel("market")
    subscribed()
    paris = make_point("PARIS")
    for number in range(5):
        receive(make_variant(f"A{number}"), paris, 1)
    assert publish_availability() == 6
    assert skus_told() == skus_told("market") == [["A0", "A1"], ["A2", "A3"], ["A4"]]
    assert publish_availability() == 0


def test_one_round_reads_so_much_and_the_next_goes_on_from_there(db, monkeypatch):
    """However the feed is cut into pages, an article is told once a round, and none is left out."""
    monkeypatch.setattr(publishing, "changes_after", lambda position: changes_after(position, limit=1))
    monkeypatch.setattr(publishing, "PAGES_AT_ONCE", 4)
    make_channel("web")
    subscribed()
    paris, articles = make_point("PARIS"), [make_variant(f"A{number}") for number in range(3)]
    for article in [*articles, *articles, *articles]:
        receive(article, paris, 1)
    rounds = [skus_told() for _ in iter(publish_availability, 0)]
    assert len(rounds) > 1
    assert all(len(set(skus)) == len(skus) <= 3 for skus in rounds[-1])
    assert {sku for skus in rounds[-1] for sku in skus} == {"A0", "A1", "A2"}


def test_two_rounds_at_once_tell_it_once(db):
    make_channel("web")
    subscribed()
    receive(make_variant("SHIRT"), make_point("PARIS"), 3)
    wait_for_foreign_transactions()
    written = at_once([publishing.publish_availability] * 4)
    assert (sum(written), skus_told()) == (1, [["SHIRT"]])


def test_messages_that_wait_are_sent_each_in_one_request(db):
    make_channel("web"), make_channel("market")
    subscribed()
    receive(make_variant("SHIRT"), make_point("PARIS"), 3)
    publish_availability()
    receiver = Receiver(200)
    assert receiver.deliver() == 2
    bodies = [orjson.loads(request.content)["data"] for request in receiver.requests]
    assert sorted(body["channel"] for body in bodies) == ["market", "web"]
    assert {tuple(sorted(body)) for body in bodies} == {("channel", "skus")}, "thin: no figure is told, it is asked for"
