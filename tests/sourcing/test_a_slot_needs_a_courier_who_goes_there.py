"""Somebody comes at the hour that was chosen: without a courier whose zone names the address there is no slot."""

from dataclasses import replace
from decimal import Decimal

import pytest

from oms.sourcing.carriers import CarrierService, Tariff, Zone
from oms.sourcing.facts import Facts, Network
from oms.sourcing.lanes import lacks_courier
from tests.sourcing.builders import basket, line, parcels, point, reasons_of, sourced

POINTS = (point("far", 50), point("near", 2))
COURIER = CarrierService(
    code="courier",
    modes=("slot",),
    zones=(Zone("paris", ("FR",), ("75",)),),
    transit_days={"paris": 1},
    cost_table=(Tariff("paris", None, Decimal("7.20")),),
)


def by_courier(mode: str = "slot", **changes: object) -> Facts:
    facts = basket(list(POINTS), [line("A")], {"far": {"A": 1}, "near": {"A": 1}}, mode=mode)
    return replace(facts, network=Network(POINTS, services=(replace(COURIER, **changes),)))  # type: ignore[arg-type]


def test_the_courier_whose_zone_names_the_address_brings_it() -> None:
    result = sourced(by_courier())
    assert [parcel.service for parcel in result.plan] == ["courier"]
    assert not lacks_courier(by_courier())


@pytest.mark.parametrize(
    "change",
    [{"zones": (Zone("paris", ("FR",), ("69",)),)}, {"zones": (Zone("paris", ("BE",)),)}, {"modes": ("home",)}],
)
def test_where_none_goes_there_is_no_slot_and_everything_else(change: dict[str, object]) -> None:
    result = sourced(by_courier(**change))
    assert (result.outcome, reasons_of(result)) == ("unfillable", {"far": "no_courier", "near": "no_courier"})
    assert lacks_courier(by_courier(**change))
    for mode in ("home", "express", "relay"):
        assert sourced(by_courier(mode, **change)).outcome == "planned"
        assert not lacks_courier(by_courier(mode, **change))


@pytest.mark.parametrize("change", [{"stock_points": ("near",)}, {"max_km": 10}])
def test_the_house_brings_none_from_where_the_courier_does_not_collect(change: dict[str, object]) -> None:
    result = sourced(by_courier(**change))
    assert parcels(result) == {"near": {"A": 1}}
    assert reasons_of(result)["far"] == "no_courier"


def test_a_missing_tariff_takes_no_slot_away() -> None:
    result = sourced(by_courier(cost_table=()))
    assert [parcel.service for parcel in result.plan] == ["house"]
    assert result.is_degraded
