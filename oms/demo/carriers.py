"""What the demo's carriers offer beside the built-in `house`, which delivers at home: relay points, slots, express."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any, Final

from oms.orchestration.emissions import BY_CODE

_FRANCE: Final = [{"code": "fr", "countries": ["FR"], "postcode_prefixes": []}]
# Delivered within two hours of the customer's choice, in three towns.
_TOWNS: Final = [{"code": "towns", "countries": ["FR"], "postcode_prefixes": ["59", "69", "75"]}]


def _published(code: str) -> dict[str, Any]:
    factor = BY_CODE[code]
    return {
        "emission_g_per_t_km": factor.g_per_t_km,
        "emission_g_per_parcel": factor.g_per_parcel,
        "emission_source": factor.source,
    }


SERVICES: Final[tuple[dict[str, Any], ...]] = (
    {
        "carrier": "relais-de-france",
        "service": "relay",
        "modes": ["relay"],
        "zones": _FRANCE,
        "cut_off": time(16),
        "working_days": [1, 2, 3, 4, 5, 6],
        "transit_days": {"fr": 3},
        "price_table": [{"zone": "fr", "up_to_g": None, "amount": "3.90"}],
        "cost_table": [{"zone": "fr", "up_to_g": None, "amount": "3.40"}],
        # Trunk by articulated truck; hubs and the last mile are the house's estimate.
        **_published("articulated-34-40t"),
        "currency": "EUR",
        "stock_points": "all",
    },
    {
        "carrier": "velo-ville",
        "service": "slot",
        "modes": ["slot"],
        "zones": _TOWNS,
        "cut_off": time(15),
        "working_days": [1, 2, 3, 4, 5, 6],
        "transit_days": {"towns": 2},
        "price_table": [{"zone": "towns", "up_to_g": None, "amount": "8.90"}],
        "cost_table": [{"zone": "towns", "up_to_g": None, "amount": "7.20"}],
        # No figure per tonne and km was found in print for couriers on bicycles: an estimate, and shown as one.
        "emission_g_per_t_km": Decimal(40),
        "currency": "EUR",
        "stock_points": "all",
    },
    {
        "carrier": "fleche",
        "service": "express",
        "modes": ["express"],
        "zones": _FRANCE,
        "cut_off": time(17),
        "working_days": [1, 2, 3, 4, 5, 6],
        "transit_days": {"fr": 1},
        "price_table": [{"zone": "fr", "up_to_g": None, "amount": "12.90"}],
        "cost_table": [{"zone": "fr", "up_to_g": None, "amount": "11.50"}],
        **_published("rigid-uk"),
        "currency": "EUR",
        "stock_points": "all",
    },
)
