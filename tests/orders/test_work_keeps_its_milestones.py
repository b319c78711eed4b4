"""Each work knows by when its steps keep the promised day; the API and the store's lists tell it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.clock import SetClock
from orders.models import Fulfilment, Order
from tests.factories.retailer import Retailer
from tests.orders.punctual import NOW
from tests.store.making import words
from tests.store.people import tablet


@pytest.fixture
def retailer(punctual: tuple[Retailer, SetClock]) -> Retailer:
    return punctual[0]


def told(work: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["milestone"]: (each["due_at"], each["state"]) for each in work["milestones"]}


def test_the_work_tells_by_when_each_step_keeps_the_promise(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 1})["number"]
    work = retailer.one_work(number)
    # It leaves today at five, and comes on Thursday.
    assert (work["promised_on"], work["due_at"]) == ("2026-05-07", "2026-05-05T15:00:00Z")
    assert told(work) == {
        "confirm": ("2026-05-05T13:45:00Z", "met"),
        "release": ("2026-05-05T14:00:00Z", "met"),
        "accept": ("2026-05-05T14:00:00Z", "waiting"),
        "hand_over": ("2026-05-05T15:00:00Z", "waiting"),
    }
    order = Order.objects.get(number=number)
    assert (order.confirm_by, order.release_by) == (NOW.replace(hour=13, minute=45), NOW.replace(hour=14))


def test_time_passes_and_milestones_are_missed_or_met_late(retailer: Retailer, now: SetClock) -> None:
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    now.move_to(NOW + timedelta(hours=6, minutes=30))  # half past four in Lille
    assert told(retailer.one_work(work["order"]))["accept"][1] == "missed"
    retailer.ship(work)
    sent = Fulfilment.objects.get(pk=work["id"])
    assert sent.state == "handed_over"
    ended = told(retailer.one_work(work["order"]))
    assert (ended["accept"][1], ended["hand_over"][1]) == ("met_late", "met")


def test_an_acceptance_time_of_the_rule_comes_before(retailer: Retailer) -> None:
    rule = {"name": "stores", "assignment": {"kind": "offer", "candidates": 2}, "acceptance_minutes": 120}
    retailer.publish_rules("stores", modes=["home"], rules=[rule])
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert told(work)["release"][0] == "2026-05-05T12:00:00Z"
    assert told(work)["accept"][0] == "2026-05-05T14:00:00Z"


def test_the_list_says_the_milestone_and_how_late_it_is(retailer: Retailer, now: SetClock) -> None:
    retailer.place({"shirt": 1})
    retailer.drain()
    browser = tablet(stock_points=("lille",))
    page = words(browser.get("/store/prepare/"))
    assert "accept by Tue 16:00" in page
    assert "6 h 00 left" in page
    now.move_to(NOW + timedelta(hours=7, minutes=5))
    assert "1 h 05 late" in words(browser.get("/store/prepare/"))


def test_another_address_gives_other_milestones(retailer: Retailer) -> None:
    order = retailer.place({"shirt": 1}, payments=[{"gateway": "simulated", "method": "card"}])
    before = Order.objects.get(number=order["number"])
    with clock.set_clock(NOW + timedelta(hours=8)):  # after five: it leaves tomorrow
        address = {"line1": "1 rue du Port", "postcode": "33000", "city": "Bordeaux", "country": "FR"}
        response = retailer.api.post(f"/orders/{order['number']}/change-address/", {"shipping_address": address})
        assert response.status_code == 200, response.content
    after = Order.objects.get(number=order["number"])
    assert after.promised_on is not None
    assert before.promised_on is not None
    assert after.promised_on > before.promised_on
    assert after.confirm_by == NOW.replace(day=6, hour=13, minute=45)
