"""The built-in service `house`: it serves every stock point, country and mode.

The customer pays nothing. What a parcel costs the retailer, with w its weight in kg and d the
great-circle distance in km:

    fixed_per_parcel + (per_kg + per_kg_km x d) x w

w counts the packaging too, so the cost grows strictly with distance even for weightless articles.
Emissions follow ISO 14083 (transport activity on the great-circle distance): a share for handling each
parcel in hubs and on the last mile, plus w in tonnes x d x an intensity well to wheel. The intensity
shipped here is of the order of what the GLEC Framework tabulates for small road vehicles; like every
number below it is a parameter, to be replaced by the carrier's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oms.sourcing.carriers import PickUps

SERVICE = "house"


@dataclass(frozen=True, slots=True)
class TransitBracket:
    """Parcels going at most `up_to_km` (None: any distance) travel this many working days."""

    up_to_km: int | None
    days: int


@dataclass(frozen=True, slots=True)
class HouseService:
    """The parameters of the service, money in the channel's currency.

    `working_days` are ISO weekdays (1 is Monday), `closed_on` its holidays; it collects parcels that
    are ready by `cut_off` (minutes after local midnight; None: any time the stock point is open).
    `unknown_distance_km` stands in where one end has no coordinates.
    `express_factor` multiplies the cost of an express parcel; `express_transit` are its brackets.
    `learned_days` stand for the days of a bracket where there is evidence: by the bracket's zone (`zones`),
    then stock point ("": the others).
    """

    fixed_per_parcel: Decimal = Decimal("3.50")
    per_kg: Decimal = Decimal("0.40")
    per_kg_km: Decimal = Decimal("0.0012")
    packaging_g: int = 150
    transit: tuple[TransitBracket, ...] = (
        TransitBracket(100, 1),
        TransitBracket(500, 2),
        TransitBracket(1000, 3),
        TransitBracket(2000, 4),
        TransitBracket(None, 7),
    )
    working_days: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    closed_on: tuple[date, ...] = ()
    cut_off: int | None = None
    emission_g_per_t_km: Decimal = Decimal(400)
    emission_g_per_parcel: Decimal = Decimal(200)
    unknown_distance_km: int = 500
    express_factor: Decimal = Decimal("1.8")
    express_transit: tuple[TransitBracket, ...] = field(
        default=(TransitBracket(1000, 1), TransitBracket(2000, 2), TransitBracket(None, 4))
    )
    learned_days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_express: bool = False

    def __post_init__(self) -> None:
        if not self.working_days or not set(self.working_days) <= set(range(1, 8)):
            raise ValueError("working_days are ISO weekdays, at least one")
        for brackets in (self.transit, self.express_transit):
            limits = [bracket.up_to_km for bracket in brackets[:-1]]
            if not brackets or brackets[-1].up_to_km is not None or None in limits:
                raise ValueError("only the last transit bracket, and always the last, has no limit")
        if self.packaging_g < 1 or self.per_kg_km <= 0:
            raise ValueError("the cost of a parcel must grow with distance")

    def for_express(self) -> HouseService:
        """The same service at express speed and price."""
        return replace(
            self,
            fixed_per_parcel=self.fixed_per_parcel * self.express_factor,
            per_kg=self.per_kg * self.express_factor,
            per_kg_km=self.per_kg_km * self.express_factor,
            transit=self.express_transit,
            is_express=True,
        )

    def pick_ups_at(self, stock_point: str) -> PickUps:
        """It has no van that comes at a stock point's own times."""
        return ()

    @property
    def zones(self) -> tuple[str, ...]:
        """What the brackets of `transit` are called, in their order."""
        speed = "express " if self.is_express else ""
        limits = (bracket.up_to_km for bracket in self.transit)
        return tuple(f"{speed}{'beyond' if limit is None else f'{limit} km'}" for limit in limits)


def customer_price() -> Decimal:
    """What the customer pays for the house service."""
    return Decimal(0)


def parcel_cost(house: HouseService, *, distance_km: Decimal, weight_g: int) -> Decimal:
    """The cost of one parcel whose articles weigh `weight_g`."""
    weight_kg = Decimal(weight_g + house.packaging_g) / 1000
    return house.fixed_per_parcel + (house.per_kg + house.per_kg_km * distance_km) * weight_kg


def parcel_emissions_g(house: HouseService, *, distance_km: Decimal, weight_g: int) -> Decimal:
    """Grams of CO2 equivalent of one parcel whose articles weigh `weight_g`."""
    tonnes = Decimal(weight_g + house.packaging_g) / 1_000_000
    return house.emission_g_per_parcel + tonnes * distance_km * house.emission_g_per_t_km


def transit_days(house: HouseService, distance_km: float) -> int:
    """Working days on the road."""
    for bracket in house.transit:
        if bracket.up_to_km is None or distance_km <= bracket.up_to_km:
            return bracket.days
    raise AssertionError("the last bracket has no limit")


def house_from_settings(parameters: Mapping[str, str | int]) -> HouseService:
    """The service with some of its plain numbers replaced; an unknown name is a KeyError."""
    plain = {
        "fixed_per_parcel": Decimal,
        "per_kg": Decimal,
        "per_kg_km": Decimal,
        "packaging_g": int,
        "emission_g_per_t_km": Decimal,
        "emission_g_per_parcel": Decimal,
        "unknown_distance_km": int,
        "express_factor": Decimal,
    }
    return HouseService(**{name: plain[name](value) for name, value in parameters.items()})
