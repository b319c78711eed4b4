"""The stock room: transfers sent and received by scan, and counts that somebody else approves."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stock.models import StockCount, StockPoint, Transfer, Variant
from stock.services.counting import approve_count
from stock.services.transferring import accept_transfer
from tests.stock.making import figures
from tests.store.making import Shop, send, told, words
from tests.store.people import tablet

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(shop: Shop) -> Transfer:
    """Two shirts from store A to store B, accepted."""
    points = {point.code: point for point in StockPoint.objects.all()}
    made = Transfer.objects.create(
        reference="TR-A",
        variant=Variant.objects.get(sku="shirt"),
        giver=points["store-a"],
        receiver=points["store-b"],
        source="slow",
        quantity=2,
        unit_cost=1,
    )
    return accept_transfer(transfer_id=made.pk)


def test_one_store_sends_and_the_other_scans_what_comes(shop: Shop, moved: Transfer) -> None:
    assert "TR-A" in words(shop.tablet.get("/store/stock/"))
    assert "TR-A" not in words(shop.stranger.get("/store/stock/"))
    page = told(shop.tablet, send(shop.tablet, reverse("store:transfer-send", args=[moved.pk]), {"quantity": "2"}))
    assert "2 × shirt are on their way to" in page
    assert figures(moved.variant, moved.giver) == (18, 0, 0)
    scan = {"scanned": "4006381333931"}
    first = told(
        shop.stranger, send(shop.stranger, "/store/receive/", scan, key="0b9a3a34-6f0e-4a7c-9f5e-3d0f8f0a1c11")
    )
    assert "1 of 2, for sale at once" in first
    # The same form sent again is not another unit.
    send(shop.stranger, "/store/receive/", scan, key="0b9a3a34-6f0e-4a7c-9f5e-3d0f8f0a1c11")
    assert figures(moved.variant, moved.receiver) == (1, 0, 0)
    send(shop.stranger, "/store/receive/", {"scanned": "SHIRT"})
    moved.refresh_from_db()
    assert (moved.state, figures(moved.variant, moved.receiver)) == ("received", (2, 0, 0))
    assert "Nothing was changed" in told(shop.stranger, send(shop.stranger, "/store/receive/", scan))


def test_what_is_missing_is_told_when_the_transfer_is_closed(shop: Shop, moved: Transfer) -> None:
    send(shop.tablet, reverse("store:transfer-send", args=[moved.pk]), {"quantity": "2"})
    closing = reverse("store:transfer-close", args=[moved.pk])
    assert "received, 1 missing" in told(shop.stranger, send(shop.stranger, closing, {"quantity": "1"}))
    moved.refresh_from_db()
    assert (moved.state, moved.received_quantity) == ("received", 1)


def test_what_is_missing_is_said_before_a_transfer_is_closed_and_units_may_come_without_a_scan(
    shop: Shop, moved: Transfer
) -> None:
    send(shop.tablet, reverse("store:transfer-send", args=[moved.pk]), {"quantity": "2"})
    assert "Close: 2 are missing" in words(shop.stranger.get("/store/stock/"))
    coming = reverse("store:transfer-close", args=[moved.pk])
    assert "1 × shirt received" in told(shop.stranger, send(shop.stranger, coming, {"quantity": "1", "more": "1"}))
    moved.refresh_from_db()
    assert (moved.state, moved.received_quantity, figures(moved.variant, moved.receiver)) == ("shipped", 1, (1, 0, 0))
    assert "Close: 1 is missing" in words(shop.stranger.get("/store/stock/"))
    assert "received, 1 missing" in told(shop.stranger, send(shop.stranger, coming, {"quantity": "0"}))
    moved.refresh_from_db()
    assert (moved.state, figures(moved.variant, moved.receiver)) == ("received", (1, 0, 0))


def test_a_store_counts_by_scanning_and_its_stock_changes_once_approved(shop: Shop) -> None:
    shirt, here = Variant.objects.get(sku="shirt"), StockPoint.objects.get(code="store-a")
    manager = tablet(role="store_manager", stock_points=("store-a",))
    assert send(shop.tablet, "/store/stock/counts/", {"category": ""}).status_code == 403
    response = send(manager, "/store/stock/counts/", {"category": ""})
    count = StockCount.objects.get()
    page = reverse("store:count", args=[count.pk])
    assert response["Location"] == page
    assert "0 / 2" in words(shop.tablet.get(page))
    for _ in range(3):
        send(shop.tablet, page, {"code": "4006381333931"})
    assert "1 / 2" in words(shop.tablet.get(page))
    told(shop.tablet, send(shop.tablet, page, {"code": "hat", "counted": "20"}))
    assert "no article we know" in told(shop.tablet, send(shop.tablet, page, {"code": "nothing"}))
    assert "approved" in told(shop.tablet, send(shop.tablet, reverse("store:count-submit", args=[count.pk])))
    assert figures(shirt, here) == (20, 0, 0)
    count.refresh_from_db()
    approve_count(stock_count=count)
    assert figures(shirt, here) == (3, 0, 0)
    assert "Applied" in words(shop.tablet.get("/store/stock/counts/"))


def test_a_submitted_sheet_is_not_counted_on(shop: Shop) -> None:
    manager = tablet(role="store_manager", stock_points=("store-a",))
    send(manager, "/store/stock/counts/", {"category": ""})
    count = StockCount.objects.get()
    page = reverse("store:count", args=[count.pk])
    assert "Nothing of this count" in told(
        shop.tablet, send(shop.tablet, reverse("store:count-submit", args=[count.pk]))
    )
    send(shop.tablet, page, {"code": "shirt"})
    send(shop.tablet, reverse("store:count-submit", args=[count.pk]))
    told(shop.tablet, send(shop.tablet, page, {"code": "shirt"}))
    assert count.lines.get(variant__sku="shirt").counted == 1
