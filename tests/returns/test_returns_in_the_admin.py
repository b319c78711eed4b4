"""Customer service makes, receives, inspects and refunds a return from the order's page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order
from returns.models import Return, ReturnPolicy, ReturnReason
from tests.factories.retailer import Json
from tests.returns.conftest import Counter
from tests.store.people import tablet
from tests.support.forms import form_values
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def desk(counter: Counter) -> Client:
    return tablet(role="customer_service")


def page(desk: Client, order: Json) -> str:
    pk = Order.objects.get(number=order["number"]).pk
    content: str = desk.get(reverse("admin:orders_order_change", args=[pk])).content.decode()
    return content


def asked(desk: Client, order: Json, **fields: Any) -> Any:
    pk = Order.objects.get(number=order["number"]).pk
    lines = {f"line-{line['id']}": line["quantity"] for line in order["lines"]}
    return desk.post(reverse("admin:returns_return_ask", args=[pk]), {"reason": "too_small", **lines, **fields})


def moved(desk: Client, move: str, **fields: Any) -> Return:
    returned = Return.objects.latest("pk")
    answer = desk.post(reverse(f"admin:returns_return_{move}", args=[returned.pk]), fields)
    assert answer.status_code == 302, answer.content.decode()
    return Return.objects.get(pk=returned.pk)


def buttons(desk: Client) -> list[str]:
    """The moves the return's page offers."""
    content = desk.get(reverse("admin:returns_return_change", args=[Return.objects.latest("pk").pk])).content.decode()
    pk = Return.objects.latest("pk").pk
    names = ("authorise", "receive", "inspect", "match", "refund", "exchange", "reject", "cancel", "close")
    return [name for name in names if f"/returns/return/{pk}/{name}/" in content]


def test_from_the_orders_page_to_the_refund(counter: Counter, desk: Client) -> None:
    order = counter.delivered()
    assert "/returns/return/order/" in page(desk, order)
    assert asked(desk, order, way="post", stock_point="depot").status_code == 302
    counter.retailer.drain()
    assert buttons(desk) == ["receive", "reject", "cancel"]
    label = desk.get(reverse("admin:returns_return_label", args=[Return.objects.latest("pk").pk]))
    assert label.content.startswith(b"%PDF")
    assert moved(desk, "receive", stock_point="depot").state == "received"
    assert buttons(desk) == ["inspect"]
    assert moved(desk, "inspect", **{"shirt:new": 1}).state == "inspected"
    assert buttons(desk) == ["refund", "exchange"]
    assert "€10.00" in desk.get(reverse("admin:returns_return_refund", args=[Return.objects.get().pk])).content.decode()
    assert moved(desk, "refund").state == "settled"
    counter.retailer.drain()
    assert counter.refunded(order) == ["10.00"]
    assert buttons(desk) == []
    told = page(desk, order)
    assert "1 unit returned" in told
    assert Return.objects.get().number in told
    assert "was settled: €10.00 are given back" in told
    assert_invariants_hold()


def test_what_is_refused_is_told_on_the_form(counter: Counter, desk: Client) -> None:
    order = counter.sold()
    answer = asked(desk, order, way="post", **{f"line-{order['lines'][0]['id']}": 2})
    assert (answer.status_code, Return.objects.count()) == (200, 0)
    ReturnPolicy.objects.create(excluded_categories=["things"])
    answer = asked(desk, order, way="customer_service")
    assert (answer.status_code, "These units cannot be returned." in answer.content.decode()) == (200, True)
    assert asked(desk, order, way="customer_service", is_exception="on").status_code == 302
    assert Return.objects.get().is_exception


def test_a_form_sent_twice_makes_one_return(counter: Counter, desk: Client) -> None:
    order = counter.sold({"shirt": 2})
    address = reverse("admin:returns_return_ask", args=[Order.objects.get(number=order["number"]).pk])
    key = re.search(r'name="action_key" value="([^"]+)"', desk.get(address).content.decode())
    assert key is not None
    one = {f"line-{order['lines'][0]['id']}": 1, "way": "customer_service", "action_key": key[1]}
    first, again = (asked(desk, order, **one) for _ in range(2))
    assert (first.status_code, first["Location"]) == (302, again["Location"])
    assert Return.objects.count() == 1


def test_a_return_is_rejected_with_a_reason(counter: Counter, desk: Client) -> None:
    ReturnPolicy.objects.create(needs_authorisation=True)
    asked(desk, counter.delivered(), way="post")
    assert buttons(desk) == ["authorise", "reject", "cancel"]
    returned = moved(desk, "reject", reason="Worn for weeks")
    assert (returned.state, returned.outcome_reason) == ("rejected", "Worn for weeks")
    assert_invariants_hold()


def test_a_store_makes_no_exceptions(counter: Counter) -> None:
    order = counter.sold()
    ReturnPolicy.objects.create(excluded_categories=["things"])
    staff = tablet(stock_points=("paris",))
    assert asked(staff, order, way="customer_service", is_exception="on").status_code == 200
    assert Return.objects.count() == 0


def test_another_store_makes_no_return_for_an_order_it_does_not_see(counter: Counter) -> None:
    order = counter.sold()
    assert asked(tablet(stock_points=("lyon",)), order, way="customer_service").status_code == 404
    assert asked(tablet(stock_points=("paris",)), order, way="customer_service").status_code == 302


@pytest.mark.parametrize("page", ["changelist", "add"])
def test_policies_are_head_offices(counter: Counter, page: str) -> None:
    url = reverse(f"admin:returns_returnpolicy_{page}")
    assert tablet(role="head_office").get(url).status_code == 200
    assert tablet(role="store_staff", stock_points=("paris",)).get(url).status_code == 403


def test_a_policy_is_written_with_its_reasons(counter: Counter) -> None:
    office = tablet(role="head_office")
    fields = {
        "window_days": 14,
        "transit_days": 10,
        "eligible_states": ["delivered", "collected"],
        "excluded_categories": "underwear",
        "refunded_grades": ["new"],
        "send_within_days": 30,
        "return_shipping_paid_by": "customer",
        "return_shipping_fee": "3.90",
        "refunds_shipping": "never",
        "new_goes_to": "where_needed",
        "opened_goes_to": "shelf",
        "damaged_goes_to": "repair",
        "unsellable_goes_to": "destroy",
        "reasons-TOTAL_FORMS": 1,
        "reasons-INITIAL_FORMS": 0,
        "reasons-0-code": "no-love",
        "reasons-0-position": 0,
        "reasons-0-label_en": "No love",
        "reasons-0-label_fr": "Pas d’amour",
        "reasons-0-is_active": "on",
    }
    answer = office.post(reverse("admin:returns_returnpolicy_add"), fields)
    assert answer.status_code == 302, answer.content.decode()
    policy = ReturnPolicy.objects.get()
    assert (policy.eligible_states, policy.excluded_categories) == (["delivered", "collected"], ["underwear"])
    (reason,) = policy.reasons.all()
    assert (reason.code, reason.labels) == ("no-love", {"en": "No love", "fr": "Pas d’amour"})


def test_a_reasons_words_are_changed_and_those_of_another_language_kept(counter: Counter) -> None:
    reason = ReturnReason.objects.create(
        policy=ReturnPolicy.objects.create(), code="no-love", labels={"en": "No love", "de": "Keine Liebe"}
    )
    office, address = tablet(role="head_office"), reverse("admin:returns_returnpolicy_change", args=[reason.policy_id])
    values = form_values(office.get(address).content.decode())
    assert office.post(address, values).status_code == 302
    reason.refresh_from_db()
    assert reason.labels == {"en": "No love", "de": "Keine Liebe"}
    assert office.post(address, values | {"reasons-0-label_fr": "Pas d’amour"}).status_code == 302
    reason.refresh_from_db()
    assert reason.labels == {"en": "No love", "de": "Keine Liebe", "fr": "Pas d’amour"}
