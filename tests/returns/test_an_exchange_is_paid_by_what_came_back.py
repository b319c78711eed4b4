"""A replacement is a new order paid with the returned goods' worth: no money is made, none is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from oms.core import clock
from oms.core.errors import ConcurrentChange
from orders.errors import RefundTooLarge
from orders.gateways.protocol import AuthoriseRequest, MoneyRequest, Outcome
from orders.models import Order, Payment
from orders.services.refunding import refund_order
from returns.gateways import ExchangeGateway, token_for
from returns.models import CreditEntry, Return
from returns.services import exchanging
from returns.services.exchanging import resume_exchanges
from tests.factories.clients import api_client
from tests.factories.retailer import Json, answered
from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


def money(order: Json, counter: Counter) -> list[tuple[str, str, str]]:
    """(gateway, captured, refunded) of an order's payments."""
    payments = counter.retailer.order(order["number"])["payments"]
    return [(payment["gateway"], payment["captured"], payment["refunded"]) for payment in payments]


def test_the_same_article_again_costs_nothing_whatever_its_price_is_now(counter: Counter) -> None:
    order = counter.sold(rows=[{"sku": "shirt", "quantity": 3, "discount": "2.00"}])
    returned = counter.inspected(order, {"shirt": 1}, grade="damaged")
    counter.retailer.add_articles(["shirt"], price="15.00")
    exchanged = counter.move(returned, "exchange")
    assert (exchanged["state"], exchanged["settlement"]) == ("settled", "exchange")
    assert (exchanged["credit_amount"], exchanged["refund_amount"]) == ("9.33", "0.00")
    replacing = counter.retailer.order(exchanged["exchange_order"])
    assert (replacing["state"], replacing["mode"], replacing["total"]) == ("fulfilled", "carry_out", "9.33")
    assert money(replacing, counter) == [("exchange", "9.33", "0.00")]
    assert money(order, counter) == [("simulated", "28.00", "0.00")]
    # Five, three sold, one back but damaged, one taken instead.
    assert counter.level("shirt", "paris") == (2, 0, 1)
    assert_invariants_hold()


def test_a_cheaper_one_leaves_a_refund(counter: Counter) -> None:
    order = counter.sold({"coat": 1})
    returned = counter.inspected(order)
    exchanged = counter.move(returned, "exchange", {"lines": [{"sku": "cap", "quantity": 1}]})
    assert (exchanged["credit_amount"], exchanged["refund_amount"]) == ("10.00", "20.00")
    assert money(order, counter) == [("simulated", "30.00", "20.00")]
    assert_invariants_hold()


def test_a_dearer_one_needs_the_rest(counter: Counter) -> None:
    returned = counter.inspected(counter.sold())
    body = {"lines": [{"sku": "coat", "quantity": 1}]}
    refusal = counter.refused(returned, "exchange", body, status=422)
    assert (refusal["code"], refusal["data"]) == ("wrong_total", {"credit": "10.00", "rest": "20.00"})
    assert counter.read(returned)["state"] == "inspected"
    exchanged = counter.move(
        returned, "exchange", body | {"payments": [{"gateway": "simulated", "method": "card", "amount": "20.00"}]}
    )
    replacing = counter.retailer.order(exchanged["exchange_order"])
    assert money(replacing, counter) == [("simulated", "20.00", "0.00"), ("exchange", "10.00", "0.00")]
    assert_invariants_hold()


def test_when_the_rest_is_refused_the_return_is_as_it_was(counter: Counter) -> None:
    order = counter.sold()
    returned = counter.inspected(order)
    refused = [{"gateway": "simulated", "method": "card", "token": "refuse"}]
    body = {"lines": [{"sku": "coat", "quantity": 1}], "payments": refused}
    assert counter.refused(returned, "exchange", body, status=402)["code"] == "payment_refused"
    counter.retailer.drain()
    assert Payment.objects.get(order__number=order["number"]).transferred == 0
    assert counter.move(returned, "refund")["refund_amount"] == "10.00"
    assert money(order, counter) == [("simulated", "10.00", "10.00")]
    assert_invariants_hold()


def test_without_stock_nothing_is_exchanged(counter: Counter) -> None:
    returned = counter.inspected(counter.sold({"shirt": 5}), {"shirt": 1}, grade="unsellable")
    refusal = counter.refused(returned, "exchange", status=409)
    assert refusal["code"] == "insufficient_stock"
    assert (counter.read(returned)["state"], Order.objects.count()) == ("inspected", 1)
    assert_invariants_hold()


def test_what_was_exchanged_cannot_be_refunded_beside_it(counter: Counter) -> None:
    """Neither by the return, nor by hand on the first order."""
    order = counter.sold()
    returned = counter.move(counter.inspected(order), "exchange")
    assert counter.move(returned, "refund")["refund_amount"] == "0.00"
    with pytest.raises(RefundTooLarge):
        refund_order(order_id=Order.objects.get(number=order["number"]).pk, amount=Decimal(1), reference="goodwill")
    assert money(order, counter) == [("simulated", "10.00", "0.00")]


def test_sent_back_itself_its_money_goes_to_the_first_tender(counter: Counter) -> None:
    order = counter.sold()
    exchanged = counter.move(counter.inspected(order), "exchange")
    second = counter.inspected(counter.retailer.order(exchanged["exchange_order"]))
    settled = counter.move(second, "refund")
    assert settled["refunds"][0]["gateway"] == "exchange"
    counter.retailer.drain()
    assert money(order, counter) == [("simulated", "10.00", "10.00")]
    assert_invariants_hold()


def test_nobody_else_spends_a_returns_credit(counter: Counter) -> None:
    returned = counter.inspected(counter.sold())
    payment = {"gateway": "exchange", "method": "exchange", "token": returned["number"]}
    body = counter.retailer.order_body({"shirt": 1}, payments=[payment])
    answer = answered(counter.api.post("/orders/", body), 402)
    assert answer["code"] == "payment_refused"


def test_who_dies_in_between_leaves_nothing_half_done(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(Exception):
        pass

    def dying(*args: object, **values: object) -> Return:
        raise Killed

    placed, abandoned = counter.inspected(counter.sold()), counter.inspected(counter.sold())
    with monkeypatch.context() as patched:
        patched.setattr(exchanging, "_conclude", dying)
        with pytest.raises(Killed):
            exchanging.exchange_return(
                return_id=Return.objects.get(number=placed["number"]).pk, replacement=exchanging.Replacement()
            )
        patched.setattr(exchanging, "place_order", dying)
        with pytest.raises(Killed):
            exchanging.exchange_return(
                return_id=Return.objects.get(number=abandoned["number"]).pk, replacement=exchanging.Replacement()
            )
    assert counter.refused(placed, "refund", status=409)["code"] == "state_conflict"
    with clock.clock_at(clock.now() + timedelta(minutes=6)):
        resume_exchanges()
    counter.retailer.drain()
    assert (counter.read(placed)["state"], counter.read(placed)["exchange_order"] is None) == ("settled", False)
    assert counter.move(abandoned, "refund")["refund_amount"] == "10.00"
    assert_invariants_hold()


def test_one_that_cannot_be_resumed_keeps_no_other_from_it(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (Return.objects.get(number=counter.inspected(counter.sold())["number"]) for _ in range(2))
    for each in (first, second):
        exchanging._grant(each.pk)
    give_free = exchanging.give_free

    def failing(*, return_id: int) -> None:
        if return_id == first.pk:
            raise ValueError("broken")
        give_free(return_id=return_id)

    monkeypatch.setattr(exchanging, "give_free", failing)
    with clock.clock_at(clock.now() + timedelta(minutes=6)):
        resume_exchanges()
    settlements = dict(Return.objects.values_list("pk", "settlement"))
    assert settlements == {first.pk: "exchange", second.pk: ""}


def test_an_answer_that_was_lost_leaves_the_replacement_standing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Placing failed after the order was written: it is concluded, its credit is not spent a second time."""
    order = counter.sold()
    returned = counter.inspected(order)
    place_order = exchanging.place_order

    def losing(**values: Any) -> Order:
        place_order(**values)
        raise ConcurrentChange

    monkeypatch.setattr(exchanging, "place_order", losing)
    exchanged = counter.move(returned, "exchange")
    assert (exchanged["state"], exchanged["credit_amount"]) == ("settled", "10.00")
    assert Order.objects.count() == 2
    assert_invariants_hold()


def test_while_an_order_holds_the_credit_the_return_is_not_free(counter: Counter) -> None:
    """The replacement was cancelled before it was concluded: free once its credit is given back, not before."""
    returned = counter.inspected(counter.sold())
    row = Return.objects.get(number=returned["number"])
    exchanging._grant(row.pk)
    row.refresh_from_db()
    entry = CreditEntry.objects.create(
        returned=row, key="k", kind="authorise", amount=10, currency="EUR", is_granted=True
    )
    exchanging.give_free(return_id=row.pk)
    row.refresh_from_db()
    assert (row.settlement, row.credit_amount) == ("exchange", 10)
    request = MoneyRequest(key="v", amount=Decimal(10), currency="EUR", authorisation=entry.reference)
    assert ExchangeGateway().void(request).outcome == Outcome.SUCCEEDED
    counter.retailer.drain()
    assert counter.move(returned, "refund")["refund_amount"] == "10.00"
    assert_invariants_hold()


def test_another_currency_buys_nothing(counter: Counter) -> None:
    counter.retailer.add_channel("ch", currency="CHF")
    returned = counter.inspected(counter.sold())
    refusal = counter.refused(returned, "exchange", {"channel": "ch"}, status=422)
    assert list(refusal["errors"]) == ["channel"]
    row = Return.objects.get()
    Return.objects.update(settlement="exchange", credit_amount=10)
    request = AuthoriseRequest(
        key="k", amount=Decimal(10), currency="CHF", method="exchange", token=token_for(row), order_number="H"
    )
    assert ExchangeGateway().authorise(request).failure == "The returned goods were paid in another currency."


def test_it_places_an_order_so_it_needs_that_scope_too(counter: Counter) -> None:
    returned = counter.inspected(counter.sold())
    answer = api_client("returns:write").post(f"/returns/{returned['number']}/exchange/", {})
    assert (answer.status_code, answer.json()["data"]) == (403, {"scope": "orders:write"})
    assert counter.read(returned)["state"] == "inspected"
