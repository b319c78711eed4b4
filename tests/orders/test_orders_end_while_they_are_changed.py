"""An order that ends just as its goods are moved elsewhere gives back what it holds now, not what it held."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from oms.core import clock
from orders.errors import PaymentRefused
from orders.models import Order
from orders.services import paying, sweeping
from orders.services.changing import change_address
from orders.services.sweeping import expire_unpaid_orders
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import MARSEILLE, paid_with, place, slices, state_of
from tests.stock.making import figures
from tests.support.concurrently import Elsewhere
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


def moving_meanwhile(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> list[str]:
    """Between reading what is to be released and releasing it, somebody else changes the order's address."""
    release = module.release_reservations
    moved: list[str] = []

    def interrupted(*, ids: list[int]) -> Any:
        if not moved:
            moved.append("elsewhere")
            order_id = Order.objects.get().pk
            with Elsewhere(lambda: change_address(order_id=order_id, shipping_address=MARSEILLE)) as other:
                other.result()
        return release(ids=ids)

    monkeypatch.setattr(module, "release_reservations", interrupted)
    return moved


def assert_nothing_is_held(shop: Shop, order: Order) -> None:
    assert slices(order) == {(shop.skus[0], shop.far.code, 2, "cancelled")}
    assert (figures(shop.variants[0], shop.near), figures(shop.variants[0], shop.far)) == ((5, 0, 0), (5, 0, 0))
    assert_invariants_hold()


def test_an_order_that_expires_while_its_goods_move_holds_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order = place(shop.channel, {shop.skus[0]: 2}, payments=())
    moved = moving_meanwhile(monkeypatch, sweeping)
    with clock.set_clock(clock.now() + timedelta(hours=2)):
        assert expire_unpaid_orders() == 1
    assert (moved, state_of(order)) == (["elsewhere"], "expired")
    assert_nothing_is_held(shop, order)


def test_an_order_that_is_refused_while_its_goods_move_holds_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = moving_meanwhile(monkeypatch, paying)
    with pytest.raises(PaymentRefused):
        place(shop.channel, {shop.skus[0]: 2}, payments=paid_with("refuse"))
    order = Order.objects.get()
    assert (moved, order.state) == (["elsewhere"], "cancelled")
    assert_nothing_is_held(shop, order)


def test_a_refusal_that_comes_when_the_order_is_confirmed_leaves_its_stock(shop: Shop) -> None:
    from orders.gateways.protocol import Answer, Outcome
    from orders.models import PaymentOperation

    order = place(shop.channel, {shop.skus[0]: 2})
    late = PaymentOperation.objects.get()
    paying.conclude_authorisations(order_id=order.pk, answers=[(late, Answer(Outcome.REFUSED, failure="late"))])
    assert (state_of(order), slices(order)) == ("confirmed", {(shop.skus[0], shop.near.code, 2, "reserved")})
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)
    assert_invariants_hold()
