"""What the demo's carriers offer: parcels from the warehouses, couriers of two regions, relay points, slots, express,
and what flies overseas, which takes its days and has its price.
Where none of them collects the built-in `house` brings it. And when they come to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import Any, Final

from oms.demo.places import WAREHOUSES, Site
from oms.orchestration.emissions import BY_CODE

# Postcodes of the mainland and Corsica; those of France overseas begin with 97 and 98.
_MAINLAND: Final = [*"012345678", "90", "91", "92", "93", "94", "95"]
_FRANCE: Final = [{"code": "fr", "countries": ["FR"], "postcode_prefixes": _MAINLAND}]
_OVERSEAS: Final = [
    {"code": "overseas", "countries": ["FR"], "postcode_prefixes": ["97"]},
    {"code": "pacific", "countries": ["FR"], "postcode_prefixes": ["98"]},
]
# Delivered within two hours of the customer's choice, in three towns.
_TOWNS: Final = [{"code": "towns", "countries": ["FR"], "postcode_prefixes": ["59", "69", "75"]}]


def _published(code: str) -> dict[str, Any]:
    factor = BY_CODE[code]
    return {
        "emission_g_per_t_km": factor.g_per_t_km,
        "emission_g_per_parcel": factor.g_per_parcel,
        "emission_source": factor.source,
    }


def _regional(codes: tuple[str, str], names: tuple[str, str], prefixes: list[str], stores: list[str]) -> dict[str, Any]:
    """The next day, and only around the stores at which it collects."""
    return {
        "carrier": codes[0],
        "service": codes[1],
        "carrier_name": names[0],
        "service_name": names[1],
        "modes": ["home"],
        "zones": [{"code": "region", "countries": ["FR"], "postcode_prefixes": prefixes}],
        "cut_off": time(17),
        "working_days": [1, 2, 3, 4, 5, 6],
        "transit_days": {"region": 1},
        "price_table": [],
        "cost_table": [
            {"zone": "region", "up_to_g": 5_000, "amount": "3.20"},
            {"zone": "region", "up_to_g": None, "amount": "6.90"},
        ],
        **_published("rigid-uk"),
        "currency": "EUR",
        "stock_points": stores,
    }


def _flown(codes: tuple[str, str], names: tuple[str, str], modes: list[str], **tables: Any) -> dict[str, Any]:
    """To France overseas, from everywhere."""
    return {
        "carrier": codes[0],
        "service": codes[1],
        "carrier_name": names[0],
        "service_name": names[1],
        "modes": modes,
        "zones": _OVERSEAS,
        "cut_off": time(15),
        "working_days": [1, 2, 3, 4, 5],
        # No figure for parcels in the hold of a plane was found in print: an estimate, and shown as one.
        "emission_g_per_t_km": Decimal(800),
        "currency": "EUR",
        "stock_points": "all",
        **tables,
    }


def _by_weight(zone: str, *amounts: str) -> list[dict[str, Any]]:
    """Up to one kilogram, up to five, and what is heavier."""
    limits = (1_000, 5_000, None)
    return [{"zone": zone, "up_to_g": limit, "amount": each} for limit, each in zip(limits, amounts, strict=True)]


SERVICES: Final[tuple[dict[str, Any], ...]] = (
    {
        "carrier": "colis-national",
        "carrier_name": "Colis National",
        "service_name": "Colis 48 h",
        "service": "colis-48h",
        "modes": ["home"],
        "zones": _FRANCE,
        "cut_off": time(18),
        "working_days": [1, 2, 3, 4, 5],
        "transit_days": {"fr": 2},
        "price_table": [],
        # Large contracts are cheap: about what the house takes for a few hundred kilometres.
        "cost_table": [
            {"zone": "fr", "up_to_g": 2_000, "amount": "3.80"},
            {"zone": "fr", "up_to_g": 10_000, "amount": "6.40"},
            {"zone": "fr", "up_to_g": None, "amount": "11.90"},
        ],
        **_published("articulated-34-40t"),
        "currency": "EUR",
        "stock_points": [site.code for site in WAREHOUSES],
    },
    _regional(
        ("coursiers-du-nord", "coursier-nord"),
        ("Coursiers du Nord", "Coursier Nord"),
        ["59", "62", "80"],
        ["LILLE", "ARRAS", "AMIENS", "VALENCIENNES"],
    ),
    _regional(
        ("alpes-rhone", "coursier-alpes"),
        ("Alpes-Rhône", "Coursier Alpes"),
        ["01", "38", "42", "69", "73"],
        ["LYON-BELLECOUR", "LYON-PART-DIEU", "GRENOBLE"],
    ),
    {
        "carrier": "relais-de-france",
        "carrier_name": "Relais de France",
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
        "carrier_name": "Vélo-Ville",
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
        "carrier_name": "Flèche",
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
    _flown(
        ("colis-national", "outre-mer"),
        ("Colis National", "Colis Outre-mer"),
        ["home", "relay"],
        transit_days={"overseas": 7, "pacific": 10},
        price_table=_by_weight("overseas", "14.90", "29.90", "69.00")
        + _by_weight("pacific", "24.90", "59.00", "149.00"),
        cost_table=_by_weight("overseas", "12.40", "25.00", "58.00")
        + _by_weight("pacific", "20.80", "49.00", "124.00"),
    ),
    _flown(
        ("fleche", "express-outre-mer"),
        ("Flèche", "Express Outre-mer"),
        ["express"],
        transit_days={"overseas": 4, "pacific": 6},
        price_table=_by_weight("overseas", "39.90", "69.00", "129.00")
        + _by_weight("pacific", "59.00", "99.00", "219.00"),
        cost_table=_by_weight("overseas", "34.50", "60.00", "112.00")
        + _by_weight("pacific", "51.00", "86.00", "190.00"),
    ),
)


def services_for(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """The services, collecting at those of their stock points that there are."""
    codes = {site.code for site in sites}
    return [
        service
        if (listed := service["stock_points"]) == "all"
        else service | {"stock_points": [code for code in listed if code in codes]}
        for service in SERVICES
    ]


_WORKDAYS: Final = ("mon", "tue", "wed", "thu", "fri")


def _week(*times: time, saturday: time | None = None) -> dict[str, list[time]]:
    return {**{day: list(times) for day in _WORKDAYS}, "sat": [saturday] if saturday else []}


# The warehouses see the lorry twice a day; a few stores have times of their own, the others those of the service.
PICK_UPS: Final = (
    ("colis-national", "colis-48h", "WH-ORLEANS", _week(time(12), time(18))),
    ("colis-national", "colis-48h", "WH-LYON", _week(time(12), time(18, 30), saturday=time(11))),
    ("relais-de-france", "relay", "WH-ORLEANS", _week(time(12), time(18))),
    ("relais-de-france", "relay", "LILLE", _week(time(14, 30))),
    ("coursiers-du-nord", "coursier-nord", "LILLE", _week(time(16, 30), saturday=time(11))),
    ("coursiers-du-nord", "coursier-nord", "ARRAS", _week(time(15), saturday=time(10, 30))),
    ("alpes-rhone", "coursier-alpes", "LYON-BELLECOUR", _week(time(16, 30), time(18, 45), saturday=time(12))),
    ("fleche", "express", "PAR-RIVOLI", _week(time(18, 30), saturday=time(18, 30))),
)


def pick_ups_for(sites: Sequence[Site]) -> list[dict[str, Any]]:
    codes = {site.code for site in sites}
    return [
        {"carrier": carrier, "service": service, "stock_point": code, "times": times}
        for carrier, service, code, times in PICK_UPS
        if code in codes
    ]
