"""Any past moment of a level can be explained, also once its movements are in the archive."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.access import EVERYTHING
from oms.core.bulk import Row
from stock.models import ArchivedMovement, LedgerMovement, StockMovement
from stock.queries.explaining import explain_level
from stock.queries.level_pages import level_page
from stock.services.archiving import archive_movements
from stock.services.consuming import consume_reservations
from stock.services.correcting import mark_unavailable
from stock.services.moving import record_movements
from stock.services.releasing import release_reservations
from stock.services.reserving import reserve_stock
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.stock.making import level_of, make_channel, make_point, make_variant, receive, want
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db

OLD = timedelta(days=500)


def days_ago(days: float):
    return clock.now() - timedelta(days=days)


def on_day(days: float):
    """The clock, so many days ago."""
    return clock.set_clock(days_ago(days))


@pytest.fixture
def level():
    """Five hundred days ago ten came; then two were sold, one was damaged, and two are promised."""
    paris, shirt, web = make_point("PARIS"), make_variant("SHIRT"), make_channel("web")
    with on_day(500):
        receive(shirt, paris, 10, reference="PO-1", occurred_at=clock.now())
    with on_day(400.5):
        (sold,) = reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 3)])
    with on_day(300):
        consume_reservations(items=[(sold, 2)], kind="shipment", reference="S-1")
    with on_day(200):
        mark_unavailable(variant_id=shirt.pk, stock_point_id=paris.pk, quantity=1, reason="damaged", reference="d")
        release_reservations(ids=[sold])
    with on_day(100):
        reserve_stock(owner="buyer:2", channel_id=web.pk, wants=[want(shirt, paris, 2)])
    return level_of(shirt, paris)


HISTORY = [(600, (0, 0, 0)), (450, (10, 0, 0)), (350, (10, 3, 0)), (250, (8, 1, 0)), (150, (8, 0, 1)), (0, (8, 2, 1))]


def said(level, days: float) -> tuple[int, int, int]:
    told = explain_level(level, at=days_ago(days))
    return told.on_hand, told.reserved, told.unavailable


@pytest.mark.parametrize(("days", "expected"), HISTORY)
def test_the_books_of_a_past_moment(level, days, expected):
    assert said(level, days) == expected


def test_what_was_told_later_stands_apart(level):
    row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": -1, "kind": "sale", "reference": "T-1"}
    record_movements(rows=[Row(0, {**row, "occurred_at": days_ago(350)})])
    told = explain_level(level, at=days_ago(320))
    assert (told.on_hand, told.told_later, told.known_now) == (10, -1, 9)


def test_archived_movements_are_explained_counted_and_recognised(level):
    assert archive_movements(older_than_days=250) == 2
    assert (StockMovement.objects.count(), ArchivedMovement.objects.count()) == (0, 2)
    assert [said(level, days) for days, _ in HISTORY] == [expected for _, expected in HISTORY]
    assert [row.reference for row in level_page(level, access=EVERYTHING).movements] == ["S-1", "PO-1"]
    row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": 10, "kind": "receipt", "reference": "PO-1"}
    assert record_movements(rows=[Row(0, {**row, "occurred_at": clock.now()})]).unchanged == 1
    assert_invariants_hold()
    assert archive_movements(older_than_days=250) == 0


def test_what_happened_lately_or_was_told_lately_stays(level):
    receive(level.variant, level.stock_point, 1, reference="late", occurred_at=days_ago(450))
    archive_movements(older_than_days=400)
    assert set(StockMovement.objects.values_list("reference", flat=True)) == {"S-1", "late"}


def test_nothing_leaves_the_ledger_but_for_the_archive(level):
    with pytest.raises(IntegrityError), transaction.atomic():
        StockMovement.objects.all().delete()
    archive_movements(older_than_days=250)
    for change in (
        lambda: ArchivedMovement.objects.all().delete(),
        lambda: ArchivedMovement.objects.update(quantity=1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert LedgerMovement.objects.count() == 2


def test_a_copy_that_is_not_word_for_word_does_not_count(level):
    movement = StockMovement.objects.get(reference="PO-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        fields = {field.attname: getattr(movement, field.attname) for field in movement._meta.concrete_fields}
        ArchivedMovement.objects.create(**fields | {"quantity": 9})
        movement.delete()


def test_what_feeds_still_look_for_is_not_archived(level):
    with pytest.raises(CommandError, match="last 90 days"):
        call_command("archive_movements", "--older-than", "30")
    out = StringIO()
    call_command("archive_movements", "--older-than", "400", stdout=out)
    assert out.getvalue() == "1 movements archived\n"


def test_the_command_tells_the_same(level):
    archive_movements(older_than_days=400)
    out = StringIO()
    call_command("explain_level", "SHIRT", "PARIS", "--at", days_ago(150).isoformat(), stdout=out)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines[1] == ["+10", "receipt", "(1)"]
    assert lines[2] == ["-2", "shipment", "(1)"]
    assert lines[3] == ["8", "on", "hand,", "0", "reserved,", "1", "unavailable"]
    assert lines[-1][1:] == ["receipt", "+10", "PO-1", "of", lines[-1][5], "(archive)"]


def test_the_page_is_reached_from_the_level_and_the_program_is_told_the_same(level):
    office = signed_in("merchandiser")
    explain = reverse("admin:stock_stocklevel_explain", args=[level.pk])
    assert explain in office.get(reverse("admin:stock_stocklevel_change", args=[level.pk])).content.decode()
    at = days_ago(250)
    response = office.get(explain, {"at": f"{at:%Y-%m-%dT%H:%M:%S}"})
    assert (response.context["told"].on_hand, response.context["told"].reserved) == (8, 1)
    assert office.get(explain, {"at": "yesterday"}).context["told"] is None
    query = {"sku": "SHIRT", "stock_point": "PARIS", "at": at.isoformat()}
    answer = api_client("stock:read").get("/stock-levels/explanation/", **query).json()
    assert (answer["on_hand"], answer["reserved"], answer["unavailable"]) == (8, 1, 0)
    assert sum(kind["units"] for kind in answer["kinds"]) == 8


def test_it_asks_the_same_queries_however_much_has_moved(level):
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as found:
            explain_level(level, at=clock.now())
        counts.append(len(found))
        for _number in range(5):
            receive(level.variant, level.stock_point, 1)
    assert counts[0] == counts[1]
