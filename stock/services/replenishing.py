"""What should be moved, and bought, is worked out anew; a person decides about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.retrying import retry_on_conflict
from oms.core.services.slots import claim_slot
from oms.core.today import today
from oms.replenishment.facts import Move, Place, Policy, Shelf
from oms.replenishment.needs import lasting_days, order_by, safety_stock
from oms.replenishment.proposing import propose_moves
from stock.models import PurchaseProposal, Transfer
from stock.queries.purchases import LeadTime, NetworkStock, lead_times, network_stock
from stock.queries.replenishment_policies import GIVING, NEEDING, Decided
from stock.queries.shelves import (
    COST_SCALE,
    in_portions,
    replenishable_places,
    replenishment_policy,
    selling_variants,
    shelves_of,
)
from stock.states import TransferState

ARTICLES_PER_TRANSACTION: Final = 500

Key = tuple[int, int, int]
"""(variant id, giver id, receiver id)."""

# One run at a time: two would both find a proposal missing. Any number that nothing else locks by.
_ONE_RUN: Final = "SELECT pg_advisory_xact_lock(7240115)"


@dataclass(frozen=True, slots=True)
class Proposed:
    """How much a run proposes: transfers, the units in them, and purchases."""

    transfers: int
    units: int
    purchases: int


def replenish_nightly() -> Proposed | None:
    """Once a day by UTC, at the first tick after midnight; None where it was done already."""
    day = clock.now().date().isoformat()
    with transaction.atomic():
        is_due = claim_slot(name="replenish_stock", slot=day)
    return replenish_stock() if is_due else None


def replenish_stock() -> Proposed:
    """Propose transfers and purchases from the figures of now; what nobody has decided of before is replaced.

    A proposal that still holds keeps its reference. Nothing is reserved and nothing moves. In transactions of a few
    hundred articles each: a run that dies has proposed for some.
    """
    at, policy = clock.now(), replenishment_policy()
    places, decided = replenishable_places(at=at)
    transfers = units = purchases = 0
    for portion in in_portions(selling_variants(at=at), size=ARTICLES_PER_TRANSACTION):
        for quantity in _propose(portion, places=places, decided=decided, policy=policy, at=at):
            transfers, units = transfers + 1, units + quantity
        purchases += _propose_purchases(portion, place_ids=list(places), policy=policy, at=at)
    # Of articles that have not sold for long nothing is to be bought any more.
    PurchaseProposal.objects.filter(computed_at__lt=at).delete()
    found = Proposed(transfers, units, purchases)
    record_audit(
        "stock.replenished",
        subject="stock",
        changes={"transfers": found.transfers, "units": found.units, "purchases": found.purchases},
    )
    return found


# --- transfers --------------------------------------------------------------------------------------------


@retry_on_conflict
@transaction.atomic
def _propose(
    variant_ids: Sequence[int],
    *,
    places: Mapping[int, Place],
    decided: Mapping[int, Decided],
    policy: Policy,
    at: datetime,
) -> list[int]:
    """The quantities proposed of these articles."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_RUN)
    # Locked before the shelves are read: whoever accepts one meanwhile waits, and whoever has is seen.
    known = {
        (each.variant_id, each.giver_id, each.receiver_id): each
        for each in Transfer.objects.proposed()
        .filter(variant_id__in=variant_ids)
        .order_by("pk")
        .select_for_update(no_key=True)
    }
    refused = _refused(variant_ids, at)
    wanted: dict[Key, Transfer] = {}
    shelves = shelves_of(variant_ids, places=places, policy=policy, at=at)
    for variant, found in shelves.items():
        here = {shelf.place: shelf for shelf in found}
        for move in propose_moves(found, places, policy, refused=refused.get(variant, ())):
            key = (variant, move.giver.place, move.need.place)
            figures = _figures(move, here[key[1]], here[key[2]], places[key[2]], policy)
            figures["giver_policy"] = decided[key[1]].figures(GIVING)
            figures["receiver_policy"] = decided[key[2]].figures(NEEDING)
            wanted[key] = _filled(known.get(key), key, move, figures, at)
    _write(known, wanted)
    return [each.quantity for each in wanted.values()]


def _refused(variant_ids: Sequence[int], at: datetime) -> dict[int, set[tuple[int, int]]]:
    """Pairs of which a person has said no lately, by variant."""
    since = at - timedelta(days=settings.REPLENISHMENT_REJECTION_DAYS)
    said_no = Transfer.objects.filter(
        state__in=[TransferState.REJECTED, TransferState.CANCELLED], decided_at__gte=since, variant_id__in=variant_ids
    )
    found: dict[int, set[tuple[int, int]]] = {}
    for variant, giver, receiver in said_no.values_list("variant_id", "giver_id", "receiver_id"):
        found.setdefault(variant, set()).add((giver, receiver))
    return found


def _filled(known: Transfer | None, key: Key, move: Move, figures: dict[str, Any], at: datetime) -> Transfer:
    variant, giver, receiver = key
    transfer = known or Transfer(
        reference=f"TR-{uuid4().hex[:10].upper()}", variant_id=variant, giver_id=giver, receiver_id=receiver
    )
    transfer.quantity = move.units
    transfer.source = move.giver.source.value
    transfer.is_urgent = move.need.urgent > 0
    transfer.unit_cost = move.cost / COST_SCALE
    transfer.proposed_at = at
    transfer.figures = figures
    return transfer


def _figures(move: Move, giver: Shelf, receiver: Shelf, to: Place, policy: Policy) -> dict[str, Any]:
    return {
        "days": policy.demand_days,
        "lasts_days": lasting_days(to, policy),
        "here": receiver.here,
        "incoming": receiver.incoming,
        "sold": receiver.sold,
        "target": move.need.target,
        "need": move.need.units,
        "urgent": move.need.urgent,
        "giver_here": giver.here,
        "giver_free": giver.free,
        "giver_sold": giver.sold,
        "giver_returned": giver.returned,
        "giver_spare": move.giver.units,
        "giver_keeps": move.giver.kept,
        "distance_km": move.distance_km,
    }


def _write(known: Mapping[Key, Transfer], wanted: Mapping[Key, Transfer]) -> None:
    gone = [each.pk for key, each in known.items() if key not in wanted]
    Transfer.objects.proposed().filter(pk__in=gone).delete()
    Transfer.objects.bulk_update(
        [each for key, each in wanted.items() if key in known],
        ["quantity", "source", "is_urgent", "unit_cost", "proposed_at", "figures"],
        batch_size=500,
    )
    Transfer.objects.bulk_create([each for key, each in wanted.items() if key not in known], batch_size=500)


# --- purchases --------------------------------------------------------------------------------------------


@transaction.atomic
def _propose_purchases(variant_ids: Sequence[int], *, place_ids: Sequence[int], policy: Policy, at: datetime) -> int:
    """Replaces what was worked out of these articles before; how many there are now."""
    stocks = network_stock(variant_ids, place_ids=place_ids, days=policy.demand_days, at=at)
    leads = lead_times([stock.variant_id for stock in stocks], at=at)
    rows = _purchases(stocks, leads, policy, at)
    PurchaseProposal.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=[
            field.name for field in PurchaseProposal._meta.concrete_fields if field.name not in ("id", "variant")
        ],
        batch_size=500,
    )
    return len(rows)


def _purchases(
    stocks: Iterable[NetworkStock], leads: Mapping[int, LeadTime], policy: Policy, at: datetime
) -> list[PurchaseProposal]:
    rows = []
    for stock in stocks:
        lead, per_day = leads[stock.variant_id], stock.sold / policy.demand_days
        safety = safety_stock(
            per_day=per_day, days=lead.days, factor=policy.service_factor, spread_days=lead.spread_days
        )
        position = stock.here + stock.incoming
        latest, runs_out = order_by(
            today=today(at), position=position, per_day=per_day, lead_days=lead.days, safety=safety
        )
        # On the day it is ordered, up to what the lead time and the cover will take.
        on_that_day = position - per_day * max(0, (latest - today(at)).days)
        up_to = per_day * (lead.days + settings.PURCHASE_COVER_DAYS) + safety
        quantity = ceil(up_to - on_that_day)
        if quantity <= 0:
            continue  # there is enough for as long as anybody plans
        rows.append(
            PurchaseProposal(
                variant_id=stock.variant_id,
                order_by=latest,
                runs_out_on=runs_out,
                quantity=quantity,
                here=stock.here,
                incoming=stock.incoming,
                sold=stock.sold,
                sold_days=policy.demand_days,
                lead_days=lead.days,
                lead_cases=lead.cases,
                safety=safety,
                computed_at=at,
            )
        )
    return rows
