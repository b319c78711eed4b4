"""Bulk actions: all that match, not only a page; one result per order; nothing done twice, nothing left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.errors import Invalid
from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from orders.models import Order, OrderBatch, OrderBatchRow, OrderHold
from orders.queries.queues import queues
from orders.services import batching
from orders.services.batching import start_batch, work_off_batch
from orders.services.holding import hold_order
from tests.admin.people import signed_in
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import place, state_of, works
from tests.orders.test_units_no_rule_plans import only_from
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def service(db: None) -> Client:
    return signed_in("customer_service")


def results(batch: OrderBatch) -> list[tuple[str, str, str]]:
    rows = OrderBatchRow.objects.filter(batch=batch).order_by("pk")
    return list(rows.values_list("order__number", "outcome", "code"))


def test_each_order_has_its_result_and_a_refusal_stops_no_other(shop: Shop) -> None:
    orders = [place(shop.channel, {shop.skus[0]: 1}) for _ in range(3)]
    hold_order(order_id=orders[1].pk, reason="asked")
    batch = start_batch(action="hold", orders=Order.objects.all(), reason="stocktaking")
    drain_events()
    assert results(batch) == [
        (orders[0].number, "done", ""),
        (orders[1].number, "refused", "state_conflict"),
        (orders[2].number, "done", ""),
    ]
    assert OrderBatchRow.objects.get(outcome="refused").detail == "This order is held already."
    batch.refresh_from_db()
    assert (batch.total, batch.finished_at is not None) == (3, True)
    assert OrderHold.objects.filter(reason="stocktaking").count() == 2


def test_more_than_fit_at_once_are_worked_off_in_turns(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "AT_ONCE", 2)
    for _ in range(5):
        place(shop.channel, {shop.skus[0]: 1})
    batch = start_batch(action="hold", orders=Order.objects.all(), reason="stocktaking")
    assert work_off_batch(batch_id=batch.pk) == 2
    assert OrderBatchRow.objects.waiting().count() == 3
    drain_events()
    assert OrderHold.objects.count() == 5
    assert work_off_batch(batch_id=batch.pk) == 0


def test_they_are_given_to_a_stock_point_by_whoever_asked(shop: Shop) -> None:
    orders = [place(shop.channel, {shop.skus[0]: 2}) for _ in range(3)]
    drain_events()
    batch = start_batch(action="assign", orders=Order.objects.all(), reason="near is flooded", stock_point=shop.far)
    drain_events()
    # Five lie there; the third order had found its two there already.
    assert [row[1:] for row in results(batch)] == [("done", ""), ("refused", "cannot_assign"), ("done", "")]
    assert works(orders[0])[-1] == (shop.far.code, "accepted")
    assert {entry.actor for entry in AuditEntry.objects.filter(action="order.assigned_by_hand")} == {batch.asked_by}
    assert_invariants_hold()


@pytest.mark.parametrize("asked", [{"action": "cancel"}, {"action": "assign", "reason": "x"}, {"action": "hold"}])
def test_what_lacks_its_reason_or_place_is_refused_and_nothing_is_written(shop: Shop, asked: dict[str, str]) -> None:
    place(shop.channel, {shop.skus[0]: 1})
    with pytest.raises(Invalid):
        start_batch(orders=Order.objects.all(), **asked)
    with pytest.raises(Invalid):
        start_batch(orders=Order.objects.none(), action="reroute")
    assert OrderBatch.objects.count() == 0


def test_an_error_nobody_expected_is_a_result_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    place(shop.channel, {shop.skus[0]: 1})
    batch = start_batch(action="reroute", orders=Order.objects.all())

    def broken(**_: object) -> None:
        OrderHold.objects.all().delete()
        raise ZeroDivisionError

    monkeypatch.setitem(batching._SERVICES, "reroute", broken)  # type: ignore[arg-type]
    drain_events()
    assert [row[1:] for row in results(batch)] == [("refused", "failed")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_rows() -> None:
    shop = open_shop()
    for _ in range(4):
        place(shop.channel, {shop.skus[0]: 1})
    batch = start_batch(action="hold", orders=Order.objects.all(), reason="stocktaking")
    found = at_once([lambda: work_off_batch(batch_id=batch.pk)] * 3)
    assert sum(found) == 4  # type: ignore[arg-type]
    assert [row[1:] for row in results(batch)] == [("done", "")] * 4
    assert OrderHold.objects.count() == 4


def test_from_the_list_all_that_match_not_only_the_page(
    shop: Shop, service: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orders.admin.orders import OrderAdmin

    monkeypatch.setattr(OrderAdmin, "list_per_page", 2)
    only_from(shop, "store", action="queue")
    waiting = [place(shop.channel, {shop.skus[0]: 1}) for _ in range(3)]
    drain_events()
    other = place(shop.channel, {shop.skus[1]: 1})
    hold_order(order_id=other.pk, reason="asked")
    at = reverse("admin:orders_order_changelist") + "?queue=unfillable"
    page = service.get(at).context["cl"]
    assert len(page.result_list) == 2
    ticked = {"action": "do_to_all", "_selected_action": [waiting[0].pk], "index": 0}
    all_of_them = service.post(at, {**ticked, "select_across": "1"})
    assert all_of_them.url == reverse("admin:orders_order_batch") + "?queue=unfillable"
    asked = service.get(all_of_them.url)
    assert asked.context["count"] == 4
    done = service.post(all_of_them.url, {"action": "cancel", "reason": "", "stock_point": ""})
    assert done.status_code == 200
    assert "Say why." in done.content.decode()
    done = service.post(all_of_them.url, {"action": "cancel", "reason": "no stock", "stock_point": ""})
    batch = OrderBatch.objects.get()
    assert done.url == reverse("admin:orders_orderbatch_change", args=[batch.pk])
    assert service.get(done.url)["Refresh"] == "3"
    drain_events()
    assert {state_of(order) for order in waiting} == {"cancelled"}
    shown = service.get(done.url)
    assert "Refresh" not in shown
    rows = reverse("admin:orders_orderbatchrow_changelist") + f"?batch__id__exact={batch.pk}&outcome__exact=done"
    assert rows.replace("&", "&amp;") in shown.content.decode()
    assert service.get(rows).context["cl"].result_count == 4


def test_from_the_list_only_the_ticked(shop: Shop, service: Client) -> None:
    first, second = (place(shop.channel, {shop.skus[0]: 1}) for _ in range(2))
    at = reverse("admin:orders_order_changelist")
    ticked = {"action": "do_to_all", "_selected_action": [second.pk], "index": 0, "select_across": "0"}
    url = service.post(at, ticked).url
    service.post(url, {"action": "hold", "reason": "asked", "stock_point": ""})
    drain_events()
    assert list(OrderHold.objects.values_list("order_id", flat=True)) == [second.pk]
    assert first.pk != second.pk


def test_who_only_looks_is_refused(shop: Shop) -> None:
    place(shop.channel, {shop.skus[0]: 1})
    merchandiser = signed_in("merchandiser")
    at = reverse("admin:orders_order_batch")
    assert merchandiser.get(at).status_code == 403
    assert merchandiser.post(at, {"action": "cancel", "reason": "x"}).status_code == 403
    assert OrderBatch.objects.count() == 0


def test_queues_tell_how_much_waits_and_since_when(shop: Shop, service: Client) -> None:
    from oms.core.access import EVERYTHING

    start = clock.now()
    only_from(shop, "store", action="queue")
    with clock.set_clock(start) as moment:
        place(shop.channel, {shop.skus[0]: 2})
        drain_events()
        moment.advance(timedelta(days=2))
        place(shop.channel, {shop.skus[0]: 1})
        drain_events()
        moment.advance(timedelta(hours=30))
        unfillable = next(queue for queue in queues(EVERYTHING) if queue.name == "unfillable")
        assert (unfillable.orders, unfillable.units, unfillable.since) == (2, 3, start)
        assert unfillable.older == (2, 1, 0)
        attention = next(queue for queue in queues(EVERYTHING) if queue.name == "attention")
        assert (attention.orders, attention.since) == (2, start)
        at = reverse("admin:orders_order_changelist")
        listed = service.get(at, {"queue": "unfillable"}).context["cl"].result_list
        assert [order.waits_since for order in listed] == sorted(order.waits_since for order in listed)
        assert len(service.get(at, {"queue": "unfillable", "waits": "3"}).context["cl"].result_list) == 1
    page = service.get(reverse("admin:orders_order_queues"))
    assert page.status_code == 200
    assert "?queue=unfillable" in page.content.decode()


def test_the_queues_page_takes_few_queries(shop: Shop, service: Client, django_assert_max_num_queries: object) -> None:
    for _ in range(3):
        hold_order(order_id=place(shop.channel, {shop.skus[0]: 1}).pk, reason="x")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        service.get(reverse("admin:orders_order_queues"))
