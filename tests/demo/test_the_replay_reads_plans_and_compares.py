"""A replay, on a data set small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.invariants import violations
from oms.demo import fewest, nearest, olist
from oms.demo.carriage import HouseCarriage, PaidFreight
from oms.demo.replaying import Replay, left_behind
from oms.demo.stock_plan import MOST_POINTS_PER_PRODUCT, plan_stock
from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import StoredRun
from oms.sourcing.house import HouseService, parcel_cost
from orders.models import Allocation

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
    "olist_orders_dataset.csv": "order_id,customer_id,order_purchase_timestamp,"
    """order_delivered_carrier_date,order_delivered_customer_date
o2,c2,2017-11-05 00:30:00,2017-11-06 10:00:00,2017-11-10 09:00:00
o1,c1,2017-10-01 10:00:00,,
o3,c1,2017-10-02 10:00:00,,
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

HOUSE = HouseCarriage(HouseService())


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
    assert [order.days_on_road for order in data.orders] == [None, 4]


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
    tally = nearest.run(data, {("p1", "s2"): 5, ("p1", "s1"): 1}, HOUSE)
    assert (tally.orders, tally.units, tally.unfilled_units, tally.served_orders) == (2, 3, 1, 1)
    near, far = tally.distances_km
    assert near == 0.0
    assert far == pytest.approx(353.8, abs=1)
    assert tally.cost == sum(
        parcel_cost(HouseService(), distance_km=Decimal(str(round(distance, 3))), weight_g=1000)
        for distance in (near, far)
    )


def test_the_other_baseline_takes_all_from_one_seller_where_one_has_everything(data: olist.DataSet) -> None:
    tally = fewest.run(data, {("p1", "s2"): 5, ("p1", "s1"): 1}, HOUSE)
    assert (tally.units, tally.unfilled_units, tally.served_orders, len(tally.distances_km)) == (3, 1, 1, 1)
    assert tally.distances_km[0] == pytest.approx(353.8, abs=1)
    near = fewest.run(data, {("p1", "s2"): 5, ("p1", "s1"): 2, ("p2", "s1"): 9}, HOUSE)
    assert (near.unfilled_units, near.distances_km[0]) == (0, 0.0)
    nothing = fewest.run(data, {}, HOUSE)
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


def orders(*rows: tuple[str, str, int, str, int]) -> olist.DataSet:
    """Orders of one unit: from and to which region, grams, what was paid, days on the road."""
    start = datetime(2018, 1, 2, tzinfo=UTC)
    return olist.DataSet(
        sellers=tuple(olist.Seller(f"s{row[0]}", olist.Place(f"{row[0]}0000", "", 0.0, 0.0)) for row in rows),
        products=tuple(olist.Product(f"p{row[2]}", "", row[2]) for row in rows),
        orders=tuple(
            olist.OlistOrder(
                key=f"o{index}",
                purchased_at=start,
                place=olist.Place(f"{to}0000", "", 0.0, 1.0),
                items=(olist.Item(f"p{weight_g}", f"s{origin}", 1, Decimal(9)),),
                freight=Decimal(paid),
                days_on_road=days,
            )
            for index, (origin, to, weight_g, paid, days) in enumerate(rows)
        ),
        skipped=0,
    )


def test_freight_is_the_median_of_its_lane_and_grows_with_the_weight() -> None:
    often = [("0", "1", 400, paid, 3) for paid in ("8", "9", "10", "11", "30")]
    heavy = [("0", "2", 3_000, "20", 7)] * 5 + [("0", "2", 400, "10", 7)] * 6
    freight = PaidFreight.learned(orders(*often, *heavy, ("3", "2", 400, "99", 1)))
    here, there, far = (olist.Place(region, "", 0.0, 0.0) for region in ("0", "1", "2"))

    def cost(to: olist.Place, weight_g: int) -> Decimal:
        return freight.cost(here, to, distance_km=Decimal(0), weight_g=weight_g)

    assert cost(there, 500) == Decimal("10.00")
    assert cost(far, 500) == Decimal("10.00")
    # Three times heavier was paid twice as much; what nobody sent costs no less.
    assert cost(there, 4_000) == cost(there, 9_000) == cost(far, 4_000) == Decimal("20.00")
    assert (freight.days["0", "1"], freight.days["0", "2"]) == (3, 7)


def test_a_lane_seldom_seen_costs_what_its_destination_does() -> None:
    seen = [("0", "1", 400, "10", 3)] * 6 + [("2", "1", 400, "50", 9)]
    freight = PaidFreight.learned(orders(*seen))
    assert freight.amounts["2", "1"] == freight.amounts["0", "1"] == 10
    assert freight.amounts["5", "7"] == 10
    with pytest.raises(ValueError, match="no order of one unit"):
        PaidFreight.learned(olist.DataSet((), (), (), 0))


@pytest.mark.django_db(transaction=True)
def test_carriers_cost_what_was_paid_and_the_decisions_know_it(data: olist.DataSet) -> None:
    freight = PaidFreight.learned(data)
    found, _ = Replay(data, 1, lambda done, total: None, freight, ships=False).run()
    runs = SourcingRun.objects.filter(outcome="planned", trigger="placed")
    planned = [parcel for run in runs for parcel in StoredRun(run).result.plan]
    assert planned
    assert {parcel.service for parcel in planned} == {"from-0", "from-2"}  # none by the built-in service
    assert found.cost == sum(parcel.expense for parcel in planned)
    assert round(found.co2e_g) == pytest.approx(sum(parcel.co2e_g for parcel in planned), abs=len(planned))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rules", ["default", "cheapest"])
def test_what_is_only_sourced_ends_with_the_plans_of_what_is_shipped(data: olist.DataSet, rules: str) -> None:
    shipped, _ = Replay(data, 1, lambda done, total: None, HOUSE, rules).run()
    sourced, setting = Replay(data, 1, lambda done, total: None, HOUSE, rules, ships=False).run()
    assert sourced == shipped
    assert sourced.served_orders == 2
    assert left_behind(setting) == {"accepted": 2}


@pytest.mark.django_db(transaction=True)
def test_units_no_rule_can_plan_are_unfilled_and_given_back_once_their_waiting_ends(data: olist.DataSet) -> None:
    # Two units at two sellers: one parcel cannot hold them, and the rule set cancels what it cannot plan.
    apart = replace(data, orders=tuple(replace(order, place=data.orders[0].place) for order in data.orders[:1]))
    setting_of = {("p1", "s1"): 1, ("p1", "s2"): 1}
    with patch("oms.demo.replay_setting.plan_stock", return_value=setting_of):
        found, setting = Replay(apart, 1, lambda done, total: None, HOUSE, "own-banner", ships=False).run()
    assert (found.units, found.unfilled_units, found.served_orders) == (2, 2, 0)
    assert not Allocation.objects.filter(line__order__channel__code=setting.channel, state="unfillable").exists()
    assert list(violations()) == []


@pytest.mark.django_db(transaction=True)
def test_an_order_lives_from_placing_to_delivery_in_a_bounded_number_of_statements(data: olist.DataSet) -> None:
    marks: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        replay = Replay(data, 1, lambda done, total: marks.append(len(captured)), HOUSE)
        _, setting = replay.run()
    assert left_behind(setting) == {}
    assert list(violations()) == []
    # Between the two marks the first order is shipped and delivered, and the second one placed and sourced.
    life = [query["sql"] for query in captured.captured_queries[marks[0] : marks[1]]]
    # One of them is the replay's own: it asks what waits without a plan, and until when.
    assert sum(sql not in ("BEGIN", "COMMIT") for sql in life) <= 156


@pytest.mark.django_db
def test_a_database_without_tables_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        call_command("replay_orders", str(tmp_path))
