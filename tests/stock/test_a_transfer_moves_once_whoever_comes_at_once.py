"""A transfer's steps asked for at the same moment, on connections of their own: each happens once, in order."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet

from oms.core.errors import Invalid, StateConflict
from stock.models import Reservation, Transfer
from stock.services.transferring import accept_transfer, cancel_transfer, receive_transfer, ship_transfer
from tests.stock.making import figures, ledger
from tests.stock.test_transfers_are_proposed_accepted_and_received import Network, proposed
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


@pytest.fixture
def network() -> Network:
    return Network()


def take_the_lock_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transfer is read without its lock, and all have read before one writes."""
    everybody_has_read, seen = threading.Barrier(AT_ONCE), threading.local()
    transfers = type(Transfer.objects.all())
    read = transfers.first

    def read_together(found: QuerySet[Any]) -> Any:
        row = read(found)
        if not hasattr(seen, "once"):
            seen.once = True
            everybody_has_read.wait(20)
        return row

    monkeypatch.setattr(transfers, "select_for_update", lambda found, **_: found.all())
    monkeypatch.setattr(transfers, "first", read_together)


def won(outcomes: list[Any]) -> int:
    return sum(isinstance(outcome, Transfer) for outcome in outcomes)


def receive(transfer: Transfer, units: int) -> Callable[[], Transfer]:
    return lambda: receive_transfer(transfer_id=transfer.pk, quantity=units)


def test_sent_once(network: Network) -> None:
    transfer = accept_transfer(transfer_id=proposed().pk)
    outcomes = at_once([lambda: ship_transfer(transfer_id=transfer.pk)] * AT_ONCE)
    assert (won(outcomes), sum(isinstance(outcome, StateConflict) for outcome in outcomes)) == (1, AT_ONCE - 1)
    assert figures(network.shirt, network.warehouse) == (30, 0, 0)
    assert ledger(network.shirt, network.warehouse).count(("transfer_out", -20)) == 1
    assert_invariants_hold()


def test_sent_or_cancelled_never_both(network: Network) -> None:
    transfer = accept_transfer(transfer_id=proposed().pk)
    outcomes = at_once(
        [lambda: ship_transfer(transfer_id=transfer.pk), lambda: cancel_transfer(transfer_id=transfer.pk)] * 2
    )
    assert (won(outcomes), sum(isinstance(outcome, StateConflict) for outcome in outcomes)) == (1, 3)
    sent = Transfer.objects.get().state == "shipped"
    assert figures(network.shirt, network.warehouse) == ((30, 0, 0) if sent else (50, 0, 0))
    assert_invariants_hold()


def test_received_no_more_than_was_sent(network: Network) -> None:
    transfer = accept_transfer(transfer_id=proposed().pk)
    ship_transfer(transfer_id=transfer.pk)
    outcomes = at_once([receive(transfer, 8)] * AT_ONCE)
    assert (won(outcomes), sum(isinstance(outcome, Invalid) for outcome in outcomes)) == (2, 2)
    assert (figures(network.shirt, network.paris), Transfer.objects.get().received_quantity) == ((16, 0, 0), 16)
    assert_invariants_hold()


def test_all_its_steps_at_once_end_in_a_state_that_adds_up(network: Network) -> None:
    transfer = proposed()
    steps: list[Callable[[], Transfer]] = [
        lambda: accept_transfer(transfer_id=transfer.pk),
        lambda: ship_transfer(transfer_id=transfer.pk),
        receive(transfer, 20),
        lambda: cancel_transfer(transfer_id=transfer.pk),
    ]
    outcomes = at_once(steps * 2)
    assert [each for each in outcomes if not isinstance(each, Transfer | StateConflict | Invalid)] == []
    assert Reservation.objects.count() <= 1
    assert_invariants_hold()


def test_without_the_lock_people_are_told_of_units_that_never_came(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each of the four has read that nothing had come yet."""
    transfer = accept_transfer(transfer_id=proposed().pk)
    ship_transfer(transfer_id=transfer.pk)
    take_the_lock_away(monkeypatch)
    outcomes = at_once([receive(transfer, 5)] * AT_ONCE)
    assert won(outcomes) == AT_ONCE
    assert (figures(network.shirt, network.paris), Transfer.objects.get().received_quantity) == ((5, 0, 0), 5)
