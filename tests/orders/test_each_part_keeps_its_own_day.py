"""Of an order in several parts each leaves from where, and comes on the day, that was told of it, not of the last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from oms.core import clock
from oms.core.clock import SetClock
from oms.integrations.models import Notification, NotificationKind
from oms.integrations.services import notifying
from oms.orchestration.services.redating import AwaitedDay
from orders.gateways import gateway_for
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Allocation, Fulfilment, Order
from orders.queries.baskets import contents_of
from orders.services.alerting import watch_milestones
from orders.services.basketing import choose_delivery, set_destination
from orders.services.checking_out import check_out
from orders.services.quoting import delivery_options
from orders.services.recalling import reroute_order
from orders.services.repromising import Part, new_days_of, tell_new_days
from orders.services.repromising_awaited import Waiting, moved_days
from orders.services.settling import hear_gateway
from orders.services.sourcing import source_order
from orders.states import RepromiseReason
from tests.factories.network import make_variant
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer
from tests.orders.counter import AT_TERMINAL, key_of, open_counter
from tests.orders.test_a_basket_of_several_articles_has_choices import awaiting, choice, quoted
from tests.stock.making import expect, receive
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def time() -> Iterator[SetClock]:
    with clock.set_clock(datetime(2026, 5, 5, 8, tzinfo=UTC)) as set_clock:
        yield set_clock


@pytest.fixture
def retailer(time: SetClock) -> Retailer:
    """Shirts in Paris and in Marseille, which takes longer; shoes in Lyon, hats expected there in a week."""
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_points(["lyon"], **LYON)
    found.add_points(["marseille"], latitude=43.3, longitude=5.37, postcode="13002")
    found.add_articles(["shirt", "shoe", "hat"])
    found.report("receipt", {("shirt", "paris"): 4, ("shirt", "marseille"): 4, ("shoe", "lyon"): 4})
    awaiting(found, allows_preorders=True)
    return found


def prefer(retailer: Retailer, *points: str) -> None:
    """From now on the rules take these stock points first: a new order would leave from there."""
    rules = [
        {"name": "first", "filters": {"stock_points": list(points)}, "max_parcels": 3, "complete_only": False},
        {"name": "then", "max_parcels": 3, "allow_quantity_split": True},
    ]
    document = {"code": "here", "name": "Here", "priority": 1, "rules": rules}
    answered(retailer.api.put("/rule-sets/here/", document), 200)
    answered(retailer.api.post("/rule-sets/here/publish/", {}), 200)


def told(option: Json) -> set[tuple[str, str, str, str]]:
    return {
        (line["sku"], parcel["stock_point"], parcel["mode"], parcel["promised_on"])
        for parcel in option["parcels"]
        for line in parcel["lines"]
    }


def worked(number: str) -> set[tuple[str, str, str, str]]:
    """What the stock points prepare: article, stock point, mode and the day it is prepared for."""
    pieces = Allocation.objects.filter(line__order__number=number, fulfilment__isnull=False)
    return {
        (sku, point, mode, str(day))
        for sku, point, mode, day in pieces.values_list(
            "line__sku", "stock_point__code", "fulfilment__mode", "fulfilment__promised_on"
        )
    }


def test_what_is_there_now_leaves_from_where_it_was_told_though_the_rest_comes_later(retailer: Retailer) -> None:
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "now_and_later")
    now, later = option["parcels"]
    assert now["promised_on"] < later["promised_on"]
    number = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])["number"]
    prefer(retailer, "marseille")
    retailer.drain()
    assert worked(number) == {("shirt", "paris", "home", now["promised_on"])}
    retailer.report("receipt", {("hat", "lyon"): 2, ("hat", "marseille"): 2}, reference="PO-1")
    retailer.drain()
    assert worked(number) == told(option)
    assert_invariants_hold()


def test_units_of_one_line_have_the_day_of_their_own_part(retailer: Retailer) -> None:
    retailer.report("receipt", {("hat", "paris"): 1})
    option = choice(quoted(retailer, {"hat": 3}), "now_and_later")
    number = retailer.place({"hat": 3}, promise_token=option["token"])["number"]
    retailer.drain()
    retailer.report("receipt", {("hat", "lyon"): 2}, reference="PO-1")
    retailer.drain()
    assert {point for _, point, _, _ in told(option)} == {"paris", "lyon"}
    assert worked(number) == told(option)
    assert_invariants_hold()


def test_what_was_promised_together_leaves_together_from_where_it_was_told(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lyon"): 4})
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "when_complete")
    number = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])["number"]
    was = set(Allocation.objects.filter(line__sku="shirt").values_list("stock_point__code", flat=True))
    prefer(retailer, "marseille")
    retailer.drain()
    assert worked(number) == set()
    retailer.report("receipt", {("hat", "lyon"): 2}, reference="PO-1")
    retailer.drain()
    found = worked(number)
    assert {day for *_, day in found} == {option["promised_on"]}
    assert {point for sku, point, *_ in found if sku == "shirt"} == was
    assert_invariants_hold()


def test_what_is_picked_up_and_what_is_sent_have_their_own_days_and_milestones(retailer: Retailer) -> None:
    option = choice(quoted(retailer, {"shirt": 1, "shoe": 1}, pickup_point="paris"), "part_pickup")
    lines = [
        {"sku": "shirt", "quantity": 1, "mode": "pickup", "pickup_point": "paris"},
        {"sku": "shoe", "quantity": 1},
    ]
    body = retailer.order_body({}, promise_token=option["token"]) | {"lines": lines}
    number = answered(retailer.api.post("/orders/", body), 201)["number"]
    retailer.drain()
    assert worked(number) == told(option)
    days = {work.mode: (work.promised_on, work.due_at) for work in Fulfilment.objects.all()}
    pickup, pickup_due = days["pickup"]
    assert pickup is not None and pickup_due is not None and days["home"][0] is not None
    assert pickup < days["home"][0]
    assert pickup_due.date() == pickup
    assert_invariants_hold()


def test_a_split_plan_leaves_in_the_parcels_that_were_told(retailer: Retailer) -> None:
    option = choice(quoted(retailer, {"shirt": 1, "shoe": 1}), "whole")
    assert len({day for *_, day in told(option)}) == 2
    number = retailer.place({"shirt": 1, "shoe": 1}, promise_token=option["token"])["number"]
    prefer(retailer, "marseille")
    retailer.drain()
    assert worked(number) == told(option)


def test_asked_for_another_decision_it_leaves_from_elsewhere(retailer: Retailer) -> None:
    option = choice(quoted(retailer, {"shirt": 1}), "whole")
    number = retailer.place({"shirt": 1}, promise_token=option["token"])["number"]
    retailer.drain()
    assert {point for _, point, *_ in worked(number)} == {"paris"}
    retailer.add_points(["lille"], latitude=50.63, longitude=3.06, postcode="59800")
    retailer.report("receipt", {("shirt", "lille"): 1})
    reroute_order(order_id=Order.objects.get(number=number).pk)
    retailer.drain()
    assert {point for _, point, *_ in worked(number)} == {"lille"}


def test_days_that_follow_one_another_move_each_part_once(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "NEWS_FOR", timedelta.max)
    order = Order.objects.get(number=retailer.place({"shirt": 1, "shoe": 1})["number"])
    days = {"shirt": date(2026, 5, 7), "shoe": date(2026, 5, 9)}
    for sku, day in days.items():
        Allocation.objects.filter(line__order=order, line__sku=sku).update(promised_on=day)
    order.promised_on = days["shoe"]
    order.save()
    moved = {Part("home", None, days["shirt"]): days["shoe"], Part("home", None, days["shoe"]): date(2026, 5, 12)}
    tell_new_days(new_days_of(order, moved, RepromiseReason.PLANNED_LATER))
    told = Allocation.objects.filter(line__order=order).values_list("line__sku", "expected_on")
    assert dict(told) == {"shirt": date(2026, 5, 9), "shoe": date(2026, 5, 12)}
    retailer.drain()
    mails = Notification.objects.filter(kind=NotificationKind.ORDER_DELAYED)
    assert {(mail.data["promised_on"], mail.data["expected_on"]) for mail in mails} == {
        ("2026-05-07", "2026-05-09"),
        ("2026-05-09", "2026-05-12"),
    }


def test_what_waits_is_moved_by_the_day_of_its_own_part(retailer: Retailer) -> None:
    """Two articles sent home were told the 14th and the 15th, one is collected on the 15th."""
    days = {day: date(2026, 5, day) for day in (14, 15, 17)}
    soon, home, pickup = Part("home", None, days[14]), Part("home", None, days[15]), Part("pickup", 1, days[15])
    waiting = Waiting(Order())
    for part in (soon, home, pickup):
        waiting.units[part]["1", 1] = 1

    def moved(*on: int) -> dict[Part, date]:
        return moved_days(waiting, [AwaitedDay(days[day], None) for day in on])

    assert moved(14, 15, 15) == {}
    assert moved(15, 15, 15) == {soon: days[15]}
    assert moved(14, 17, 15) == {home: days[17]}
    waiting.order.consolidate = True
    assert moved(15, 15, 14) == {}
    assert moved(14, 17, 15) == dict.fromkeys((soon, home, pickup), days[17])


def test_many_orders_sourced_at_once_keep_what_each_was_told(retailer: Retailer) -> None:
    options = []
    numbers = []
    for _ in range(2):
        options.append(choice(quoted(retailer, {"shirt": 1, "shoe": 1}), "whole"))
        body = {"shirt": 1, "shoe": 1}
        numbers.append(retailer.place(body, promise_token=options[-1]["token"])["number"])
    prefer(retailer, "marseille")
    retailer.drain()
    assert [worked(number) for number in numbers] == [told(option) for option in options]


def test_a_part_that_cannot_leave_from_where_it_was_told_leaves_from_elsewhere_in_time_or_is_promised_anew(
    retailer: Retailer,
) -> None:
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "now_and_later")
    now = option["parcels"][0]
    number = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])["number"]
    retailer.api.put_rows("/stock-points/", [{"code": "paris", "is_active": False}])
    retailer.drain()
    ((_, point, _, day),) = worked(number)
    assert point == "marseille"
    assert day > now["promised_on"]
    assert_invariants_hold()


def test_without_a_token_a_better_plan_may_still_be_taken(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 1})["number"]
    assert not Order.objects.get(number=number).is_plan_told
    retailer.add_points(["lille"], latitude=50.63, longitude=3.06, postcode="59800")
    retailer.report("receipt", {("shirt", "lille"): 1})
    retailer.drain()
    assert {point for _, point, _, _ in worked(number)} == {"lille"}


def test_the_plan_is_kept_while_the_order_waits_for_its_payment(retailer: Retailer, time: SetClock) -> None:
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "now_and_later")
    number = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])["number"]
    time.advance(timedelta(days=4))
    retailer.drain()
    ((_, _, _, day),) = worked(number)
    assert day > option["parcels"][0]["promised_on"]  # told truthfully, and promised anew


def test_what_order_in_store_told_of_each_part_is_what_is_prepared(db: None) -> None:
    """Through its card: the basket keeps the option, and its order is placed with the token."""
    counter = open_counter()
    counter.channel.allows_preorders = True
    counter.channel.save()
    coat = make_variant()
    receive(coat, counter.warehouse, 1)
    expect(coat, counter.lyon, 2, days=9)
    basket = counter.add(coat, 3)
    set_destination(basket_id=basket.pk, country="FR", postcode="59800")
    basket.refresh_from_db()
    cards = delivery_options(basket=basket, contents=contents_of(basket)).options
    option = next(each for each in cards if (each["choice"], each["mode"]) == ("now_and_later", "home"))
    choose_delivery(basket_id=basket.pk, option=option)
    order = check_out(basket_id=counter.named(basket).pk, payment=AT_TERMINAL)
    terminal = gateway_for(TERMINAL)
    assert isinstance(terminal, SimulatedTerminal)
    key = key_of(order)
    terminal.present_card(key, Card.ACCEPTED)
    hear_gateway(gateway=TERMINAL, key=key)
    source_order(order_id=order.pk)
    first = {each for each in told(option) if each[1] == counter.warehouse.code}
    assert worked(order.number) == first
    assert option["promised_on"] > next(day for *_, day in first)


@pytest.mark.parametrize("name", ["now_and_later", "when_complete"])
def test_sent_elsewhere_what_waits_is_promised_anew_and_is_not_late_at_once(
    retailer: Retailer, time: SetClock, name: str
) -> None:
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), name)
    number = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])["number"]
    retailer.drain()
    address = {"line1": "1 quai du Port", "postcode": "13002", "city": "Marseille", "country": "FR"}
    answered(retailer.api.post(f"/orders/{number}/change-address/", {"shipping_address": address}), 200)
    retailer.drain()
    order = Order.objects.get(number=number)
    assert order.promised_on is not None and order.promised_on.isoformat() > "2026-05-12"
    assert order.promise["promised_on"] == order.promised_on.isoformat()
    days = dict(Allocation.objects.filter(line__order=order).values_list("line__sku", "promised_on"))
    assert days["hat"] == order.promised_on
    assert (days["shirt"] < days["hat"]) == (name == "now_and_later")
    time.move_to(datetime(2026, 5, 11, 8, tzinfo=UTC))
    watch_milestones()
    alerts = order.alerts.open().filter(milestone="release")
    assert not alerts.exists()  # of what waits: it is released once it has come
    expected = {"reference": "PO-1", "sku": "hat", "stock_point": "lyon", "quantity": 3, "expected_on": "2026-05-20"}
    retailer.api.put_rows("/expected-receipts/", [expected | {"kind": "purchase"}])
    retailer.drain()
    order.refresh_from_db()
    assert order.expected_on is not None and order.expected_on.isoformat() > "2026-05-20"
    assert_invariants_hold()
