from __future__ import annotations

from decimal import Decimal

import pytest

from oms.core.errors import Invalid
from orders.gateways import gateway_for
from orders.gateways.protocol import AuthoriseRequest, GatewayUnavailable, MoneyRequest, Outcome
from orders.gateways.simulated import SimulatedGateway
from orders.models import SimulatedTransaction

pytestmark = pytest.mark.django_db
gateway = SimulatedGateway()


def authorise(
    key: str = "a-1", token: str = "tok_visa", amount: str = "30.00", method: str = "card"
) -> AuthoriseRequest:
    return AuthoriseRequest(
        key=key, amount=Decimal(amount), currency="EUR", method=method, token=token, order_number="H1"
    )


def about(key: str, amount: str, authorisation: str) -> MoneyRequest:
    return MoneyRequest(key=key, amount=Decimal(amount), currency="EUR", authorisation=authorisation)


def test_the_same_key_gets_the_same_answer_and_one_entry() -> None:
    first = gateway.authorise(authorise())
    assert first.outcome == Outcome.SUCCEEDED
    assert gateway.authorise(authorise()) == first
    assert gateway.authorise(authorise(amount="99.00")) == first
    assert SimulatedTransaction.objects.get().amount == Decimal("30.00")


@pytest.mark.parametrize(
    ("token", "truth"),
    [
        ("unknown", Outcome.SUCCEEDED),
        ("unknown-in-vain", Outcome.REFUSED),
        ("timeout", Outcome.SUCCEEDED),
        ("timeout-in-vain", Outcome.REFUSED),
    ],
)
def test_a_lost_answer_stays_lost_and_an_inquiry_tells_the_truth(token: str, truth: Outcome) -> None:
    for _ in range(2):
        if token.startswith("timeout"):
            with pytest.raises(GatewayUnavailable):
                gateway.authorise(authorise(token=token))
        else:
            assert gateway.authorise(authorise(token=token)).outcome == Outcome.UNKNOWN
    assert gateway.inquire("a-1").outcome == truth
    assert SimulatedTransaction.objects.count() == 1


def test_a_key_it_never_heard_of_is_not_found() -> None:
    assert gateway.inquire("nobody").outcome == Outcome.NOT_FOUND


def test_a_refusal_says_so_again() -> None:
    assert gateway.authorise(authorise(token="refuse")).outcome == Outcome.REFUSED
    assert gateway.authorise(authorise(token="refuse")).outcome == Outcome.REFUSED
    assert gateway.inquire("a-1").failure == "Refused by the simulated bank."


def test_captures_stay_within_the_authorisation_and_refunds_within_the_captures() -> None:
    reference = gateway.authorise(authorise()).reference
    assert gateway.capture(about("c-1", "20.00", reference)).outcome == Outcome.SUCCEEDED
    assert gateway.capture(about("c-2", "10.01", reference)).failure == "More than was authorised."
    assert gateway.refund(about("r-1", "20.01", reference)).failure == "More than was captured."
    assert gateway.refund(about("r-2", "20.00", reference)).outcome == Outcome.SUCCEEDED
    assert gateway.refund(about("r-3", "0.01", reference)).failure == "More than was captured."
    assert gateway.void(about("v-1", "10.00", reference)).outcome == Outcome.SUCCEEDED
    assert gateway.capture(about("c-3", "1.00", reference)).failure == "The authorisation was voided."


def test_a_refused_authorisation_can_be_used_for_nothing() -> None:
    reference = gateway.authorise(authorise(token="refuse")).reference
    assert gateway.capture(about("c-1", "1.00", reference)).failure == "Nothing was authorised."


def test_a_token_can_spoil_a_later_request_only() -> None:
    answer = gateway.authorise(authorise(token="timeout-capture"))
    assert answer.outcome == Outcome.SUCCEEDED
    with pytest.raises(GatewayUnavailable):
        gateway.capture(about("c-1", "30.00", answer.reference))
    assert gateway.inquire("c-1").outcome == Outcome.SUCCEEDED
    assert gateway.refund(about("r-1", "30.00", answer.reference)).outcome == Outcome.SUCCEEDED


def test_a_link_is_pending_until_it_is_paid() -> None:
    assert gateway.authorise(authorise(method="payment_link")).outcome == Outcome.PENDING
    assert gateway.inquire("a-1").outcome == Outcome.PENDING
    gateway.pay_link("a-1")
    assert gateway.inquire("a-1").outcome == Outcome.SUCCEEDED


def test_gateways_are_found_by_their_code() -> None:
    assert gateway_for("simulated").code == "simulated"
    with pytest.raises(Invalid):
        gateway_for("nobody")
