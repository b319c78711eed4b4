"""A new day by the same engine, kept beside the old one, told once by mail and on the customer's page."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from oms.core.clock import SetClock
from oms.integrations.services.watching import tell_delays
from oms.integrations.tasks import tell_new_day
from orders.models import Fulfilment, Order, Repromise
from orders.queries.tracking_links import tracking_url
from orders.services.alerting import watch_milestones
from orders.services.repromising import keep_promises
from tests.admin.people import signed_in
from tests.factories.retailer import Json, Retailer
from tests.integrations.reading import subjects
from tests.orders.punctual import NOW, punctual_retailer, work_of
from tests.store.making import words
from tests.support.concurrently import at_once


@pytest.fixture
def retailer(punctual: tuple[Retailer, SetClock]) -> Retailer:
    return punctual[0]


@pytest.fixture(autouse=True)
def _news_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The past of these tests is news: a replay's is not."""
    monkeypatch.setattr("oms.integrations.services.notifying.NEWS_FOR", timedelta(days=10_000))


def late_work(retailer: Retailer, now: SetClock, **values: object) -> Json:
    """An order that should have left yesterday at five: it is Wednesday, ten in the morning."""
    work = retailer.accept(work_of(retailer, **values))
    now.move_to(NOW + timedelta(days=1))
    mail.outbox.clear()
    return work


def page_of(number: str) -> str:
    return words(Client().get(tracking_url(number).partition("8000")[2]))


def test_both_days_are_kept_and_the_work_has_new_milestones(retailer: Retailer, now: SetClock) -> None:
    number = late_work(retailer, now)["order"]
    assert keep_promises() == 1
    order = Order.objects.get(number=number)
    assert (order.promised_on, order.expected_on) == (date(2026, 5, 7), date(2026, 5, 8))
    (new,) = Repromise.objects.all()
    assert (new.previous_on, new.expected_on, new.reason) == (date(2026, 5, 7), date(2026, 5, 8), "not_handed_over")


def test_the_new_day_is_what_would_be_promised_now(retailer: Retailer, now: SetClock) -> None:
    number = late_work(retailer, now)["order"]
    keep_promises()
    asked = {"channel": retailer.channel, "lines": [{"sku": "shirt", "quantity": 1}]}
    asked["destination"] = {"country": "FR", "postcode": "59000"}
    options = retailer.api.post("/delivery-promises/", asked).json()["options"]
    told = retailer.order(number)
    assert told["expected_on"] == next(each["promised_on"] for each in options if each["mode"] == "home")
    assert told["promise"]["promised_on"] == "2026-05-07"
    work = retailer.one_work(number)
    assert (work["promised_on"], work["due_at"]) == (told["expected_on"], "2026-05-06T15:00:00Z")


def test_the_customer_is_told_once_in_french_and_english(retailer: Retailer, now: SetClock) -> None:
    english = late_work(retailer, now)["order"]
    now.move_to(NOW)
    french = late_work(retailer, now, language="fr")["order"]
    assert keep_promises() == 2
    retailer.drain()
    assert keep_promises() == 0
    assert tell_delays() == 0
    new = Repromise.objects.get(order__number=english)
    tell_new_day(order_id=new.order_id, repromise_id=new.pk)  # heard twice
    retailer.drain()
    assert sorted(subjects()) == [f"Votre commande {french} a du retard", f"Your order {english} is delayed"]
    told = {message.subject: message.body for message in mail.outbox}
    assert "We now expect it by" in told[f"Your order {english} is delayed"]
    assert "8 May 2026" in told[f"Your order {english} is delayed"]
    assert "8 mai 2026" in told[f"Votre commande {french} a du retard"]


def test_the_customers_page_and_the_timeline_show_both_days(retailer: Retailer, now: SetClock) -> None:
    number = late_work(retailer, now)["order"]
    keep_promises()
    page = page_of(number)
    assert "we now expect it by 8 May 2026 instead of 7 May 2026" in page
    (entry,) = [each for each in retailer.order(number)["timeline"] if each["event"] == "order.repromised"]
    assert entry["data"] == {"previous_on": "2026-05-07", "expected_on": "2026-05-08"}


def test_what_is_packed_only_waits_for_its_carrier(retailer: Retailer, now: SetClock) -> None:
    """At half past four there is no hour left to prepare it, but it is packed: it leaves at five."""
    work = retailer.pack(retailer.pick(retailer.accept(work_of(retailer))))
    now.move_to(NOW + timedelta(days=1, hours=6, minutes=30))
    assert keep_promises() == 1
    assert retailer.order(work["order"])["expected_on"] == "2026-05-08"
    now.move_to(NOW)
    other = retailer.accept(work_of(retailer))
    now.move_to(NOW + timedelta(days=1, hours=6, minutes=30))
    assert keep_promises() == 1
    assert retailer.order(other["order"])["expected_on"] == "2026-05-11"


def test_nothing_is_replaced_that_can_still_be_kept(retailer: Retailer, now: SetClock) -> None:
    work = retailer.accept(work_of(retailer))
    now.move_to(NOW + timedelta(hours=7, minutes=30))  # the carrier may be a little late, or the click
    assert keep_promises() == 0
    retailer.ship(retailer.one_work(work["order"]))
    now.move_to(NOW + timedelta(days=1))
    assert keep_promises() == 0
    assert not Repromise.objects.exists()


def test_a_held_order_promises_nothing_new(retailer: Retailer, now: SetClock) -> None:
    work = late_work(retailer, now)
    retailer.api.post(f"/orders/{work['order']}/hold/", {"reason": "fraud check"})
    assert keep_promises() == 0
    retailer.api.post(f"/orders/{work['order']}/release/", {})
    assert keep_promises() == 1


def test_work_planned_for_later_than_promised_is_told_as_well(retailer: Retailer, now: SetClock) -> None:
    number = work_of(retailer)["order"]
    Fulfilment.objects.update(promised_on=date(2026, 5, 12))
    assert keep_promises() == 1
    assert Repromise.objects.get().reason == "planned_later"
    assert retailer.order(number)["expected_on"] == "2026-05-12"


def test_alerts_of_the_old_day_are_over(retailer: Retailer, now: SetClock) -> None:
    late_work(retailer, now)
    watch_milestones()
    order = Order.objects.get()
    assert order.alerts.open().count() == 3
    keep_promises()
    watch_milestones()
    assert set(order.alerts.values_list("outcome", flat=True)) == {"moved"}


def test_after_three_new_days_a_person_looks_at_it(retailer: Retailer, now: SetClock) -> None:
    number = late_work(retailer, now)["order"]
    for days in range(1, 9):
        now.move_to(NOW + timedelta(days=days))
        keep_promises()
        retailer.drain()
    assert Repromise.objects.count() == 3
    assert "moved too often" in retailer.order(number)["needs_attention"]
    assert len([subject for subject in subjects() if "delayed" in subject]) == 3


def test_it_takes_as_many_queries_for_four_as_for_one(retailer: Retailer, now: SetClock) -> None:
    def asked(count: int) -> int:
        now.move_to(NOW)
        for _ in range(count):
            late_work(retailer, now)
            now.move_to(NOW)
        now.move_to(NOW + timedelta(days=1))
        with CaptureQueriesContext(connection) as captured:
            assert keep_promises() == count
        return len(captured)

    asked(1)
    assert asked(4) <= asked(1) + 3 * 5  # the orders' own rows are locked and written one by one


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_replace_it_once() -> None:
    with punctual_retailer() as (retailer, now):
        late_work(retailer, now)

    def keep() -> int:
        with clock.set_clock(NOW + timedelta(days=1)):
            return keep_promises()

    assert sum(at_once([keep] * 4)) == 1  # type: ignore[arg-type]
    assert Repromise.objects.count() == 1


def test_the_order_page_tells_the_promise_its_reasons_and_what_became_of_it(retailer: Retailer, now: SetClock) -> None:
    number = late_work(retailer, now)["order"]
    order = Order.objects.get(number=number)
    office = signed_in("customer_service")
    address = f"/admin/orders/order/{order.pk}/change/"
    watch_milestones()
    page = words(office.get(address))
    assert "Promised for 7 May 2026" in page
    assert "Price of the delivery €4.90" in page
    assert re.search(r"CO₂e when it was promised \d+ g", page)
    assert "leaves with Post home on 5 May 2026; then the working days of that service to the zone fr" in page
    assert "Hand over (Lille), 05/05/2026 17:00: 17 h 00 late. Told to: Customer service" in page
    assert "In time Accept – 05/05/2026 16:00 (05/05/2026 10:00)" in page
    assert "Missed Hand over – 05/05/2026 17:00" in page
    keep_promises()
    watch_milestones()
    page = words(office.get(address))
    assert "8 May 2026 instead of 7 May 2026. It was not handed over in time. The customer was told." in page
    assert "Now expected by 8 May 2026" in page
    assert "Told to: Customer service" not in page
    french = words(signed_in("head_office", language="fr").get(address))
    assert "Attendu maintenant pour le 8 mai 2026" in french
