"""An expected receipt's page: what comes of it is received there, part by part; what was announced stays readable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.models import AuditEntry
from stock.models import ExpectedReceipt, StockMovement, Transfer
from stock.services.awaiting import reserve_expected
from tests.admin.people import signed_in
from tests.stock.making import arrive, expect, figures, make_channel, make_point, make_variant, reservations
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt() -> ExpectedReceipt:
    make_channel("web")
    return expect(make_variant("SHIRT"), make_point("PARIS"), 10)


def page(receipt: ExpectedReceipt) -> str:
    return reverse("admin:stock_expectedreceipt_change", args=[receipt.pk])


def asked(client: Client, receipt: ExpectedReceipt) -> dict[str, Any]:
    """What the page's form is filled in with; nothing where it has none."""
    form = client.get(page(receipt)).context["delivery_form"]
    return {} if form is None else form.initial


def received(client: Client, receipt: ExpectedReceipt, **values: Any) -> list[str]:
    """What is said after the form was sent."""
    address = reverse("admin:stock_expectedreceipt_receive", args=[receipt.pk])
    answer = client.post(address, values)
    assert answer.status_code == 302, answer.status_code
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert client.get(page(receipt)).status_code == 200, "what is said once is not said again"
    return said


def standing(receipt: ExpectedReceipt) -> tuple[int, int, int]:
    receipt.refresh_from_db()
    return receipt.quantity, receipt.received, receipt.outstanding


def ledger() -> list[tuple[str, str, int]]:
    return list(StockMovement.objects.order_by("pk").values_list("kind", "reference", "quantity"))


def test_part_after_part_is_received_under_a_name_of_its_own(receipt: ExpectedReceipt) -> None:
    buyer = signed_in("merchandiser")
    assert asked(buyer, receipt) == {"quantity": 10, "delivery": "PO-1"}
    assert received(buyer, receipt, quantity=4, delivery="PO-1") == ["4 units came."]
    assert standing(receipt) == (10, 4, 6)
    assert asked(buyer, receipt) == {"quantity": 6, "delivery": "PO-1#2"}
    assert received(buyer, receipt, quantity=6, delivery="PO-1#2") == ["6 units came."]
    assert standing(receipt) == (10, 10, 0)
    assert ledger() == [("receipt", "PO-1", 4), ("receipt", "PO-1#2", 6)]
    assert figures(receipt.variant, receipt.stock_point) == (10, 0, 0)
    assert asked(buyer, receipt) == {}
    assert_invariants_hold()


def test_a_name_another_system_has_given_is_not_given_again(receipt: ExpectedReceipt) -> None:
    arrive(receipt.variant, receipt.stock_point, 1, reference="PO-1#2")
    assert asked(signed_in("merchandiser"), receipt) == {"quantity": 9, "delivery": "PO-1#3"}


def test_sent_twice_it_is_one_delivery(receipt: ExpectedReceipt) -> None:
    buyer = signed_in("merchandiser")
    received(buyer, receipt, quantity=4, delivery="PO-1")
    told = received(buyer, receipt, quantity=4, delivery="PO-1")
    assert told == ["This delivery is in the books already: nothing was added."]
    assert received(buyer, receipt, quantity=5, delivery="PO-1") == ["receipt PO-1 is known with 4 units."]
    assert standing(receipt) == (10, 4, 6)


def test_what_was_promised_of_it_moves_to_the_shelf_and_the_audit_says_who(receipt: ExpectedReceipt) -> None:
    channel = make_channel("shop")
    reserve_expected(owner="buyer:1", channel_id=channel.pk, wants=[(receipt.variant_id, 3)])
    received(signed_in("merchandiser"), receipt, quantity=4, delivery="PO-1")
    assert reservations("buyer:1") == [("SHIRT", "PARIS", 3, "confirmed")]
    assert figures(receipt.variant, receipt.stock_point) == (4, 3, 0)
    entry = AuditEntry.objects.get(action="expected_receipt.received")
    assert entry.actor.startswith("user:")
    assert (entry.subject, entry.changes["quantity"], entry.changes["delivery"]) == ("expected_receipt:PO-1", 4, "PO-1")


def test_more_than_was_announced_is_booked_and_said(receipt: ExpectedReceipt) -> None:
    told = received(signed_in("merchandiser"), receipt, quantity=12, delivery="PO-1")
    assert told == ["12 units came.", "That is 2 units more than was announced."]
    assert standing(receipt) == (10, 12, 0)


@pytest.mark.parametrize("values", [{"quantity": 0, "delivery": "PO-1"}, {"quantity": 4, "delivery": "PO-2"}, {}])
def test_what_cannot_be_moves_nothing(receipt: ExpectedReceipt, values: dict[str, Any]) -> None:
    assert received(signed_in("merchandiser"), receipt, **values)
    assert (standing(receipt), ledger()) == ((10, 0, 10), [])


def test_who_may_only_look_receives_nothing(receipt: ExpectedReceipt) -> None:
    manager = signed_in("store_manager", store="PARIS")
    assert asked(manager, receipt) == {}
    address = reverse("admin:stock_expectedreceipt_receive", args=[receipt.pk])
    assert manager.post(address, {"quantity": 4, "delivery": "PO-1"}).status_code == 403
    make_point("LYON")
    stranger = signed_in("store_manager", store="LYON")
    assert stranger.post(address, {"quantity": 4, "delivery": "PO-1"}).status_code == 404
    assert (standing(receipt), ledger()) == ((10, 0, 10), [])


def test_a_transfer_of_our_own_is_received_as_such() -> None:
    shirt, paris, lyon = make_variant("SHIRT"), make_point("PARIS"), make_point("LYON")
    receipt = expect(shirt, paris, 6, reference="T-1", kind="transfer")
    buyer = signed_in("merchandiser")
    assert asked(buyer, receipt) == {"quantity": 6, "delivery": "T-1"}
    Transfer.objects.create(
        reference="T-1", variant=shirt, giver=lyon, receiver=paris, quantity=6, unit_cost=0, source="warehouse"
    )
    assert asked(buyer, receipt) == {}
    told = received(buyer, receipt, quantity=6, delivery="T-1")
    assert told == ["This is a transfer: it is received on the transfer’s own page."]
    assert (standing(receipt), ledger()) == ((6, 0, 6), [])


def test_a_transfer_of_another_system_arrives_as_one() -> None:
    receipt = expect(make_variant("SHIRT"), make_point("PARIS"), 6, reference="T-1", kind="transfer")
    received(signed_in("merchandiser"), receipt, quantity=6, delivery="T-1")
    assert ledger() == [("transfer_in", "T-1", 6)]


def test_the_page_of_a_cancelled_one_says_what_had_been_announced(receipt: ExpectedReceipt) -> None:
    expect(make_variant("HAT"), receipt.stock_point, 99)
    expect(receipt.variant, receipt.stock_point, 12)
    buyer = signed_in("merchandiser")
    label = "Announced before it was cancelled"
    assert label not in buyer.get(page(receipt)).content.decode()
    expect(receipt.variant, receipt.stock_point, 0)
    answer = buyer.get(page(receipt))
    assert label in answer.content.decode()
    assert answer.context["adminform"].model_admin.announced_before(receipt) == "12"


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, []),
        (0, []),
        (-1, ["late"]),
        (-30, ["overdue"]),
    ],
)
def test_a_day_that_is_over_is_taken_and_said_to_be(days: int, told: list[str], settings: Any) -> None:
    settings.EXPECTED_RECEIPT_GRACE_DAYS = 3
    shirt, paris = make_variant("SHIRT"), make_point("PARIS")
    day = paris.local_day(clock.now()) + timedelta(days=days)
    values = {"reference": "PO-1", "variant": shirt.pk, "stock_point": paris.pk, "kind": "purchase", "quantity": 5}
    answer = signed_in("merchandiser").post(
        reverse("admin:stock_expectedreceipt_add"), values | {"expected_on": day.isoformat()}
    )
    assert answer.status_code == 302
    said = [str(message) for message in get_messages(answer.wsgi_request) if "It was to come on" in str(message)]
    assert len(said) == len(told)
    assert all(f"it is {word} already" in sentence for word, sentence in zip(told, said, strict=True))
    assert ExpectedReceipt.objects.get().expected_on == day
