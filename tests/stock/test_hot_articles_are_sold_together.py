"""An article declared hot: those who want it at once are answered in one transaction, to the last unit and no more."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from oms.core import clock
from oms.core.bulk import Row
from stock.errors import InsufficientStock
from stock.models import (
    AllotmentCounter,
    Reservation,
    ReservationRequest,
    SalesChannel,
    StockLevel,
    StockPoint,
    Variant,
)
from stock.services.allotting import save_allotments
from stock.services.combining import FORGOTTEN_AFTER, forget_requests
from stock.services.holding import hold_cart
from stock.services.protecting import apply_pending_protection
from stock.services.reserving import reserve_stock
from stock.services.ruling import save_protection_rules
from tests.stock.blocking import wait_until_blocked
from tests.stock.making import figures, make_channel, make_point, make_variant, receive, reservations, want
from tests.support.concurrently import Elsewhere, at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)

LOCK_OF_THE_LEVEL = re.compile(r"PERFORM FROM stock_stocklevel.*?FOR NO KEY UPDATE;", re.DOTALL)


class Launch:
    """So many units of a hot shirt in Paris."""

    def __init__(self, units: int) -> None:
        self.web, self.paris = make_channel("web"), make_point("PARIS")
        self.shirt = make_variant("SHIRT", is_hot=True)
        receive(self.shirt, self.paris, units)

    def buy(self, owner: str, *, quantity: int = 1, channel: SalesChannel | None = None) -> list[int]:
        channel = channel or self.web
        return reserve_stock(owner=owner, channel_id=channel.pk, wants=[want(self.shirt, self.paris, quantity)])

    def buy_all(self, owner: str, channel: SalesChannel | None = None) -> int:
        """One unit after the other until there is none; how many."""
        bought = 0
        while True:
            try:
                self.buy(owner, channel=channel)
            except InsufficientStock:
                return bought
            bought += 1

    @contextmanager
    def waiting(self, calls: list[Callable[[], object]]) -> Iterator[list[Elsewhere]]:
        """While the level is locked: the first call answers and waits for the level, the others for the first."""
        buyers = [Elsewhere(call) for call in calls]
        with ExitStack() as over:
            with transaction.atomic():
                StockLevel.objects.select_for_update(no_key=True).get()
                for number, buyer in enumerate(buyers, 1):
                    over.enter_context(buyer)
                    wait_until_blocked(number)
                yield buyers


def protect(units: int) -> None:
    assert save_protection_rules(rows=[Row(0, {"code": "keep", "sku": "SHIRT", "quantity": units})]).errors == []
    apply_pending_protection()


def allot(channel: SalesChannel, **much: object) -> None:
    assert save_allotments(rows=[Row(0, {"channel": channel.code, "sku": "SHIRT", **much})]).errors == []


def transactions_of_reservations() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM stock_reservation")
        return cursor.fetchone()[0]


def process_that_waits(event: str) -> int:
    """The server's process that waits for this: `advisory` for the one who answers, else for the level."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND (wait_event = 'advisory') = %s",
            [event == "advisory"],
        )
        [(pid,)] = cursor.fetchall()
        return pid


def end(statement: str, pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {statement}(%s)", [pid])


def test_who_waits_is_answered_in_one_transaction_in_the_order_of_asking():
    launch = Launch(4)
    with launch.waiting([partial(launch.buy, f"buyer:{number}") for number in range(6)]) as buyers:
        assert ReservationRequest.objects.count() == 5, "the first answers at once: nobody else sees what he wants"
    assert [len(buyer.result()) for buyer in buyers[:4]] == [1] * 4
    for buyer in buyers[4:]:
        with pytest.raises(InsufficientStock) as refused:
            buyer.result()
        assert refused.value.data["lines"][0]["available"] == 0
    assert transactions_of_reservations() == 1
    assert (figures(launch.shirt, launch.paris), ReservationRequest.objects.count()) == ((4, 4, 0), 0)
    assert_invariants_hold()


def test_an_article_that_is_not_declared_hot_is_reserved_one_by_one():
    """The control of the test above: the same buyers, a transaction each."""
    launch = Launch(4)
    Variant.objects.update(is_hot=False)
    with launch.waiting([partial(launch.buy, f"buyer:{number}") for number in range(4)]) as buyers:
        assert ReservationRequest.objects.count() == 0
    assert [len(buyer.result()) for buyer in buyers] == [1] * 4
    assert transactions_of_reservations() == 4


def test_a_basket_too_large_does_not_keep_a_smaller_one_from_the_rest():
    launch = Launch(3)
    asked = [partial(launch.buy, "first", quantity=2), partial(launch.buy, "large", quantity=2)]
    with launch.waiting([*asked, partial(launch.buy, "small")]) as (first, large, small):
        pass
    assert (len(first.result()), len(small.result())) == (1, 1)
    with pytest.raises(InsufficientStock):
        large.result()
    assert figures(launch.shirt, launch.paris) == (3, 3, 0)


def test_what_may_be_sold_is_sold_to_the_last_unit_behind_protection_and_an_allotment():
    launch = Launch(45)
    market = make_channel("market")
    protect(5)
    allot(market, quantity=12)
    buyers = [
        partial(launch.buy_all, f"{channel.code}:{number}", channel)
        for number in range(4)
        for channel in (market, launch.web)
    ]
    got = at_once(buyers, timeout_s=240)
    assert sum(got) == 40
    assert sum(got[::2]) == AllotmentCounter.objects.get().taken <= 12
    assert figures(launch.shirt, launch.paris) == (45, 40, 0)
    assert_invariants_hold()


def test_the_allotment_alone_is_taken_to_its_last_unit():
    launch = Launch(45)
    allot(launch.web, quantity=12)
    assert sum(at_once([partial(launch.buy_all, f"web:{number}") for number in range(6)], timeout_s=240)) == 12
    assert AllotmentCounter.objects.get().taken == 12
    assert_invariants_hold()


def test_a_share_is_taken_exactly_too():
    launch = Launch(40)
    allot(launch.web, percent="25")
    assert sum(at_once([partial(launch.buy_all, f"web:{number}") for number in range(4)], timeout_s=240)) == 10
    assert_invariants_hold()


def sell_the_last_unit_meanwhile(launch: Launch) -> Elsewhere:
    """Somebody reserves it in a transaction of his own while a buyer of the hot article waits for the level."""
    buyer = Elsewhere(partial(launch.buy, "buyer"))
    with transaction.atomic():
        launch.buy("seller")
        buyer.__enter__()
        wait_until_blocked(1)
    return buyer


def test_a_unit_taken_while_the_level_is_waited_for_is_not_sold_again():
    launch = Launch(1)
    with pytest.raises(InsufficientStock):
        sell_the_last_unit_meanwhile(launch).result()
    assert figures(launch.shirt, launch.paris) == (1, 1, 0)


def test_answering_without_the_lock_of_the_level_oversells():
    """The negative control of the test above."""
    launch = Launch(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('stock_answer_requests'::regproc)")
        whole = cursor.fetchone()[0]
        careless, removed = LOCK_OF_THE_LEVEL.subn("", whole)
        assert removed == 1
        try:
            cursor.execute(careless)
            assert len(sell_the_last_unit_meanwhile(launch).result()) == 1
        finally:
            cursor.execute(whole)
    assert figures(launch.shirt, launch.paris) == (1, 2, 0)


def test_mixed_baskets_and_single_ones_never_deadlock_and_sell_every_unit():
    launch = Launch(30)
    trousers = make_variant("TROUSERS", is_hot=True)
    receive(trousers, launch.paris, 30)

    def buy(*variants: Variant) -> Callable[[], int]:
        def until_refused() -> int:
            bought = 0
            while True:
                try:
                    wants = [want(variant, launch.paris, 1) for variant in variants]
                    reserve_stock(owner="x", channel_id=launch.web.pk, wants=wants)
                except InsufficientStock:
                    return bought
                bought += 1

        return until_refused

    got = at_once(
        [buy(launch.shirt, trousers), buy(trousers, launch.shirt), *[buy(launch.shirt), buy(trousers)] * 2],
        timeout_s=240,
    )
    both = got[0] + got[1]
    assert (both + got[2] + got[4], both + got[3] + got[5]) == (30, 30)
    assert_invariants_hold()


@pytest.mark.parametrize(("killed", "event"), [("first", "level"), ("second", "advisory")])
def test_whoever_is_killed_while_he_answers_or_waits_holds_nothing(killed: str, event: str):
    launch = Launch(2)
    with launch.waiting([partial(launch.buy, "first"), partial(launch.buy, "second")]) as buyers:
        end("pg_terminate_backend", process_that_waits(event))
        wait_until_blocked(1)
    outcomes = dict(zip(("first", "second"), buyers, strict=True))
    with pytest.raises(OperationalError):
        outcomes.pop(killed).result()
    [(alive, buyer)] = outcomes.items()
    assert len(buyer.result()) == 1
    assert (reservations(killed), reservations(alive)) == ([], [("SHIRT", "PARIS", 1, "confirmed")])
    assert figures(launch.shirt, launch.paris) == (2, 1, 0)
    assert not ReservationRequest.objects.exclude(owner=killed).exists()
    assert_invariants_hold()


@pytest.mark.parametrize(("cancelled", "event"), [("first", "level"), ("second", "advisory")])
def test_whoever_gives_up_takes_his_request_back(cancelled: str, event: str):
    launch = Launch(2)
    with launch.waiting([partial(launch.buy, "first"), partial(launch.buy, "second")]) as buyers:
        end("pg_cancel_backend", process_that_waits(event))
        wait_until_blocked(1)
    outcomes = dict(zip(("first", "second"), buyers, strict=True))
    with pytest.raises(OperationalError):
        outcomes.pop(cancelled).result()
    [(alive, buyer)] = outcomes.items()
    assert len(buyer.result()) == 1
    assert (len(reservations(cancelled)), len(reservations(alive))) == (0, 1)
    assert ReservationRequest.objects.count() == 0
    assert_invariants_hold()


def test_requests_of_the_killed_are_dropped_in_the_end():
    moment = clock.now()
    for number, asked_at in enumerate([moment, moment - 2 * FORGOTTEN_AFTER]):
        ReservationRequest.objects.create(
            id=number, variant_id=1, stock_point_id=1, owner="x", quantity=1, state="held", created_at=asked_at,
            down_to_zero=False, is_first=False, backend=1, asked_at=asked_at,
        )  # fmt: skip
    assert forget_requests() == 1
    assert ReservationRequest.objects.get().asked_at == moment


def hold(launch: Launch, reference: str, quantity: int = 1):
    return hold_cart(
        reference=reference,
        channel_id=launch.web.pk,
        lines=[(launch.shirt.pk, quantity)],
        expires_at=clock.now() + timedelta(minutes=10),
    )


def test_carts_are_held_together():
    launch = Launch(5)
    with launch.waiting([partial(hold, launch, f"cart-{number}") for number in range(3)]) as carts:
        pass
    assert [sum(want.quantity for want in cart.result().wants) for cart in carts] == [1] * 3
    assert set(Reservation.objects.values_list("owner", "state")) == {(f"hold:cart-{n}", "held") for n in range(3)}
    assert transactions_of_reservations() == 1
    assert_invariants_hold()


def test_a_cart_held_twice_at_once_is_held_once():
    launch = Launch(9)
    with launch.waiting([partial(hold, launch, "cart", quantity) for quantity in (2, 2, 3)]) as carts:
        pass
    assert [sum(want.quantity for want in cart.result().wants) for cart in carts] == [2, 2, 3]
    live = Reservation.objects.live().get()
    assert figures(launch.shirt, launch.paris) == (9, live.quantity, 0)
    hold(launch, "cart", 4)
    assert figures(launch.shirt, launch.paris) == (9, 4, 0)
    assert_invariants_hold()


def test_an_article_without_a_level_is_refused():
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT", is_hot=True)
    with pytest.raises(InsufficientStock):
        reserve_stock(owner="x", channel_id=web.pk, wants=[want(shirt, paris, 1)])
    assert (Reservation.objects.count(), ReservationRequest.objects.count(), StockPoint.objects.count()) == (0, 0, 1)
