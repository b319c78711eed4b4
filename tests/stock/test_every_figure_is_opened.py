"""From whichever page shows a figure of stock one comes to its level: its waterfall and its movements."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.bulk import Row
from stock.models import SalesChannel, StockLevel, StockMovement, StockPoint, Transfer, Variant
from stock.services.counting import open_count
from stock.services.reconciling import reconcile_stock
from stock.services.replenishing import replenish_stock
from stock.services.reserving import reserve_stock
from stock.services.setting_aside import set_aside
from tests.admin.people import signed_in
from tests.stock.feeds.feeding import HOUR, feed, file_of
from tests.stock.making import NOON, expect, make_channel, make_point, make_variant, receive, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def level() -> StockLevel:
    """Nine shirts in Paris; of everything that speaks of them there is one."""
    web, paris, lyon = make_channel("web"), make_point("PARIS"), make_point("LYON")
    shirt = make_variant("SHIRT", gtin="0012345678905")
    level = receive(shirt, paris, 9)
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
    aside = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": 1, "reason": "display", "reference": "d"}
    assert set_aside(rows=[Row(0, aside | {"expires_at": None})]).errors == []
    expect(shirt, paris, 3)
    Transfer.objects.create(
        reference="T", variant=shirt, giver=paris, receiver=lyon, source="slow", quantity=1, unit_cost=1
    )
    receive(shirt, paris, -2, kind="sale", occurred_at=clock.now())
    return level


def opened(client: Client, page: str, **query: str) -> list[str]:
    """Where the links of the page lead that open a level."""
    text = client.get(page, query).content.decode().replace("&amp;", "&")
    address = re.escape(reverse("admin:stock_stocklevel_of"))
    links = dict.fromkeys(re.findall(rf'href="({address}\?[^"]+)"', text))
    return [client.get(link)["Location"] for link in links]


LISTS = ["stockmovement", "reservation", "unavailability", "expectedreceipt", "transfer", "leveldifference"]


@pytest.mark.parametrize("name", LISTS)
def test_from_every_list(level: StockLevel, name: str) -> None:
    if name == "leveldifference":
        StockLevel.objects.update(on_hand=5)
        reconcile_stock()
    page = reverse(f"admin:stock_{name}_changelist")
    assert reverse("admin:stock_stocklevel_change", args=[level.pk]) in opened(signed_in("head_office"), page)


@pytest.mark.parametrize("name", ["variant", "purchaseproposal"])
def test_from_what_is_of_no_stock_point_to_all_levels_of_the_article(level: StockLevel, name: str) -> None:
    replenish_stock()
    page = reverse(f"admin:stock_{name}_changelist")
    client = signed_in("head_office")
    (address,) = opened(client, page, due="all") if name == "purchaseproposal" else opened(client, page)
    assert [each.pk for each in client.get(address).context["cl"].result_list] == [level.pk]


def test_from_an_import_a_count_and_the_preview_of_a_rule(level: StockLevel) -> None:
    client = signed_in("head_office")
    page = reverse("admin:stock_stocklevel_change", args=[level.pk])
    held = feed(file_of("SHIRT,PARIS,4"), as_of=NOON + HOUR, needs_review=True)
    assert opened(client, reverse("admin:stock_stockimport_change", args=[held.pk])) == [page]
    count = open_count(reference="C", stock_point=StockPoint.objects.get(code="PARIS"))
    assert opened(client, reverse("admin:stock_stockcount_change", args=[count.pk])) == [page]
    rule = {"code": "keep", "quantity": "3", "variant": Variant.objects.get().pk}
    shown = client.post(reverse("admin:stock_protectionrule_add"), rule).content.decode()
    assert f'{reverse("admin:stock_stocklevel_of")}?sku=SHIRT"' in shown


def test_the_level_shows_its_waterfall_and_its_movements(level: StockLevel) -> None:
    page = signed_in("store_staff", store="PARIS").get(
        reverse("admin:stock_stocklevel_of"), {"sku": "SHIRT", "stock_point": "PARIS"}, follow=True
    )
    told = page.context["page"]
    assert (told.waterfall.on_hand, told.waterfall.reserved, told.waterfall.unavailable) == (7, 1, 1)
    assert [row.quantity for row in told.movements] == [-2, 9]


def test_where_nothing_ever_lay_one_is_told_and_sees_where_it_does(level: StockLevel) -> None:
    page = signed_in("head_office").get(
        reverse("admin:stock_stocklevel_of"), {"sku": "SHIRT", "stock_point": "LYON"}, follow=True
    )
    assert "Nothing of SHIRT has ever lain there." in page.content.decode()
    assert [each.pk for each in page.context["cl"].result_list] == [level.pk]


def test_anothers_level_is_not_opened(level: StockLevel) -> None:
    answer = signed_in("store_staff", store="LYON").get(
        reverse("admin:stock_stocklevel_of"), {"sku": "SHIRT", "stock_point": "PARIS"}
    )
    assert str(level.pk) not in answer["Location"].rpartition("?")[0]
    assert signed_in("head_office").get(reverse("admin:stock_stocklevel_of"), {"sku": "?"}).status_code == 404


COLUMNS = {
    "stockmovement": ("level", "stock_point.code"),
    "reservation": ("level", "stock_point.code"),
    "unavailability": ("stock_point", "level.stock_point.code"),
    "expectedreceipt": ("level", "stock_point.code"),
    "leveldifference": ("level", "stock_point.code"),
    "transfer": ("givers_level", "giver.code"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_lists_are_sorted_by_the_stock_points_that_are_opened(level: StockLevel, name: str) -> None:
    shirt, points = level.variant, {point.code: point for point in StockPoint.objects.all()}
    receive(shirt, points["LYON"], 9)
    reserve_stock(owner="b:2", channel_id=SalesChannel.objects.get().pk, wants=[want(shirt, points["LYON"], 1)])
    aside = {"sku": "SHIRT", "stock_point": "LYON", "quantity": 1, "reason": "display", "reference": "e"}
    assert set_aside(rows=[Row(0, aside | {"expires_at": None})]).errors == []
    expect(shirt, points["LYON"], 3)
    back = {"giver": points["LYON"], "receiver": points["PARIS"]}
    Transfer.objects.create(reference="U", variant=shirt, source="slow", quantity=1, unit_cost=1, **back)
    StockLevel.objects.update(on_hand=5)
    reconcile_stock()
    column, path = COLUMNS[name]
    assert sorted_by(signed_in("head_office"), name, column, path) == {"LYON", "PARIS"}


def test_transfers_are_sorted_by_where_they_go_and_purchases_by_what_is_here(level: StockLevel) -> None:
    client, points = signed_in("head_office"), {point.code: point for point in StockPoint.objects.all()}
    back = {"giver": points["LYON"], "receiver": points["PARIS"]}
    Transfer.objects.create(reference="U", variant=level.variant, source="slow", quantity=1, unit_cost=1, **back)
    assert sorted_by(client, "transfer", "receivers_level", "receiver.code") == {"LYON", "PARIS"}
    receive(make_variant("SCARF"), points["PARIS"], 4)
    receive(Variant.objects.get(sku="SCARF"), points["PARIS"], -1, kind="sale", occurred_at=clock.now())
    replenish_stock()
    assert sorted_by(client, "purchaseproposal", "levels", "here", due="all") == {3, 5}


def sorted_by(client: Client, name: str, column: str, path: str, **query: str) -> set[Any]:
    """What the list shows in the column, which is in order upwards and downwards."""
    page = reverse(f"admin:stock_{name}_changelist")
    place = client.get(page, query).context["cl"].list_display.index(column)
    up, down = (
        [attrgetter(path)(row) for row in client.get(page, {**query, "o": f"{sign}{place}"}).context["cl"].result_list]
        for sign in ("", "-")
    )
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)
    return set(up)


def test_a_movement_is_found_by_its_reference_through_an_index(level: StockLevel) -> None:
    sales = [
        StockMovement(
            variant=level.variant,
            stock_point=level.stock_point,
            kind="sale",
            quantity=-1,
            reference=f"receipt-{number}",
            occurred_at=clock.now(),
        )
        for number in range(2_000)
    ]
    StockMovement.objects.bulk_create(sales)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stock_stockmovement")
    assert "stock_movement_own_reference" in StockMovement.objects.own().filter(reference="receipt-7").explain()
