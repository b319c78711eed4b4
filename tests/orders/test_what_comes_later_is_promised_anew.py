"""A receipt that moves: the order that was promised of it gets a new day by the same engine, told once, shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from oms.core.clock import SetClock
from oms.integrations.services.watching import tell_delays
from oms.orchestration.promises import NOW_AND_LATER
from orders.models import Order, Repromise
from orders.queries.tracking_links import tracking_url
from orders.services.alerting import watch_milestones
from orders.services.repromising_awaited import repromise_awaited
from tests.admin.people import signed_in
from tests.factories.retailer import Json, Retailer, answered
from tests.orders.test_a_basket_of_several_articles_has_choices import LYON, PARIS, choice, open_retailer, quoted
from tests.store.making import words
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db
CUSTOMER = {"name": "Ada", "email": "ada@example.org"}


@pytest.fixture
def time() -> Iterator[SetClock]:
    with clock.set_clock(datetime(2026, 5, 5, 8, tzinfo=UTC)) as set_clock:
        yield set_clock


@pytest.fixture
def retailer(time: SetClock) -> Retailer:
    """A shirt in Paris; hats are expected in Lyon in a week, on a channel of pre-orders."""
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_points(["lyon"], **LYON)
    found.add_articles(["shirt", "hat"])
    found.report("receipt", {("shirt", "paris"): 4})
    found.api.put_rows("/sales-channels/", [{"code": "web", "allows_preorders": True}])
    expected(found, on="2026-05-12")
    return found


@pytest.fixture(autouse=True)
def _news_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The past of these tests is news: a replay's is not."""
    monkeypatch.setattr("oms.integrations.services.notifying.NEWS_FOR", timedelta(days=10_000))


def expected(retailer: Retailer, *, on: str, quantity: int = 3, reference: str = "PO-1") -> None:
    row = {"reference": reference, "sku": "hat", "stock_point": "lyon", "quantity": quantity, "expected_on": on}
    retailer.api.put_rows("/expected-receipts/", [row | {"kind": "purchase"}])


def ordered(retailer: Retailer, name: str = NOW_AND_LATER, lines: dict[str, int] | None = None) -> Json:
    lines = lines or {"shirt": 1, "hat": 2}
    option = choice(quoted(retailer, lines), name)
    order = retailer.place(lines, promise_token=option["token"], customer=CUSTOMER)
    retailer.drain()
    mail.outbox.clear()
    return order


def would_be_promised(retailer: Retailer, units: int) -> str:
    """What the engine says today of hats alone."""
    return str(choice(quoted(retailer, {"hat": units}), NOW_AND_LATER)["promised_on"])


def delays() -> list[str]:
    return [message.body for message in mail.outbox if "delayed" in message.subject]


def test_a_later_receipt_moves_the_day_and_the_customer_is_told_once(retailer: Retailer) -> None:
    number = ordered(retailer)["number"]
    promised = retailer.order(number)["promise"]["promised_on"]
    expected(retailer, on="2026-05-20", quantity=9)
    new = would_be_promised(retailer, 2)
    retailer.drain()
    assert new > "2026-05-20" > promised
    assert retailer.order(number)["expected_on"] == new
    (told,) = Repromise.objects.all()
    assert (told.previous_on.isoformat(), told.expected_on.isoformat(), told.reason) == (
        promised, new, "receipt_later",
    )  # fmt: skip
    assert len(delays()) == 1
    assert repromise_awaited(order_ids=[told.order_id]) == 0
    assert (repromise_awaited(), tell_delays()) == (0, 0)
    retailer.drain()
    assert len(delays()) == 1
    assert_invariants_hold()


def test_an_earlier_receipt_breaks_no_promise(retailer: Retailer) -> None:
    number = ordered(retailer)["number"]
    expected(retailer, on="2026-05-08")
    retailer.drain()
    assert retailer.order(number)["expected_on"] is None
    assert not Repromise.objects.exists()


def test_a_part_that_comes_leaves_the_rest_to_its_new_day(retailer: Retailer) -> None:
    number = ordered(retailer, lines={"hat": 3})["number"]
    retailer.report("receipt", {("hat", "lyon"): 1}, reference="PO-1")
    retailer.drain()
    assert not Repromise.objects.exists()
    expected(retailer, on="2026-05-26")
    retailer.drain()
    assert retailer.order(number)["expected_on"] > "2026-05-26"
    assert len(delays()) == 1
    assert_invariants_hold()


def test_what_is_cancelled_is_had_of_another_receipt_or_a_person_looks(retailer: Retailer) -> None:
    number = ordered(retailer)["number"]
    expected(retailer, on="2026-06-01", quantity=2, reference="PO-2")
    retailer.drain()
    expected(retailer, on="2026-05-12", quantity=0)
    retailer.drain()
    assert retailer.order(number)["expected_on"] > "2026-06-01"
    assert len(delays()) == 1
    expected(retailer, on="2026-06-01", quantity=0, reference="PO-2")
    retailer.drain()
    assert retailer.order(number)["needs_attention"]
    assert Repromise.objects.count() == 1  # no day is invented


def test_a_receipt_that_is_overdue_moves_the_day_without_anybody_saying_so(retailer: Retailer, time: SetClock) -> None:
    number = ordered(retailer, lines={"hat": 2})["number"]
    promised = date.fromisoformat(retailer.order(number)["promise"]["promised_on"])
    time.move_to(datetime(promised.year, promised.month, promised.day, 8, tzinfo=UTC))
    assert repromise_awaited() == 1
    retailer.drain()
    assert retailer.order(number)["expected_on"] > promised.isoformat()
    assert len(delays()) == 1
    assert tell_delays() == 0


def test_an_order_sent_as_a_whole_is_released_later_and_its_alerts_are_over(retailer: Retailer, time: SetClock) -> None:
    number = ordered(retailer, "when_complete")["number"]
    assert (repromise_awaited(), repromise_awaited()) == (0, 0)
    order = Order.objects.get(number=number)
    before = order.release_by
    assert before is not None and before.date() > date(2026, 5, 12)
    time.move_to(before - timedelta(minutes=5))
    watch_milestones()
    assert order.alerts.open().exists()
    expected(retailer, on="2026-05-26")
    retailer.drain()
    order.refresh_from_db()
    assert order.release_by is not None and order.release_by.date() > date(2026, 5, 26)
    watch_milestones()
    assert not order.alerts.open().exists()
    assert set(order.alerts.values_list("outcome", flat=True)) == {"moved"}


def test_both_days_stand_on_the_order_page_and_the_customers(retailer: Retailer) -> None:
    number = ordered(retailer)["number"]
    expected(retailer, on="2026-05-20")
    retailer.drain()
    order = Order.objects.get(number=number)
    page = words(signed_in("customer_service").get(f"/admin/orders/order/{order.pk}/change/"))
    assert "What it waits for comes later than expected. The customer was told." in page
    customers = words(Client().get(tracking_url(number).partition("8000")[2]))
    assert order.expected_on is not None
    assert f"by {order.expected_on:%-d} May 2026" in customers
    assert "Not in stock yet" in customers


def test_it_takes_as_many_queries_for_four_as_for_one(retailer: Retailer) -> None:
    expected(retailer, on="2026-05-12", quantity=40)

    def asked(count: int, on: str) -> int:
        ids = [Order.objects.get(number=ordered(retailer, lines={"hat": 1})["number"]).pk for _ in range(count)]
        expected(retailer, on=on, quantity=40)
        with CaptureQueriesContext(connection) as captured:
            assert repromise_awaited(order_ids=ids) == count
        retailer.drain()
        expected(retailer, on="2026-05-12", quantity=40)
        retailer.drain()
        return len(captured)

    asked(1, "2026-05-20")
    one = asked(1, "2026-05-20")
    assert asked(4, "2026-05-20") <= one + 3 * 2  # the orders' own rows are looked at and written one by one


def test_nobody_is_told_of_a_part_that_was_never_promised_a_day(retailer: Retailer) -> None:
    retailer.api.put_rows("/sales-channels/", [{"code": "web", "allows_backorders": True}])
    order = answered(retailer.api.post("/orders/", retailer.order_body({"shirt": 1, "hat": 2})), 201)
    retailer.drain()
    expected(retailer, on="2026-06-20")
    retailer.drain()
    assert retailer.order(order["number"])["expected_on"] is None
    assert (repromise_awaited(), Repromise.objects.count()) == (0, 0)
