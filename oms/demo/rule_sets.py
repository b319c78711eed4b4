"""The demo retailer's rule sets, scoped to its own channels and groups."""

from __future__ import annotations

from typing import Any

from oms.demo.places import CITY, FLAGSHIP

_COST: dict[str, str] = {"transport": "1", "handling": "1", "carbon_per_kg": "0.10", "lateness_per_day": "2"}
_STORES = [FLAGSHIP, CITY]
_DELIVERED = ["home", "express", "relay", "slot"]

DOCUMENTS: tuple[dict[str, Any], ...] = (
    {
        "code": "demo-web-home",
        "name": "Web, livraison à domicile",
        "priority": 100,
        "applies_to": {"channels": ["demo-web"], "modes": _DELIVERED},
        "rules": [
            {
                "name": "complète depuis un entrepôt",
                "filters": {"groups_any": ["demo-warehouses"]},
                "objectives": _COST,
                "max_parcels": 1,
                "complete_only": True,
            },
            {
                "name": "complète depuis un magasin à moins de 400 km",
                "filters": {"groups_any": _STORES, "within_km": 400},
                "objectives": _COST,
                "max_parcels": 1,
                "complete_only": True,
                "acceptance_minutes": 240,
            },
            {
                "name": "de partout, trois colis",
                "filters": {"exclude_groups": ["demo-suppliers"]},
                "objectives": {**_COST, "extra_parcel": "1.50"},
                "max_parcels": 3,
                "allow_quantity_split": True,
                "acceptance_minutes": 240,
            },
        ],
        "when_nothing_fits": {"action": "queue", "cancel_after_days": 3},
        "max_hops": 5,
    },
    {
        "code": "demo-collect",
        "name": "Retrait en magasin",
        "priority": 90,
        "applies_to": {"channels": ["demo-web", "demo-store"], "modes": ["pickup", "e_reservation"]},
        "rules": [
            {
                "name": "dans le rayon du magasin de retrait",
                "filters": {"destination_only": True},
                "objectives": _COST,
                "max_parcels": 1,
                "complete_only": True,
            }
        ],
        "when_nothing_fits": {"action": "queue", "cancel_after_days": 2},
    },
    {
        "code": "demo-order-in-store",
        "name": "Commande en magasin",
        "priority": 80,
        "applies_to": {"channels": ["demo-store", "demo-call-centre"], "modes": [*_DELIVERED, "ship_to_store"]},
        "rules": [
            {
                "name": "complète depuis un autre magasin ou un entrepôt",
                "filters": {"exclude_destination": False, "exclude_groups": ["demo-suppliers"]},
                "objectives": _COST,
                "max_parcels": 1,
                "complete_only": True,
                "acceptance_minutes": 240,
            },
            {
                "name": "sinon de deux endroits",
                "filters": {"exclude_groups": ["demo-suppliers"]},
                "objectives": {**_COST, "extra_parcel": "2"},
                "max_parcels": 2,
                "allow_quantity_split": True,
                "acceptance_minutes": 240,
            },
        ],
        "when_nothing_fits": {"action": "queue", "cancel_after_days": 5},
    },
)
