"""Units set aside for a reason come back by themselves, once, and never more of them than are aside."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from oms.core.bulk import Row
from stock.models import StockLevel, Unavailability
from stock.services.correcting import mark_unavailable
from stock.services.reserving import reserve_stock
from stock.services.setting_aside import give_back, give_expired_back, set_aside
from tests.stock.events import told
from tests.stock.making import figures, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


def aside(variant, point, quantity, *, hours=None, reason="display", reference="A-1", **fields):
    ends = {} if hours is None else {"expires_at": clock.now() + timedelta(hours=hours)}
    row = {"sku": variant.sku, "stock_point": point.code, "quantity": quantity, "reason": reason}
    return set_aside(rows=[Row(0, {**row, "reference": reference, **ends, **fields})])


def hours_later(hours):
    return clock.set_clock(clock.now() + timedelta(hours=hours))


def entries(variant) -> list[tuple[int, str]]:
    rows = Unavailability.objects.filter(level__variant=variant).order_by("pk")
    return list(rows.values_list("quantity", "reason"))


@pytest.fixture
def world():
    paris, shirt = make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 10)
    return paris, shirt


def test_they_come_back_when_their_time_is_over_and_once(world):
    paris, shirt = world
    assert aside(shirt, paris, 3, hours=2).created == 1
    assert (figures(shirt, paris), give_expired_back()) == ((10, 0, 3), 0)
    with hours_later(3):
        assert give_expired_back() == 3
        assert give_expired_back() == 0
    assert (figures(shirt, paris), entries(shirt)) == ((10, 0, 0), [(3, "display"), (-3, "display")])
    assert told("stock_level.raised")[-1] == {"variant_ids": [shirt.pk]}
    assert_invariants_hold()


def test_without_an_end_they_stay_until_a_person_gives_them_back(world):
    paris, shirt = world
    aside(shirt, paris, 3)
    with hours_later(10_000):
        assert give_expired_back() == 0
    ids = list(Unavailability.objects.standing().values_list("pk", flat=True))
    assert (give_back(ids=ids), give_back(ids=ids)) == (3, 0)
    assert figures(shirt, paris) == (10, 0, 0)


def test_a_repeat_is_harmless_and_another_content_refused(world):
    paris, shirt = world
    aside(shirt, paris, 3)
    assert aside(shirt, paris, 3).unchanged == 1
    (error,) = aside(shirt, paris, 4).errors
    assert (error.code, figures(shirt, paris)) == ("duplicate_reference", (10, 0, 3))


@pytest.mark.parametrize(
    ("quantity", "hours", "sentence"),
    [
        (-4, None, "quantity: Only 3 units are set aside there."),
        (8, None, "quantity: Only 7 units can be set aside there."),
        (-1, 2, "expires_at: Only units that are set aside have an end."),
        (0, None, "quantity: At least one unit must be meant."),
        (1, -1, "expires_at: This is in the past."),
    ],
)
def test_what_cannot_be_is_refused(world, quantity, hours, sentence):
    paris, shirt = world
    aside(shirt, paris, 3)
    (error,) = aside(shirt, paris, quantity, hours=hours, reference="A-2").errors
    assert (error.detail, figures(shirt, paris)) == (sentence, (10, 0, 3))


def test_rows_of_one_request_share_what_is_there(world):
    row = {"sku": "SHIRT", "stock_point": "PARIS", "reason": "display"}
    told = [(0, 6, "A"), (1, 6, "B"), (2, -2, "C"), (3, 6, "D")]
    rows = [Row(place, row | {"quantity": units, "reference": reference}) for place, units, reference in told]
    result = set_aside(rows=rows)
    assert result.created == 3
    assert [(error.index, error.detail) for error in result.errors] == [
        (1, "quantity: Only 4 units can be set aside there.")
    ]
    paris, shirt = world
    assert figures(shirt, paris) == (10, 0, 10)


def test_a_feeds_figure_may_say_more_than_there_is_and_then_nothing_is_left(world):
    paris, shirt = world
    StockLevel.objects.filter(variant=shirt).update(unavailable=99)
    (error,) = aside(shirt, paris, 1).errors
    assert error.detail == "quantity: Only 0 units can be set aside there."
    assert aside(shirt, paris, -90, reference="A-2").created == 1
    assert aside(shirt, paris, 1, reference="A-3").created == 1
    assert figures(shirt, paris) == (10, 0, 10)


def test_what_a_feed_has_freed_meanwhile_is_not_given_back_twice(world):
    paris, shirt = world
    aside(shirt, paris, 3, hours=1)
    mark_unavailable(variant_id=shirt.pk, stock_point_id=paris.pk, quantity=-2, reason="other", reference="import:1")
    with hours_later(2):
        assert give_expired_back() == 1
    assert figures(shirt, paris) == (10, 0, 0)


def test_promised_units_that_are_set_aside_are_planned_anew(world):
    paris, shirt = world
    reserve_stock(owner="buyer:1", channel_id=make_channel().pk, wants=[want(shirt, paris, 9)])
    aside(shirt, paris, 3, hours=1)
    assert [event["shortfall"] for event in told("stock_level.short")] == [2]


def test_many_are_given_back_in_as_many_statements_as_one(world):
    paris, _ = world
    shirts = [make_variant() for _ in range(20)]
    for shirt in shirts:
        receive(shirt, paris, 1)
    rows = [
        Row(place, {"sku": shirt.sku, "stock_point": "PARIS", "quantity": 1, "reason": "display", "reference": "A"})
        for place, shirt in enumerate(shirts)
    ]
    assert set_aside(rows=rows).created == 20
    ids = list(Unavailability.objects.standing().order_by("pk").values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as one:
        give_back(ids=ids[:1])
    with CaptureQueriesContext(connection) as many:
        give_back(ids=ids[1:])
    assert len(one) == len(many)
    assert not StockLevel.objects.filter(unavailable__gt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_give_each_unit_back_once():
    paris, shirt = make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 10)
    for number in range(4):
        aside(shirt, paris, 2, hours=1, reference=f"A-{number}")
    Unavailability.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    given = at_once([give_expired_back] * 4)
    assert (sum(given), figures(shirt, paris)) == (8, (10, 0, 0))
    assert Unavailability.objects.filter(quantity__lt=0).count() == 4
