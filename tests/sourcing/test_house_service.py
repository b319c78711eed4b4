import math
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing.distances import great_circle_km
from oms.sourcing.house import (
    HouseService,
    TransitBracket,
    customer_price,
    house_from_settings,
    parcel_cost,
    parcel_emissions_g,
    transit_days,
)
from tests.sourcing.builders import basket, line, point, sourced

HOUSE = HouseService()


def test_the_customer_pays_nothing() -> None:
    assert customer_price() == 0


def test_a_parcel_costs_a_fixed_part_and_its_weight_over_its_distance() -> None:
    assert parcel_cost(HOUSE, distance_km=Decimal(500), weight_g=1850) == Decimal("3.50") + 2 * (
        Decimal("0.40") + Decimal("0.60")
    )


def test_emissions_are_tonne_kilometres_and_handling() -> None:
    assert parcel_emissions_g(HOUSE, distance_km=Decimal(500), weight_g=1850) == 200 + 400


@settings(deadline=None)
@given(st.integers(0, 20_000_000), st.integers(1, 1_000_000), st.integers(0, 30_000))
def test_cost_grows_strictly_with_distance_whatever_the_weight(metres: int, more: int, weight_g: int) -> None:
    near, far = Decimal(metres) / 1000, Decimal(metres + more) / 1000
    costs = [parcel_cost(HOUSE, distance_km=km, weight_g=weight_g) for km in (near, far)]
    assert costs[0] < costs[1]


def test_a_weightless_article_still_comes_from_the_nearer_point() -> None:
    facts = basket(
        [point("a", 10.1), point("b", 10.0)], [line("card", weight_g=0)], {"a": {"card": 1}, "b": {"card": 1}}
    )
    assert sourced(facts).plan[0].stock_point == "b"


def test_what_a_plan_reports_is_the_tariff() -> None:
    facts = basket([point("a", 123.4)], [line("X", 2, weight_g=700)], {"a": {"X": 2}})
    (parcel,) = sourced(facts).plan
    km = Decimal(str(parcel.distance_km))
    assert abs(parcel.cost - parcel_cost(HOUSE, distance_km=km, weight_g=1400)) <= Decimal("0.000002")
    assert parcel.co2e_g == round(parcel_emissions_g(HOUSE, distance_km=km, weight_g=1400))


@pytest.mark.parametrize(("km", "days"), [(0, 1), (100, 1), (100.001, 2), (500, 2), (1999, 4), (2001, 7), (19000, 7)])
def test_transit_days_follow_the_distance(km: float, days: int) -> None:
    assert transit_days(HOUSE, km) == days


def test_the_engine_reads_the_same_brackets() -> None:
    hundred = 100 * 111.195 / (6371.0088 * math.pi / 180)  # to the metre
    for km, arrives in (
        (99.9, "2025-03-06"),
        (hundred, "2025-03-06"),
        (100.2, "2025-03-07"),
        (600.0, "2025-03-08"),
        (1500.0, "2025-03-10"),
    ):
        facts = basket([point("a", km)], [line("X")], {"a": {"X": 1}})
        assert sourced(facts).plan[0].promised_on == date.fromisoformat(arrives)


@pytest.mark.parametrize(
    "parameters",
    [
        {"transit": (TransitBracket(100, 1),)},
        {"transit": (TransitBracket(None, 1), TransitBracket(None, 2))},
        {"transit": ()},
        {"working_days": ()},
        {"working_days": (0, 1)},
        {"packaging_g": 0},
        {"per_kg_km": Decimal(0)},
    ],
)
def test_parameters_that_would_break_a_promise_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        HouseService(**parameters)  # type: ignore[arg-type]


def test_settings_replace_plain_parameters() -> None:
    house = house_from_settings({"fixed_per_parcel": "2.10", "packaging_g": "80"})
    assert (house.fixed_per_parcel, house.packaging_g, house.per_kg) == (Decimal("2.10"), 80, HOUSE.per_kg)
    with pytest.raises(KeyError):
        house_from_settings({"per_mile": "1"})


QUARTER_KM = 6371.0088 * math.pi / 2


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((48.8566, 2.3522), (48.8566, 2.3522), 0.0),
        ((0.0, 0.0), (90.0, 0.0), QUARTER_KM),
        ((0.0, 170.0), (0.0, -100.0), QUARTER_KM),
        ((48.8566, 2.3522), (-48.8566, -177.6478), 2 * QUARTER_KM),
        ((0.0, 0.0), (45.0, 90.0), QUARTER_KM),
        ((10.0, 20.0), (10.00001, 20.0), 0.001),
    ],
)
def test_distances_are_great_circles(here: tuple[float, float], there: tuple[float, float], km: float) -> None:
    found = great_circle_km(np.array([here[0]]), np.array([here[1]]), *there)
    assert found[0] == pytest.approx(km, abs=0.001)


def test_a_point_without_coordinates_has_no_distance() -> None:
    assert np.isnan(great_circle_km(np.array([np.nan]), np.array([2.0]), 48.0, 2.0)[0])
