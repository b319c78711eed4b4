"""Each invariant finds the one row that was corrupted behind everybody's back, and names it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from oms.core.invariants import violations
from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def story(counter: Counter) -> None:
    """One return refunded, one exchanged, one received, one given up."""
    counter.move(counter.inspected(counter.sold({"shirt": 2}), {"shirt": 1}), "refund")
    counter.move(counter.inspected(counter.sold({"cap": 1})), "exchange")
    counter.received(counter.sold({"shirt": 2}), {"shirt": 1})
    counter.move(counter.ask(counter.sold({"coat": 1})), "cancel")


def write(statement: str) -> None:
    """Past triggers, as nobody but a broken restore could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


OF_STATE = "(SELECT l.id FROM returns_returnline l JOIN returns_return r ON r.id = l.returned_id WHERE r.state = '{}')"

CORRUPTIONS = [
    (
        "returned_units_are_claimed_and_had_left",
        "UPDATE orders_orderline SET returned_quantity = 2 WHERE returned_quantity = 1 AND sku = 'shirt'",
        "2 returned, 1 claimed by returns, 2 had left",
    ),
    (
        "returned_units_are_claimed_and_had_left",
        "UPDATE orders_allocation SET state = 'reserved' WHERE state = 'collected'",
        "1 returned, 1 claimed by returns, 0 had left",
    ),
    (
        "return_that_came_to_nothing_claims_nothing",
        f"UPDATE returns_returnclaim SET quantity = 1 WHERE line_id IN {OF_STATE.format('cancelled')}",
        "is cancelled: 0 units received, 1 claimed of its order",
    ),
    (
        "dispositions_are_of_received_units",
        "UPDATE returns_disposition SET quantity = 2",
        "1 units came, 2 disposed of",
    ),
    (
        "received_return_is_one_movement",
        "UPDATE stock_stockmovement SET quantity = 2 WHERE kind = 'return'",
        "1 units came, the ledger has 2",
    ),
    (
        "received_return_is_one_movement",
        "DELETE FROM stock_stockmovement WHERE kind = 'return'",
        "1 units came, the ledger has 0",
    ),
    (
        "returns_refund_no_more_than_their_lines_cost",
        "UPDATE returns_returnclaim SET refund_amount = 15 WHERE refund_amount = 10",
        "returns refund 15.00 for 1 units",
    ),
    (
        "a_settled_return_gives_what_it_says",
        "UPDATE returns_return SET refund_amount = 12 WHERE refund_amount = 10",
        "is worth 10.00: refunds 12.00, grants 0.00",
    ),
    (
        "a_settled_return_gives_what_it_says",
        "UPDATE orders_paymentoperation SET amount = 12 WHERE kind = 'refund'",
        "refunds 10.00, grants 0.00; 12.00 asked of gateways",
    ),
    (
        "credit_is_spent_once",
        "UPDATE returns_return SET credit_amount = 8 WHERE credit_amount = 10",
        "grants 8.00, 10.00 was spent of it",
    ),
    (
        "credit_is_spent_once",
        "UPDATE returns_creditentry SET is_granted = false WHERE kind = 'capture'",
        "is succeeded; the exchange's books say False of 10.00",
    ),
    (
        "transferred_money_pays_replacements",
        "UPDATE orders_payment SET transferred = 0",
        "0 of its money spent elsewhere, its returns grant 10.00",
    ),
]


@pytest.mark.parametrize(("name", "statement", "named"), CORRUPTIONS)
def test_a_corrupted_row_is_named(story: None, name: str, statement: str, named: str) -> None:
    assert_invariants_hold()
    write(statement)
    found = [violation.detail for violation in violations([name])]
    assert any(named in detail for detail in found), found


def test_an_illegal_move_is_refused_by_the_database(story: None) -> None:
    with pytest.raises(DatabaseError, match="illegal move"), connection.cursor() as cursor:
        cursor.execute("UPDATE returns_return SET state = 'requested' WHERE state = 'settled'")
