"""Future stock: announced, promised, received, shrunk; never promised twice."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from oms.core.errors import StateConflict
from oms.core.today import today as the_day_it_is
from stock.models import ExpectedReceipt, Reservation
from stock.queries.expected import Increment, expected_availability
from stock.services.awaiting import reserve_expected
from stock.services.consuming import consume_reservations
from stock.services.releasing import release_reservations
from stock.services.reserving import split_reservation
from tests.stock.blocking import wait_until_blocked
from tests.stock.events import told
from tests.stock.making import (
    arrive,
    expect,
    figures,
    make_channel,
    make_point,
    make_variant,
    receive,
    reservations,
)
from tests.support.concurrently import Elsewhere, at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


def standing(receipt: ExpectedReceipt) -> tuple[int, int, int, int]:
    """(quantity, received, reserved, outstanding)."""
    receipt.refresh_from_db()
    return receipt.quantity, receipt.received, receipt.reserved, receipt.outstanding


def future(channel, variant) -> list[tuple[int, int]]:
    """(units, days from now)."""
    today = the_day_it_is()
    found = expected_availability(channel_id=channel.pk, variant_ids=[variant.pk])[variant.pk]
    return [(each.available, (each.available_on - today).days) for each in found]


def promise(owner, channel, variant, quantity) -> list[int]:
    (parts,) = reserve_expected(owner=owner, channel_id=channel.pk, wants=[(variant.pk, quantity)])
    return [part.reservation_id for part in parts]


@pytest.fixture
def world():
    return make_channel("web"), make_point("PARIS"), make_variant("SHIRT")


def test_the_earliest_receipt_is_promised_first(world):
    web, paris, shirt = world
    late = expect(shirt, paris, 5, reference="PO-2", days=9)
    early = expect(shirt, paris, 3, reference="PO-1", days=4)
    assert future(web, shirt) == [(3, 4), (5, 9)]
    assert len(promise("buyer:1", web, shirt, 4)) == 2
    assert (standing(early), standing(late)) == ((3, 0, 3, 3), (5, 0, 1, 5))
    assert future(web, shirt) == [(4, 9)]
    assert_invariants_hold()


def test_nobody_gets_more_than_is_to_come(world):
    web, paris, shirt = world
    expect(shirt, paris, 3)
    assert len(promise("buyer:1", web, shirt, 5)) == 1
    assert promise("buyer:2", web, shirt, 1) == []
    assert reservations("buyer:1") == [("SHIRT", "PARIS", 3, "confirmed")]
    assert figures(shirt, paris) == (0, 0, 0)


def test_what_was_promised_moves_to_the_shelf(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 10)
    (mine,) = promise("buyer:1", web, shirt, 4)
    arrive(shirt, paris, 10)
    assert figures(shirt, paris) == (10, 4, 0)
    assert standing(receipt) == (10, 10, 0, 0)
    assert Reservation.objects.get(pk=mine).expected_receipt is None
    assert told("expected_receipt.received") == [{"reservation_ids": [mine], "rests": {}}]
    assert future(web, shirt) == []
    assert_invariants_hold()


def test_the_oldest_promise_is_met_first_when_only_a_part_comes(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 10)
    (first,) = promise("buyer:1", web, shirt, 3)
    (second,) = promise("buyer:2", web, shirt, 4)
    (third,) = promise("buyer:3", web, shirt, 1)
    arrive(shirt, paris, 5)
    assert figures(shirt, paris) == (5, 5, 0)
    assert standing(receipt) == (10, 5, 3, 5)
    assert reservations("buyer:2") == [("SHIRT", "PARIS", 2, "confirmed"), ("SHIRT", "PARIS", 2, "confirmed")]
    ((told_once),) = told("expected_receipt.received")
    rest = told_once["rests"][str(second)]
    assert told_once["reservation_ids"] == [first, second]
    assert Reservation.objects.get(pk=rest).expected_receipt == receipt
    arrive(shirt, paris, 5, reference="PO-1#2")
    assert figures(shirt, paris) == (10, 8, 0)
    assert standing(receipt) == (10, 10, 0, 0)
    assert Reservation.objects.get(pk=third).expected_receipt is None
    assert_invariants_hold()


def test_goods_of_another_reference_leave_it_alone(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 10)
    arrive(shirt, paris, 5, reference="PO-10")
    assert standing(receipt) == (10, 0, 0, 10)
    assert future(web, shirt) == [(10, 7)]


def test_a_transfer_arrives_by_its_own_movement(world):
    _web, paris, shirt = world
    receipt = expect(shirt, paris, 6, reference="T-1", kind="transfer")
    arrive(shirt, paris, 6, reference="T-1", kind="transfer_in")
    assert standing(receipt) == (6, 6, 0, 0)


def test_what_came_before_it_was_announced_is_counted(world):
    _web, paris, shirt = world
    arrive(shirt, paris, 4)
    receipt = expect(shirt, paris, 10)
    assert standing(receipt) == (10, 4, 0, 6)
    assert_invariants_hold()


def test_nothing_cancels_it(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 10)
    expect(shirt, paris, 0)
    assert standing(receipt) == (0, 0, 0, 0)
    assert future(web, shirt) == []


def test_one_that_shrinks_below_its_promises_says_so_and_sells_no_more(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 10)
    promise("buyer:1", web, shirt, 6)
    expect(shirt, paris, 4)
    assert told("expected_receipt.shrunk") == [{"receipt_id": receipt.pk, "variant_id": shirt.pk, "shortfall": 2}]
    assert promise("buyer:2", web, shirt, 1) == []
    assert_invariants_hold()


def test_another_day_is_told_to_whoever_was_promised_it(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 10)
    promise("buyer:1", web, shirt, 1)
    expect(shirt, paris, 10, days=12)
    assert told("expected_receipt.rescheduled") == [{"receipt_id": receipt.pk, "variant_id": shirt.pk}]
    assert future(web, shirt) == [(9, 12)]


def test_a_late_one_is_promised_for_today_within_its_grace_and_then_no_more(world, settings):
    web, paris, shirt = world
    settings.EXPECTED_RECEIPT_GRACE_DAYS = 2
    expect(shirt, paris, 10, days=-2)
    assert future(web, shirt) == [(10, 0)]
    expect(shirt, paris, 10, days=-3)
    assert future(web, shirt) == []
    assert promise("buyer:1", web, shirt, 1) == []


def test_it_counts_for_the_channels_its_stock_point_feeds(world):
    web, paris, shirt = world
    other = make_channel("other", points=[make_point("LYON")])
    expect(shirt, paris, 10)
    paused = make_point("NICE", paused_until=date(2999, 1, 1))
    expect(shirt, paused, 10, reference="PO-9")
    assert (future(web, shirt), future(other, shirt)) == ([(10, 7)], [])


def test_units_given_back_are_free_of_their_receipt_again(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 5)
    ids = promise("buyer:1", web, shirt, 5)
    part = split_reservation(id=ids[0], quantity=2)
    release_reservations(ids=[part])
    release_reservations(ids=[part])
    assert standing(receipt) == (5, 0, 3, 5)
    assert figures(shirt, paris) == (0, 0, 0)
    assert_invariants_hold()


def test_what_has_not_come_cannot_leave(world):
    web, paris, shirt = world
    receipt = expect(shirt, paris, 5)
    receive(shirt, paris, 5)
    ids = promise("buyer:1", web, shirt, 5)
    with pytest.raises(StateConflict):
        consume_reservations(items=[(ids[0], 5)], kind="sale", reference="T1")
    assert (standing(receipt), figures(shirt, paris)) == ((5, 0, 5, 5), (5, 0, 0))


def test_a_query_answers_for_many_articles_at_once(world, django_assert_num_queries):
    web, paris, shirt = world
    trousers = make_variant("TROUSERS")
    expect(shirt, paris, 5)
    with django_assert_num_queries(1):
        found = expected_availability(channel_id=web.pk, variant_ids=[shirt.pk, trousers.pk])
    day = the_day_it_is() + timedelta(days=7)
    assert found == {shirt.pk: [Increment(5, day, "purchase")], trousers.pk: []}


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_all_that_is_to_come_is_promised_and_not_one_unit_more(self):
        web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
        receipts = [expect(shirt, paris, 10, reference=f"PO-{n}", days=n) for n in range(1, 4)]

        def buy_until_refused() -> int:
            bought = 0
            while promise("buyer:x", web, shirt, 1):
                bought += 1
            return bought

        assert sum(at_once([buy_until_refused] * 6)) == 30
        assert [standing(receipt)[2] for receipt in receipts] == [10, 10, 10]
        assert_invariants_hold()

    def test_looking_first_and_writing_then_promises_twice(self):
        """The negative control: the same without the receipt's lock."""
        web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
        receipt = expect(shirt, paris, 1)

        def promise_carelessly() -> None:
            with transaction.atomic():
                free = future(web, shirt)
                wait_for_all.wait(20)
                if free:
                    ExpectedReceipt.objects.filter(pk=receipt.pk).update(reserved=F("reserved") + 1)

        import threading

        wait_for_all = threading.Barrier(3)
        at_once([promise_carelessly] * 3)
        assert standing(receipt) == (1, 0, 3, 1)

    def test_what_arrives_while_a_buyer_waits_is_not_promised_as_to_come(self):
        web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
        receipt = expect(shirt, paris, 1)
        buyer = Elsewhere(lambda: promise("buyer:1", web, shirt, 1))
        with transaction.atomic():
            arrive(shirt, paris, 1)
            buyer.__enter__()
            wait_until_blocked(1)
        assert buyer.result() == []
        assert standing(receipt) == (1, 1, 0, 0)
        assert_invariants_hold()

    def test_arriving_and_giving_back_meet_without_a_deadlock(self):
        web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
        expect(shirt, paris, 20)
        ids = [promise(f"buyer:{n}", web, shirt, 1)[0] for n in range(10)]
        outcomes = at_once(
            [lambda: arrive(shirt, paris, 20)] + [lambda pk=pk: release_reservations(ids=[pk]) for pk in ids[::2]]
        )
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        assert figures(shirt, paris) == (20, 5, 0)
        assert_invariants_hold()
