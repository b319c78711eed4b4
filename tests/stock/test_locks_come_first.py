"""Captured SQL: every service locks its levels, in the order of their ids, before it writes anything of them."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from stock.models import StockLevel
from stock.queries.hot_articles import hot_articles
from stock.services.moving import correct_not_found, mark_unavailable
from stock.services.reserving import (
    consume_reservations,
    expire_reservations,
    lock_levels,
    move_reservations,
    release_reservations,
    reserve_stock,
)
from stock.states import ReservationState
from tests.stock.making import NOON, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import Elsewhere

pytestmark = pytest.mark.django_db(transaction=True)

LOCK = "ORDER BY s.id FOR NO KEY UPDATE OF s"
WRITES = (
    "UPDATE stock_stocklevel",
    'UPDATE "stock_stocklevel"',
    "UPDATE stock_reservation",
    "INTO stock_stockmovement",
)


@pytest.fixture
def story():
    web, paris = make_channel("web"), make_point("PARIS")
    shirt, shoe = make_variant("SHIRT"), make_variant("SHOE")
    receive(shirt, paris, 50)
    receive(shoe, paris, 50)
    wants = [want(shoe, paris, 2), want(shirt, paris, 2)]

    def reserve(**more: object) -> list[int]:
        return reserve_stock(owner="buyer:1", channel_id=web.pk, wants=wants, **more)

    def hold_that_lapsed() -> None:
        reserve(state=ReservationState.HELD, expires_at=NOON)

    level = {"variant_id": shirt.pk, "stock_point_id": paris.pk}
    return {
        "reserve": (list, lambda _: reserve()),
        "release": (reserve, lambda ids: release_reservations(ids=ids)),
        "consume": (
            reserve,
            lambda ids: consume_reservations(items=[(pk, 1) for pk in ids], kind="sale", reference="T"),
        ),
        "move": (
            reserve,
            lambda ids: move_reservations(
                owner="buyer:1", channel_id=web.pk, release=[(pk, 2) for pk in ids], wants=wants
            ),
        ),
        "expire": (hold_that_lapsed, lambda _: expire_reservations()),
        "movement": (list, lambda _: receive(shirt, paris, 1)),
        "not found": (list, lambda _: correct_not_found(**level, units_known=1, reference="d")),
        "unavailable": (
            list,
            lambda _: mark_unavailable(**level, quantity=1, reason="damaged", reference="d"),
        ),
    }


@pytest.mark.parametrize(
    "name", ["reserve", "release", "consume", "move", "expire", "movement", "not found", "unavailable"]
)
def test_the_lock_stands_before_the_write(story, name):
    prepare, act = story[name]
    with clock.set_clock(NOON + timedelta(hours=1)):
        prepared = prepare()
        with CaptureQueriesContext(connection) as captured:
            act(prepared)
    sql = "\n".join(query["sql"] for query in captured)
    written = min(sql.find(write) for write in WRITES if write in sql)
    assert 0 <= sql.find(LOCK) < written


def test_the_lock_is_really_taken():
    level = receive(make_variant("SHIRT"), make_point("PARIS"), 5)

    def lock_at_once() -> None:
        with transaction.atomic():
            StockLevel.objects.select_for_update(nowait=True).get(pk=level.pk)

    with transaction.atomic():
        assert lock_levels(variant_ids=[level.variant_id]) == {(level.variant_id, level.stock_point_id): level.pk}
        with pytest.raises(DatabaseError, match="could not obtain lock"), Elsewhere(lock_at_once) as other:
            other.result()
    with Elsewhere(lock_at_once) as other:
        other.result()


def test_reserving_takes_one_statement_and_a_savepoint_only_within_somebody_elses_transaction(settings):
    settings.HOT_ARTICLES_FRESH_S = 60
    web, paris, shirt = make_channel("web"), make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 5)

    def reserve() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            reserve_stock(owner="buyer:1", channel_id=web.pk, wants=[want(shirt, paris, 1)])
        return [query["sql"].split()[0] for query in captured]

    hot_articles()  # which articles are hot is known for a few seconds
    assert reserve() == ["WITH"]
    with transaction.atomic():
        assert reserve() == ["SAVEPOINT", "WITH", "RELEASE"]
