"""A figure and the reservations of its time: availability is exact before, during and after."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from oms.core.clock import SetClock, set_clock
from stock.models import SalesChannel
from stock.queries.availability import available_to_promise
from stock.services.consuming import consume_reservations
from stock.services.releasing import release_reservations
from stock.services.reserving import reserve_stock
from tests.stock.feeds.feeding import HOUR, counters, feed, file_of
from tests.stock.making import NOON, figures, make_channel, make_point, make_variant, receive, want
from tests.support.holding import assert_invariants_hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]

RESERVED_AT = NOON
SHIPPED_AT = NOON + 2 * HOUR
BEFORE, DURING, AFTER = NOON - HOUR, NOON + HOUR, NOON + 3 * HOUR


@pytest.fixture
def clock() -> Iterator[SetClock]:
    with set_clock(NOON - 5 * HOUR) as clock:
        yield clock


class Shelf:
    """Ten units, two of them reserved at noon and shipped two hours later, and what a source says of them."""

    def __init__(self, clock: SetClock, basis: str) -> None:
        self.clock = clock
        self.basis = basis
        self.variant, self.point = make_variant("A"), make_point("paris")
        self.channel: SalesChannel = make_channel()
        receive(self.variant, self.point, 10, occurred_at=clock.at)
        self.reservation = 0

    def reserve(self) -> None:
        self.clock.move_to(RESERVED_AT)
        wants = [want(self.variant, self.point, 2)]
        (self.reservation,) = reserve_stock(owner="order:1", channel_id=self.channel.pk, wants=wants)

    def ship(self) -> None:
        self.clock.move_to(SHIPPED_AT)
        consume_reservations(items=[(self.reservation, 2)], kind="shipment", reference="parcel:1")

    def says(self, as_of: datetime) -> int:
        """The source's true figure of that moment."""
        physical = 10 if as_of < SHIPPED_AT else 8
        deducted = 2 if RESERVED_AT <= as_of < SHIPPED_AT else 0
        return physical - deducted if self.basis == "net_of_reservations" else physical

    def feed(self, as_of: datetime) -> dict[str, int]:
        text = file_of(f"A,paris,{self.says(as_of)}")
        return counters(feed(text, kind="snapshot", as_of=as_of, source=self.basis, basis=self.basis))

    @property
    def state(self) -> tuple[int, int, int]:
        """(on hand, reserved, available to promise)."""
        on_hand, reserved, _ = figures(self.variant, self.point)
        promised = available_to_promise(channel_id=self.channel.pk, variant_ids=[self.variant.pk])
        return on_hand, reserved, promised[self.variant.pk]


@pytest.mark.parametrize("basis", ["physical", "net_of_reservations"])
@pytest.mark.parametrize("as_of", [BEFORE, DURING, AFTER], ids=["before", "during", "after"])
def test_a_true_figure_changes_nothing_whenever_it_was_taken_and_whenever_it_comes(
    clock: SetClock, basis: str, as_of: datetime
) -> None:
    shelf = Shelf(clock, basis)
    shelf.reserve()
    if as_of < SHIPPED_AT:
        clock.move_to(DURING)
        assert shelf.feed(as_of)["unchanged"] == 1
        assert shelf.state == (10, 2, 8)
    shelf.ship()
    clock.move_to(AFTER)
    assert shelf.feed(as_of)["unchanged"] == 1
    assert shelf.state == (8, 0, 8)
    assert_invariants_hold()


@pytest.mark.parametrize("basis", ["physical", "net_of_reservations"])
@pytest.mark.parametrize("as_of", [BEFORE, DURING, AFTER], ids=["before", "during", "after"])
def test_a_figure_that_finds_one_unit_missing_takes_exactly_one(clock: SetClock, basis: str, as_of: datetime) -> None:
    shelf = Shelf(clock, basis)
    shelf.reserve()
    shelf.ship()
    clock.move_to(AFTER)
    text = file_of(f"A,paris,{shelf.says(as_of) - 1}")
    feed(text, kind="snapshot", as_of=as_of, source=basis, basis=basis)
    assert shelf.state == (7, 0, 7)
    assert_invariants_hold()


@pytest.mark.parametrize("as_of", [BEFORE, DURING], ids=["before", "during"])
def test_a_net_figure_stays_exact_when_the_reservation_is_given_back_later(clock: SetClock, as_of: datetime) -> None:
    shelf = Shelf(clock, "net_of_reservations")
    shelf.reserve()
    clock.move_to(NOON + 90 * HOUR / 60)
    release_reservations(ids=[shelf.reservation])
    assert shelf.feed(as_of)["unchanged"] == 1
    assert shelf.state == (10, 0, 10)


def test_a_net_figure_counts_a_part_that_was_split_off_and_shipped(clock: SetClock) -> None:
    shelf = Shelf(clock, "net_of_reservations")
    shelf.reserve()
    clock.move_to(SHIPPED_AT)
    consume_reservations(items=[(shelf.reservation, 1)], kind="shipment", reference="parcel:1")
    assert shelf.state == (9, 1, 8)
    assert shelf.feed(DURING)["unchanged"] == 1
    assert shelf.state == (9, 1, 8)


def test_a_snapshot_that_does_not_list_a_level_leaves_what_came_after_it(clock: SetClock) -> None:
    shelf = Shelf(clock, "physical")
    make_variant("B")
    clock.move_to(NOON + 2 * HOUR)
    receive(shelf.variant, shelf.point, 4, occurred_at=NOON + HOUR)
    done = feed(file_of("B,paris,1"), kind="snapshot", as_of=NOON)
    assert (done.closed, shelf.state[0]) == (1, 4)
