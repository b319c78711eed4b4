"""The first page counts the stock points that are paused, and leads to them alone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from oms.core import clock
from oms.core.today import today as the_day_it_is
from stock.models import StockPoint
from tests.admin.people import signed_in
from tests.stock.making import make_point

pytestmark = pytest.mark.django_db


def test_the_filter_shows_those_whose_pause_is_not_over() -> None:
    today = the_day_it_is()
    make_point("OPEN")
    make_point("PAUSED", paused_until=today + timedelta(days=3))
    make_point("OVER", paused_until=today - timedelta(days=1))
    make_point("CLOSED", is_active=False, paused_until=today + timedelta(days=3))
    office = signed_in("head_office")
    listed = office.get(reverse("admin:stock_stockpoint_changelist"), {"pause": "now"}).context["cl"].queryset
    assert [point.code for point in listed] == ["PAUSED"]
    assert "?pause=now" in office.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_active_stock_points_are_open_or_paused_never_both(days: int) -> None:
    make_point("A", paused_until=the_day_it_is() + timedelta(days=days))
    make_point("B")
    is_open = set(StockPoint.objects.open(at=clock.now()))
    is_paused = set(StockPoint.objects.paused(at=clock.now()))
    assert is_open | is_paused == set(StockPoint.objects.all())
    assert not is_open & is_paused
