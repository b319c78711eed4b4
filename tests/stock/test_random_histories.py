"""Whatever is done to stock in whatever order, a small model in plain Python agrees and the invariants hold."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms.core import clock
from oms.core.invariants import violations
from stock.errors import InsufficientStock
from stock.models import Reservation, StockLevel
from stock.services.moving import correct_not_found
from stock.services.reserving import (
    confirm_reservations,
    consume_reservations,
    expire_reservations,
    move_reservations,
    release_reservations,
    reserve_stock,
    split_reservation,
)
from stock.states import ReservationState
from tests.stock.making import NOON, make_channel, make_point, make_variant, receive, want

LEVELS = st.integers(0, 3)
UNITS = st.integers(1, 6)
references = count(1)


class Stock(RuleBasedStateMachine):
    """Four levels (two variants at two points); the model: on hand by level, units by live reservation."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.channel = make_channel()
        variants, points = [make_variant(), make_variant()], [make_point(), make_point()]
        self.places = [(variant, point) for variant in variants for point in points]
        self.on_hand = [0, 0, 0, 0]
        self.live: dict[int, tuple[int, int]] = {}
        self.ends: dict[int, int] = {}
        for place in range(4):
            self.come(place, 6)

    def _reserved(self, place: int) -> int:
        return sum(units for where, units in self.live.values() if where == place)

    def _free(self, place: int) -> int:
        return self.on_hand[place] - self._reserved(place)

    def _want(self, place: int, units: int):
        return want(*self.places[place], units)

    def _at(self):
        return clock.set_clock(self.now)

    @rule(place=LEVELS, units=UNITS)
    def come(self, place: int, units: int) -> None:
        receive(*self.places[place], units)
        self.on_hand[place] += units

    @rule(place=LEVELS, units=UNITS)
    def count_less(self, place: int, units: int) -> None:
        receive(*self.places[place], -units, kind="count")
        self.on_hand[place] -= units

    @rule(place=LEVELS, known=st.integers(0, 4))
    def not_found(self, place: int, known: int) -> None:
        variant, point = self.places[place]
        correct_not_found(
            variant_id=variant.pk, stock_point_id=point.pk, units_known=known, reference=f"d{next(references)}"
        )
        self.on_hand[place] = min(self.on_hand[place], known)

    @rule(basket=st.lists(st.tuples(LEVELS, UNITS), min_size=1, max_size=4), minutes=st.none() | st.integers(1, 9))
    def reserve(self, basket: list[tuple[int, int]], minutes: int | None) -> None:
        asked = [sum(units for where, units in basket if where == place) for place in range(4)]
        fits = all(asked[place] <= max(0, self._free(place)) for place in range(4))
        ends = {"state": ReservationState.HELD, "expires_at": self.now + timedelta(minutes=minutes)} if minutes else {}
        try:
            with self._at():
                ids = reserve_stock(
                    owner="buyer:1", channel_id=self.channel.pk, wants=[self._want(*line) for line in basket], **ends
                )
        except InsufficientStock:
            assert not fits
            return
        assert fits
        self.live.update(zip(ids, basket, strict=True))
        if minutes:
            self.ends.update(dict.fromkeys(ids, minutes))

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        ids = data.draw(st.lists(st.sampled_from(sorted(self.live)), min_size=1, unique=True))
        release_reservations(ids=ids)
        self._end(ids)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        pk = data.draw(st.sampled_from(sorted(self.live)))
        place, held = self.live[pk]
        units = data.draw(st.integers(1, held))
        consume_reservations(items=[(pk, units)], kind="shipment", reference=f"p{next(references)}")
        self.on_hand[place] -= units
        self._take_off(pk, units)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def take_apart(self, data: st.DataObject) -> None:
        pk = data.draw(st.sampled_from(sorted(self.live)))
        place, held = self.live[pk]
        if held == 1:
            return
        units = data.draw(st.integers(1, held - 1))
        part = split_reservation(id=pk, quantity=units)
        self.live[pk], self.live[part] = (place, held - units), (place, units)
        if pk in self.ends:
            self.ends[part] = self.ends[pk]

    @precondition(lambda self: self.live)
    @rule(data=st.data(), basket=st.lists(st.tuples(LEVELS, UNITS), max_size=3))
    def move(self, data: st.DataObject, basket: list[tuple[int, int]]) -> None:
        pk = data.draw(st.sampled_from(sorted(self.live)))
        place, held = self.live[pk]
        units = data.draw(st.integers(1, held))
        fits = True
        for where in range(4):
            asked = sum(n for at, n in basket if at == where)
            own = units if where == place else 0
            fits = fits and (asked <= own or asked <= self._free(where) + own)
        try:
            ids = move_reservations(
                owner="buyer:2",
                channel_id=self.channel.pk,
                release=[(pk, units)],
                wants=[self._want(*line) for line in basket],
            )
        except InsufficientStock:
            assert not fits
            return
        assert fits
        self._take_off(pk, units)
        self.live.update(zip(ids, basket, strict=True))

    @rule()
    def a_minute_later(self) -> None:
        self.now += timedelta(minutes=1)
        self.ends = {pk: minutes - 1 for pk, minutes in self.ends.items()}
        over = [pk for pk, minutes in self.ends.items() if minutes == 0]
        with self._at():
            assert expire_reservations() == len(over)
        self._end(over)

    @precondition(lambda self: self.ends)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        pk = data.draw(st.sampled_from(sorted(self.ends)))
        with self._at():
            confirm_reservations(ids=[pk], owner="buyer:3")
        del self.ends[pk]

    def _end(self, ids: list[int]) -> None:
        for pk in ids:
            self.live.pop(pk)
            self.ends.pop(pk, None)

    def _take_off(self, pk: int, units: int) -> None:
        place, held = self.live[pk]
        if held == units:
            self._end([pk])
        else:
            self.live[pk] = (place, held - units)

    @invariant()
    def the_levels_agree_with_the_model(self) -> None:
        for place, (variant, point) in enumerate(self.places):
            level = StockLevel.objects.get(variant=variant, stock_point=point)
            assert (level.on_hand, level.reserved) == (self.on_hand[place], self._reserved(place))

    def teardown(self) -> None:
        found = dict(Reservation.objects.live().filter(pk__in=self.live).values_list("pk", "quantity"))
        assert found == {pk: units for pk, (_, units) in self.live.items()}
        with self._at():
            names = ("stock_reserved_is_sum_of_live_reservations", "stock_on_hand_is_sum_of_movements")
            assert list(violations(names)) == []
        # The next history starts at noon again and must not expire what this one still holds.
        release_reservations(ids=list(self.live))


@pytest.mark.django_db
def test_a_plain_model_agrees_with_every_history():
    run_state_machine_as_test(
        Stock,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
