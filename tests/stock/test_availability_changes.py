"""`GET /availability/changes/`: a follower that never misses a change, whatever commits meanwhile."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from oms.core import clock
from oms.core.today import today as the_day_it_is
from stock.models import AvailabilityChange, StockLevel, StockPoint
from stock.queries.changes import Position, changes_after, latest_position
from stock.services.compacting import compact_changes
from stock.services.reserving import reserve_stock
from stock.services.resuming import resume_stock_points
from tests.stock.calling import Caller
from tests.stock.making import make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import Elsewhere
from tests.support.horizon import wait_for_foreign_transactions

pytestmark = pytest.mark.django_db(transaction=True)


class Follower:
    """A shop that keeps its own copy of what is available."""

    def __init__(self, caller: Caller, channel: str) -> None:
        self._caller, self._channel = caller, channel
        self.available: dict[str, int] = {}
        self.cursor = ""
        self.heard: list[str] = []

    def catch_up(self) -> None:
        wait_for_foreign_transactions()
        self.heard = []
        has_more = True
        while has_more:
            query = {"channel": self._channel, **({"cursor": self.cursor} if self.cursor else {})}
            status, answer = self._caller.get("/availability/changes/", **query)
            assert status == 200, answer
            for row in answer["results"]:
                self.available[row["sku"]] = row["available"]
                self.heard.append(row["sku"])
            self.cursor = answer["cursor"]
            has_more = answer["next"] is not None


@pytest.fixture
def shop():
    return Caller("shop")


def test_starts_with_the_whole_state_and_then_hears_changes_only(shop):
    paris, web = make_point("PARIS"), make_channel("web")
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 5)
    receive(shoe, paris, 2)
    follower = Follower(shop, "web")
    follower.catch_up()
    assert follower.available == {"SHIRT": 5, "SHOE": 2}
    follower.catch_up()
    assert follower.heard == []
    reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 2)])
    follower.catch_up()
    assert follower.heard == ["SHIRT"]
    assert follower.available == {"SHIRT": 3, "SHOE": 2}


def test_nothing_is_skipped_where_the_number_of_transactions_gets_another_digit():
    """Read as texts, 10 comes before 9: whoever had read as far as 10 would never hear of 9."""
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    AvailabilityChange.objects.all().delete()
    with connection.cursor() as cursor:
        for variant, xid in ((shoe, "10"), (shirt, "9")):
            cursor.execute(
                "INSERT INTO stock_availabilitychange (variant_id, xid) VALUES (%s, %s::xid8)", [variant.pk, xid]
            )
    wait_for_foreign_transactions()
    first = changes_after(Position(), limit=1)
    then = changes_after(first.position, limit=1)
    assert (first.variant_ids, then.variant_ids) == ([shirt.pk], [shoe.pk])
    assert latest_position() == then.position


def test_a_transaction_that_commits_late_is_not_skipped(shop):
    paris, web = make_point("PARIS"), make_channel("web")
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 5)
    receive(shoe, paris, 5)
    follower = Follower(shop, "web")
    follower.catch_up()

    def reserve_shoe() -> None:
        reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shoe, paris, 1)])

    with transaction.atomic():
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
        with Elsewhere(reserve_shoe) as other:
            other.result()
        # The shoe is committed, the shirt before it is not: a reader must not go past it.
        with Elsewhere(follower.catch_up) as reader:
            reader.result()
        assert follower.heard == []
    follower.catch_up()
    assert follower.heard == ["SHIRT", "SHOE"]
    assert follower.available == {"SHIRT": 4, "SHOE": 4}


def test_without_looking_at_running_transactions_the_late_one_would_be_skipped():
    """The negative control of the test before: reading by id alone loses the shirt for good."""
    paris, web = make_point("PARIS"), make_channel("web")
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 5)
    receive(shoe, paris, 5)
    seen = AvailabilityChange.objects.latest("id").pk
    naive: list[int] = []

    def reserve_shoe() -> None:
        reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shoe, paris, 1)])

    def read_naively() -> None:
        naive.extend(AvailabilityChange.objects.filter(pk__gt=seen).values_list("pk", flat=True))

    with transaction.atomic():
        reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
        for step in (reserve_shoe, read_naively):
            with Elsewhere(step) as other:
                other.result()
    missed = AvailabilityChange.objects.filter(variant=shirt).latest("id").pk
    assert naive
    assert missed < max(naive)
    assert missed not in naive


def test_pages_hold_each_variant_once_and_lead_to_the_end():
    point = make_point()
    variants = [make_variant() for _ in range(5)]
    for _ in range(2):
        for variant in variants:
            receive(variant, point, 1)
    wait_for_foreign_transactions()
    heard: list[int] = []
    position, has_more, pages = Position(), True, 0
    while has_more:
        page = changes_after(position, limit=4)
        heard += page.variant_ids
        position, has_more, pages = page.position, page.has_more, pages + 1
    assert pages > 2
    assert set(heard) == {variant.pk for variant in variants}
    assert changes_after(position, limit=4).variant_ids == []


def test_compacting_keeps_the_latest_row_of_each_variant_and_loses_nobody(shop):
    paris = make_point("PARIS")
    make_channel("web")
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 1)
    early = Follower(shop, "web")
    early.catch_up()
    receive(shoe, paris, 1)
    for _ in range(4):
        receive(shirt, paris, 1)
    wait_for_foreign_transactions()
    assert compact_changes() > 0
    assert AvailabilityChange.objects.count() == 2
    early.catch_up()
    assert early.available == {"SHIRT": 5, "SHOE": 1}
    late = Follower(shop, "web")
    late.catch_up()
    assert late.available == {"SHIRT": 5, "SHOE": 1}


def test_a_point_that_pauses_and_resumes_is_heard_of(shop):
    paris, lyon = make_point("PARIS"), make_point("LYON")
    make_channel("web")
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 5)
    receive(shoe, lyon, 5)
    follower = Follower(shop, "web")
    follower.catch_up()
    StockPoint.objects.filter(pk=paris.pk).update(paused_until=the_day_it_is() + timedelta(days=2))
    follower.catch_up()
    assert (follower.heard, follower.available["SHIRT"]) == (["SHIRT"], 0)
    with clock.set_clock(clock.now() + timedelta(days=3)):
        assert resume_stock_points() == 1
        follower.catch_up()
        assert (follower.heard, follower.available["SHIRT"]) == (["SHIRT"], 5)
        assert resume_stock_points() == 0


def test_protection_and_the_channels_points_are_heard_of(shop):
    paris, lyon = make_point("PARIS"), make_point("LYON")
    web = make_channel("web", points=[paris, lyon])
    receive(make_variant("SHIRT"), paris, 5)
    receive(make_variant("SHOE"), lyon, 5)
    follower = Follower(shop, "web")
    follower.catch_up()
    StockLevel.objects.filter(stock_point=paris).update(protection_units=2)
    follower.catch_up()
    assert (follower.heard, follower.available["SHIRT"]) == (["SHIRT"], 3)
    web.stock_points.remove(lyon)
    follower.catch_up()
    assert (follower.heard, follower.available["SHOE"]) == (["SHOE"], 0)
    web.serves_all_stock_points = True
    web.save()
    follower.catch_up()
    assert follower.available == {"SHIRT": 3, "SHOE": 5}


def test_a_change_that_is_rolled_back_was_none(shop):
    paris = make_point("PARIS")
    make_channel("web")
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 5)
    follower = Follower(shop, "web")
    follower.catch_up()
    with pytest.raises(RuntimeError), transaction.atomic():
        receive(shirt, paris, 5)
        raise RuntimeError
    follower.catch_up()
    assert follower.heard == []


@pytest.mark.parametrize("cursor", ["x", "1-", "-1-2", "1-2-3", "99999999999999999999-1", "9000000000000000000-1"])
def test_refuses_a_cursor_it_never_gave(shop, cursor):
    make_channel("web")
    status, answer = shop.get("/availability/changes/", channel="web", cursor=cursor)
    assert (status, answer["code"]) == (422, "invalid")


def test_rows_from_a_restored_database_are_brought_back_within_reach(shop):
    paris = make_point("PARIS")
    make_channel("web")
    receive(make_variant("SHIRT"), paris, 5)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_availabilitychange SET xid = '4000000000'::xid8")
    follower = Follower(shop, "web")
    follower.catch_up()
    assert follower.available == {}
    wait_for_foreign_transactions()
    compact_changes()
    follower.catch_up()
    assert follower.available == {"SHIRT": 5}
