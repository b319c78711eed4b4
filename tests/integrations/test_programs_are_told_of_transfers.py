"""A giver's and a receiver's own systems hear of a transfer's steps, and nobody else does."""

import pytest

from oms.core.services.relaying import drain_events
from oms.integrations.models import WebhookMessage
from stock.models import Transfer
from stock.services.replenishing import replenish_stock
from stock.services.transferring import accept_transfer, cancel_transfer, receive_transfer, ship_transfer
from tests.stock.calling import Caller
from tests.stock.making import make_point
from tests.stock.test_transfers_are_proposed_accepted_and_received import Network

pytestmark = pytest.mark.django_db

EVENTS = ["transfer.accepted", "transfer.cancelled", "transfer.shipped", "transfer.received"]


def listens(name: str, **binding: object) -> None:
    caller = Caller(name, **binding)  # type: ignore[arg-type]
    status, body = caller.put("/webhook-endpoints/", [{"url": f"https://{name}.example/hooks", "events": EVENTS}])
    assert (status, body["errors"], body["created"]) == (200, [], 1)


def told() -> list[tuple[str, str]]:
    return sorted(WebhookMessage.objects.values_list("endpoint__client__name", "event"))


@pytest.fixture
def transfer() -> Transfer:
    Network()
    make_point("LYON")
    listens("wms", stock_points=["DEPOT"])
    listens("till", stock_points=["PARIS"])
    listens("stranger", stock_points=["LYON"])
    listens("shop", scopes=["orders:read", "webhooks:write"])
    replenish_stock()
    return Transfer.objects.proposed().get()


def test_both_ends_hear_of_each_step(transfer: Transfer) -> None:
    accept_transfer(transfer_id=transfer.pk)
    drain_events()
    assert told() == [("till", "transfer.accepted"), ("wms", "transfer.accepted")]
    assert (
        WebhookMessage.objects.filter(
            data={"transfer": transfer.reference, "giver": "DEPOT", "receiver": "PARIS"}
        ).count()
        == 2
    )
    ship_transfer(transfer_id=transfer.pk)
    receive_transfer(transfer_id=transfer.pk, quantity=20)
    drain_events()
    assert [event for name, event in told() if name == "wms"] == [
        "transfer.accepted",
        "transfer.received",
        "transfer.shipped",
    ]


def test_the_giver_hears_that_it_need_not_send(transfer: Transfer) -> None:
    accept_transfer(transfer_id=transfer.pk)
    cancel_transfer(transfer_id=transfer.pk)
    drain_events()
    assert ("wms", "transfer.cancelled") in told()


def test_of_what_nobody_decided_nobody_hears(transfer: Transfer) -> None:
    drain_events()
    assert told() == []
