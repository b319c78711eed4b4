"""A unit is returned once, and only once it left for the customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from oms.core import clock
from orders.models import OrderLine
from returns.errors import NotReturnable
from returns.models import Return, ReturnPolicy
from returns.queries import returnable
from returns.services import claiming
from returns.services.requesting import request_return
from returns.services.requests import ReturnRequest, WantedLine
from tests.factories.retailer import Json
from tests.returns.conftest import Counter, open_counter
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold


def refused_lines(counter: Counter, body: Json) -> list[Json]:
    answer = counter.api.post("/returns/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_returnable")
    lines: list[Json] = answer.json()["data"]["lines"]
    return lines


def test_what_has_not_left_cannot_come_back(counter: Counter) -> None:
    order = counter.retailer.place({"shirt": 1})
    why = {"sku": "shirt", "requested": 1, "returnable": 0, "why": "not_left"}
    assert refused_lines(counter, counter.body(order)) == [why]
    assert Return.objects.count() == 0


def test_a_unit_comes_back_once(counter: Counter) -> None:
    order = counter.sold({"shirt": 2})
    counter.inspected(order, {"shirt": 1})
    why = {"sku": "shirt", "requested": 2, "returnable": 1, "why": "returned_before"}
    assert refused_lines(counter, counter.body(order, {"shirt": 2})) == [why]
    counter.ask(order, {"shirt": 1})
    why = {"sku": "shirt", "requested": 1, "returnable": 0, "why": "returned_before"}
    assert refused_lines(counter, counter.body(order, {"shirt": 1})) == [why]
    assert OrderLine.objects.get().returned_quantity == 2


def test_an_article_the_order_does_not_have_is_unknown(counter: Counter) -> None:
    answer = counter.api.post("/returns/", counter.body(counter.sold(), {"cap": 1}))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_sku")


def test_the_window_counts_from_delivery_and_its_last_day_counts(counter: Counter) -> None:
    order = counter.sold()
    body = counter.body(order)
    with clock.clock_at(clock.now() + timedelta(days=31)):
        why = {"sku": "shirt", "requested": 1, "returnable": 0, "why": "window_over"}
        assert refused_lines(counter, body) == [why]
        # Customer service may make an exception, and nobody else.
        alone = counter.api.post("/returns/", body | {"is_exception": True})
        assert (alone.status_code, "is_exception" in alone.json()["errors"]) == (422, True)
    with clock.clock_at(clock.now() + timedelta(days=30)):
        assert counter.ask(order)["state"] == "authorised"


def test_without_a_last_scan_the_window_counts_from_when_it_should_have_arrived(counter: Counter) -> None:
    order = counter.retailer.place({"shirt": 1})
    counter.retailer.ship(counter.retailer.one_work(order["number"]))
    with clock.clock_at(clock.now() + timedelta(days=41)):
        (line,) = refused_lines(counter, counter.body(order))
        assert line["why"] == "window_over"
    with clock.clock_at(clock.now() + timedelta(days=40)):
        assert counter.ask(order)["state"] == "authorised"


def test_customer_service_takes_back_what_the_policy_would_not(counter: Counter) -> None:
    ReturnPolicy.objects.create(window_days=0, excluded_categories=["things"])
    order = counter.sold()
    why = {"sku": "shirt", "requested": 1, "returnable": 0, "why": "category_excluded"}
    assert refused_lines(counter, counter.body(order)) == [why]
    exception = counter.ask(order, way="customer_service", is_exception=True)
    assert (exception["state"], exception["is_exception"]) == ("authorised", True)


def test_a_cancelled_return_gives_its_units_free(counter: Counter) -> None:
    order = counter.sold()
    returned = counter.ask(order)
    assert counter.move(returned, "cancel", {"reason": "kept it"})["state"] == "cancelled"
    assert counter.ask(order)["state"] == "authorised"
    assert_invariants_hold()


def test_what_did_not_come_may_come_another_time(counter: Counter) -> None:
    order = counter.sold({"shirt": 3})
    returned = counter.ask(order, {"shirt": 3})
    received = counter.move(returned, "receive", {"lines": [{"sku": "shirt", "quantity": 2}]})
    assert received["lines"][0]["received"] == 2
    assert OrderLine.objects.get().returned_quantity == 2
    assert counter.ask(order, {"shirt": 1})["state"] == "authorised"
    assert_invariants_hold()


def test_the_database_itself_holds_the_last_line(counter: Counter) -> None:
    counter.sold()
    with pytest.raises(IntegrityError, match="returned_within"), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderline SET returned_quantity = 2")


@pytest.mark.django_db(transaction=True)
class TestTwoTillsAtOnce:
    """Both read that the last unit may come back; one of them is told that it is taken."""

    @pytest.fixture
    def counter(self, transactional_db: None) -> Counter:
        return open_counter()

    def both(self, order: Json) -> list[Any]:
        line = WantedLine("shirt", 1, "too_small")
        request = ReturnRequest(way="store", order=order["number"], stock_point="paris", lines=(line,))
        return at_once([lambda: request_return(request=request)] * 2)

    def test_one_is_refused(self, counter: Counter) -> None:
        outcomes = self.both(counter.sold())
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotReturnable", "Return"]
        assert OrderLine.objects.get().returned_quantity == 1
        assert Return.objects.count() == 1
        assert_invariants_hold()

    def test_without_lock_and_guard_both_would_be_taken(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The negative control: only reading first, as if nobody else were there."""
        order = counter.sold({"shirt": 2})
        counter.ask(order, {"shirt": 1})
        free = returnable.returnable_lines(claiming.Order.objects.get(), ReturnPolicy(), is_exception=False)
        monkeypatch.setattr(claiming, "returnable_lines", lambda *args, **values: free)
        monkeypatch.setattr(claiming, "take_back_units", lambda *, units, **values: set(units))
        outcomes = self.both(order)
        assert [type(outcome).__name__ for outcome in outcomes] == ["Return", "Return"]
        assert NotReturnable not in map(type, outcomes)
