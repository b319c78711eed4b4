"""Learning when carriers come to single stock points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import override

from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from oms.orchestration.models import CarrierService, PickUpTimes
from oms.orchestration.models.pick_ups import NOT_COLLECTED
from oms.sourcing.calendars import WEEKDAYS
from stock.queries.codes import stock_points_by_code

Key = tuple[int, int]


@retry_on_conflict
@transaction.atomic
def save_pick_up_times(*, rows: Sequence[Row]) -> BulkResult:
    """Give stock points times of their own, by carrier, service and stock point: each row a whole week, without a
    single time none any more. What a day does not name has no pick-up."""
    result = BulkResult()
    services = _locked_services({row["carrier"] for row in rows})
    points = stock_points_by_code(row["stock_point"] for row in rows)
    known = _known([service.pk for service in services.values()])
    new, changed, gone = [], [], []
    for row in rows:
        service, point = services.get((row["carrier"], row["service"])), points.get(row["stock_point"])
        week = {day: sorted(set(row["times"].get(day) or ())) for day in WEEKDAYS}
        if service is None or point is None or (any(week.values()) and not _collects_at(service, point)):
            result.refuse(row.index, *_refusal(row, service, point))
            continue
        found = known.get((service.pk, point))
        if found is None and any(week.values()):
            new.append(PickUpTimes(carrier_service=service, stock_point_id=point, **week))
        elif found is not None and not any(week.values()):
            gone.append(found)
        elif found is not None and _assign(found, week):
            changed.append(found)
        else:
            result.unchanged += 1
    PickUpTimes.objects.bulk_create(new)
    PickUpTimes.objects.bulk_update(changed, WEEKDAYS)
    PickUpTimes.objects.filter(pk__in=[each.pk for each in gone]).delete()
    result.created, result.updated = len(new), len(changed) + len(gone)
    return result


def _locked_services(carriers: set[str]) -> dict[tuple[str, str], CarrierService]:
    """Locked, so that two requests cannot both find a row missing."""
    rows = CarrierService.objects.filter(carrier__in=carriers).order_by("pk").select_for_update(no_key=True)
    return {(each.carrier, each.service): each for each in rows.prefetch_related("stock_points")}


def _known(services: Sequence[int]) -> dict[Key, PickUpTimes]:
    rows = PickUpTimes.objects.filter(carrier_service__in=services)
    return {(each.carrier_service_id, each.stock_point_id): each for each in rows}


def _collects_at(service: CarrierService, point: int) -> bool:
    return service.collects_everywhere or any(each.pk == point for each in service.stock_points.all())


def _refusal(row: Row, service: CarrierService | None, point: int | None) -> tuple[str, str]:
    if service is None:
        return "unknown_service", f"{row['carrier']} has no service {row['service']}."
    if point is None:
        return "unknown_stock_point", f"There is no stock point {row['stock_point']}."
    # Programs are told in English, whoever runs them.
    with override("en"):
        return "invalid", f"stock_point: {NOT_COLLECTED}"


def _assign(found: PickUpTimes, week: dict[str, Any]) -> bool:
    differs = any(getattr(found, day) != times for day, times in week.items())
    for day, times in week.items():
        setattr(found, day, times)
    return differs
