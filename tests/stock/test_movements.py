"""Facts are always recorded, each once, and a level is the sum of its ledger."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from oms.core import clock
from stock.models import StockLevel, StockMovement
from stock.services.moving import correct_not_found, mark_unavailable
from stock.services.reserving import reserve_stock
from tests.stock.calling import Caller
from tests.stock.events import told
from tests.stock.making import NOON, figures, ledger, make_channel, make_point, make_variant, receive, want
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with clock.set_clock(NOON) as time:
        yield time
        assert_invariants_hold()


@pytest.fixture
def erp():
    return Caller()


@pytest.fixture
def paris():
    return make_point("PARIS")


@pytest.fixture
def shirt():
    return make_variant("SHIRT")


def row(**fields: object) -> dict:
    return {
        "sku": "SHIRT",
        "stock_point": "PARIS",
        "quantity": 5,
        "kind": "receipt",
        "reference": "R1",
        "occurred_at": "2026-05-04T11:00:00Z",
        **fields,
    }


def test_a_movement_changes_the_level_and_a_repeat_does_not(erp, paris, shirt):
    assert erp.post("/stock-movements/", [row()])[1] == {"created": 1, "updated": 0, "unchanged": 0, "errors": []}
    assert erp.post("/stock-movements/", [row()])[1] == {"created": 0, "updated": 0, "unchanged": 1, "errors": []}
    assert figures(shirt, paris) == (5, 0, 0)
    assert ledger(shirt, paris) == [("receipt", 5)]


def test_the_same_reference_counts_once_per_kind_sku_and_stock_point(erp, paris, shirt):
    make_variant("SHOE")
    make_point("LYON")
    rows = [
        row(),
        row(kind="return"),
        row(sku="SHOE"),
        row(stock_point="LYON"),
        row(),
    ]
    assert erp.post("/stock-movements/", rows)[1] == {"created": 4, "updated": 0, "unchanged": 1, "errors": []}
    assert figures(shirt, paris) == (10, 0, 0)


def test_a_repeat_with_another_quantity_is_told_and_changes_nothing(erp, paris, shirt):
    erp.post("/stock-movements/", [row()])
    answer = erp.post("/stock-movements/", [row(quantity=6)])[1]
    assert [error["code"] for error in answer["errors"]] == ["duplicate_reference"]
    assert figures(shirt, paris) == (5, 0, 0)


def test_on_hand_may_become_negative(erp, paris, shirt):
    assert erp.post("/stock-movements/", [row(kind="sale", quantity=-3)])[1]["created"] == 1
    assert figures(shirt, paris) == (-3, 0, 0)


def test_wrong_rows_are_named_and_the_others_recorded(erp, paris, shirt):
    rows = [
        row(sku="NOPE"),
        row(stock_point="NOPE"),
        row(kind="feed"),
        row(kind="absorbed"),
        row(quantity="many"),
        row(occurred_at="2026-05-04T12:16:00Z"),
        row(reference=""),
        row(reference="R2", occurred_at="2026-05-04T12:14:00Z"),
    ]
    status, answer = erp.post("/stock-movements/", rows)
    assert (status, answer["created"]) == (200, 1)
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [
        (0, "unknown_sku"),
        (1, "unknown_stock_point"),
        (2, "invalid"),
        (3, "invalid"),
        (4, "invalid"),
        (5, "invalid"),
        (6, "invalid"),
    ]
    assert figures(shirt, paris) == (5, 0, 0)


def test_a_bound_key_reports_for_its_own_stock_points_and_sees_their_ledger_only(erp, paris, shirt):
    make_point("LYON")
    erp.post("/stock-movements/", [row(), row(stock_point="LYON")])
    store = Caller("store", stock_points=["PARIS"])
    answer = store.post("/stock-movements/", [row(reference="R2"), row(reference="R2", stock_point="LYON")])[1]
    assert answer["created"] == 1
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [(1, "unknown_stock_point")]
    assert {entry["stock_point"] for entry in store.list("/stock-movements/")} == {"PARIS"}
    assert {entry["stock_point"] for entry in store.list("/stock-levels/")} == {"PARIS"}
    assert {entry["stock_point"] for entry in erp.list("/stock-levels/")} == {"PARIS", "LYON"}


def test_five_thousand_rows_take_few_queries(erp, paris, django_assert_max_num_queries):
    for number in range(50):
        make_variant(f"S{number}")
    rows = [row(sku=f"S{number % 50}", reference=f"R{number}", quantity=1) for number in range(5000)]
    with django_assert_max_num_queries(30):
        assert erp.post("/stock-movements/", rows)[1]["created"] == 5000
    assert set(StockLevel.objects.values_list("on_hand", flat=True)) == {100}


@pytest.mark.parametrize("change", ["UPDATE", "DELETE"])
def test_the_ledger_cannot_be_rewritten(erp, paris, shirt, change):
    receive(shirt, paris, 5)
    movements = StockMovement.objects.all()
    with pytest.raises(DatabaseError, match="is immutable"), transaction.atomic():
        movements.update(quantity=1) if change == "UPDATE" else movements._raw_delete("default")
    assert ledger(shirt, paris) == [("receipt", 5)]


def test_what_came_is_told_once_per_batch(erp, paris, shirt):
    shoe = make_variant("SHOE")
    rows = [row(), row(reference="R2"), row(sku="SHOE"), row(sku="SHOE", kind="sale", quantity=-5)]
    erp.post("/stock-movements/", rows)
    assert told("stock_level.raised") == [{"variant_ids": [shirt.pk]}]
    assert shoe.pk not in told("stock_level.raised")[0]["variant_ids"]
    assert told("stock_level.short") == []


def test_a_fact_below_what_was_promised_is_told_with_the_shortfall(erp, paris, shirt):
    receive(shirt, paris, 5)
    reserve_stock(owner="buyer:1", channel_id=make_channel().pk, wants=[want(shirt, paris, 4)])
    erp.post("/stock-movements/", [row(kind="count", reference="C1", quantity=-1)])
    assert told("stock_level.short") == []
    erp.post("/stock-movements/", [row(kind="count", reference="C2", quantity=-2)])
    level = StockLevel.objects.get()
    expected = {"level_id": level.pk, "variant_id": shirt.pk, "stock_point_id": paris.pk, "shortfall": 2}
    assert told("stock_level.short") == [expected]
    erp.post("/stock-movements/", [row(kind="count", reference="C3", quantity=-9)])
    assert told("stock_level.short")[1:] == [{**expected, "shortfall": 4}]
    assert figures(shirt, paris) == (-7, 4, 0)


def test_units_not_found_bring_on_hand_down_to_what_is_known_once(paris, shirt):
    receive(shirt, paris, 5)
    known = {"variant_id": shirt.pk, "stock_point_id": paris.pk}
    assert correct_not_found(**known, units_known=2, reference="decline:1") == 3
    assert correct_not_found(**known, units_known=0, reference="decline:1") == 0
    assert correct_not_found(**known, units_known=4, reference="decline:2") == 0
    assert figures(shirt, paris) == (2, 0, 0)
    assert ledger(shirt, paris) == [("receipt", 5), ("adjustment", -3)]


def test_damaged_units_become_unavailable_once_and_can_be_given_back(paris, shirt):
    receive(shirt, paris, 5)
    reserve_stock(owner="buyer:1", channel_id=make_channel().pk, wants=[want(shirt, paris, 4)])
    known = {"variant_id": shirt.pk, "stock_point_id": paris.pk, "reason": "damaged"}
    assert mark_unavailable(**known, quantity=2, reference="decline:1")
    assert not mark_unavailable(**known, quantity=2, reference="decline:1")
    assert figures(shirt, paris) == (5, 4, 2)
    assert [event["shortfall"] for event in told("stock_level.short")] == [1]
    assert mark_unavailable(**known, quantity=-2, reference="repaired:1")
    assert figures(shirt, paris) == (5, 4, 0)
    assert ledger(shirt, paris) == [("receipt", 5)]


def test_a_movement_older_than_the_feeds_figure_is_recorded_and_absorbed(paris, shirt):
    receive(shirt, paris, 5)
    StockLevel.objects.update(as_of=NOON)
    receive(shirt, paris, -1, kind="sale", reference="T1", occurred_at=NOON - timedelta(minutes=1))
    receive(shirt, paris, -1, kind="sale", reference="T2", occurred_at=NOON + timedelta(minutes=1))
    assert figures(shirt, paris) == (4, 0, 0)
    assert ledger(shirt, paris) == [("receipt", 5), ("sale", -1), ("absorbed", 1), ("sale", -1)]
    assert StockMovement.objects.get(kind="absorbed").reference == "sale:T1"


def test_the_lists_filter_by_sku_stock_point_kind_and_since(erp, paris, shirt, noon):
    make_variant("SHOE")
    make_point("LYON", kind="warehouse")
    erp.post("/stock-movements/", [row(), row(sku="SHOE", kind="return"), row(stock_point="LYON")])
    noon.advance(timedelta(hours=1))
    erp.post("/stock-movements/", [row(reference="R2")])

    def seen(path: str, **query: str) -> list[tuple[str, str]]:
        return sorted((entry["sku"], entry["stock_point"]) for entry in erp.list(path, **query))

    assert seen("/stock-movements/", sku="SHOE") == [("SHOE", "PARIS")]
    assert seen("/stock-movements/", stock_point="LYON") == [("SHIRT", "LYON")]
    assert seen("/stock-movements/", kind="return") == [("SHOE", "PARIS")]
    assert seen("/stock-movements/", since="2026-05-04T12:30:00Z") == [("SHIRT", "PARIS")]
    assert seen("/stock-movements/", sku="NOPE") == []
    assert seen("/stock-levels/", kind="warehouse") == [("SHIRT", "LYON")]
    assert seen("/stock-levels/", sku="SHIRT", stock_point="PARIS") == [("SHIRT", "PARIS")]
    level = erp.list("/stock-levels/", sku="SHIRT", stock_point="PARIS")[0]
    del level["id"]
    assert level == {
        "sku": "SHIRT",
        "stock_point": "PARIS",
        "on_hand": 10,
        "reserved": 0,
        "unavailable": 0,
        "protected": 0,
        "available": 10,
        "as_of": None,
    }


def test_a_list_takes_as_many_queries_for_a_hundred_rows_as_for_one(erp, paris, django_assert_num_queries):
    for number in range(100):
        receive(make_variant(), paris, number)
    for path in ("/stock-levels/", "/stock-movements/"):
        erp.list(path)
        with django_assert_num_queries(2):
            assert len(erp.list(path)) == 100
        with django_assert_num_queries(2):
            assert len(erp.list(path, page_size="1")) == 1
