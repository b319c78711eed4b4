"""Reservations of an article that many want at once are committed to memory first: whoever was told has his on the
disk all the same, when the server is stopped as by a power cut the moment after."""

from __future__ import annotations

import psycopg
import pytest

from oms.core.private_postgres.server import SETTINGS
from tests.support.stack import Stack

TOLD_BEFORE_THE_DISK = "PERFORM pg_logical_emit_message(true, 'stock_reserve_together', '');"
# Of any article: the procedure does not ask whether it was declared.
RESERVE = """
CALL stock_reserve_together(%s, NULL, %s, %s, 1, 'confirmed', NULL, now(), false, false, NULL)
"""


def reserve_and_crash(stack: Stack, owner: str) -> bool:
    """Whether what was told is there once the server is back."""
    [(variant, point)] = stack.query(
        "SELECT variant_id, stock_point_id FROM stock_stocklevel WHERE on_hand - reserved > 2 ORDER BY id LIMIT 1"
    )
    with psycopg.connect(stack.postgres.url, autocommit=True) as buyer:
        [(reservation,)] = buyer.execute(RESERVE, [owner, variant, point]).fetchall()
        assert reservation is not None
        stack.postgres.restart(immediate=True)
    return stack.query(f"SELECT owner FROM stock_reservation WHERE id = {reservation:d}") == [(owner,)]


@pytest.mark.timeout(240)
def test_what_was_told_is_on_the_disk(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    # Else what waits in memory may come to the disk by itself just before the crash.
    monkeypatch.setitem(SETTINGS, "wal_writer_delay", "10s")
    with psycopg.connect(stack.postgres.url, autocommit=True) as connection:
        [(procedure,)] = connection.execute("SELECT pg_get_functiondef('stock_reserve_together'::regproc)").fetchall()
    stack.postgres.restart()

    assert reserve_and_crash(stack, "buyer")

    hasty = procedure.replace(TOLD_BEFORE_THE_DISK, "")
    assert hasty != procedure
    with psycopg.connect(stack.postgres.url, autocommit=True) as connection:
        connection.execute(hasty)
        connection.execute("CHECKPOINT")
    assert not reserve_and_crash(stack, "the control, who is told at once")
    assert stack.check_invariants().endswith(" 0 violated")
