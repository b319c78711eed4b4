"""By post: the label is bought once, by a task, and the parcel on its way back is followed."""

from __future__ import annotations

import pytest

from oms.core import clock
from orders.carriers.house import HouseCarrier, is_valid_tracking_number
from orders.carriers.protocol import CarrierRefused, CarrierUnavailable, Label, LabelRequest
from returns.models import Return, ReturnLabel, ReturnPolicy
from returns.services.labelling import make_return_label
from tests.factories.retailer import answered
from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


def test_the_label_is_pending_until_the_task_has_bought_it(counter: Counter) -> None:
    order = counter.delivered()
    made = answered(counter.api.post("/returns/", counter.body(order, way="post", stock_point="depot")), 201)
    assert made["state"] == "authorised"
    path = made["label_url"].partition("/api/v1")[2]
    assert path == f"/returns/{made['number']}/label/"
    pending = counter.api.get(path)
    assert (pending.status_code, pending.json()["code"]) == (425, "label_pending")
    counter.retailer.drain()
    assert counter.api.get(path).content.startswith(b"%PDF")
    assert counter.api.get(path, format="zpl").content.startswith(b"^XA")
    assert is_valid_tracking_number(counter.read(made)["tracking_number"])


def test_the_addresses_are_reversed(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[LabelRequest] = []
    buy = HouseCarrier.buy

    def buying(self: HouseCarrier, request: LabelRequest) -> Label:
        asked.append(request)
        return buy(self, request)

    monkeypatch.setattr(HouseCarrier, "buy", buying)
    order = counter.delivered()
    asked.clear()
    # Nobody said where: back to where it was sent from.
    returned = counter.ask(order, way="post", stock_point=None)
    assert returned["stock_point"] == "depot"
    (request,) = asked
    assert (request.sender.name, request.sender.city) == ("Camille Martin", "Lille")
    assert (request.recipient.name, request.recipient.postcode) == ("Depot", "69002")
    assert (request.order_number, request.weight_g) == (returned["number"], 500)


def test_it_is_bought_once_whatever_is_lost(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    buy = HouseCarrier.buy

    def losing_the_first_answer(self: HouseCarrier, request: LabelRequest) -> Label:
        keys.append(request.reference)
        bought = buy(self, request)
        if len(keys) == 1:
            raise CarrierUnavailable
        return bought

    order = counter.delivered()
    monkeypatch.setattr(HouseCarrier, "buy", losing_the_first_answer)
    returned = answered(counter.api.post("/returns/", counter.body(order, way="post", stock_point="depot")), 201)
    pk = Return.objects.get(number=returned["number"]).pk
    with pytest.raises(CarrierUnavailable):
        make_return_label(return_id=pk)
    make_return_label(return_id=pk)
    make_return_label(return_id=pk)
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_refusal_is_written_for_a_person(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(self: HouseCarrier, request: LabelRequest) -> Label:
        raise CarrierRefused("Not from there.")

    order = counter.delivered()
    monkeypatch.setattr(HouseCarrier, "buy", refusing)
    returned = counter.ask(order, way="post", stock_point="depot")
    assert ReturnLabel.objects.get().error == "Not from there."
    answer = counter.api.get(f"/returns/{returned['number']}/label/")
    assert (answer.status_code, answer.json()["data"]) == (425, {"error": "Not from there."})


def test_the_carriers_messages_put_it_on_its_way(counter: Counter) -> None:
    returned = counter.ask(counter.delivered(), way="post", stock_point="depot")
    answered(
        counter.retailer.tell(returned["tracking_number"] or counter.read(returned)["tracking_number"], "handed_over"),
        200,
    )
    counter.retailer.drain()
    assert counter.read(returned)["state"] == "in_transit"
    assert counter.move(returned, "receive")["state"] == "received"
    assert counter.level("shirt", "depot") == (50, 0, 1)
    assert_invariants_hold()


def test_where_the_banner_wants_a_word_first_no_label_is_bought_before_it(counter: Counter) -> None:
    ReturnPolicy.objects.create(needs_authorisation=True)
    returned = counter.ask(counter.delivered(), way="post", stock_point="depot")
    assert returned["state"] == "requested"
    assert ReturnLabel.objects.get().pdf is None
    authorised = counter.move(returned, "authorise")
    assert (authorised["state"], authorised["tracking_number"] is None) == ("authorised", False)


def test_the_customer_pays_for_it_where_the_policy_says_so(counter: Counter) -> None:
    ReturnPolicy.objects.create(return_shipping_paid_by="customer", return_shipping_fee="3.50")
    order = counter.delivered({"shirt": 2})
    returned = counter.ask(order, {"shirt": 1}, way="post", stock_point="depot")
    counter.move(returned, "receive")
    settled = counter.move(counter.inspect(returned, ("shirt", 1, "new")), "refund")
    assert (settled["goods_amount"], settled["return_shipping_fee"], settled["refund_amount"]) == (
        "10.00",
        "3.50",
        "6.50",
    )
    body = counter.body(order, {"shirt": 1}, way="post", stock_point="depot")
    body["lines"][0]["reason"] = "wrong_article"
    faulty = answered(counter.api.post("/returns/", body), 201)
    assert faulty["return_shipping_fee"] == "0.00"


def test_goods_that_never_come_expire_and_may_be_returned_again(counter: Counter) -> None:
    from datetime import timedelta

    from returns.services.ending import expire_returns

    order = counter.delivered()
    returned = counter.ask(order, way="post", stock_point="depot")
    with clock.clock_at(clock.now() + timedelta(days=29)):
        expire_returns()
    assert counter.read(returned)["state"] == "authorised"
    with clock.clock_at(clock.now() + timedelta(days=30, minutes=1)):
        expire_returns()
    assert counter.read(returned)["state"] == "expired"
    assert counter.retailer.order(order["number"])["lines"][0]["returned"] == 0
    assert counter.ask(order)["state"] == "authorised"
    assert_invariants_hold()
