"""The number of queries does not grow with stock points, lines or baskets: at most eight, told here exactly."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.orchestration.baskets import Destination
from oms.orchestration.deciding import RunToSave
from oms.orchestration.services.planning import plan_baskets
from oms.orchestration.services.recording import save_runs
from oms.orchestration.services.rule_sets import publish, save_draft
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


def queries_of(baskets) -> tuple[int, list[str]]:
    plan_baskets(baskets=baskets, trigger="order.placed")  # what is prepared once is prepared
    with CaptureQueriesContext(connection) as captured:
        plans = plan_baskets(baskets=baskets, trigger="order.placed")
    return len(captured), [plan.outcome for plan in plans]


@pytest.fixture
def network():
    save_draft(code="web-home", document=a_document())
    publish(code="web-home")

    def made(points: int):
        places = [a_point(f"P{number:03d}", daily_order_capacity=90) for number in range(points)]
        articles = [a_variant(f"SKU-{number}") for number in range(8)]
        for article in articles:
            for place in places:
                lies(article, place, 40)
        return places, articles

    return made


@pytest.mark.parametrize(("points", "lines", "count"), [(1, 1, 1), (2, 1, 20), (40, 8, 1), (40, 8, 20)])
def test_one_query_for_what_is_configured_and_what_lies_where(network, points, lines, count):
    _, articles = network(points)
    channel = a_channel()
    basket = a_basket(channel, *((article, 1) for article in articles[:lines]), destination=Destination("FR", "75001"))
    assert queries_of([basket] * count) == (1, ["planned"] * count)


def test_one_more_for_what_baskets_reserve_themselves_or_lies_in_the_shop(network):
    places, articles = network(5)
    channel = a_channel()
    own = a_basket(channel, (articles[0], 1), own_units={(articles[0].pk, places[0].pk): 1})
    carried = a_basket(
        channel, (articles[1], 1), mode="carry_out", destination=None, selling_stock_point_id=places[1].pk
    )
    assert queries_of([own, carried] * 10) == (2, ["planned"] * 20)


def test_a_network_that_is_no_longer_the_one_used_last_is_read_anew(network):
    places, articles = network(2)
    basket = a_basket(a_channel(), (articles[0], 1))

    def planned():
        plan = plan_baskets(baskets=[basket], trigger="order.placed")[0]
        return plan.outcome, [parcel.stock_point_id for parcel in plan.parcels]

    assert planned() == ("planned", [places[0].pk])
    places[0].is_active = False
    places[0].save()
    assert planned() == ("planned", [places[1].pk])
    nearer = a_point("P-new", lat=48.86, lon=2.35)
    lies(articles[0], nearer, 5)
    assert planned() == ("planned", [nearer.pk])


def test_one_for_each_of_several_sales_channels_and_one_for_what_is_configured(network):
    _, articles = network(5)
    baskets = [a_basket(a_channel(f"web-{number}"), (articles[0], 1)) for number in range(4)]
    assert queries_of(baskets * 3) == (5, ["planned"] * 12)


def test_all_runs_are_written_by_one_statement(network):
    _, articles = network(5)
    baskets = [a_basket(a_channel(), (articles[0], 1))] * 20
    plans = plan_baskets(baskets=baskets, trigger="order.placed")
    save_runs(runs=[RunToSave(plan.run) for plan in plans])  # the blobs are there now
    with CaptureQueriesContext(connection) as captured:
        save_runs(runs=[RunToSave(plan.run) for plan in plans])
    assert len(captured) == 1
