"""Who lacks what, who can spare it, and by when a purchase must be ordered: by hand-worked figures."""

from __future__ import annotations

from datetime import date

import pytest

from oms.replenishment.facts import Place, Policy, Shelf, Source, Terms
from oms.replenishment.needs import needs_of, order_by, safety_stock, spares_of
from oms.replenishment.proposing import propose_moves

# 1 a day × (3 + 14) days = 17, safety 1.64 × √3 = 2.84 → 3: a target of 20.
POLICY = Policy(demand_days=28, cover_days=14, slow_cover_days=90, transfer_days=3, service_factor=1.64)
WAREHOUSE, LYON, PARIS = 1, 2, 3
PLACES = {
    WAREHOUSE: Place(WAREHOUSE, True, latitude=45.75, longitude=4.85),
    LYON: Place(LYON, False, latitude=45.76, longitude=4.84),
    PARIS: Place(PARIS, False, latitude=48.86, longitude=2.35),
}


def test_a_store_needs_what_sells_until_and_after_the_delivery_and_a_safety():
    (need,) = needs_of([Shelf(PARIS, here=2, free=2, incoming=3, sold=28)], PLACES, POLICY)
    # It sells one a day: the five last until the goods come and a day more.
    assert (need.units, need.urgent, need.target) == (15, 0, 20)


def test_an_empty_shelf_is_urgent_until_the_goods_come():
    (need,) = needs_of([Shelf(PARIS, here=0, free=0, sold=28)], PLACES, POLICY)
    assert (need.units, need.urgent) == (20, 4)


def test_what_was_promised_beyond_the_shelf_is_needed_too():
    (need,) = needs_of([Shelf(PARIS, here=-2, free=0, sold=28)], PLACES, POLICY)
    assert (need.units, need.urgent) == (22, 6)


@pytest.mark.parametrize(
    "shelf", [Shelf(PARIS, 0, 0, sold=0), Shelf(WAREHOUSE, 0, 0, sold=28), Shelf(PARIS, 20, 20, sold=28)]
)
def test_who_sells_nothing_is_a_warehouse_or_has_enough_needs_nothing(shelf):
    assert needs_of([shelf], PLACES, POLICY) == []


def test_a_warehouse_spares_all_that_is_free():
    (spare,) = spares_of([Shelf(WAREHOUSE, here=50, free=40, sold=28)], PLACES, POLICY)
    assert (spare.units, spare.kept, spare.source) == (40, 10, Source.WAREHOUSE)


def test_a_store_keeps_what_it_will_sell_for_long():
    # A quarter a day × 93 days = 23.25, safety 1.64 × √0.75 = 1.42 → 24 + 2.
    (spare,) = spares_of([Shelf(LYON, here=30, free=30, sold=7)], PLACES, POLICY)
    assert (spare.units, spare.kept, spare.source) == (4, 26, Source.SLOW)


def test_what_customers_brought_back_is_spared_down_to_the_ordinary_target():
    # A quarter a day × 17 days = 4.25 → 5 + 2 = 7 are kept, of 12 five came back.
    (spare,) = spares_of([Shelf(LYON, here=12, free=12, sold=7, returned=9)], PLACES, POLICY)
    assert (spare.units, spare.kept, spare.source) == (5, 7, Source.RETURNED)


def test_a_store_that_sells_none_keeps_one_to_show_and_what_is_protected():
    (spare,) = spares_of([Shelf(LYON, here=6, free=6)], PLACES, POLICY)
    assert spare.units == 5
    (spare,) = spares_of([Shelf(LYON, here=6, free=2)], PLACES, POLICY)
    assert spare.units == 2
    assert spares_of([Shelf(LYON, here=1, free=1)], PLACES, POLICY) == []


def test_the_nearer_giver_is_taken():
    shelves = [Shelf(WAREHOUSE, 30, 30), Shelf(LYON, 0, 0, sold=28), Shelf(PARIS, 41, 41)]
    (move,) = propose_moves(shelves, PLACES, POLICY)
    assert (move.giver.place, move.need.place, move.units) == (WAREHOUSE, LYON, 20)
    assert move.distance_km == pytest.approx(1.36, abs=0.1)
    (other,) = propose_moves(shelves, PLACES, POLICY, refused={(WAREHOUSE, LYON)})
    assert (other.giver.place, other.giver.source, other.units) == (PARIS, Source.SLOW, 20)


def test_goods_do_not_change_banners():
    places = {
        WAREHOUSE: Place(WAREHOUSE, True, banner_id=1),
        LYON: Place(LYON, False, banner_id=2),
        PARIS: Place(PARIS, False, banner_id=None),
    }
    shelves = [Shelf(WAREHOUSE, 30, 30), Shelf(LYON, 0, 0, sold=28), Shelf(PARIS, 0, 0, sold=28)]
    assert [(move.giver.place, move.need.place) for move in propose_moves(shelves, places, POLICY)] == [
        (WAREHOUSE, PARIS)
    ]


def test_the_safety_stock_covers_a_lead_time_that_varies():
    # 1.64 × √(16 × 1 + 1 × 9) = 8.2
    assert safety_stock(per_day=1.0, days=16, factor=1.64, spread_days=3.0) == 9
    assert safety_stock(per_day=1.0, days=16, factor=1.64) == 7


def test_a_purchase_is_ordered_on_the_day_its_reorder_point_is_reached():
    today = date(2026, 5, 4)
    # The reorder point is 1 × 21 + 9 = 30: of 40 it is reached in ten days.
    assert order_by(today=today, position=40, per_day=1.0, lead_days=21, safety=9) == (
        date(2026, 5, 14),
        date(2026, 6, 13),
    )
    late, runs_out = order_by(today=today, position=20, per_day=1.0, lead_days=21, safety=9)
    assert (late, runs_out) == (date(2026, 4, 24), date(2026, 5, 24))
    with pytest.raises(ValueError, match="does not sell"):
        order_by(today=today, position=20, per_day=0.0, lead_days=21, safety=9)


def place(place_id, *, is_warehouse=False, **terms):
    return {place_id: Place(place_id, is_warehouse, terms=Terms(**terms))}


def test_a_store_of_its_own_cover_needs_what_lasts_so_long():
    # 1 a day × (3 + 30) days = 33, and 3.
    (need,) = needs_of([Shelf(PARIS, here=0, free=0, sold=28)], place(PARIS, cover_days=30), POLICY)
    assert need.target == 36
    (need,) = needs_of([Shelf(PARIS, here=0, free=0, sold=28)], place(PARIS, cover_days=0), POLICY)
    assert need.target == 6


def test_safety_days_are_the_least_a_safety_stock_lasts():
    (need,) = needs_of([Shelf(PARIS, here=0, free=0, sold=28)], place(PARIS, safety_days=10), POLICY)
    assert need.target == 27
    # Chance asks for three: two days of demand do not lower it.
    (need,) = needs_of([Shelf(PARIS, here=0, free=0, sold=28)], place(PARIS, safety_days=2), POLICY)
    assert need.target == 20


@pytest.mark.parametrize(
    ("terms", "units"),
    [
        ({}, 40),
        ({"keeps": 15}, 35),
        ({"keeps": 5}, 40),
        ({"keeps": 60}, None),
        ({"sends_at_most": 7}, 7),
        ({"sends_at_most": 0}, None),
        ({"gives_slow": False, "gives_returned": False}, 40),
    ],
)
def test_a_warehouse_gives_what_it_need_not_keep_and_no_more_than_it_may(terms, units):
    found = spares_of([Shelf(WAREHOUSE, here=50, free=40)], place(WAREHOUSE, is_warehouse=True, **terms), POLICY)
    assert [spare.units for spare in found] == ([] if units is None else [units])


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({}, (5, 7, Source.RETURNED)),
        ({"gives_returned": False}, None),
        ({"gives_slow": False}, (5, 7, Source.RETURNED)),
        ({"keeps": 10}, (2, 10, Source.RETURNED)),
        ({"cover_days": 0}, (9, 3, Source.RETURNED)),
        ({"sends_at_most": 1}, (1, 11, Source.RETURNED)),
    ],
)
def test_a_store_gives_what_was_brought_back_as_its_policy_says(terms, found):
    spares = spares_of([Shelf(LYON, here=12, free=12, sold=7, returned=9)], place(LYON, **terms), POLICY)
    assert [(spare.units, spare.kept, spare.source) for spare in spares] == ([] if found is None else [found])


def test_a_store_may_keep_its_slow_stock_or_give_the_last_one_too():
    slow = Shelf(LYON, here=4, free=4)
    assert spares_of([slow], place(LYON, gives_slow=False), POLICY) == []
    assert [spare.units for spare in spares_of([slow], place(LYON), POLICY)] == [3]
    assert [spare.units for spare in spares_of([slow], place(LYON, keeps=0), POLICY)] == [4]
