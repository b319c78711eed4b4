"""The network is kept in memory as long as nobody changes it."""

import pytest
from django.db import transaction

from stock.models import StockPoint, StockPointGroup
from stock.queries.network import channel_stock_points, network_version
from tests.stock.making import make_channel, make_point

pytestmark = pytest.mark.django_db(transaction=True)


def codes(channel) -> list[str]:
    return [point.code for point in channel_stock_points(channel.pk)]


def test_points_come_by_priority_then_code_closed_ones_included():
    make_point("B", priority=5)
    make_point("C", priority=1, is_active=False)
    make_point("A", priority=5)
    listed = [make_point("D", priority=9)]
    assert codes(make_channel("web")) == ["C", "A", "B", "D"]
    assert codes(make_channel("market", points=listed)) == ["D"]


def test_asking_again_reads_the_version_only(django_assert_num_queries):
    make_point("A")
    web = make_channel("web")
    channel_stock_points(web.pk)
    with django_assert_num_queries(1):
        assert codes(web) == ["A"]


def test_every_write_to_points_groups_links_and_channels_renews_the_version():
    seen = {network_version()}

    def renewed() -> bool:
        version = network_version()
        is_new = version not in seen
        seen.add(version)
        return is_new

    point = make_point("A")
    assert renewed()
    web = make_channel("web", points=[point])
    assert renewed()
    group = StockPointGroup.objects.create(code="south")
    assert renewed()
    point.groups.add(group)
    assert renewed()
    web.stock_points.clear()
    assert renewed()
    StockPoint.objects.update(is_active=False)
    assert renewed()
    assert not renewed()


def test_a_change_is_seen_at_once_and_a_rolled_back_one_leaves_no_trace():
    make_point("A")
    web = make_channel("web")
    assert codes(web) == ["A"]
    with pytest.raises(RuntimeError), transaction.atomic():
        make_point("B")
        assert codes(web) == ["A", "B"]
        raise RuntimeError
    assert codes(web) == ["A"]
    make_point("C")
    assert codes(web) == ["A", "C"]
