"""The admin's menu and first page: grouped by what people do, for each role its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core.navigation import ENTRIES, Group
from orders.models import Order
from tests.admin.people import signed_in
from tests.api.world import World

pytestmark = pytest.mark.django_db


def menu(client: Client) -> dict[str, list[str]]:
    response = client.get(reverse("admin:index"))
    assert response.status_code == 200
    return {
        str(group["title"]): [str(item["title"]) for item in group["items"]]
        for group in response.context["sidebar_navigation"]
        if group["title"]
    }


def counts(client: Client) -> dict[str, int]:
    waiting: list[tuple[str, list[dict[str, Any]]]] = client.get(reverse("admin:index")).context["waiting"]
    return {str(each["title"]): each["number"] for _, found in waiting for each in found}


def test_every_entry_of_the_menu_is_a_page() -> None:
    assert ENTRIES.keys() <= {model._meta.label_lower for model in admin.site._registry}


def test_customer_service_sees_orders_and_no_system() -> None:
    found = menu(signed_in("customer_service"))
    assert found["Orders"][:6] == ["Promised against real", "Queues", "Orders", "Fulfilments", "Parcels", "Payments"]
    assert "System" not in found


def test_head_office_sees_every_group() -> None:
    assert set(menu(signed_in("head_office"))) == {str(group.label) for group in Group}


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("admin:orders_order_queues", "Queues"),
        ("admin:kept-promises", "Promised against real"),
        ("admin:orders_order_changelist", "Orders"),
        ("admin:stock_protectionpreview_changelist", "Protection previews"),
    ],
)
def test_where_one_is_is_marked_once_and_heads_the_page(page: str, title: str) -> None:
    response = signed_in("head_office").get(reverse(page))
    groups = response.context["sidebar_navigation"]
    assert [str(item["title"]) for group in groups for item in group["items"] if item["active"]] == [title]
    assert page.endswith("changelist") or response.context["content_title"] == title


def test_store_staff_see_neither_rules_nor_protection() -> None:
    World()
    found = menu(signed_in("store_staff", store="store-a"))
    assert "Orchestration" not in found
    assert "Protection rules" not in found.get("Merchandising", [])


def test_what_waits_is_counted_for_ones_own_store_only() -> None:
    world = World()
    number = world.placed()["number"]
    Order.objects.filter(number=number).update(needs_attention="Somebody must look.")
    assert counts(signed_in("store_manager", store="store-a"))["Need a person"] == 1
    assert counts(signed_in("store_manager", store="store-b"))["Need a person"] == 0
    assert counts(signed_in("customer_service"))["Need a person"] == 1


def test_each_count_leads_to_a_list_of_as_many_rows() -> None:
    world = World()
    number = world.placed()["number"]
    Order.objects.filter(number=number).update(needs_attention="Somebody must look.", promised_on="2020-01-01")
    client = signed_in("head_office")
    seen = 0
    for _, found in client.get(reverse("admin:index")).context["waiting"]:
        for each in found:
            response = client.get(each["url"])
            assert response.status_code == 200, each["url"]
            if "attention=" in each["url"] or "state__exact=" in each["url"]:
                assert response.context["cl"].result_count == each["number"], each["url"]
                seen += each["number"]
    assert seen >= 2


def test_the_first_page_takes_as_many_queries_for_many_orders_as_for_one() -> None:
    world = World()
    client = signed_in("customer_service")
    world.placed()
    client.get(reverse("admin:index"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("admin:index"))
    for _ in range(3):
        world.placed()
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("admin:index"))
    assert len(many) == len(one) <= 24
