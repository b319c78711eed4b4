"""Accepting one order, several, and one that is gone."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from oms.core.today import today as the_day_it_is
from tests.factories.network import lille
from tests.store.making import PREPARE, Shop, send, told, words


def test_the_list_shows_what_is_offered_with_its_articles(shop: Shop) -> None:
    work = shop.offer({"shirt": 2})
    page = words(shop.tablet.get(PREPARE))
    assert work["order"] in page
    assert "2 units Shirt M" in page


def test_an_order_is_accepted_once_however_often_the_tablet_asks(shop: Shop) -> None:
    work = shop.offer({"shirt": 1})
    key = str(uuid.uuid4())
    answers = [send(shop.tablet, f"{PREPARE}{work['id']}/accept/", key=key) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"{PREPARE}{work['id']}/"] * 2
    assert f"Accepted: order {work['order']} is yours." in told(shop.tablet, answers[1])
    assert shop.work(work["order"])["state"] == "accepted"
    timeline = shop.retailer.order(work["order"])["timeline"]
    assert [entry["event"] for entry in timeline].count("fulfilment.accepted") == 1


def test_those_ticked_are_accepted_together(shop: Shop) -> None:
    first, second, third = (shop.offer({"shirt": 1}) for _ in range(3))
    answer = send(shop.tablet, f"{PREPARE}accept/", {"work": [first["id"], second["id"]]})
    assert "2 orders accepted." in told(shop.tablet, answer)
    assert [shop.work(work["order"])["state"] for work in (first, second, third)] == ["accepted", "accepted", "offered"]


def test_nothing_ticked_accepts_nothing(shop: Shop) -> None:
    work = shop.offer({"shirt": 1})
    assert "Tick what you accept first." in told(shop.tablet, send(shop.tablet, f"{PREPARE}accept/"))
    assert shop.work(work["order"])["state"] == "offered"


def test_what_was_cancelled_meanwhile_is_told(shop: Shop) -> None:
    work = shop.offer({"shirt": 1})
    shop.retailer.api.post(f"/orders/{work['order']}/cancel/", {})
    page = told(shop.tablet, send(shop.tablet, f"{PREPARE}{work['id']}/accept/"))
    assert "This is not possible any more" in page
    assert "Cancelled" in page


def test_the_hours_that_the_customer_chose_are_told(shop: Shop) -> None:
    day = the_day_it_is() + timedelta(days=20)
    noon = datetime.combine(day, time(12), ZoneInfo("Europe/Paris"))
    slot = {"from": noon.isoformat(), "to": (noon + timedelta(hours=2)).isoformat()}
    work = shop.offer({"shirt": 1}, mode="slot", slot=slot, shipping_address=dict(lille()))
    page = words(shop.tablet.get(f"{PREPARE}{work['id']}/"))
    assert "12:00 – 14:00" in page
    assert "Promised for" not in page
