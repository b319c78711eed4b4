"""Whoever does not belong to the sale does not find it; who may not sell is not let in."""

from __future__ import annotations

import pytest
from django.urls import reverse

from orders.models import Basket
from stock.models import SalesChannel
from tests.factories.network import make_channel
from tests.orders.counter import Counter
from tests.store.furnished import routes
from tests.store.selling import Tablet, opened, tablet_of

pytestmark = pytest.mark.django_db

OF_AN_ORDER = ["sell-outcome", "sell-receipt"]
MOVES = ["sell-terminal", "sell-pay-again", "sell-link-mail", "sell-abandon", "sell-again", "sell-receipt-mail"]


# Everybody's catalogue; and a line of one's own basket, below.
OTHERS = ["sell-product", "sell-line-change"]


def test_every_route_about_something_is_named_here() -> None:
    about = [name for name, pattern in routes().items() if name.startswith("sell") and "<" in str(pattern.pattern)]
    assert sorted(about) == sorted([*OF_AN_ORDER, *MOVES, *OTHERS])


@pytest.fixture
def shop(db: None) -> tuple[Counter, Tablet]:
    return opened()


def test_another_stores_order_is_not_found(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    order = tablet.sold(counter.hat)
    stranger = tablet_of(counter.lyon)
    for name in OF_AN_ORDER:
        assert stranger.get(name, order.number).status_code == 404, name
        assert tablet.get(name, order.number).status_code in (200, 302), name
    for name in MOVES:
        assert stranger.post(name, order.number, card="accepted").status_code == 404, name
    order.refresh_from_db()
    assert order.state == "pending_payment"


def test_another_sellers_line_is_not_found(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.add(counter.hat)
    line = Basket.objects.get().lines.get()
    colleague = tablet_of(counter.lille)
    colleague.add(counter.shirt)
    assert colleague.post("sell-line-change", line.pk, quantity=0).status_code == 404
    assert tablet.post("sell-line-change", line.pk, quantity=0).status_code == 302


def test_nobody_unknown_and_no_merchandiser_sells(shop: tuple[Counter, Tablet]) -> None:
    counter, _ = shop
    assert Tablet().get("sell").url.startswith(reverse("store:sign-in"))
    assert tablet_of(counter.lille, role="merchandiser").get("sell").status_code == 403


def test_customer_service_sells_by_telephone_from_no_shelf(shop: tuple[Counter, Tablet]) -> None:
    counter, _ = shop
    make_channel(kind="call_centre")
    telephone = tablet_of(None, role="customer_service")
    page = telephone.get("sell-product", counter.shirt.product.code)
    assert b"Take it along" not in page.content
    order = telephone.sold(counter.shirt, means="link")
    assert (order.channel.kind, order.selling_stock_point) == ("call_centre", None)
    page = telephone.get("sell-outcome", order.number)
    assert page.context["outcome"] == "link"
    assert b"The link is on its way to camille@example.org" in page.content
    assert b"scan the code" not in page.content
    chosen = telephone.get("choose")
    assert b"Order by telephone" in chosen.content
    assert b"Order by telephone" not in tablet_of(counter.lille).get("choose").content


def test_without_a_channel_it_is_told_what_is_missing(shop: tuple[Counter, Tablet]) -> None:
    _, tablet = shop
    SalesChannel.objects.update(kind="web")
    page = tablet.get("sell")
    assert page.status_code == 409
    assert b"No sales channel" in page.content
