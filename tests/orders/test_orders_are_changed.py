"""Another address, another mode, another decision: stock and work follow."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oms.core.errors import Invalid, StateConflict
from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from orders.errors import BadAddress
from orders.models import Fulfilment, Order
from orders.services.changing import ModeChange, change_address, change_mode
from orders.services.picking import pick_fulfilment
from orders.services.recalling import reroute_order
from orders.services.requests import Address
from orders.services.work import SkuQuantity
from stock.errors import InsufficientStock
from tests.orders.conftest import Shop
from tests.orders.making import MARSEILLE, events, place, slices, state_of, works
from tests.stock.making import figures, receive
from tests.support.holding import assert_invariants_hold


def test_a_new_address_moves_the_goods_at_once_and_the_work_after(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    assert works(order) == [(shop.near.code, "accepted")]
    changed = change_address(order_id=order.pk, shipping_address=MARSEILLE)
    assert changed.shipping_address is not None
    assert changed.shipping_address["city"] == "Marseille"
    assert slices(order) == {(shop.skus[0], shop.far.code, 1, "reserved")}
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    drain_events()
    assert works(order) == [(shop.near.code, "cancelled"), (shop.far.code, "accepted")]
    assert_invariants_hold()


def test_an_order_that_waits_for_its_payment_can_change_its_address(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1}, payments=())
    change_address(order_id=order.pk, shipping_address=MARSEILLE)
    drain_events()
    assert slices(order) == {(shop.skus[0], shop.far.code, 1, "reserved")}
    assert (state_of(order), works(order)) == ("pending_payment", [])
    assert_invariants_hold()


def test_a_bad_address_changes_nothing(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    with pytest.raises(BadAddress):
        change_address(
            order_id=order.pk, shipping_address=Address(line1="", city="Lille", country="FR", postcode="59800")
        )
    assert Order.objects.get(pk=order.pk).shipping_address == order.shipping_address


def test_it_is_too_late_once_somebody_has_begun(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    work = Fulfilment.objects.get(order=order)
    pick_fulfilment(fulfilment_id=work.pk, lines=[SkuQuantity(shop.skus[0], 2)])
    before = (slices(order), works(order), events(order))
    for change in (
        lambda: change_address(order_id=order.pk, shipping_address=MARSEILLE),
        lambda: change_mode(order_id=order.pk, change=ModeChange("express")),
    ):
        with pytest.raises(StateConflict) as refused:
            change()
        assert refused.value.data == {"state": "in_progress", "on_hold": False}
    assert (slices(order), works(order), events(order)) == before


def test_the_audit_tells_that_an_address_changed_and_not_to_what(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    change_address(order_id=order.pk, shipping_address=MARSEILLE)
    assert AuditEntry.objects.get(action="order.address_changed").changes == {"shipping_address": "changed"}


def test_click_and_collect_instead_of_delivery(shop: Shop) -> None:
    receive(shop.variants[0], shop.store, 2)
    order = place(shop.channel, {shop.skus[0]: 2})
    change_mode(order_id=order.pk, change=ModeChange("pickup", pickup_point=shop.store.code))
    assert slices(order) == {(shop.skus[0], shop.store.code, 2, "reserved")}
    drain_events()
    work = Fulfilment.objects.get(order=order)
    assert (work.mode, work.stock_point_id, work.pickup_point_id) == ("pickup", shop.store.pk, shop.store.pk)
    assert order.lines.get().mode == "pickup"
    assert_invariants_hold()


def test_a_mode_its_stock_points_cannot_serve_changes_nothing(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    before = (slices(order), works(order), events(order), order.lines.get().mode)
    with pytest.raises(InsufficientStock):
        change_mode(order_id=order.pk, change=ModeChange("pickup", pickup_point=shop.store.code))
    assert (slices(order), works(order), events(order), order.lines.get().mode) == before
    assert_invariants_hold()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (ModeChange("pickup"), "pickup_point"),
        (ModeChange("relay"), "relay_point"),
        (ModeChange("slot"), "slot"),
        (ModeChange("carry_out"), "mode"),
    ],
)
def test_what_the_mode_needs_must_be_told(shop: Shop, change: ModeChange, field: str) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    with pytest.raises(Invalid) as refused:
        change_mode(order_id=order.pk, change=change)
    assert list(refused.value.errors) == [field]


def test_rerouting_takes_back_work_and_decides_again(shop: Shop) -> None:
    receive(shop.variants[0], shop.near, -5, kind="adjustment")
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    assert works(order) == [(shop.far.code, "accepted")]
    receive(shop.variants[0], shop.near, 5)
    drain_events()
    Order.objects.filter(pk=order.pk).update(hops=4)
    reroute_order(order_id=order.pk)
    drain_events()
    assert works(order) == [(shop.far.code, "cancelled"), (shop.near.code, "accepted")]
    assert Order.objects.get(pk=order.pk).hops == 0
    assert_invariants_hold()


def test_another_country_taxes_at_its_own_rate_and_the_price_stays(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1, shop.skus[1]: 1}, shipping_price=Decimal("12.00"))
    assert (str(order.tax), str(order.total)) == ("5.34", "32.00")
    brussels = Address(line1="1 rue Neuve", postcode="1000", city="Bruxelles", country="BE")
    changed = change_address(order_id=order.pk, shipping_address=brussels)
    assert (str(changed.tax), str(changed.total)) == ("5.56", "32.00")
    assert {(str(line.tax_rate), str(line.tax)) for line in changed.lines.all()} == {("0.2100", "1.74")}
