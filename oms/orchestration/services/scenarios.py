"""Rule sets to start from, one for each thing retailers ask for in their own words. Saved as drafts.

Their rules are named in the language of whoever has them written.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from oms.core.retrying import retry_on_conflict
from oms.orchestration.models import RuleSet
from oms.orchestration.services.examples import keep_shipped_examples
from oms.orchestration.services.rule_sets import save_draft
from oms.orchestration.services.scenario_examples import Places

Document = dict[str, Any]
HOME = ["home", "express", "slot", "relay"]
LEAST_COST = {"carbon_per_kg": "0", "lateness_per_day": "0"}
LEAST_CARBON = {"transport": "0", "handling": "0", "carbon_per_kg": "100", "lateness_per_day": "0"}
# Of an order that nobody can send as a whole: one line from several places, part of the order, later.
_WHAT_THERE_IS: Document = {"max_parcels": 10, "complete_only": False, "allow_quantity_split": True, "late_days": 30}


@retry_on_conflict
@transaction.atomic
def ensure_scenarios(
    *,
    web_channels: Sequence[str],
    shop_channels: Sequence[str],
    warehouse_groups: Sequence[str],
    store_groups: Sequence[str],
) -> list[str]:
    """Write those that do not exist yet as drafts, with their example orders; their codes.

    Nothing is in force before a person publishes it.
    """
    documents = scenarios(list(web_channels), list(shop_channels), list(warehouse_groups), list(store_groups))
    existing = set(RuleSet.objects.values_list("code", flat=True))
    missing = [document for document in documents if document["code"] not in existing]
    for document in missing:
        save_draft(code=document["code"], document=document)
    places = Places(web=web_channels, shops=shop_channels, warehouses=warehouse_groups, stores=store_groups)
    keep_shipped_examples(codes=[document["code"] for document in missing], places=places)
    return [document["code"] for document in missing]


def scenarios(web: list[str], shops: list[str], warehouses: list[str], stores: list[str]) -> list[Document]:
    return [
        _set("spare-the-stores", _("Scarce articles from the warehouse"), web, [
            {"name": _("complete from a warehouse"), "filters": {"groups_any": warehouses}},
            _step(_("least missed in the shops"), objectives={"scarcity": "2", "extra_parcel": "3"}, max_parcels=3),
        ]),
        _set("nearest-slow-stock", _("Nearest store with slow stock"), shops, [
            _step(
                _("a store nearby that has it for long"),
                filters={"groups_any": stores, "within_km": 200, "min_cover_days": 60},
                assignment={"kind": "offer", "candidates": 3},
                acceptance_minutes=60,
            ),
            _step(_("any store nearby"), filters={"groups_any": stores, "within_km": 200}, objectives={"ageing": "1"}),
        ]),
        _set("greenest", _("Greenest"), web, [
            _step(_("least carbon"), objectives=LEAST_CARBON, max_parcels=5, late_days=3),
            _step(_("what there is, with least carbon"), objectives=LEAST_CARBON, **_WHAT_THERE_IS),
        ]),
        _set("cheapest", _("Cheapest"), web, [
            _step(_("least cost"), objectives=LEAST_COST, max_parcels=5, late_days=3),
            _step(_("what there is, at least cost"), objectives=LEAST_COST, **_WHAT_THERE_IS),
        ]),
        _set("end-of-season", _("End of season: old stock first"), web, [
            _step(_("what would be marked down"), objectives={"ageing": "1", "extra_parcel": "2"}, max_parcels=3),
        ]),
        _set("one-parcel", _("Marketplace: one parcel only"), web, [
            _step(_("everything from one place"), objectives={"scarcity": "1"}),
        ], when_nothing_fits={"action": "cancel"}),
        _set("own-banner", _("Franchise: own banner only"), web, [
            _step(_("one of our own"), filters={"same_banner": True}),
            _step(
                _("several of our own"),
                filters={"same_banner": True},
                objectives={"extra_parcel": "3"},
                max_parcels=3,
            ),
        ]),
    ]  # fmt: skip


def _set(code: str, name: str, channels: list[str], rules: list[Document], **more: Any) -> Document:
    """Asked before the general sets, once published. What fits no rule ends after a week unless said otherwise."""
    nothing_fits = {"action": "queue", "cancel_after_days": 7}
    return {
        "code": code,
        "name": name,
        "priority": 50,
        "applies_to": {"channels": channels, "modes": HOME},
        "rules": rules,
        "when_nothing_fits": nothing_fits,
        **more,
    }


def _step(name: str, **fields: Any) -> Document:
    return {"name": name, **fields}
