"""Each invariant of stock: one row corrupted behind the services' back is named."""

from datetime import timedelta

import pytest
from django.db import connection

from oms.core import clock
from oms.core.invariants import violations
from stock.models import ProtectionRule, StockPoint, Variant
from stock.services.protecting import apply_pending_protection, queue_protection
from stock.services.reserving import reserve_stock
from stock.states import ReservationState
from tests.stock.making import expect, make_channel, make_point, make_variant, receive, want

pytestmark = pytest.mark.django_db

STOCK = {
    "stock_reserved_is_sum_of_live_reservations",
    "stock_on_hand_is_sum_of_movements",
    "stock_unavailable_is_what_was_set_aside",
    "stock_expected_reserved_is_sum_of_live_reservations",
    "stock_expected_received_is_sum_of_movements",
    "stock_no_hold_outlives_its_end",
    "stock_reservations_and_movements_have_a_level",
    "stock_levels_are_in_the_feed_of_changes",
    "stock_levels_carry_the_protection_of_their_rules",
    "stock_summaries_that_hold_say_what_the_levels_say",
}


@pytest.fixture
def world():
    """One level with a hold, a rule and movements; all is well."""
    paris, web, shirt = make_point("PARIS"), make_channel("web"), make_variant("SHIRT", category="tops")
    receive(shirt, paris, 10)
    reserve_stock(
        owner="hold:cart",
        channel_id=web.pk,
        wants=[want(shirt, paris, 2)],
        state=ReservationState.HELD,
        expires_at=clock.now() + timedelta(hours=1),
    )
    ProtectionRule.objects.create(code="tops", category="tops", quantity=1, is_applied=True)
    ProtectionRule.objects.create(code="web", channel=web, quantity=3, category="tops", is_applied=True)
    queue_protection(ProtectionRule.objects.all())
    apply_pending_protection()
    assert found() == []


def found() -> list[tuple[str, str]]:
    return [(one.invariant, one.detail) for one in violations(STOCK)]


def corrupt(statement: str) -> None:
    """Behind the back of triggers and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_level_that_reserves_more_than_its_reservations(world):
    corrupt("UPDATE stock_stocklevel SET reserved = 3")
    assert found() == [
        ("stock_reserved_is_sum_of_live_reservations", "SHIRT at PARIS: 3 reserved, live reservations hold 2")
    ]


def test_a_reservation_of_another_quantity(world):
    corrupt("UPDATE stock_reservation SET quantity = 5")
    assert found() == [
        ("stock_reserved_is_sum_of_live_reservations", "SHIRT at PARIS: 2 reserved, live reservations hold 5")
    ]


def test_a_level_that_differs_from_its_ledger(world):
    corrupt("UPDATE stock_stocklevel SET on_hand = 11")
    assert found() == [("stock_on_hand_is_sum_of_movements", "SHIRT at PARIS: 11 on hand, its movements add up to 10")]


def test_a_level_that_says_more_is_unavailable_than_was_set_aside(world):
    corrupt("UPDATE stock_stocklevel SET unavailable = 4")
    assert found() == [
        (
            "stock_unavailable_is_what_was_set_aside",
            "SHIRT at PARIS: 4 unavailable, what was set aside and given back comes to 0",
        )
    ]


def test_a_movement_that_was_deleted(world):
    corrupt("DELETE FROM stock_stockmovement")
    assert found() == [("stock_on_hand_is_sum_of_movements", "SHIRT at PARIS: 10 on hand, its movements add up to 0")]


def test_an_expected_receipt_that_promises_more_than_its_reservations(world):
    expect(Variant.objects.get(), StockPoint.objects.get(), 5)
    corrupt("UPDATE stock_expectedreceipt SET reserved = 3")
    assert found() == [
        (
            "stock_expected_reserved_is_sum_of_live_reservations",
            "expected receipt PO-1 of SHIRT at PARIS: 3 reserved, live reservations hold 0",
        )
    ]


def test_an_expected_receipt_that_says_something_came(world):
    expect(Variant.objects.get(), StockPoint.objects.get(), 5)
    corrupt("UPDATE stock_expectedreceipt SET received = 2")
    assert found() == [
        (
            "stock_expected_received_is_sum_of_movements",
            "expected receipt PO-1 of SHIRT at PARIS: 2 received, its movements brought 0",
        )
    ]


def test_a_hold_nobody_swept(world):
    corrupt("UPDATE stock_reservation SET expires_at = now() - interval '1 day'")
    ((name, detail),) = found()
    assert name == "stock_no_hold_outlives_its_end"
    assert "of hold:cart is still held" in detail


def test_a_reservation_and_a_movement_without_a_level(world):
    corrupt("DELETE FROM stock_stocklevel")
    names = [name for name, _ in found()]
    assert names.count("stock_reservations_and_movements_have_a_level") == 2
    assert "stock_on_hand_is_sum_of_movements" in names
    assert "stock_reserved_is_sum_of_live_reservations" in names


def test_a_variant_the_feed_of_changes_forgot(world):
    connection.cursor().execute("DELETE FROM stock_availabilitychange")
    assert found() == [
        ("stock_levels_are_in_the_feed_of_changes", "SHIRT has levels, and no follower ever hears of it")
    ]


def test_a_level_that_lost_its_protection(world):
    corrupt("UPDATE stock_stocklevel SET protection_units = 0")
    ((name, detail),) = found()
    assert name == "stock_levels_carry_the_protection_of_their_rules"
    assert ": 0 units and 0.00 %, its rules say [1, Decimal('0')]" in detail


def test_a_channels_protection_that_no_rule_gives(world):
    corrupt("UPDATE stock_levelprotection SET units = 9")
    ((name, detail),) = found()
    assert name == "stock_levels_carry_the_protection_of_their_rules"
    assert "for channel" in detail


def test_protection_that_is_still_to_be_applied_is_no_violation(world):
    ProtectionRule.objects.filter(code="tops").update(quantity=4)
    assert [name for name, _ in found()] == ["stock_levels_carry_the_protection_of_their_rules"]
    queue_protection(ProtectionRule.objects.filter(code="tops"))
    assert found() == []
