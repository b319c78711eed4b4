"""Any sequence of files and movements: a level is what its source last told, plus what happened since."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stock.models import StockLevel, StockMovement
from tests.stock.feeds.feeding import HOUR, feed, file_of
from tests.stock.making import NOON, make_point, make_variant, receive
from tests.support.holding import assert_invariants_hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_way")]

SKUS = ("A", "B", "C")
hours = st.integers(min_value=1, max_value=6)
files = st.tuples(
    st.just("file"),
    st.sampled_from(["delta", "snapshot"]),
    hours,
    st.dictionaries(st.sampled_from(SKUS), st.integers(min_value=0, max_value=9), min_size=1),
)
movements = st.tuples(st.just("movement"), st.sampled_from(SKUS), hours, st.sampled_from([-2, -1, 1, 3]))


@dataclass
class Truth:
    """What must be true of one level, worked out the slow way."""

    told_at: int = 0
    told: int | None = None
    moves: list[tuple[int, int]] = field(default_factory=list)

    def tell(self, hour: int, figure: int) -> None:
        if hour > self.told_at:
            self.told_at, self.told = hour, figure

    @property
    def on_hand(self) -> int:
        return (self.told or 0) + sum(units for hour, units in self.moves if hour > self.told_at)


@given(st.lists(st.one_of(files, movements), min_size=1, max_size=7))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_levels_are_what_was_last_told_and_what_happened_since(steps: Sequence[tuple]) -> None:
    with transaction.atomic():
        variants = {sku: make_variant(sku) for sku in SKUS}
        paris = make_point("paris")
        truths = {sku: Truth() for sku in SKUS}
        for kind, *step in steps:
            if kind == "movement":
                sku, hour, units = step
                receive(variants[sku], paris, units, kind="adjustment", occurred_at=NOON + hour * HOUR)
                truths[sku].moves.append((hour, units))
                continue
            how, hour, figures = step
            text = file_of(*(f"{sku},paris,{figure}" for sku, figure in figures.items()))
            feed(text, kind=how, as_of=NOON + hour * HOUR)
            for sku in SKUS if how == "snapshot" else figures:
                truths[sku].tell(hour, figures.get(sku, 0))
            written = StockMovement.objects.count()
            feed(text, kind=how, as_of=NOON + hour * HOUR)
            assert StockMovement.objects.count() == written, "a replay changes nothing"
        found = dict.fromkeys(SKUS, 0) | dict(StockLevel.objects.values_list("variant__sku", "on_hand"))
        assert found == {sku: truth.on_hand for sku, truth in truths.items()}
        assert_invariants_hold()
        transaction.set_rollback(True)
