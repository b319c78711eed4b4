"""Random histories: which thing happens next, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import QuerySet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oms.core.services.relaying import drain_events
from orders.models import Fulfilment
from tests.factories.retailer import Json, Retailer
from tests.histories.story import Story, Wish, held_orders, open_orders, units_of, works
from tests.histories.world import CHANNELS, POINTS, SKUS, STORES
from tests.support.holding import assert_invariants_hold

T = TypeVar("T")

LEVELS = [(sku, point) for sku in SKUS for point in POINTS]
# What a store says most often, and what does most to stock, is said most often here.
REASONS = ["not_found", "not_found", "not_found", "damaged", "display", "no_capacity", "closed", "other"]

SCANS = ["handed_over", "in_transit", "exception", "delivered"]

levels = st.sampled_from(LEVELS)
baskets = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1)
wishes = st.one_of(
    st.builds(Wish, basket=baskets, channel=st.sampled_from(CHANNELS), allow_partial=st.booleans()),
    st.builds(
        Wish,
        basket=baskets,
        mode=st.sampled_from(["pickup", "e_reservation", "ship_to_store", "carry_out"]),
        store=st.sampled_from(STORES),
    ),
)
choices = st.integers(0, 11)
heard = st.sampled_from([True, True, False])


def chosen(rows: Sequence[T], choice: int) -> T:
    return rows[choice % len(rows)]


class Histories(RuleBasedStateMachine):
    """Each example starts from the same world and leaves nothing behind."""

    def __init__(self, retailer: Retailer) -> None:
        super().__init__()
        self.story = Story(retailer)

    def _work(self, among: QuerySet[Fulfilment], choice: int) -> Json:
        return self.story.work(chosen(list(among), choice))

    @initialize(
        figures=st.lists(st.integers(0, 9), min_size=len(LEVELS), max_size=len(LEVELS)),
        first=st.lists(wishes, min_size=2, max_size=5),
    )
    def a_day_begins(self, figures: list[int], first: list[Wish]) -> None:
        self.story.import_figures(dict(zip(LEVELS, figures, strict=True)))
        for wish in first:
            self.story.place(wish)
        drain_events()

    @rule(wish=wishes, is_heard=heard)
    def an_order_is_placed(self, wish: Wish, is_heard: bool) -> None:
        self.story.place(wish)
        if is_heard:
            drain_events()

    @rule(level=levels, kind=st.sampled_from(["receipt", "count", "figure"]), units=st.integers(1, 6))
    def shelves_change(self, level: tuple[str, str], kind: str, units: int) -> None:
        """Goods arrive, a count finds fewer or more, or a feed tells how many there are."""
        if kind == "figure":
            self.story.import_figures({level: units})
        else:
            self.story.report(kind, level, units if kind == "receipt" else (3 - units) or 1)

    @rule(basket=baskets, cart=st.sampled_from(["cart-1", "cart-2"]), minutes=st.integers(5, 120))
    def a_cart_is_held(self, basket: dict[str, int], cart: str, minutes: int) -> None:
        self.story.hold_cart(cart, basket, minutes)

    @rule(hours=st.integers(0, 30))
    def time_passes(self, hours: int) -> None:
        self.story.wait(hours)

    @precondition(lambda self: open_orders().exists())
    @rule(choice=choices, units=st.integers(0, 3))
    def a_customer_cancels(self, choice: int, units: int) -> None:
        """So many units of a line, or (0) the whole order."""
        order = chosen(list(open_orders().order_by("pk")), choice)
        if units:
            self.story.cancel_units(order, units)
        else:
            self.story.cancel(order)

    @precondition(lambda self: open_orders().exists())
    @rule(choice=choices)
    def an_order_is_held_or_released(self, choice: int) -> None:
        """One at a time."""
        held = held_orders().first()
        if held is not None:
            self.story.release(held)
        else:
            self.story.hold(chosen(list(open_orders().order_by("pk")), choice))

    @precondition(lambda self: works().exists())
    @rule(choice=choices, steps=st.integers(1, 5), boxes=st.sampled_from([1, 1, 2]))
    def work_goes_on(self, choice: int, steps: int, boxes: int) -> None:
        """The same work is taken so many steps further, as far as it goes."""
        work = self._work(works(), choice)
        for _ in range(steps):
            drain_events()
            work = self.story.work(work["id"])
            if not self.story.go_on(work, boxes):
                return

    @precondition(lambda self: works("offered", "accepted", "packed", "ready_for_pickup").exists())
    @rule(boxes=st.sampled_from([1, 2]))
    def everybody_goes_one_step_further(self, boxes: int) -> None:
        drain_events()
        for work in works():
            self.story.go_on(self.story.work(work), boxes)

    @precondition(lambda self: works("offered", "accepted", "picking").exists())
    @rule(choice=choices, reason=st.sampled_from(REASONS), part=st.booleans())
    def work_is_declined(self, choice: int, reason: str, part: bool) -> None:
        """All of it, or one unit of its first article, unless that has been picked."""
        work = self._work(works("offered", "accepted", "picking"), choice)
        is_part = part and not self.story.books.picked.get(work["id"])
        units = {next(iter(units_of(work))): 1} if is_part else None
        self.story.decline(work, reason, units=units)

    @precondition(lambda self: works("accepted").exists())
    @rule(choice=choices, missing=st.integers(1, 4))
    def a_pick_comes_short(self, choice: int, missing: int) -> None:
        """Of the first article, perhaps all of it."""
        work = self._work(works("accepted"), choice)
        found = units_of(work)
        first = next(iter(found))
        self.story.pick(work, {**found, first: max(0, found[first] - missing)})

    @precondition(lambda self: works("packed", "handed_over").exists())
    @rule(
        choice=choices,
        kinds=st.lists(
            st.sampled_from(["handed_over", "in_transit", "exception", "delivered"]), min_size=1, max_size=3
        ),
    )
    def the_carrier_tells(self, choice: int, kinds: list[str]) -> None:
        """Also of parcels that nobody has handed over yet."""
        drain_events()
        self.story.tell(self._work(works("packed", "handed_over"), choice), kinds)

    @invariant()
    def every_level_is_as_the_books_say(self) -> None:
        self.story.check_levels()

    def teardown(self) -> None:
        try:
            self.story.wait(0)
            self.story.check_levels()
            self.story.check_units()
            assert_invariants_hold()
        finally:
            self.story.exit.close()
