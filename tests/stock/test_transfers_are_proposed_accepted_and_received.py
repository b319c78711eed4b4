"""Replenishment over the database: what is proposed, and where each unit is until it has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import override

from oms.core import clock
from oms.core.access import Access
from oms.core.errors import Invalid, NotFound, StateConflict
from oms.core.today import today as the_day_it_is
from stock.errors import InsufficientStock
from stock.invariants import transfers_have_each_unit_in_one_place
from stock.models import ExpectedReceipt, PurchaseProposal, Reservation, Transfer
from stock.queries.availability import available_to_promise
from stock.queries.expected import expected_availability
from stock.queries.transfer_reasons import reason_of
from stock.services.awaiting import reserve_expected
from stock.services.replenishing import replenish_nightly, replenish_stock
from stock.services.reserving import reserve_stock
from stock.services.transferring import (
    accept_transfer,
    cancel_transfer,
    receive_transfer,
    reject_transfer,
    ship_transfer,
)
from tests.stock.making import (
    arrive,
    expect,
    figures,
    ledger,
    level_of,
    make_channel,
    make_point,
    make_variant,
    receive,
    reservations,
    want,
)
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


class Network:
    """A warehouse near Lyon with 50; Paris sold one a day until it ran out yesterday."""

    def __init__(self) -> None:
        self.web = make_channel("web")
        self.warehouse = make_point("DEPOT", kind="warehouse", latitude=45.7, longitude=4.9)
        self.paris = make_point("PARIS", latitude=48.86, longitude=2.35)
        self.shirt = make_variant("SHIRT")
        receive(self.shirt, self.warehouse, 50)
        self.sell(self.paris, 28, days_ago=1)

    def sell(self, point, units, *, days_ago, variant=None):
        """So many came and were sold, one a day, the last of them then."""
        variant = variant or self.shirt
        receive(variant, point, units, occurred_at=clock.now() - timedelta(days=days_ago + units))
        for day in range(units):
            receive(variant, point, -1, kind="sale", occurred_at=clock.now() - timedelta(days=days_ago + day))


@pytest.fixture
def network():
    return Network()


def proposed() -> Transfer:
    replenish_stock()
    return Transfer.objects.proposed().get()


def test_a_store_that_ran_out_is_proposed_what_it_lacks_and_nothing_moves(network):
    transfer = proposed()
    assert (transfer.giver, transfer.receiver, transfer.variant) == (network.warehouse, network.paris, network.shirt)
    assert (transfer.quantity, transfer.source, transfer.is_urgent) == (20, "warehouse", True)
    assert transfer.figures["sold"] == 28 and transfer.figures["target"] == 20
    # 0.30 and 392 km of a fifth of a cent each.
    assert 1.0 < transfer.unit_cost < 1.2
    assert figures(network.shirt, network.warehouse) == (50, 0, 0)
    assert ExpectedReceipt.objects.count() == 0
    assert reason_of(transfer) == (
        "PARIS has none left to sell and expects none. While there was stock it sold 28 in 28 days: for 17 days it "
        "needs 20. DEPOT has 50 free."
    )


@pytest.mark.parametrize(
    ("here", "incoming", "english", "french"),
    [
        (0, 0, "PARIS has none left to sell and expects none.", "PARIS n’en a plus à vendre et n’en attend pas."),
        (0, 3, "PARIS has none left to sell and expects 3.", "PARIS n’en a plus à vendre et en attend 3."),
        (2, 0, "PARIS has 2 and expects no more.", "PARIS en a 2 et n’en attend pas d’autre."),
        (2, 1, "PARIS has 2 and expects 1 more.", "PARIS en a 2 et en attend 1 de plus."),
    ],
)
def test_what_the_receiver_lacks_is_told_in_words_for_nothing_too(network, here, incoming, english, french):
    transfer = proposed()
    transfer.figures |= {"here": here, "incoming": incoming}
    for language, told in (("en", english), ("fr", french)):
        with override(language):
            assert reason_of(transfer).startswith(told)


def test_the_days_without_stock_are_no_days_without_demand(network):
    lyon = make_point("LYON", latitude=45.75, longitude=4.85)
    network.sell(lyon, 28, days_ago=60)
    replenish_stock()
    assert list(Transfer.objects.order_by("receiver__code").values_list("receiver__code", "quantity")) == [
        ("LYON", 20),
        ("PARIS", 20),
    ]


def test_what_is_on_its_way_already_is_not_proposed_again(network):
    expect(network.shirt, network.paris, 15)
    assert proposed().quantity == 5
    accept_transfer(transfer_id=proposed().pk)
    replenish_stock()
    assert not Transfer.objects.proposed().exists()


def test_a_proposal_that_still_holds_keeps_its_reference_and_others_go(network):
    first = proposed()
    receive(network.shirt, network.paris, 6)
    second = proposed()
    assert (second.pk, second.reference, second.quantity) == (first.pk, first.reference, 14)
    receive(network.shirt, network.paris, 30)
    replenish_stock()
    assert not Transfer.objects.exists()


def test_protected_and_reserved_units_are_not_given_away(network):
    reserve_stock(owner="a", channel_id=network.web.pk, wants=[want(network.shirt, network.warehouse, 42)])
    assert proposed().quantity == 8


def test_accepted_it_is_kept_at_the_giver_and_expected_at_the_receiver(network):
    transfer = accept_transfer(transfer_id=proposed().pk)
    assert (transfer.state, transfer.decided_at is not None) == ("accepted", True)
    assert figures(network.shirt, network.warehouse) == (50, 20, 0)
    assert available_to_promise(channel_id=network.web.pk, variant_ids=[network.shirt.pk]) == {network.shirt.pk: 30}
    (increment,) = expected_availability(channel_id=network.web.pk, variant_ids=[network.shirt.pk])[network.shirt.pk]
    assert (increment.available, increment.kind) == (20, "transfer")
    assert increment.available_on == network.paris.local_day(clock.now()) + timedelta(days=3)
    assert_invariants_hold()


def test_accepting_twice_makes_one_transfer(network):
    transfer = proposed()
    accept_transfer(transfer_id=transfer.pk)
    with pytest.raises(StateConflict):
        accept_transfer(transfer_id=transfer.pk)
    assert figures(network.shirt, network.warehouse) == (50, 20, 0)
    assert len(reservations(transfer.owner)) == 1


def test_without_the_units_it_cannot_be_accepted_and_nothing_changes(network):
    transfer = proposed()
    reserve_stock(owner="a", channel_id=network.web.pk, wants=[want(network.shirt, network.warehouse, 45)])
    with pytest.raises(InsufficientStock) as refused:
        accept_transfer(transfer_id=transfer.pk)
    assert refused.value.data["lines"][0]["available"] == 5
    transfer.refresh_from_db()
    assert (transfer.state, ExpectedReceipt.objects.count()) == ("proposed", 0)
    accept_transfer(transfer_id=transfer.pk, quantity=5)
    assert figures(network.shirt, network.warehouse) == (50, 50, 0)
    assert_invariants_hold()


def test_sent_short_and_received_in_two_parts(network):
    transfer = accept_transfer(transfer_id=proposed().pk)
    ship_transfer(transfer_id=transfer.pk, quantity=18)
    assert figures(network.shirt, network.warehouse) == (32, 0, 0)
    assert ledger(network.shirt, network.warehouse)[-1] == ("transfer_out", -18)
    assert ExpectedReceipt.objects.get().outstanding == 18
    assert_invariants_hold()
    receive_transfer(transfer_id=transfer.pk, quantity=1)
    received = receive_transfer(transfer_id=transfer.pk, quantity=16)
    assert (received.state, received.outstanding) == ("shipped", 1)
    assert figures(network.shirt, network.paris) == (17, 0, 0)
    with pytest.raises(Invalid):
        receive_transfer(transfer_id=transfer.pk, quantity=2)
    assert_invariants_hold()
    receive_transfer(transfer_id=transfer.pk, quantity=0, is_last=True)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.shipped_quantity - transfer.received_quantity) == ("received", 1)
    assert ExpectedReceipt.objects.get().outstanding == 0
    assert_invariants_hold()


def test_what_was_pre_ordered_of_it_is_kept_on_the_receivers_shelf(network):
    transfer = accept_transfer(transfer_id=proposed().pk)
    reserve_expected(owner="cart:1", channel_id=network.web.pk, wants=[(network.shirt.pk, 2)])
    ship_transfer(transfer_id=transfer.pk)
    receive_transfer(transfer_id=transfer.pk, quantity=20)
    assert figures(network.shirt, network.paris) == (20, 2, 0)
    assert_invariants_hold()


def test_cancelled_the_giver_sells_its_units_again_and_nobody_expects_them(network):
    transfer = accept_transfer(transfer_id=proposed().pk)
    cancel_transfer(transfer_id=transfer.pk, reason="the van is broken")
    assert figures(network.shirt, network.warehouse) == (50, 0, 0)
    assert ExpectedReceipt.objects.get().outstanding == 0
    with pytest.raises(StateConflict):
        ship_transfer(transfer_id=transfer.pk)
    assert_invariants_hold()


def test_what_was_rejected_is_not_proposed_again_for_a_while(network, settings):
    reject_transfer(transfer_id=proposed().pk, reason="end of season")
    replenish_stock()
    assert not Transfer.objects.proposed().exists()
    settings.REPLENISHMENT_REJECTION_DAYS = 0
    replenish_stock()
    assert Transfer.objects.proposed().count() == 1


def test_only_the_giver_sends_and_only_the_receiver_receives(network):
    giver = Access(stock_points=frozenset({network.warehouse.pk}), channels=None)
    receiver = Access(stock_points=frozenset({network.paris.pk}), channels=None)
    transfer = accept_transfer(transfer_id=proposed().pk)
    with pytest.raises(NotFound):
        ship_transfer(transfer_id=transfer.pk, access=receiver)
    ship_transfer(transfer_id=transfer.pk, access=giver)
    with pytest.raises(NotFound):
        receive_transfer(transfer_id=transfer.pk, quantity=1, access=giver)
    receive_transfer(transfer_id=transfer.pk, quantity=20, access=receiver)
    assert Transfer.objects.visible_to(Access(stock_points=frozenset(), channels=None)).count() == 0


def test_closed_and_paused_points_neither_give_nor_receive(network):
    network.warehouse.is_active = False
    network.warehouse.save()
    replenish_stock()
    assert not Transfer.objects.exists()


def test_a_purchase_falls_due_by_demand_and_lead_time(network):
    replenish_stock()
    due = PurchaseProposal.objects.get()
    # 50 there, one a day, 21 days of lead time and 1.64 × √21 = 7.5 → 8: in 50 − 29 = 21 days.
    assert (due.sold, due.here, due.incoming, due.lead_days, due.lead_cases, due.safety) == (27, 50, 0, 21, 0, 8)
    assert due.runs_out_on == the_day_it_is() + timedelta(days=51)
    assert due.order_by == the_day_it_is() + timedelta(days=22)
    expect(network.shirt, network.warehouse, 27)
    replenish_stock()
    assert PurchaseProposal.objects.get().order_by == the_day_it_is() + timedelta(days=50)


def test_of_what_lasts_longer_than_anybody_plans_nothing_is_to_be_ordered(network):
    receive(network.shirt, network.warehouse, 9000)
    replenish_stock()
    assert not PurchaseProposal.objects.exists()


def test_the_lead_time_is_learned_from_purchases_that_came(network):
    for number in range(3):
        receipt = expect(network.shirt, network.warehouse, 1, reference=f"PO-{number}")
        ExpectedReceipt.objects.filter(pk=receipt.pk).update(created_at=clock.now() - timedelta(days=9 + number))
        arrive(network.shirt, network.warehouse, 1, reference=f"PO-{number}")
    replenish_stock()
    due = PurchaseProposal.objects.get()
    assert (due.lead_days, due.lead_cases) == (10, 3)


def test_a_unit_that_is_in_no_place_is_found(network):
    transfer = accept_transfer(transfer_id=proposed().pk)
    Transfer.objects.filter(pk=transfer.pk).update(quantity=19)
    (told,) = transfers_have_each_unit_in_one_place()
    assert "20 are reserved, 0 have left, 0 have come, 20 are announced" in told


def test_it_runs_once_a_night(network):
    assert replenish_nightly().transfers == 1
    assert replenish_nightly() is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_one_does():
    network = Network()
    transfer = proposed()
    outcomes = at_once([lambda: accept_transfer(transfer_id=transfer.pk)] * 6)
    assert sum(isinstance(outcome, Transfer) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, StateConflict) for outcome in outcomes) == 5
    assert figures(network.shirt, network.warehouse) == (50, 20, 0)
    assert Reservation.objects.count() == 1
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_for_a_transfer_is_never_sold_as_well():
    network = Network()
    transfer = proposed()

    def buy(number):
        wants = [want(network.shirt, network.warehouse, 5)]
        return lambda: reserve_stock(owner=f"buyer:{number}", channel_id=network.web.pk, wants=wants)

    outcomes = at_once([*(buy(number) for number in range(10)), lambda: accept_transfer(transfer_id=transfer.pk)])
    sold = sum(isinstance(outcome, list) for outcome in outcomes) * 5
    kept = 20 if Transfer.objects.get().state == "accepted" else 0
    level = level_of(network.shirt, network.warehouse)
    assert level.reserved == sold + kept <= 50
    assert sold >= 30
    assert_invariants_hold()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_propose_once():
    Network()
    outcomes = at_once([replenish_stock] * 3)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert Transfer.objects.proposed().count() == 1
