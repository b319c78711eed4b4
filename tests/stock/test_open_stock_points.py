"""Active and not paused: by the date in each stock point's own zone, the same in Python and in SQL."""

from datetime import UTC, date, datetime

import pytest

from oms.core import clock
from stock.models import StockPoint
from stock.queries.availability import available_by_point
from tests.stock.making import make_channel, make_point, make_variant, receive

pytestmark = pytest.mark.django_db

# Already the 5th in Tokyo, still the 4th in Paris and in New York.
LATE_ON_THE_4TH = datetime(2026, 5, 4, 16, tzinfo=UTC)


def test_a_pause_ends_with_the_local_day_it_names():
    web, shirt = make_channel("web"), make_variant("SHIRT")
    for zone in ("Asia/Tokyo", "Europe/Paris", "America/New_York"):
        for day in (4, 5, 6):
            receive(shirt, make_point(f"{zone} {day}", timezone=zone, paused_until=date(2026, 5, day)), 1)
    receive(shirt, make_point("never paused"), 1)
    receive(shirt, make_point("inactive", is_active=False), 1)
    expected = {"Asia/Tokyo 4", "Asia/Tokyo 5", "Europe/Paris 4", "America/New_York 4", "never paused"}
    points = StockPoint.objects.all()
    assert {point.code for point in points.open(at=LATE_ON_THE_4TH)} == expected
    assert {point.code for point in points if point.is_open(LATE_ON_THE_4TH)} == expected
    with clock.set_clock(LATE_ON_THE_4TH):
        levels = available_by_point(channel_id=web.pk, variant_ids=[shirt.pk])
    codes = {point.pk: point.code for point in points}
    assert {codes[point] for _, point in levels} == expected
