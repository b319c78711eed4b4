"""Allotments of channels come and change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.audit import record_audits
from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from stock.models import AllotmentCounter, ChannelAllotment, Reservation, SalesChannel
from stock.queries.codes import channels_by_code, variants_by_sku
from stock.services.upserting import assign

Key = tuple[int, int | None, str]
"""(channel id, variant id, category)."""


@retry_on_conflict
@transaction.atomic
def save_allotments(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Rows of `{channel, sku or category, quantity or percent, starts_at, ends_at}`, by channel and article.

    A quantity replaces a percentage and the other way round. Another start counts anew from there.
    """
    result = BulkResult()
    named = _resolved(rows, access, result)
    known = _locked(named)
    new: list[ChannelAllotment] = []
    changed: list[ChannelAllotment] = []
    restarted: list[int] = []
    for key, row in named.items():
        allotment = known.get(key)
        values = _values(row)
        candidate = allotment or ChannelAllotment(channel_id=key[0], variant_id=key[1], category=key[2])
        started_at = candidate.starts_at
        differs = assign(candidate, values)
        refusal = _refusal(candidate)
        if refusal is not None:
            result.refuse(row.index, "invalid", refusal)
            continue
        candidate.is_applied = _is_in_force(candidate, clock.now())
        if allotment is None:
            new.append(candidate)
        elif differs:
            changed.append(candidate)
            restarted += [candidate.pk] if candidate.starts_at != started_at else []
        else:
            result.unchanged += 1
    _write(new, changed, restarted)
    result.created, result.updated = len(new), len(changed)
    return result


@transaction.atomic
def delete_allotment(*, allotment: ChannelAllotment) -> None:
    """Take it away: the channel may take all there is again."""
    counters = AllotmentCounter.objects.filter(allotment=allotment)
    Reservation.objects.filter(allotment_counter__in=counters).update(allotment_counter=None)
    counters.delete()
    record_audits("channel_allotment.deleted", [(f"channel_allotment:{allotment.pk}", _summary(allotment))])
    channel_id = allotment.channel_id
    allotment.delete()
    if not ChannelAllotment.objects.filter(channel_id=channel_id).exists():
        SalesChannel.objects.filter(pk=channel_id).update(has_allotments=False)


@transaction.atomic
def turn_allotments() -> int:
    """Those that have begun or ended by the clock since followers were last told; how many."""
    in_force = ChannelAllotment.objects.in_force(at=clock.now()).values("pk")
    begun = ChannelAllotment.objects.filter(is_applied=False, pk__in=in_force).update(is_applied=True)
    ended = ChannelAllotment.objects.filter(is_applied=True).exclude(pk__in=in_force).update(is_applied=False)
    return begun + ended


def _resolved(rows: Sequence[Row], access: Access, result: BulkResult) -> dict[Key, Row]:
    channels = channels_by_code((row["channel"] for row in rows), access)
    variants = variants_by_sku(row["sku"] for row in rows if row.get("sku"))
    named: dict[Key, Row] = {}
    for row in rows:
        channel, sku, category = channels.get(row["channel"]), row.get("sku"), row.get("category") or ""
        if channel is None:
            result.refuse(row.index, "unknown_channel", f"There is no sales channel {row['channel']}.")
        elif bool(sku) == bool(category):
            result.refuse(row.index, "invalid", gettext_noop("sku: Either a SKU or a category is needed."))
        elif sku and sku not in variants:
            result.refuse(row.index, "unknown_sku", f"There is no SKU {sku}.")
        else:
            named[channel, variants[sku] if sku else None, category] = row
    return named


def _locked(named: Mapping[Key, Row]) -> dict[Key, ChannelAllotment]:
    found = ChannelAllotment.objects.filter(channel_id__in={channel for channel, _, _ in named})
    locked = found.order_by("pk").select_for_update(no_key=True, of=("self",))
    return {(each.channel_id, each.variant_id, each.category): each for each in locked}


def _values(row: Row) -> dict[str, Any]:
    values = {name: row[name] for name in ("quantity", "percent", "starts_at", "ends_at") if name in row}
    given = [name for name in ("quantity", "percent") if values.get(name) is not None]
    if len(given) == 1:
        values |= {name: None for name in ("quantity", "percent") if name != given[0]}
    return values


def _refusal(allotment: ChannelAllotment) -> str | None:
    if (allotment.quantity is None) == (allotment.percent is None):
        return gettext_noop("quantity: Either a quantity or a percent is needed.")
    if allotment.starts_at and allotment.ends_at and allotment.ends_at <= allotment.starts_at:
        return gettext_noop("ends_at: An allotment ends after it has started.")
    return None


def _is_in_force(allotment: ChannelAllotment, at: datetime) -> bool:
    has_begun = allotment.starts_at is None or allotment.starts_at <= at
    return has_begun and (allotment.ends_at is None or allotment.ends_at > at)


def _write(new: list[ChannelAllotment], changed: list[ChannelAllotment], restarted: list[int]) -> None:
    ChannelAllotment.objects.bulk_create(new)
    ChannelAllotment.objects.bulk_update(changed, ["quantity", "percent", "starts_at", "ends_at", "is_applied"])
    channels = {each.channel_id for each in new}
    SalesChannel.objects.filter(pk__in=channels, has_allotments=False).update(has_allotments=True)
    if restarted:
        counters = AllotmentCounter.objects.filter(allotment_id__in=restarted)
        list(counters.order_by("pk").select_for_update(no_key=True))
        Reservation.objects.filter(allotment_counter__in=counters).update(allotment_counter=None)
        counters.update(taken=0)
    record_audits(
        "channel_allotment.saved", [(f"channel_allotment:{each.pk}", _summary(each)) for each in (*new, *changed)]
    )


def _summary(allotment: ChannelAllotment) -> dict[str, Any]:
    return {
        "channel_id": allotment.channel_id,
        "variant_id": allotment.variant_id,
        "category": allotment.category,
        "quantity": allotment.quantity,
        "percent": None if allotment.percent is None else str(allotment.percent),
        "starts_at": allotment.starts_at and allotment.starts_at.isoformat(),
        "ends_at": allotment.ends_at and allotment.ends_at.isoformat(),
    }
