"""A replay, on a data set small enough to check by hand."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.invariants import violations
from oms.demo import fewest, nearest, olist
from oms.demo.replaying import Replay, left_behind
from oms.demo.stock_plan import MOST_POINTS_PER_PRODUCT, plan_stock
from oms.orchestration.models import SourcingRun
from oms.sourcing.house import HouseService, parcel_cost

FILES = {
    "olist_customers_dataset.csv": """customer_id,customer_unique_id,customer_zip_code_prefix,customer_city
c1,u1,01002,sao paulo
c2,u2,20000,rio de janeiro
""",
    "olist_sellers_dataset.csv": """seller_id,seller_zip_code_prefix,seller_city,seller_state
s2,20000,rio de janeiro,RJ
s1,01000,sao paulo,SP
""",
    "olist_products_dataset.csv": """product_id,product_category_name,product_weight_g
p1,moveis,1000
p2,,250.0
""",
    "olist_orders_dataset.csv": """order_id,customer_id,order_purchase_timestamp
o2,c2,2017-11-05 00:30:00
o1,c1,2017-10-01 10:00:00
o3,c1,2017-10-02 10:00:00
""",
    "olist_order_items_dataset.csv": """order_id,order_item_id,product_id,seller_id,price,freight_value
o1,1,p1,s1,10.00,2.50
o1,2,p1,s1,10.00,2.50
o2,1,p2,s2,5.00,1.00
""",
    "zip_prefix_centroids.csv": """zip_code_prefix,latitude,longitude,points
01000,-23.5,-46.6,1
20000,-22.9,-43.2,1
""",
}


@pytest.fixture
def data(tmp_path: Path) -> olist.DataSet:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return olist.read(tmp_path)


def test_orders_are_joined_in_time_order_and_those_without_items_are_counted(data: olist.DataSet) -> None:
    assert [order.key for order in data.orders] == ["o1", "o2"]
    assert data.skipped == 1
    first = data.orders[0]
    assert first.items == (olist.Item("p1", "s1", 2, Decimal("10.00")),)
    assert first.freight == Decimal("5.00")


def test_times_are_read_as_local_to_sao_paulo(data: olist.DataSet) -> None:
    # Daylight saving time began on 15 October 2017: two hours behind UTC in November, three before.
    assert [order.purchased_at.isoformat() for order in data.orders] == [
        "2017-10-01T13:00:00+00:00",
        "2017-11-05T02:30:00+00:00",
    ]


def test_an_unknown_prefix_stands_at_the_nearest_known_one(data: olist.DataSet) -> None:
    place = data.orders[0].place
    assert (place.prefix, place.latitude, place.longitude) == ("01002", -23.5, -46.6)


def test_a_product_without_a_category_is_given_one_name(data: olist.DataSet) -> None:
    assert [(product.key, product.category, product.weight_g) for product in data.products] == [
        ("p1", "moveis", 1000),
        ("p2", olist.UNKNOWN_CATEGORY, 250),
    ]


def test_one_seed_draws_one_plan_and_another_seed_another(data: olist.DataSet) -> None:
    plans = [plan_stock(data, seed=seed) for seed in range(20)]
    assert plans[3] == plan_stock(data, seed=3)
    assert any(plan != plans[0] for plan in plans)
    for plan in plans:
        assert all(units > 0 for units in plan.values())
        assert max(sum(1 for product, _ in plan if product == key) for key in ("p1", "p2")) <= MOST_POINTS_PER_PRODUCT


def test_the_baseline_takes_from_the_nearest_seller_and_counts_what_is_missing(data: olist.DataSet) -> None:
    tally = nearest.run(data, {("p1", "s2"): 5, ("p1", "s1"): 1}, HouseService())
    assert (tally.orders, tally.units, tally.unfilled_units, tally.served_orders) == (2, 3, 1, 1)
    near, far = tally.distances_km
    assert near == 0.0
    assert far == pytest.approx(353.8, abs=1)
    house = HouseService()
    assert tally.cost == sum(
        parcel_cost(house, distance_km=Decimal(str(round(distance, 3))), weight_g=1000) for distance in (near, far)
    )


def test_the_other_baseline_takes_all_from_one_seller_where_one_has_everything(data: olist.DataSet) -> None:
    tally = fewest.run(data, {("p1", "s2"): 5, ("p1", "s1"): 1}, HouseService())
    assert (tally.units, tally.unfilled_units, tally.served_orders, len(tally.distances_km)) == (3, 1, 1, 1)
    assert tally.distances_km[0] == pytest.approx(353.8, abs=1)
    near = fewest.run(data, {("p1", "s2"): 5, ("p1", "s1"): 2, ("p2", "s1"): 9}, HouseService())
    assert (near.unfilled_units, near.distances_km[0]) == (0, 0.0)
    nothing = fewest.run(data, {}, HouseService())
    assert (nothing.unfilled_units, nothing.distances_km) == (3, [])


@pytest.mark.django_db(transaction=True)
def test_one_replay_for_each_shipped_rule_set_on_the_same_stock(data: olist.DataSet, tmp_path: Path) -> None:
    out = StringIO()
    rules = ["cheapest", "greenest", "one-parcel"]
    call_command("replay_orders", str(tmp_path), "--rules", *rules, stdout=out, stderr=StringIO())
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines[0] == [*rules, "nearest", "seller", "fewest", "parcels"]
    assert lines[1] == ["orders", *["2"] * 5]
    used = {code.split("-", 1)[1] for code in SourcingRun.objects.values_list("rule_set_code", flat=True)}
    assert used == set(rules)
    assert list(violations()) == []


@pytest.mark.django_db(transaction=True)
def test_an_order_lives_from_placing_to_delivery_in_a_bounded_number_of_statements(data: olist.DataSet) -> None:
    marks: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        replay = Replay(data, 1, lambda done, total: marks.append(len(captured)))
        _, setting = replay.run()
    assert left_behind(setting) == {}
    assert list(violations()) == []
    # Between the two marks the first order is shipped and delivered, and the second one placed and sourced.
    life = [query["sql"] for query in captured.captured_queries[marks[0] : marks[1]]]
    assert sum(sql not in ("BEGIN", "COMMIT") for sql in life) <= 155


@pytest.mark.django_db
def test_a_database_without_tables_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        call_command("replay_orders", str(tmp_path))
