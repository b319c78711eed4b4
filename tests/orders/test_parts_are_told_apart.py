"""What was promised for one day is not told by the day of another part, nor what was never promised by any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client

from oms.core import clock
from oms.core.clock import SetClock
from oms.integrations.models import Notification
from oms.integrations.services.notifying import tell_of_new_day
from oms.integrations.services.watching import tell_delays
from orders.models import Allocation, Fulfilment, Order, Repromise
from orders.queries.tracking_links import tracking_url
from orders.services.recalling import recall_works
from orders.services.repromising import Part, keep_promises, new_days_of, tell_new_days
from orders.services.repromising_awaited import repromise_awaited
from orders.services.sourcing import source_order
from orders.services.standing import read_standing
from orders.states import RepromiseReason
from tests.factories.retailer import LYON, PARIS, Retailer, answered, open_retailer
from tests.orders.test_a_basket_of_several_articles_has_choices import awaiting, choice, quoted
from tests.store.making import words
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 5)


@pytest.fixture
def hands() -> Iterator[SetClock]:
    with clock.set_clock(datetime.combine(TODAY, time(8), UTC)) as set_clock:
        yield set_clock


@pytest.fixture
def retailer(hands: SetClock, monkeypatch: pytest.MonkeyPatch) -> Retailer:
    """Shirts and shoes in Paris; hats are expected in Lyon in a week. The past of these tests is news."""
    monkeypatch.setattr("oms.integrations.services.notifying.NEWS_FOR", timedelta(days=10_000))
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_points(["lyon"], **LYON)
    found.add_articles(["shirt", "shoe", "hat"])
    found.report("receipt", {("shirt", "paris"): 4, ("shoe", "paris"): 4})
    awaiting(found, allows_preorders=True)
    return found


def placed(retailer: Retailer, lines: dict[str, int], **values: object) -> Order:
    order = Order.objects.get(number=retailer.place(lines, **values)["number"])
    retailer.drain()
    return order


def waiting_for_hats(retailer: Retailer) -> Order:
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "now_and_later")
    return placed(retailer, {"shirt": 1, "hat": 2}, promise_token=option["token"])


def without_a_day(retailer: Retailer) -> Order:
    """A shirt that was promised, and hats of which nobody knew when they come."""
    awaiting(retailer, allows_preorders=False, allows_backorders=True)
    hats = {"reference": "PO-1", "sku": "hat", "stock_point": "lyon", "quantity": 0, "expected_on": "2026-05-12"}
    retailer.api.put_rows("/expected-receipts/", [hats | {"kind": "purchase"}])
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "now_and_later")
    assert {each["available_on"] for each in option["waiting"]} == {None}
    return placed(retailer, {"shirt": 1, "hat": 2}, promise_token=option["token"])


def days_of(order: Order) -> dict[str, tuple[date | None, date | None]]:
    rows = Allocation.objects.filter(line__order=order).values_list("line__sku", "promised_on", "expected_on")
    return {sku: (promised, expected) for sku, promised, expected in rows}


def delays(order: Order) -> list[tuple[str, str | None]]:
    told = Notification.objects.filter(order=order, kind="order_delayed").order_by("pk")
    return [(each.data["promised_on"], each.data["expected_on"]) for each in told]


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def promised_apart(order: Order, **days: int) -> None:
    """As if each article had been promised for a day of its own, in so many days."""
    for sku, number in days.items():
        Allocation.objects.filter(line__order=order, line__sku=sku).update(promised_on=in_days(number))
    order.promised_on = in_days(max(days.values()))
    order.save()


def migrated(module: str, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(getattr(import_module(module), sql))


def test_an_early_part_that_slips_is_promised_anew_though_the_order_has_time(
    retailer: Retailer, hands: SetClock
) -> None:
    order = waiting_for_hats(retailer)
    hats = days_of(order)["hat"][0]
    assert hats is not None
    Order.objects.filter(pk=order.pk).update(promised_on=hats + timedelta(days=30))  # of another part
    hands.move_to(datetime.combine(hats, time(8), UTC))
    assert repromise_awaited() == 1
    (new,) = Repromise.objects.all()
    assert new.previous_on == hats < new.expected_on < hats + timedelta(days=30)
    order.refresh_from_db()
    assert order.expected_on is None


def test_three_parts_that_slip_in_one_look_have_moved_once(retailer: Retailer) -> None:
    order = placed(retailer, {"shirt": 1})
    row = {"order": order, "previous_on": TODAY, "expected_on": in_days(1), "reason": RepromiseReason.PLANNED_LATER}
    now = clock.now()
    Repromise.objects.bulk_create(Repromise(**row, at=now) for _ in range(3))
    Fulfilment.objects.filter(order=order).update(promised_on=in_days(20))
    assert keep_promises() == 1
    Repromise.objects.create(**row, at=now + timedelta(days=1))
    Repromise.objects.create(**row, at=now + timedelta(days=2))
    Fulfilment.objects.filter(order=order).update(promised_on=in_days(30))
    assert keep_promises() == 0


def test_the_parts_of_what_waits_are_counted_alike(retailer: Retailer, hands: SetClock) -> None:
    order = waiting_for_hats(retailer)
    hats = days_of(order)["hat"][0]
    assert hats is not None
    row = {"order": order, "previous_on": TODAY, "expected_on": in_days(1), "reason": RepromiseReason.RECEIPT_LATER}
    Repromise.objects.bulk_create(Repromise(**row, at=clock.now()) for _ in range(3))
    hands.move_to(datetime.combine(hats, time(8), UTC))
    assert repromise_awaited() == 1


def test_new_days_of_one_look_are_of_one_moment(db: None) -> None:
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_articles(["shirt", "shoe"])
    found.report("receipt", {("shirt", "paris"): 4, ("shoe", "paris"): 4})
    order = Order.objects.get(number=found.place({"shirt": 1, "shoe": 1})["number"])
    parts = {Part("home", None, in_days(1)): in_days(2), Part("home", None, in_days(3)): in_days(4)}
    new = new_days_of(order, parts, RepromiseReason.PLANNED_LATER)
    assert len(new) == 2
    assert len({each.at for each in new}) == 1


def test_two_parts_that_come_on_the_same_new_day_are_both_told(retailer: Retailer) -> None:
    order = placed(retailer, {"shirt": 1, "shoe": 1})
    promised_apart(order, shirt=2, shoe=4)
    moved = {Part("home", None, in_days(2)): in_days(8), Part("home", None, in_days(4)): in_days(8)}
    tell_new_days(new_days_of(order, moved, RepromiseReason.PLANNED_LATER))
    retailer.drain()
    assert sorted(delays(order)) == [
        (in_days(2).isoformat(), in_days(8).isoformat()),
        (in_days(4).isoformat(), in_days(8).isoformat()),
    ]


def test_a_part_that_is_collected_is_not_moved_with_one_that_is_sent(retailer: Retailer) -> None:
    lines = [{"sku": "shirt", "quantity": 1, "mode": "pickup", "pickup_point": "paris"}, {"sku": "shoe", "quantity": 1}]
    body = retailer.order_body({}) | {"lines": lines}
    order = Order.objects.get(number=answered(retailer.api.post("/orders/", body), 201)["number"])
    promised_apart(order, shirt=4, shoe=4)
    new_days_of(order, {Part("home", None, in_days(4)): in_days(8)}, RepromiseReason.PLANNED_LATER)
    assert days_of(order) == {"shirt": (in_days(4), None), "shoe": (in_days(4), in_days(8))}


def two_works(retailer: Retailer) -> Order:
    """A shirt collected in Paris, a shoe sent from there; both the stock point's work."""
    lines = [{"sku": "shirt", "quantity": 1, "mode": "pickup", "pickup_point": "paris"}, {"sku": "shoe", "quantity": 1}]
    body = retailer.order_body({}) | {"lines": lines}
    order = Order.objects.get(number=answered(retailer.api.post("/orders/", body), 201)["number"])
    retailer.drain()
    assert Fulfilment.objects.filter(order=order).count() == 2
    return order


def test_each_late_part_is_told(retailer: Retailer) -> None:
    order = two_works(retailer)
    promised_apart(order, shirt=-2, shoe=-1)
    Fulfilment.objects.filter(order=order).update(promised_on=in_days(-1))
    assert (tell_delays(), tell_delays()) == (2, 0)
    assert delays(order) == [(in_days(-2).isoformat(), None), (in_days(-1).isoformat(), None)]


def test_a_part_that_waits_is_late_though_another_has_a_new_day(retailer: Retailer) -> None:
    order = waiting_for_hats(retailer)
    promised_apart(order, hat=-1, shirt=2)
    Order.objects.filter(pk=order.pk).update(expected_on=in_days(9))
    assert tell_delays() == 1
    assert delays(order) == [(in_days(-1).isoformat(), None)]


def test_a_part_that_got_its_day_when_it_came_is_told_by_it(retailer: Retailer) -> None:
    order = placed(retailer, {"shirt": 1})
    promised_apart(order, shirt=-1)
    Order.objects.filter(pk=order.pk).update(promised_on=in_days(-30))
    Fulfilment.objects.filter(order=order).update(promised_on=in_days(1))
    assert tell_delays() == 1
    promised_apart(order, shirt=-30)
    assert tell_delays() == 0


def test_what_was_told_before_parts_had_their_own_days_is_not_told_again(retailer: Retailer) -> None:
    order = two_works(retailer)
    promised_apart(order, shirt=-2, shoe=-1)
    works = Fulfilment.objects.filter(order=order)
    works.filter(mode="pickup").update(promised_on=in_days(3))
    works.filter(mode="home").update(promised_on=in_days(-1))
    for promised, expected in ((in_days(-2), in_days(3)), (in_days(-1), None)):
        Notification.objects.create(
            order=order,
            kind="order_delayed",
            subject=f"order:{order.pk}:{expected or 'late'}",
            data={"promised_on": promised.isoformat(), "expected_on": expected.isoformat() if expected else None},
        )
    migrated("oms.integrations.migrations.0005_delays_are_remembered_by_part", "BY_PART")
    assert tell_delays() == 0


def test_a_new_day_that_another_address_has_overtaken_is_not_told(retailer: Retailer) -> None:
    order = waiting_for_hats(retailer)
    hats = {"reference": "PO-1", "sku": "hat", "stock_point": "lyon", "quantity": 3, "expected_on": "2026-05-20"}
    retailer.api.put_rows("/expected-receipts/", [hats | {"kind": "purchase"}])
    assert repromise_awaited(order_ids=[order.pk]) == 1
    (new,) = Repromise.objects.all()
    address = {"line1": "1 quai du Port", "postcode": "13002", "city": "Marseille", "country": "FR"}
    answered(retailer.api.post(f"/orders/{order.number}/change-address/", {"shipping_address": address}), 200)
    tell_of_new_day(order_id=order.pk, repromise_id=new.pk)
    assert delays(order) == []


def test_what_was_never_promised_is_neither_late_nor_promised_anew(retailer: Retailer, hands: SetClock) -> None:
    order = without_a_day(retailer)
    assert order.promised_on is not None
    shirt = next(work for work in retailer.work(order.number))
    retailer.deliver(retailer.ship(shirt))
    hands.move_to(datetime.combine(order.promised_on + timedelta(days=1), time(8), UTC))
    assert days_of(order)["hat"] == (None, None)
    assert not Order.objects.late().exists()
    assert (tell_delays(), repromise_awaited()) == (0, 0)
    retailer.report("receipt", {("hat", "lyon"): 2})
    retailer.drain()
    work = Fulfilment.objects.get(order=order, stock_point__code="lyon")
    assert work.promised_on is not None and work.promised_on > order.promised_on
    assert days_of(order)["hat"] == (work.promised_on, None)
    assert (keep_promises(), tell_delays(), Repromise.objects.count()) == (0, 0, 0)
    assert not Order.objects.late().exists()
    assert_invariants_hold()


def test_what_was_promised_is_moved_though_the_rest_never_was(retailer: Retailer) -> None:
    """Nobody is called because of goods that were never promised."""
    order = waiting_for_hats(retailer)
    hat = Allocation.objects.get(line__order=order, line__sku="hat")
    Allocation.objects.create(line=hat.line, quantity=1, state="backordered")
    hats = {"reference": "PO-1", "sku": "hat", "stock_point": "lyon", "quantity": 3, "expected_on": "2026-05-20"}
    retailer.api.put_rows("/expected-receipts/", [hats | {"kind": "purchase"}])
    assert repromise_awaited(order_ids=[order.pk]) == 1
    order.refresh_from_db()
    assert order.needs_attention == ""


def from_before(retailer: Retailer) -> Order:
    """An order that was told a new day when its parts had none of their own."""
    order = placed(retailer, {"shirt": 1})
    Allocation.objects.filter(line__order=order).update(promised_on=None, expected_on=None)
    Order.objects.filter(pk=order.pk).update(expected_on=in_days(12))
    order.refresh_from_db()
    return order


def test_an_order_told_a_new_day_before_parts_had_their_own_is_not_told_one_again(
    retailer: Retailer, hands: SetClock
) -> None:
    order = from_before(retailer)
    recall_works(order_id=order.pk, reason="recalled")
    (piece,) = read_standing(order.pk).open
    assert piece.days(order) == (order.promised_on, in_days(12))
    hands.advance(timedelta(days=5))
    source_order(order_id=order.pk)
    work = Fulfilment.objects.get(order=order, state="offered")
    assert order.promised_on is not None and work.promised_on is not None
    assert order.promised_on < work.promised_on <= in_days(12)
    assert keep_promises() == 0


def test_open_orders_from_before_get_their_days_in_each_slice(retailer: Retailer) -> None:
    order = from_before(retailer)
    line = order.lines.get()
    waits = Allocation.objects.create(line=line, quantity=1, state="backordered")
    migrated("orders.migrations.0021_slices_know_the_days_of_orders_from_before_parts", "DAYS_OF_THE_ORDER")
    waits.refresh_from_db()
    given = Allocation.objects.exclude(pk=waits.pk).get(line=line)
    assert (given.promised_on, given.expected_on) == (order.promised_on, in_days(12))
    assert (waits.promised_on, waits.expected_on) == (None, None)


def test_parts_promised_alike_and_told_apart_since_are_shown_apart(retailer: Retailer) -> None:
    order = waiting_for_hats(retailer)
    hat = Allocation.objects.get(line__order=order, line__sku="hat")
    Allocation.objects.filter(pk=hat.pk).update(quantity=1)
    Allocation.objects.create(
        line=hat.line, quantity=1, state="backordered", promised_on=hat.promised_on, expected_on=date(2026, 6, 9)
    )
    page = words(Client().get(tracking_url(order.number).partition("8000")[2]))
    assert hat.promised_on is not None
    assert f"by {hat.promised_on:%-d} May 2026" in page
    assert "by 9 June 2026" in page
