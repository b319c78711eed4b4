"""Fault 11: reservations expire while their customers pay. Each is reserved again, or the money goes back, and told."""

from __future__ import annotations

from collections import Counter

from tests.support.stack import Stack, order_body, receive
from tests.support.waiting import wait_until

UNITS = 6

# What became of an order: its state, the units it still holds or has given to a stock point, its money, what was told.
_ENDS = """
SELECT o.state, (SELECT coalesce(sum(a.quantity), 0) FROM orders_allocation a
                 JOIN orders_orderline l ON l.id = a.line_id
                 WHERE l.order_id = o.id AND a.state IN ('reserved', 'offered', 'assigned')),
       p.state, EXISTS (SELECT FROM orders_timelineentry t WHERE t.order_id = o.id AND t.event = 'payment.returned'),
       EXISTS (SELECT FROM integrations_notification n WHERE n.order_id = o.id AND n.kind = 'payment_returned')
FROM orders_order o JOIN orders_payment p ON p.order_id = o.id WHERE o.external_reference LIKE 'slow-%%'
"""


def buy_what_is_free(stack: Stack, buyers: int) -> int:
    """Others come while the first ones' time is over; how many got a unit."""
    with stack.api(stack.key) as api:
        answers = [
            api.post("/orders/", json=order_body(f"quick-{buyer}", sku="SCARCE")).status_code for buyer in range(buyers)
        ]
    return answers.count(201)


def settled(stack: Stack) -> bool:
    return all(
        (state, money) in {("in_progress", "authorised"), ("confirmed", "authorised"), ("expired", "voided")}
        for state, _, money, _, _ in stack.query(_ENDS)
    )


def test_whose_answer_was_lost_until_it_was_too_late_gets_the_goods_or_the_money(stack: Stack) -> None:
    with stack.api(stack.key) as api:
        product = {"code": "SCARCE", "name": "Scarce"}
        variant = {"sku": "SCARCE", "product": product, "price": "10.00", "currency": "EUR", "weight_g": 500}
        assert api.put("/variants/", json=[variant]).json()["errors"] == []
        receive(api, {("SCARCE", "WH-1"): UNITS})
        lost = [{"gateway": "simulated", "method": "card", "token": "timeout"}]
        for customer in range(UNITS):
            body = order_body(f"slow-{customer}", sku="SCARCE", payments=lost)
            assert api.post("/orders/", json=body).json()["state"] == "pending_payment"
    assert buy_what_is_free(stack, 1) == 0, "all of it is reserved for those who pay"
    stack.query("UPDATE orders_order SET pay_by = now() - interval '1 minute' WHERE state = 'pending_payment'")
    # Somebody takes units between the end of the reservations and the money's arrival.
    stack.manage("shell", "-c", "from orders.services.sweeping import expire_unpaid_orders; expire_unpaid_orders()")
    assert {row[0] for row in stack.query(_ENDS)} == {"expired"}
    taken = buy_what_is_free(stack, 2)
    assert taken == 2
    stack.start_worker()
    stack.start_scheduler()
    wait_until(lambda: settled(stack), 120)
    ends = Counter(tuple(row) for row in stack.query(_ENDS))
    assert sum(units for _, units, _, _, _ in ends.elements()) == UNITS - taken
    for state, units, money, told, _ in ends:
        assert (state == "expired", units == 0, money == "voided", told) in {(True,) * 4, (False,) * 4}
    wait_until(lambda: all(mailed for state, *_, mailed in stack.query(_ENDS) if state == "expired"), 60)
    assert stack.check_invariants().endswith(" 0 violated")
