"""The rule sets a retailer starts with, written for its own channels and groups of stock points.

They are ordinary rule sets, to be read, changed and rolled back, named in the language of whoever has
them written. What decides where no rule set
matches is shipped in the code (`oms.sourcing.rules.DEFAULT_RULE_SET`).
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from oms.core.retrying import retry_on_conflict
from oms.orchestration.models import RuleSet
from oms.orchestration.services.examples import keep_shipped_examples
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.orchestration.services.scenario_examples import Places

Document = dict[str, Any]


@retry_on_conflict
@transaction.atomic
def ensure_default_rule_sets(
    *,
    web_channels: Sequence[str],
    shop_channels: Sequence[str],
    warehouse_groups: Sequence[str],
    store_groups: Sequence[str],
) -> list[str]:
    """Publish the shipped rule sets that do not exist yet; their codes. What exists is left alone.

    Each is for the channels named and looks at the groups named first: a rule that named a mere kind
    of stock point would take in those of every banner.
    """
    documents = [
        web_home_delivery(list(web_channels), list(warehouse_groups), list(store_groups)),
        click_and_collect(list(web_channels), list(warehouse_groups)),
        order_in_store(list(shop_channels), list(warehouse_groups), list(store_groups)),
    ]
    existing = set(RuleSet.objects.values_list("code", flat=True))
    missing = [document for document in documents if document["code"] not in existing]
    places = Places(web=web_channels, shops=shop_channels, warehouses=warehouse_groups, stores=store_groups)
    for document in missing:
        save_draft(code=document["code"], document=document)
        keep_shipped_examples(codes=[document["code"]], places=places)
        publish(code=document["code"])
    return [document["code"] for document in missing]


def web_home_delivery(channels: list[str], warehouses: list[str], stores: list[str]) -> Document:
    """From a warehouse if it has everything, else from one store, else in few parcels from anywhere."""
    return {
        "code": "web-home-delivery",
        "name": _("Web, home delivery"),
        "priority": 100,
        "applies_to": {"channels": channels, "modes": ["home", "express", "slot", "relay"]},
        "rules": [
            {"name": _("complete from a warehouse"), "filters": {"groups_any": warehouses}},
            {
                "name": _("complete from one store"),
                "filters": {"groups_any": stores, "min_units_left": 1},
                "assignment": {"kind": "offer", "candidates": 3},
                "acceptance_minutes": 240,
            },
            {
                "name": _("complete in up to three parcels"),
                "objectives": {"extra_parcel": "3"},
                "max_parcels": 3,
                "acceptance_minutes": 240,
            },
            _whatever_is_there(),
        ],
    }


def click_and_collect(channels: list[str], warehouses: list[str]) -> Document:
    """From the shelf of the store where the customer collects, else sent to it."""
    return {
        "code": "click-and-collect",
        "name": _("Click and collect"),
        "priority": 100,
        "applies_to": {"channels": channels, "modes": ["pickup", "ship_to_store", "e_reservation"]},
        "rules": [
            {
                "name": _("from the pickup store's own shelf"),
                "filters": {"destination_only": True},
                "acceptance_minutes": 120,
            },
            {
                "name": _("sent from a warehouse"),
                "filters": {"groups_any": warehouses, "exclude_destination": True},
            },
            _whatever_is_there(),
        ],
    }


def order_in_store(channels: list[str], warehouses: list[str], stores: list[str]) -> Document:
    """What this shop does not have: from another store nearby, else a warehouse, else from anywhere."""
    return {
        "code": "order-in-store",
        "name": _("Order in Store"),
        "priority": 100,
        "applies_to": {"channels": channels},
        "rules": [
            {
                "name": _("complete from another store"),
                "filters": {"groups_any": stores, "within_km": 150},
                "assignment": {"kind": "offer", "candidates": 3},
                "acceptance_minutes": 60,
            },
            {"name": _("complete from a warehouse"), "filters": {"groups_any": warehouses}},
            _whatever_is_there(),
        ],
    }


def _whatever_is_there() -> Document:
    """The rule that always plans something: lines apart, quantities apart, part of the order."""
    return {
        "name": _("whatever is there, in few parcels"),
        "objectives": {"extra_parcel": "3"},
        "max_parcels": 10,
        "complete_only": False,
        "allow_quantity_split": True,
        "late_days": 30,
    }
