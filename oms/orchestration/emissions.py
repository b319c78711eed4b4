"""Published emission factors that a service can take over, each with where it stands, and no others.

Well to wheel: the energy's provision and its use. What could not be found in print with its source is not here; such a
factor is an estimate and is shown as one (`CarrierService.emission_is_estimate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class PublishedFactor:
    """`g_per_parcel` is a mean of the whole chain, so nothing is added by distance; None: as the house's."""

    code: str
    name: str
    g_per_t_km: Decimal
    g_per_parcel: Decimal | None
    source: str


_DEFRA: Final = "Defra/DECC, 2012 GHG Conversion Factors for Company Reporting, Annex 7 (April 2012), Table 7e"

PUBLISHED: Final[tuple[PublishedFactor, ...]] = (
    PublishedFactor(
        "articulated-34-40t",
        "Articulated truck, 34–40 t, diesel",
        Decimal("87.5"),
        None,
        "ADEME, Base Carbone v23.11, « Articulé, 34 à 40 tonnes, diesel routier (7 % bio) »: 0.0875 kgCO2e/t.km, ±70 %",
    ),
    PublishedFactor(
        "articulated-uk", "Articulated trucks, UK average", Decimal("107.00"), None,
        f"{_DEFRA}, all artics, UK average: 0.10700 kgCO2e/t.km, grand total GHG",
    ),
    PublishedFactor(
        "rigid-uk", "Rigid trucks, UK average", Decimal("301.39"), None,
        f"{_DEFRA}, all rigids, UK average: 0.30139 kgCO2e/t.km, grand total GHG",
    ),
    PublishedFactor(
        "truck-uk", "All trucks, UK average", Decimal("149.93"), None,
        f"{_DEFRA}, all HGVs, UK average: 0.14993 kgCO2e/t.km, grand total GHG",
    ),
    PublishedFactor(
        "parcel-colissimo", "Parcel network, mean of a parcel (Colissimo)", Decimal(0), Decimal(357),
        "La Poste, Colissimo, 2022: 357 gCO2e a parcel (1.3 kg, France), as presented on 23 May 2023 (Supply Chain "
        "Magazine 3780, 24.05.2023)",
    ),
)  # fmt: skip
BY_CODE: Final = {factor.code: factor for factor in PUBLISHED}
