"""A counted figure is true at the moment it was found: what is sold, reserved or told later is added to it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from oms.core import clock
from oms.core.bulk import Row
from oms.core.errors import Invalid, StateConflict
from stock.errors import DuplicateReference
from stock.models import StockMovement
from stock.queries.counts import count_totals, counted_lines
from stock.services.consuming import consume_reservations
from stock.services.counting import (
    approve_count,
    open_count,
    reject_count,
    reopen_count,
    submit_count,
    write_counted,
)
from stock.services.moving import record_movements
from stock.services.reserving import reserve_stock
from tests.stock.events import told
from tests.stock.making import figures, ledger, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """(Paris, a shirt and a hat at 10 euros, ten of each there by the books)."""
    paris = make_point("PARIS")
    shirt, hat = (
        make_variant(sku, price=Decimal("10.00"), category=kind) for sku, kind in (("SHIRT", "tops"), ("HAT", "hats"))
    )
    receive(shirt, paris, 10)
    receive(hat, paris, 10)
    return paris, shirt, hat


def counted(count, **figures_by_sku):
    rows = [{"sku": sku, "counted": units} for sku, units in figures_by_sku.items()]
    return write_counted(stock_count=count, rows=[Row(place, row) for place, row in enumerate(rows)])


def approved(count) -> int:
    submit_count(stock_count=count)
    return approve_count(stock_count=count)


def differences(count) -> dict[str, int | None]:
    return {line.sku: line.difference for line in counted_lines(count)}


def test_the_sheet_lists_what_has_a_level_there(world):
    paris, *_ = world
    make_variant("ELSEWHERE")
    everything = open_count(reference="C-1", stock_point=paris)
    tops = open_count(reference="C-2", stock_point=paris, category="tops")
    assert (differences(everything), differences(tops)) == ({"HAT": None, "SHIRT": None}, {"SHIRT": None})
    with pytest.raises(DuplicateReference):
        open_count(reference="C-1", stock_point=paris)


def test_nothing_changes_before_it_is_approved_and_then_by_count_movements(world):
    paris, shirt, hat = world
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=8, HAT=11)
    submit_count(stock_count=count)
    assert differences(count) == {"HAT": 1, "SHIRT": -2}
    (totals,) = count_totals(count)
    assert (totals.differing, totals.found_value, totals.lost_value) == (2, Decimal("10.00"), Decimal("-20.00"))
    assert (figures(shirt, paris), figures(hat, paris)) == ((10, 0, 0), (10, 0, 0))
    assert approve_count(stock_count=count) == 2
    assert (figures(shirt, paris), figures(hat, paris)) == ((8, 0, 0), (11, 0, 0))
    assert ledger(shirt, paris)[-1] == ("count", -2)
    assert differences(count) == {"HAT": 1, "SHIRT": -2}
    assert_invariants_hold()


def test_what_nobody_counted_stays_as_it_is(world):
    paris, _, hat = world
    count = open_count(reference="C-1", stock_point=paris)
    with pytest.raises(Invalid):
        submit_count(stock_count=count)
    counted(count, SHIRT=8)
    assert approved(count) == 1
    assert figures(hat, paris) == (10, 0, 0)


def test_what_is_sold_after_it_was_found_is_taken_off_it(world):
    paris, shirt, _ = world
    web = make_channel()
    (early, late) = reserve_stock(
        owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1), want(shirt, paris, 2)]
    )
    count = open_count(reference="C-1", stock_point=paris)
    consume_reservations(items=[(early, 1)], kind="shipment", reference="S-1")
    counted(count, SHIRT=8)  # nine by the books: one is missing
    consume_reservations(items=[(late, 2)], kind="shipment", reference="S-2")
    reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shirt, paris, 4)])
    assert differences(count)["SHIRT"] == -1
    approved(count)
    assert figures(shirt, paris) == (6, 4, 0)
    assert_invariants_hold()


def test_a_sale_told_late_is_part_of_what_was_found(world):
    paris, shirt, _ = world
    before = clock.now() - timedelta(minutes=5)
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=9)
    approved(count)
    row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": -1, "kind": "sale", "reference": "T-1"}
    record_movements(rows=[Row(0, {**row, "occurred_at": before})])
    assert figures(shirt, paris) == (9, 0, 0)
    assert ledger(shirt, paris)[-2:] == [("sale", -1), ("absorbed", 1)]


def test_a_sale_told_before_it_is_approved_is_taken_off_once(world):
    paris, shirt, _ = world
    before = clock.now() - timedelta(minutes=5)
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=9)
    row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": -1, "kind": "sale", "reference": "T-1"}
    record_movements(rows=[Row(0, {**row, "occurred_at": before})])
    assert approved(count) == 0
    assert figures(shirt, paris) == (9, 0, 0)


def test_promises_beyond_what_was_found_are_planned_anew(world):
    paris, shirt, _ = world
    reserve_stock(owner="buyer:1", channel_id=make_channel().pk, wants=[want(shirt, paris, 9)])
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=6)
    approved(count)
    assert figures(shirt, paris) == (6, 9, 0)
    assert [event["shortfall"] for event in told("stock_level.short")] == [3]


def test_an_article_that_is_not_on_the_sheet_is_added_and_unknown_ones_are_told(world):
    paris, *_ = world
    make_variant("SCARF", gtin="4006381333931")
    count = open_count(reference="C-1", stock_point=paris)
    rows = [{"gtin": "4006381333931", "counted": 2}, {"sku": "NOTHING", "counted": 1}]
    result = write_counted(stock_count=count, rows=[Row(place, row) for place, row in enumerate(rows)])
    assert (result.created, [(error.index, error.code) for error in result.errors]) == (1, [(1, "unknown_sku")])
    approved(count)
    assert StockMovement.objects.filter(kind="count").values_list("quantity", flat=True).get() == 2


def test_a_figure_may_be_taken_back_and_a_moment_must_be_of_the_count(world):
    paris, *_ = world
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=8)
    counted(count, SHIRT=None)
    assert differences(count)["SHIRT"] is None
    early = {"sku": "SHIRT", "counted": 8, "counted_at": count.started_at - timedelta(seconds=1)}
    assert [error.code for error in write_counted(stock_count=count, rows=[Row(0, early)]).errors] == ["invalid"]


def test_rejected_or_reopened_it_changes_nothing(world):
    paris, shirt, _ = world
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=8)
    submit_count(stock_count=count)
    with pytest.raises(StateConflict):
        counted(count, SHIRT=7)
    reopen_count(stock_count=count, reason="count the back room")
    counted(count, SHIRT=7)
    submit_count(stock_count=count)
    reject_count(stock_count=count, reason="no")
    with pytest.raises(StateConflict):
        approve_count(stock_count=count)
    assert figures(shirt, paris) == (10, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_apply_it_once():
    paris, shirt = make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 10)
    count = open_count(reference="C-1", stock_point=paris)
    counted(count, SHIRT=8)
    submit_count(stock_count=count)

    def approve() -> int:
        try:
            return approve_count(stock_count=count)
        except StateConflict:
            return 0

    assert sorted(at_once([approve, approve])) == [0, 1]
    assert figures(shirt, paris) == (8, 0, 0)
