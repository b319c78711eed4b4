"""Each invariant finds the one row that was corrupted behind everybody's back, and names it."""

from __future__ import annotations

import pytest
from django.db import connection

from oms.core.invariants import violations
from oms.core.services.relaying import drain_events
from orders.models import Order
from tests.orders.conftest import Shop
from tests.orders.making import place
from tests.orders.working import shipped


@pytest.fixture
def order(shop: Shop) -> Order:
    """Sent from one stock point and captured, waiting at another, a unit cancelled."""
    order = place(shop.channel, {shop.skus[0]: 11}, allow_partial=True)
    drain_events()
    shipped(order, shop.near)
    drain_events()
    return order


CORRUPTIONS = [
    (
        "line_is_conserved",
        "UPDATE orders_allocation SET quantity = 4 WHERE state = 'assigned'",
        "11 ordered, slices of 10",
    ),
    (
        "line_is_conserved",
        "UPDATE orders_orderline SET cancelled_quantity = 3",
        "3 cancelled, cancelled slices of 1",
    ),
    (
        "order_state_follows_its_slices",
        "UPDATE orders_allocation SET state = 'cancelled' WHERE state = 'assigned'",
        "is partially_fulfilled, its slices make it fulfilled",
    ),
    (
        "slice_and_reservation_agree",
        "UPDATE stock_reservation SET quantity = 1 WHERE state = 'confirmed'",
        "5 assigned, its reservation holds 1 confirmed",
    ),
    (
        "slice_and_reservation_agree",
        "UPDATE orders_allocation SET reservation_id = NULL WHERE state = 'assigned'",
        "5 assigned, its reservation holds nothing",
    ),
    (
        "slice_and_reservation_agree",
        "UPDATE stock_reservation SET owner = 'order:H0' WHERE state = 'confirmed'",
        "5 assigned, its reservation holds 5 confirmed",
    ),
    (
        "order_reservation_has_its_slice",
        "UPDATE orders_allocation SET reservation_id = NULL WHERE state = 'assigned'",
        "holds 5 units that no slice stands for",
    ),
    (
        "slice_has_one_live_fulfilment",
        "UPDATE orders_allocation SET fulfilment_id = NULL WHERE state = 'assigned'",
        "is assigned with no fulfilment",
    ),
    (
        "slice_has_one_live_fulfilment",
        "UPDATE orders_fulfilment SET state = 'cancelled' WHERE state = 'accepted'",
        "which is cancelled",
    ),
    (
        "an_offer_stands_beside_an_offered_work",
        "INSERT INTO orders_fulfilment SELECT (jsonb_populate_record(f, jsonb_build_object("
        "'id', nextval(pg_get_serial_sequence('orders_fulfilment', 'id')), 'state', 'offered', 'lead_id', f.id))).* "
        "FROM orders_fulfilment f WHERE f.state = 'accepted'",
        "which is accepted; it has 0 slices",
    ),
    (
        "live_fulfilment_has_work",
        "UPDATE orders_allocation SET fulfilment_id = NULL WHERE state = 'assigned'",
        "is accepted and has nothing to do",
    ),
    (
        "payment_sums_are_its_operations",
        "UPDATE orders_payment SET captured = 60",
        "says captured, voided, refunded 60.00, 0.00, 0.00; its operations 50.00, 0, 0",
    ),
    (
        "refunds_within_captures_within_amounts",
        "UPDATE orders_paymentoperation SET amount = 111 WHERE kind = 'capture'",
        "captures of 111.00 asked",
    ),
    (
        "one_capture_per_key",
        "INSERT INTO orders_paymentoperation (payment_id, kind, key, amount, state, reference, gateway_reference, "
        "failure, asked_at) SELECT payment_id, kind, key || '-again', 0, state, '', '', '', asked_at "
        "FROM orders_paymentoperation WHERE kind = 'capture'; "
        "UPDATE orders_paymentoperation SET reference = '' WHERE kind = 'capture'",
        "has 2 captures for ",
    ),
    (
        "gateway_books_agree",
        "UPDATE orders_simulatedtransaction SET truth = 'refused' WHERE kind = 'capture'",
        "is succeeded; the gateway's books say refused",
    ),
    (
        "gateway_never_captures_and_voids_the_same_money",
        "UPDATE orders_simulatedtransaction SET amount = 120 WHERE kind = 'capture'",
        "120.00 captured and voided",
    ),
    (
        "order_amounts_are_its_lines",
        "UPDATE orders_order SET subtotal = 1, total = 1",
        "subtotal 1.00, its lines cost 110.00",
    ),
]


@pytest.mark.parametrize(("invariant", "corruption", "told"), CORRUPTIONS)
def test_a_corrupted_row_is_named(order: Order, invariant: str, corruption: str, told: str) -> None:
    assert list(violations([invariant])) == []
    with connection.cursor() as cursor:
        cursor.execute(corruption)
    details = [violation.detail for violation in violations([invariant])]
    assert any(told in detail for detail in details), details


def test_every_invariant_of_orders_has_its_corruption() -> None:
    from oms.core.invariants import REGISTRY

    ours = {name for name, check in REGISTRY.items() if check.__module__ == "orders.invariants"}
    assert ours == {invariant for invariant, *_ in CORRUPTIONS}
