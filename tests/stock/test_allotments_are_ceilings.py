"""What a channel may take: in units or a share, exact under concurrency, given back on release, kept on consume."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from oms.core import clock
from oms.core.bulk import Row
from oms.core.invariants import violations
from stock.errors import InsufficientStock
from stock.models import AllotmentCounter, AvailabilityChange, ChannelAllotment
from stock.queries.availability import available_to_promise
from stock.queries.expected import expected_availability
from stock.services.allotting import delete_allotment, save_allotments, turn_allotments
from stock.services.awaiting import reserve_expected
from stock.services.consuming import consume_reservations
from stock.services.holding import delete_hold, hold_cart
from stock.services.reserving import move_reservations, release_reservations, reserve_stock
from tests.stock.making import expect, figures, make_channel, make_point, make_variant, receive, want
from tests.stock.test_invariants import corrupt
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


def allot(channel, article, **values) -> ChannelAllotment:
    """`article`: a variant, or the name of a category."""
    named = {"category": article} if isinstance(article, str) else {"sku": article.sku}
    result = save_allotments(rows=[Row(0, {"channel": channel.code, **named, **values})])
    assert result.errors == []
    return ChannelAllotment.objects.get(
        channel=channel, variant__sku=named.get("sku"), category=named.get("category", "")
    )


def available(channel, *variants) -> list[int]:
    found = available_to_promise(channel_id=channel.pk, variant_ids=[each.pk for each in variants])
    return [found[each.pk] for each in variants]


def to_come(channel, variant) -> int:
    found = expected_availability(channel_id=channel.pk, variant_ids=[variant.pk])
    return sum(each.available for each in found[variant.pk])


def buy(channel, variant, point, quantity, owner="buyer:1") -> list[int]:
    return reserve_stock(owner=owner, channel_id=channel.pk, wants=[want(variant, point, quantity)])


def taken() -> list[int]:
    return list(AllotmentCounter.objects.order_by("pk").values_list("taken", flat=True))


@pytest.fixture
def world():
    """(web, market, Paris, ten shirts there)."""
    paris, shirt = make_point("PARIS"), make_variant("SHIRT", category="tops")
    receive(shirt, paris, 10)
    return make_channel("web"), make_channel("market"), paris, shirt


def test_units_cap_what_is_available_and_what_is_taken(world):
    web, market, paris, shirt = world
    allot(market, shirt, quantity=4)
    assert (available(market, shirt), available(web, shirt)) == ([4], [10])
    with pytest.raises(InsufficientStock) as refused:
        buy(market, shirt, paris, 5)
    assert refused.value.data["lines"] == [{"sku": "SHIRT", "stock_point": None, "requested": 5, "available": 4}]
    assert (figures(shirt, paris), taken()) == ((10, 0, 0), [])
    buy(market, shirt, paris, 3)
    assert (available(market, shirt), available(web, shirt), taken()) == ([1], [7], [3])
    assert_invariants_hold()


def test_it_is_a_ceiling_and_keeps_nothing_back(world):
    web, market, paris, shirt = world
    allot(market, shirt, quantity=4)
    buy(web, shirt, paris, 9)
    assert available(market, shirt) == [1]


def test_given_back_it_may_be_taken_again_and_sold_it_may_not(world):
    _web, market, paris, shirt = world
    allot(market, shirt, quantity=4)
    (first,) = buy(market, shirt, paris, 2)
    (second,) = buy(market, shirt, paris, 2)
    consume_reservations(items=[(first, 1)], kind="sale", reference="T1")
    release_reservations(ids=[first, second])
    release_reservations(ids=[first, second])
    assert (taken(), available(market, shirt)) == ([1], [3])
    assert_invariants_hold()


def test_a_share_is_of_all_there_is_and_does_not_shrink_as_others_sell(world):
    web, market, paris, shirt = world
    allot(market, shirt, percent="35")
    assert available(market, shirt) == [3]
    buy(web, shirt, paris, 4)
    assert available(market, shirt) == [3]
    buy(market, shirt, paris, 2)
    assert available(market, shirt) == [1]
    with pytest.raises(InsufficientStock):
        buy(market, shirt, paris, 2)
    assert figures(shirt, paris) == (10, 6, 0)
    assert_invariants_hold()


def test_one_for_the_article_goes_before_one_for_its_category(world):
    _web, market, paris, shirt = world
    polo = make_variant("POLO", category="tops")
    receive(polo, paris, 10)
    allot(market, "tops", quantity=6)
    allot(market, shirt, quantity=2)
    assert available(market, shirt, polo) == [2, 6]


def test_each_article_of_a_category_has_its_own_ceiling(world):
    _web, market, paris, shirt = world
    polo = make_variant("POLO", category="tops")
    receive(polo, paris, 10)
    allot(market, "tops", quantity=6)
    buy(market, shirt, paris, 5)
    assert available(market, shirt, polo) == [1, 6]


def test_it_holds_from_its_start_to_its_end(world):
    _web, market, _paris, shirt = world
    now = clock.now()
    allot(market, shirt, quantity=2, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    assert available(market, shirt) == [10]
    allot(market, shirt, quantity=2, starts_at=now - timedelta(hours=1))
    assert available(market, shirt) == [2]
    allot(market, shirt, ends_at=now - timedelta(minutes=1))
    assert available(market, shirt) == [10]


def test_followers_hear_of_one_that_begins_by_the_clock(world):
    _web, market, _paris, shirt = world
    allotment = allot(market, shirt, quantity=2, starts_at=clock.now() + timedelta(hours=1))
    ChannelAllotment.objects.filter(pk=allotment.pk).update(starts_at=clock.now() - timedelta(seconds=1))
    before = AvailabilityChange.objects.count()
    assert turn_allotments() == 1
    assert AvailabilityChange.objects.count() == before + 1
    assert turn_allotments() == 0


def test_another_start_counts_anew(world):
    _web, market, paris, shirt = world
    allot(market, shirt, quantity=4)
    ids = buy(market, shirt, paris, 3)
    allot(market, shirt, starts_at=clock.now() - timedelta(seconds=1))
    assert available(market, shirt) == [4]
    release_reservations(ids=ids)
    assert (available(market, shirt), taken()) == ([4], [0])
    assert_invariants_hold()


def test_moving_takes_what_it_gives_back(world):
    _web, market, paris, shirt = world
    lyon = make_point("LYON")
    receive(shirt, lyon, 5)
    allot(market, shirt, quantity=4)
    (held,) = buy(market, shirt, paris, 4)
    move_reservations(owner="buyer:1", channel_id=market.pk, release=[(held, 4)], wants=[want(shirt, lyon, 4)])
    assert (figures(shirt, lyon), taken()) == ((5, 4, 0), [4])
    assert_invariants_hold()


def test_units_held_may_be_kept_under_a_ceiling_lowered_since(world):
    _web, market, paris, shirt = world
    allot(market, shirt, quantity=4)
    (held,) = buy(market, shirt, paris, 4)
    allot(market, shirt, quantity=1)
    (moved,) = move_reservations(
        owner="buyer:1", channel_id=market.pk, release=[(held, 4)], wants=[want(shirt, paris, 4)]
    )
    with pytest.raises(InsufficientStock):
        move_reservations(owner="buyer:1", channel_id=market.pk, release=[(moved, 4)], wants=[want(shirt, paris, 5)])
    assert figures(shirt, paris) == (10, 4, 0)
    assert_invariants_hold()


def test_carts_are_held_below_it(world):
    _web, market, _paris, shirt = world
    allot(market, shirt, quantity=4)
    later = clock.now() + timedelta(hours=1)
    hold_cart(reference="cart", channel_id=market.pk, lines=[(shirt.pk, 3)], expires_at=later)
    with pytest.raises(InsufficientStock):
        hold_cart(reference="other", channel_id=market.pk, lines=[(shirt.pk, 2)], expires_at=later)
    delete_hold(reference="cart")
    assert taken() == [0]
    assert_invariants_hold()


def test_what_is_to_come_counts_in_units_too(world):
    _web, market, paris, shirt = world
    expect(shirt, paris, 10)
    allot(market, shirt, quantity=4)
    buy(market, shirt, paris, 3)
    (promised,) = reserve_expected(owner="buyer:2", channel_id=market.pk, wants=[(shirt.pk, 5)])
    assert [part.quantity for part in promised] == [1]
    assert taken() == [4]
    assert_invariants_hold()


def test_a_share_is_of_what_is_to_come_as_well(world):
    web, market, paris, shirt = world
    expect(shirt, paris, 10)
    allot(market, shirt, percent="35")
    assert (available(market, shirt), to_come(market, shirt)) == ([3], 3)
    (others,) = reserve_expected(owner="buyer:1", channel_id=web.pk, wants=[(shirt.pk, 5)])
    assert (sum(part.quantity for part in others), to_come(market, shirt)) == (5, 3)
    (promised,) = reserve_expected(owner="buyer:2", channel_id=market.pk, wants=[(shirt.pk, 5)])
    assert [part.quantity for part in promised] == [3]
    assert (available(market, shirt), to_come(market, shirt), to_come(web, shirt)) == ([3], 0, 2)
    assert_invariants_hold()


def test_what_is_shown_as_to_come_is_below_the_units_left(world):
    web, market, paris, shirt = world
    expect(shirt, paris, 4, reference="PO-1", days=3)
    expect(shirt, paris, 4, reference="PO-2", days=5)
    allot(market, shirt, quantity=15)
    found = expected_availability(channel_id=market.pk, variant_ids=[shirt.pk])[shirt.pk]
    assert [each.available for each in found] == [4, 1]
    assert to_come(web, shirt) == 8
    allot(market, shirt, quantity=10)
    assert (available(market, shirt), to_come(market, shirt)) == ([10], 0)


def test_taken_away_the_channel_may_take_all(world):
    _web, market, paris, shirt = world
    allotment = allot(market, shirt, quantity=4)
    ids = buy(market, shirt, paris, 4)
    delete_allotment(allotment=allotment)
    market.refresh_from_db()
    assert (available(market, shirt), market.has_allotments) == ([6], False)
    release_reservations(ids=ids)
    assert_invariants_hold()


def test_rows_that_cannot_be_are_refused(world):
    assert world
    rows = [
        {"channel": "nowhere", "sku": "SHIRT", "quantity": 1},
        {"channel": "market", "sku": "HAT", "quantity": 1},
        {"channel": "market", "sku": "SHIRT", "category": "tops", "quantity": 1},
        {"channel": "market", "quantity": 1},
        {"channel": "market", "sku": "SHIRT", "quantity": 1, "percent": "5"},
        {"channel": "web", "sku": "SHIRT"},
    ]
    result = save_allotments(rows=[Row(index, row) for index, row in enumerate(rows)])
    assert [(error.index, error.code) for error in result.errors] == [
        (0, "unknown_channel"),
        (1, "unknown_sku"),
        (2, "invalid"),
        (3, "invalid"),
        (4, "invalid"),
        (5, "invalid"),
    ]
    assert ChannelAllotment.objects.count() == 0


def test_a_counter_that_says_otherwise_is_named(world):
    _web, market, paris, shirt = world
    allot(market, shirt, quantity=4)
    buy(market, shirt, paris, 3)
    corrupt("UPDATE stock_allotmentcounter SET taken = 1")
    assert [found.detail for found in violations(["stock_allotment_taken_is_sum_of_its_reservations"])] == [
        "market has taken 1 of SHIRT by its allotment, its reservations hold and held 3"
    ]


@pytest.mark.django_db(transaction=True)
class TestTogether:
    @pytest.mark.parametrize("ceiling", [{"quantity": 7}, {"percent": "25"}])
    def test_a_channel_takes_its_ceiling_and_not_one_unit_more(self, ceiling):
        market, web, shirt = make_channel("market"), make_channel("web"), make_variant("SHIRT")
        points = [make_point("PARIS"), make_point("LYON")]
        for point in points:
            receive(shirt, point, 15)
        allot(market, shirt, **ceiling)

        def buy_until_refused(channel, point) -> int:
            bought = 0
            while bought < 9:
                try:
                    buy(channel, shirt, point, 1)
                except InsufficientStock:
                    break
                bought += 1
            return bought

        buyers = [lambda at=point: buy_until_refused(market, at) for point in points * 2]
        others = [lambda at=point: buy_until_refused(web, at) for point in points]
        bought = at_once([*buyers, *others])
        assert sum(bought[:4]) == 7
        assert bought[4:] == [9, 9]
        assert_invariants_hold()

    def test_looking_first_and_taking_then_goes_beyond_it(self):
        """The negative control: the same without the counter's lock."""
        market, paris, shirt = make_channel("market"), make_point("PARIS"), make_variant("SHIRT")
        receive(shirt, paris, 10)
        allotment = allot(market, shirt, quantity=1)
        everybody_has_looked = threading.Barrier(3)

        def buy_carelessly() -> None:
            with transaction.atomic():
                (left,) = available(market, shirt)
                everybody_has_looked.wait(20)
                if left:
                    reserve_stock(owner="buyer:1", channel_id=None, wants=[want(shirt, paris, 1)])

        at_once([buy_carelessly] * 3)
        assert allotment.quantity == 1
        assert figures(shirt, paris) == (10, 3, 0)

    def test_giving_back_and_taking_meet_without_a_deadlock(self):
        market, paris, shirt = make_channel("market"), make_point("PARIS"), make_variant("SHIRT")
        receive(shirt, paris, 40)
        allot(market, shirt, quantity=20)
        ids = [buy(market, shirt, paris, 1)[0] for _ in range(10)]
        outcomes = at_once(
            [lambda pk=pk: release_reservations(ids=[pk]) for pk in ids] + [lambda: buy(market, shirt, paris, 1)] * 6
        )
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        assert (figures(shirt, paris), taken()) == ((40, 6, 0), [6])
        assert_invariants_hold()
