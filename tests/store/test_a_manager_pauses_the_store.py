"""Paused until a day, opened again; by whoever leads the store, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from oms.core import clock
from oms.core.models import AuditEntry
from orders.models import Fulfilment
from stock.models import StockPoint
from tests.store.making import Shop, send, told, words
from tests.store.people import tablet
from tests.support.holding import assert_invariants_hold

# Half past midnight on Saturday in Paris.
NIGHT = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


def paused_until(code: str = "store-a") -> str | None:
    day = StockPoint.objects.get(code=code).paused_until
    return day.isoformat() if day else None


@pytest.fixture
def manager(shop: Shop) -> Client:
    return tablet(role="store_manager", stock_points=("store-a",))


def test_its_stock_is_not_sold_until_it_is_opened_again(shop: Shop, manager: Client) -> None:
    assert shop.retailer.available("shirt") == 20
    page = told(manager, send(manager, "/store/pause/", {"until": "2027-01-04"}))
    assert "Paused: no new orders until 4 January 2027." in page
    assert (shop.retailer.available("shirt"), paused_until()) == (0, "2027-01-04")
    assert "This store is paused" in words(manager.get("/store/pause/"))
    assert "takes new orders again" in told(manager, send(manager, "/store/reopen/"))
    assert (shop.retailer.available("shirt"), paused_until()) == (20, None)
    actions = AuditEntry.objects.filter(subject="stock_point:store-a").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["stock_point.paused", "stock_point.reopened"]


@pytest.mark.parametrize("until", ["2026-11-28", "2026-11-27", "2027-12-01", "tomorrow", ""])
def test_a_pause_ends_on_a_day_to_come_in_the_stores_own_zone(shop: Shop, manager: Client, until: str) -> None:
    with clock.clock_at(NIGHT):
        answer = send(manager, "/store/pause/", {"until": until})
    assert answer.status_code == 422
    assert "Choose a day to come" in answer.content.decode()
    assert paused_until() is None


def test_the_next_day_is_a_day_to_come(shop: Shop, manager: Client) -> None:
    with clock.clock_at(NIGHT):
        send(manager, "/store/pause/", {"until": "2026-11-29"})
    assert paused_until() == "2026-11-29"


def test_staff_cannot_pause_it(shop: Shop) -> None:
    assert shop.tablet.get("/store/pause/").status_code == 403
    assert send(shop.tablet, "/store/pause/", {"until": "2027-01-04"}).status_code == 403
    assert send(shop.tablet, "/store/reopen/").status_code == 403
    assert "Pause or reopen" not in words(shop.tablet.get("/store/"))
    assert paused_until() is None


def test_what_it_was_only_offered_is_told_before_and_after(shop: Shop, manager: Client) -> None:
    assert "Nothing is offered here now" in words(manager.get("/store/pause/"))
    shop.offer({"shirt": 1})
    assert "1 order is offered here and not accepted yet: it goes to others." in words(manager.get("/store/pause/"))
    page = told(manager, send(manager, "/store/pause/", {"until": "2027-01-04"}))
    assert "1 order offered here goes to others" in page


def test_what_it_has_taken_on_stays_its_work(shop: Shop, manager: Client) -> None:
    work = shop.retailer.accept(shop.offer({"shirt": 1}))
    send(manager, "/store/pause/", {"until": "2027-01-04", "accepted": "keep"})
    assert shop.work(work["order"])["state"] == "accepted"


def test_it_is_asked_what_becomes_of_what_it_accepted_and_others_get_it(shop: Shop, manager: Client) -> None:
    assert "not begun" not in words(manager.get("/store/pause/"))
    work = shop.retailer.accept(shop.offer({"shirt": 1}))
    assert "1 order is accepted here and not begun" in words(manager.get("/store/pause/"))
    page = told(manager, send(manager, "/store/pause/", {"until": "2027-01-04", "accepted": "hand-on"}))
    assert "1 accepted order goes to others." in page
    states = Fulfilment.objects.filter(order__number=work["order"]).order_by("pk").values_list("state", flat=True)
    assert (states[0], "accepted" in states) == ("cancelled", False)
    assert_invariants_hold()


def test_home_says_so_until_the_pause_is_over(shop: Shop, manager: Client) -> None:
    send(manager, "/store/pause/", {"until": "2027-01-04"})
    home = words(shop.tablet.get("/store/"))
    assert "This store is paused: it is offered no new work until 4 January 2027." in home
    assert "What only this store can serve waits until then" in home
    # Also where nothing has taken the day away yet.
    StockPoint.objects.update(paused_until="2026-11-28")
    assert "This store is paused" not in words(shop.tablet.get("/store/"))
