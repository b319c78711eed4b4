"""Summaries are read only where they hold: whatever was committed is in the answer, whoever summarised when."""

from datetime import timedelta
from functools import partial
from itertools import product

import pytest
from django.db import connection, transaction

from oms.core import clock
from oms.core.bulk import Row
from oms.core.invariants import violations
from oms.core.today import today as the_day_it_is
from stock.models import (
    AvailabilitySummary,
    LevelProtection,
    SalesChannel,
    StockLevel,
    StockPoint,
    SummaryPosition,
)
from stock.queries.changes import changes_after
from stock.queries.summaries import held_summaries
from stock.services import summarising
from stock.services.allotting import save_allotments
from stock.services.compacting import compact_changes
from stock.services.reserving import release_reservations, reserve_stock
from stock.services.summarising import forget_another_database, summarise_availability, write_summaries
from tests.stock.calling import Caller
from tests.stock.making import level_of, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import Elsewhere
from tests.support.horizon import wait_for_foreign_transactions

pytestmark = pytest.mark.django_db(transaction=True)


class Shop:
    """One article in two stock points of one channel, summarised, and what a caller is told of it."""

    def __init__(self) -> None:
        self.caller = Caller("shop")
        self.paris, self.lyon = make_point("PARIS"), make_point("LYON")
        self.web, self.shirt = make_channel("web"), make_variant("SHIRT")
        receive(self.shirt, self.paris, 5)
        receive(self.shirt, self.lyon, 3)
        summarise()
        self.told()  # so that the key's use is written down, outside any transaction of a test

    def told(self) -> int:
        status, answer = self.caller.get("/availability/", channel="web", sku="SHIRT")
        assert status == 200, answer
        return int(answer["items"][0]["available"])

    def held(self) -> dict[int, int]:
        return held_summaries(channel_id=self.web.pk, variant_ids=[self.shirt.pk])

    def reserve(self, quantity: int = 1) -> list[int]:
        wants = [want(self.shirt, self.paris, quantity)]
        return reserve_stock(owner="buyer:1", channel_id=self.web.pk, wants=wants)


def summarise() -> None:
    wait_for_foreign_transactions()
    summarise_availability(budget_s=60)


@pytest.fixture
def shop():
    return Shop()


def test_what_holds_is_what_is_told(shop, django_assert_num_queries):
    assert shop.held() == {shop.shirt.pk: 8}
    AvailabilitySummary.objects.update(available=777)
    assert shop.told() == 777, "the summary was not read"
    # The key with what it is bound to, and all the rest at once.
    with django_assert_num_queries(2):
        shop.told()


def test_units_that_move_between_two_calls_are_seen_by_the_second(shop):
    assert shop.told() == 8
    ids = shop.reserve(2)
    assert shop.told() == 6
    release_reservations(ids=ids)
    assert shop.told() == 8
    receive(shop.shirt, shop.lyon, 10)
    assert shop.told() == 18
    assert shop.held() == {}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        pytest.param(lambda s: StockLevel.objects.filter(stock_point=s.lyon).update(unavailable=1), 7, id="set aside"),
        pytest.param(lambda s: StockLevel.objects.update(protection_units=1), 6, id="protected"),
        pytest.param(
            lambda s: LevelProtection.objects.create(level=level_of(s.shirt, s.paris), channel=s.web, units=4),
            4,
            id="protected for the channel",
        ),
        pytest.param(lambda s: StockPoint.objects.filter(pk=s.lyon.pk).update(is_active=False), 5, id="closed"),
        pytest.param(
            lambda s: StockPoint.objects.filter(pk=s.paris.pk).update(paused_until=the_day_it_is() + timedelta(days=9)),
            3,
            id="paused",
        ),
        pytest.param(lambda s: SalesChannel.objects.update(serves_all_stock_points=False), 0, id="no point"),
        pytest.param(lambda s: receive(s.shirt, make_point("NICE"), 4), 12, id="another level"),
    ],
)
def test_whatever_moves_the_figure_ends_the_summary_and_the_next_one_knows(shop, change, left):
    change(shop)
    assert shop.held() == {}
    assert shop.told() == left
    summarise()
    assert shop.held() == {shop.shirt.pk: left}
    assert shop.told() == left


def test_points_that_join_and_leave_the_channel_are_seen(shop):
    SalesChannel.objects.update(serves_all_stock_points=False)
    shop.web.stock_points.add(shop.paris)
    summarise()
    assert shop.held() == {shop.shirt.pk: 5}
    shop.web.stock_points.add(shop.lyon)
    assert (shop.held(), shop.told()) == ({}, 8)
    summarise()
    shop.web.stock_points.remove(shop.paris)
    assert (shop.held(), shop.told()) == ({}, 3)


def test_a_change_that_commits_after_it_was_summarised_past_is_seen(shop):
    with transaction.atomic():
        shop.reserve(2)
        assert shop.told() == 6, "who changes it sees it"
        with Elsewhere(lambda: receive(shop.shirt, shop.lyon, 10)) as other:
            other.result()
        # Summarised with the receipt, without the reservation, which began before it.
        with Elsewhere(_write_every_summary) as other:
            other.result()
        with Elsewhere(shop.told) as other:
            assert other.result() == 18
    assert AvailabilitySummary.objects.get().available == 18
    assert shop.told() == 16


def test_a_summary_marked_by_the_newest_transaction_instead_would_hide_that_change(shop):
    """The negative control of the test before."""
    with transaction.atomic():
        shop.reserve(2)
        with Elsewhere(lambda: receive(shop.shirt, shop.lyon, 10)) as other:
            other.result()
        with Elsewhere(_write_every_summary) as other:
            other.result()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_availabilitysummary SET xid = pg_snapshot_xmax(pg_current_snapshot())")
    assert shop.told() == 18


def test_dropping_overtaken_rows_of_the_feed_revives_no_summary(shop):
    with transaction.atomic():
        shop.reserve(2)
        with Elsewhere(lambda: receive(shop.shirt, shop.lyon, 10)) as other:
            other.result()
        with Elsewhere(_write_every_summary) as other:
            other.result()
    wait_for_foreign_transactions()
    # The reservation's row is older than the receipt's, and goes.
    assert compact_changes() > 0
    assert shop.told() == 16


def test_a_pause_that_ends_by_the_clock_ends_the_summary(shop):
    StockPoint.objects.filter(pk=shop.paris.pk).update(paused_until=the_day_it_is() + timedelta(days=2))
    summarise()
    assert shop.held() == {shop.shirt.pk: 3}
    with clock.set_clock(clock.now() + timedelta(days=4)):
        assert shop.held() == {}
        assert shop.told() == 8


def test_the_allotment_is_no_part_of_the_summary(shop):
    row = {"channel": "web", "sku": "SHIRT", "quantity": 4}
    assert save_allotments(rows=[Row(0, row)]).errors == []
    summarise()
    assert (shop.held(), shop.told()) == ({shop.shirt.pk: 8}, 4)
    shop.reserve(3)
    assert shop.told() == 1


def test_a_channel_made_later_is_summarised_from_the_start(shop):
    market = make_channel("market", points=[shop.lyon])
    summarise()
    assert held_summaries(channel_id=market.pk, variant_ids=[shop.shirt.pk]) == {shop.shirt.pk: 3}


def test_nothing_is_written_anew_while_nothing_changes(shop):
    before = AvailabilitySummary.objects.get().xid
    receive(make_variant("SHOE"), shop.paris, 1)
    summarise()
    assert AvailabilitySummary.objects.get(variant=shop.shirt).xid == before
    assert AvailabilitySummary.objects.count() == 2


def test_without_time_nothing_is_summarised_and_the_levels_answer(shop):
    receive(shop.shirt, shop.paris, 1)
    wait_for_foreign_transactions()
    assert summarise_availability(budget_s=0) == 0
    assert (shop.held(), shop.told()) == ({}, 9)
    summarise()
    assert shop.held() == {shop.shirt.pk: 9}


def test_one_that_holds_and_differs_from_the_levels_is_named(shop):
    name = "stock_summaries_that_hold_say_what_the_levels_say"
    assert list(violations([name])) == []
    AvailabilitySummary.objects.update(available=9)
    assert [each.detail for each in violations([name])] == ["web is told of 9 of SHIRT, its levels say 8"]
    shop.reserve()
    assert list(violations([name])) == [], "it does not hold any more: nobody is told of it"


def test_readers_learn_at_once_that_there_are_summaries_now(shop, monkeypatch):
    """Where the table was counted while empty, as on a new server, plans would read it from end to end."""
    AvailabilitySummary.objects.all().delete()
    SummaryPosition.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE stock_availabilitysummary")
        assert thought_to_have(cursor) == 0
        monkeypatch.setattr(summarising, "changes_after", partial(changes_after, limit=1))
        summarise()
        assert thought_to_have(cursor) == AvailabilitySummary.objects.count() > 0


def test_readers_learn_that_there_are_many_more_by_now(shop):
    """What counted the table while it was being filled leaves the same plans behind, for a minute or more."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE stock_availabilitysummary")
        few = thought_to_have(cursor)
        cursor.execute(_MANY_MORE)
        assert thought_to_have(cursor) == few
        shop.reserve()
        summarise()
        assert thought_to_have(cursor) == AvailabilitySummary.objects.count() > 1000


_MANY_MORE = """
WITH many AS (
    INSERT INTO stock_variant (sku, product_id, size, colour, price, currency, weight_g, length_mm, width_mm, height_mm,
                               is_active)
    SELECT 'MANY-' || n, (SELECT min(id) FROM stock_product), '', '', 1, 'EUR', 1, 0, 0, 0, true
    FROM generate_series(1, 1500) n RETURNING id)
INSERT INTO stock_availabilitysummary (variant_id, channel_id, available, xid)
SELECT many.id, (SELECT min(id) FROM stock_saleschannel), 0, '1' FROM many
"""


def thought_to_have(cursor):
    cursor.execute("SELECT reltuples::int FROM pg_class WHERE oid = 'stock_availabilitysummary'::regclass")
    return cursor.fetchone()[0]


def test_what_another_database_wrote_is_not_believed(shop):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_availabilitysummary SET xid = '99999999999', available = 777")
    assert shop.told() == 8
    assert forget_another_database() == 1
    assert not AvailabilitySummary.objects.exists()


def _write_every_summary() -> None:
    """As a run does whose page was read before the newest changes."""
    for channel, level in product(
        SalesChannel.objects.all(), StockLevel.objects.order_by("variant_id").distinct("variant_id")
    ):
        write_summaries(channel_id=channel.pk, variant_ids=[level.variant_id])
