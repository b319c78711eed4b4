from __future__ import annotations

import pytest

from orders.services.rollups import derived_state


@pytest.mark.parametrize(
    ("present", "units", "becomes"),
    [
        ("confirmed", {"reserved": 2}, "confirmed"),
        ("confirmed", {"offered": 2}, "confirmed"),
        ("confirmed", {"backordered": 1, "unfillable": 1}, "confirmed"),
        ("confirmed", {"assigned": 1, "reserved": 1}, "in_progress"),
        ("confirmed", {"picked": 1}, "in_progress"),
        ("in_progress", {"packed": 1, "cancelled": 3}, "in_progress"),
        ("in_progress", {"in_transfer": 1}, "in_progress"),
        ("in_progress", {"ready_for_pickup": 1}, "in_progress"),
        ("in_progress", {"declined": 2, "unfillable": 2}, "confirmed"),
        ("in_progress", {"short_picked": 1, "reserved": 1}, "confirmed"),
        ("in_progress", {"shipped": 1, "packed": 1}, "partially_fulfilled"),
        ("in_progress", {"collected": 1, "backordered": 1}, "partially_fulfilled"),
        ("partially_fulfilled", {"delivered": 1, "cancelled": 1}, "fulfilled"),
        ("in_progress", {"shipped": 2, "delivered": 1, "collected": 1}, "fulfilled"),
        ("confirmed", {"cancelled": 2, "declined": 1}, "cancelled"),
        ("pending_payment", {"reserved": 2}, "pending_payment"),
        ("pending_payment", {"cancelled": 2}, "cancelled"),
        ("expired", {"cancelled": 2}, "expired"),
        ("closed", {"delivered": 2}, "closed"),
        ("confirmed", {}, "confirmed"),
    ],
)
def test_one_rule(present: str, units: dict[str, int], becomes: str) -> None:
    assert derived_state(present, units) == becomes
