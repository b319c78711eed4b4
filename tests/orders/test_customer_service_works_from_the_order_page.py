"""The order page in the admin: told in words, and only what may be done now."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from oms.core import clock
from oms.core.access import EVERYTHING
from oms.core.services.relaying import drain_events
from orders.admin.batches import batch_url
from orders.admin.move_forms import RefundForm
from orders.models import Allocation, Fulfilment, Order, OrderBatch, Payment
from orders.services.holding import hold_order
from orders.services.refunding import refund_order
from orders.wording import SENTENCES, sentence
from tests.admin.people import signed_in
from tests.orders.conftest import Shop
from tests.orders.counter import BY_LINK, open_counter
from tests.orders.making import events, place, slices, state_of, works
from tests.orders.working import picked, work_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Client:
    return signed_in("customer_service")


def url(order: Order, page: str = "change") -> str:
    return reverse(f"admin:orders_order_{page}", args=[order.pk])


def text(client: Client, order: Order) -> str:
    response = client.get(url(order))
    assert response.status_code == 200
    return response.content.decode()


def offered(client: Client, order: Order) -> set[str]:
    return {each["url"].rstrip("/").rpartition("/")[2] for each in client.get(url(order)).context["order_actions"]}


def test_everything_of_the_order_is_told_in_words(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    told = text(service, order)
    for words in (order.number, "Camille Martin", "1 place du Théâtre", shop.near.name, "The order was placed."):
        assert words in told
    assert "fulfilment.assigned" not in told
    assert "order.sourced" not in told


def test_every_event_of_a_whole_life_has_a_sentence(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    picked(work_at(order, shop.near))
    assert set(events(order)) - {"order.sourced"} <= set(SENTENCES)


def test_every_event_that_is_ever_noted_has_a_sentence() -> None:
    sources = [path.read_text() for path in Path("orders/services").glob("*.py")]
    noted = {event for source in sources for event in re.findall(r'\bevent="([a-z_.]+)"', source)}
    assert len(noted) > 30
    assert noted <= set(SENTENCES)


def test_one_parcel_is_told_as_one() -> None:
    told = {
        count: sentence("fulfilment.packed", {"parcels": count}, place="Lille", parcel="", currency="EUR")
        for count in (1, 2)
    }
    assert told == {1: "Lille packed them, in 1 parcel.", 2: "Lille packed them, in 2 parcels."}


def test_what_may_be_refunded_is_told_as_money(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    Payment.objects.update(captured=Decimal("10.00"), state="captured")
    page = service.get(url(order, "refund")).content.decode()
    assert "At most €10.00." in page


@pytest.mark.parametrize(("language", "typed"), [("fr", "2,50"), ("fr", "2.50"), ("en", "2.50")])
def test_an_amount_is_typed_as_it_is_read(shop: Shop, language: str, typed: str) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    with translation.override(language):
        form = RefundForm({"amount": typed, "reference": "x"}, order=order, access=EVERYTHING)
        form.full_clean()
    assert form.cleaned_data["amount"] == Decimal("2.50")


def test_one_unit_is_told_as_one(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    for units in (1, 2):
        order.timeline.create(event="fulfilment.short_picked", actor="system", data={"units": units})
    told = text(service, order)
    assert "A stock point did not find 1 unit." in told
    assert "A stock point did not find 2 units." in told


def test_last_moments_are_told_once(shop: Shop, service: Client) -> None:
    """The order's own until stock points have the work: theirs are others after a decline or a new day."""
    order = place(shop.channel, {shop.skus[0]: 1})
    order.confirm_by = order.release_by = clock.now()
    order.save()
    assert "Confirm by" in text(service, order)
    drain_events()
    told = text(service, order)
    assert "Confirm by" not in told
    assert "Release by" not in told


def test_an_event_without_a_sentence_is_still_shown(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    order.timeline.create(event="return.received", actor="client:wms", data={})
    told = text(service, order)
    assert "Return received" in told
    assert "wms" in told


def test_the_decision_is_drawn_for_customer_service_and_not_for_a_store(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    assert "halles-map-chosen" in text(service, order)
    assert "halles-map-chosen" not in text(signed_in("store_manager", store=shop.near.code), order)


def test_what_may_be_done_follows_the_order(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    assert offered(service, order) == {"hold", "address", "mode", "reroute", "assign", "units", "cancel"}
    picked(work_at(order, shop.near))
    assert offered(service, order) == {"hold", "cancel"}


def test_a_whole_number_leads_to_the_order(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    found = reverse("admin:orders_order_changelist")
    assert service.get(found, {"q": f" {order.number.lower()} "}).url == url(order)
    assert service.get(found, {"q": order.customer_email}).status_code == 200
    assert service.get(found, {"q": order.number, "state__exact": "confirmed"}).status_code == 200
    assert signed_in("store_staff", store=shop.far.code).get(found, {"q": order.number}).status_code != 302


def test_a_refund_is_named_for_whoever_makes_it(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    Payment.objects.update(captured=Decimal("10.00"), state="captured")
    for number in (1, 2):
        form = service.get(url(order, "refund")).context["form"]
        assert form["reference"].value() == f"{order.number}-{number}"
        refund_order(order_id=order.pk, amount=Decimal("1.00"), reference=form["reference"].value())


def test_a_held_order_says_so_and_why_in_the_list(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    hold_order(order_id=order.pk, reason="Address is being checked")
    told = service.get(reverse("admin:orders_order_changelist")).content.decode()
    assert "Confirmed, on hold: Address is being checked" in told


def test_the_service_is_that_of_the_work_as_it_is_given_now(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    promise = {**(order.promise or {}), "service": "slow-boat", "price": "0", "currency": "EUR", "co2e_g": 0}
    Order.objects.filter(pk=order.pk).update(promise=promise)
    work_at(order, shop.near)
    Fulfilment.objects.filter(order=order).update(service="fast-van")
    told = text(service, order)
    assert "Fast van" in told and "Slow boat" not in told


def test_units_of_one_line_may_be_cancelled_whatever_became_of_the_others(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1, shop.skus[1]: 1})
    drain_events()
    done, still = order.lines.order_by("position")
    Allocation.objects.filter(line=done).update(state="picked")
    assert "units" in offered(service, order)
    given = {"line_id": still.pk, "quantity": 1, "reason": "changed mind"}
    assert service.post(url(order, "units"), given).status_code == 302
    assert Allocation.objects.get(line=still).state == "cancelled"
    assert offered(service, order) & {"units"} == set()


def test_the_last_unit_is_cancelled_with_the_order(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    assert {"cancel"} == offered(service, order) & {"units", "cancel"}


def test_a_payment_link_is_sent_again_from_the_page(service: Client) -> None:
    order = open_counter().placed(BY_LINK)
    assert service.get(url(order, "link")).context["form"]["email"].value() == "camille@example.org"
    assert service.post(url(order, "link"), {"email": "c.martin@example.org"}).status_code == 302
    assert "The payment link was sent once more, to another e-mail address." in text(service, order)
    Order.objects.filter(pk=order.pk).update(state="confirmed")
    assert "link" not in offered(service, order)


def test_who_only_looks_is_offered_nothing_and_refused(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    merchandiser = signed_in("merchandiser")
    assert offered(merchandiser, order) == set()
    assert merchandiser.post(url(order, "units"), {"line_id": 1, "quantity": 1, "reason": "x"}).status_code == 403
    assert state_of(order) == "confirmed"


def test_nothing_can_be_posted_to_the_page_itself(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    assert service.post(url(order), {"state": "cancelled"}).status_code == 403


def test_units_of_a_line_are_cancelled_and_no_more_than_are_free(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 3})
    line = order.lines.get()
    refused = service.post(url(order, "units"), {"line_id": line.pk, "quantity": 4, "reason": "changed mind"})
    assert refused.status_code == 200
    assert "At most 3 units" in refused.content.decode()
    assert {state for _, _, _, state in slices(order)} == {"reserved"}
    done = service.post(url(order, "units"), {"line_id": line.pk, "quantity": 2, "reason": "changed mind"})
    assert done.status_code == 302
    line.refresh_from_db()
    assert line.cancelled_quantity == 2


def test_a_form_sent_twice_cancels_its_units_once(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 3})
    key = re.search(r'name="action_key" value="([^"]+)"', service.get(url(order, "units")).content.decode())
    assert key is not None
    fields = {"line_id": order.lines.get().pk, "quantity": 1, "reason": "asked", "action_key": key[1]}
    first, again = (service.post(url(order, "units"), fields) for _ in range(2))
    assert (first.status_code, first["Location"]) == (302, again["Location"])
    assert order.lines.get().cancelled_quantity == 1


def test_many_orders_are_asked_for_once(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    address = batch_url("", [str(order.pk)])
    key = re.search(r'name="action_key" value="([^"]+)"', service.get(address).content.decode())
    assert key is not None
    fields = {"action": "hold", "reason": "asked", "action_key": key[1]}
    first, again = (service.post(address, fields) for _ in range(2))
    assert (first.status_code, first["Location"]) == (302, again["Location"])
    assert OrderBatch.objects.count() == 1


def test_an_address_is_changed_and_a_bad_one_is_told_beside_its_field(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    typed = {"line1": "2 rue Neuve", "line2": "", "postcode": "nowhere", "city": "Lyon", "country": "fr"}
    refused = service.post(url(order, "address"), typed)
    assert refused.status_code == 200
    assert "2 rue Neuve" in refused.content.decode()
    assert Order.objects.get(pk=order.pk).shipping_address["city"] == "Lille"
    assert service.post(url(order, "address"), typed | {"postcode": "69002"}).status_code == 302
    changed = Order.objects.get(pk=order.pk).shipping_address
    assert (changed["line1"], changed["city"], changed["country"]) == ("2 rue Neuve", "Lyon", "FR")


def test_the_mode_is_changed_where_it_is_collected_is_asked_for(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    refused = service.post(url(order, "mode"), {"mode": "pickup"})
    assert "Choose where it is collected." in refused.content.decode()
    done = service.post(url(order, "mode"), {"mode": "pickup", "pickup_point": shop.near.code})
    assert done.status_code == 302
    changed = Order.objects.get(pk=order.pk)
    assert (changed.mode, changed.pickup_point) == ("pickup", shop.near)


def test_the_page_takes_as_many_queries_for_many_lines_as_for_one(shop: Shop, service: Client) -> None:
    counts = []
    for lines in ({shop.skus[0]: 1}, dict.fromkeys(shop.skus, 1)):
        order = place(shop.channel, lines)
        drain_events()
        text(service, order)
        with CaptureQueriesContext(connection) as found:
            text(service, order)
        counts.append(len(found))
    assert counts[0] == counts[1] <= 45


def test_customer_service_assigns_it_by_hand_and_says_why(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    at = url(order, "assign")
    assert service.get(at).status_code == 200
    refused = service.post(at, {"stock_point": shop.store.code, "reason": "asked"})
    assert "none of the articles" in refused.content.decode()
    assert service.post(at, {"stock_point": shop.far.code, "reason": ""}).status_code == 200
    assert works(order) == [(shop.near.code, "accepted")]
    assert service.post(at, {"stock_point": shop.far.code, "reason": "It is gift-wrapped there."}).status_code == 302
    assert works(order) == [(shop.near.code, "cancelled"), (shop.far.code, "accepted")]
    page = service.get(url(order)).content.decode()
    assert "It is gift-wrapped there." in page
