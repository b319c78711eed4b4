"""Learning what carriers offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import override

from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from oms.orchestration.models import CarrierService
from oms.orchestration.models.carriers import NO_SOURCE
from oms.orchestration.tariffs import service_errors
from stock.queries.codes import stock_points_by_code
from stock.services.linking import replace_links

ALL: Final = "all"
_REQUIRED = ("modes", "zones", "transit_days", "currency")
Key = tuple[str, str]


@retry_on_conflict
@transaction.atomic
def save_carrier_services(*, rows: Sequence[Row]) -> BulkResult:
    """Create or change services by carrier and service. What is absent stays, or is its default."""
    result = BulkResult()
    known = _locked({_key(row) for row in rows})
    points = stock_points_by_code(
        [code for row in rows if isinstance(row.get("stock_points"), list) for code in row["stock_points"]]
    )
    new: list[CarrierService] = []
    changed: dict[Key, CarrierService] = {}
    links: dict[Key, list[int]] = {}
    kept: dict[Key, CarrierService] = {}
    for row in rows:
        found = known.get(_key(row))
        values = _values(row)
        refusal = _refusal(found, values, row, points)
        if refusal:
            result.refuse(row.index, *refusal)
            continue
        service = found or CarrierService(carrier=row["carrier"], service=row["service"])
        differs = _assign(service, values)
        if found is None:
            new.append(service)
        elif differs:
            changed[_key(row)] = service
        kept[_key(row)] = service
        if row.get("stock_points") is not None:
            listed = row["stock_points"]
            links[_key(row)] = [] if listed == ALL else [points[code] for code in listed]
    CarrierService.objects.bulk_create(new)
    if changed:
        fields = [field.name for field in CarrierService._meta.concrete_fields if not field.primary_key]
        CarrierService.objects.bulk_update(changed.values(), fields)
    wanted = {kept[key].pk: ids for key, ids in links.items()}
    relinked = replace_links(CarrierService.stock_points.through, "carrierservice_id", "stockpoint_id", wanted)
    touched = {key for key in links if kept[key].pk in relinked and kept[key] not in new}
    result.created = len(new)
    result.updated = len(changed.keys() | touched)
    result.unchanged = len(kept) - result.created - result.updated
    return result


def _key(row: Row) -> Key:
    return row["carrier"], row["service"]


def _locked(keys: set[Key]) -> dict[Key, CarrierService]:
    rows = CarrierService.objects.filter(carrier__in={carrier for carrier, _ in keys}).order_by("pk")
    locked = rows.select_for_update(no_key=True)
    return {(each.carrier, each.service): each for each in locked if (each.carrier, each.service) in keys}


def _values(row: Row) -> dict[str, Any]:
    values = {name: value for name, value in row.data.items() if name not in ("carrier", "service", "stock_points")}
    if row.get("stock_points") is not None:
        values["collects_everywhere"] = row["stock_points"] == ALL
    for name in ("price_table", "cost_table"):
        if values.get(name):
            values[name] = [{**tariff, "amount": str(tariff["amount"])} for tariff in values[name]]
    return values


def _refusal(
    found: CarrierService | None, values: Mapping[str, Any], row: Row, points: Mapping[str, int]
) -> tuple[str, str] | None:
    missing = [name for name in _REQUIRED if found is None and not values.get(name)]
    if missing:
        return "invalid", f"{missing[0]}: This field is required."
    names = ("zones", "modes", "transit_days", "working_days", "price_table", "cost_table", "barred", "slots")
    whole = {name: values.get(name, getattr(found, name) if found else None) for name in names}
    # Programs are told in English, whoever runs them.
    with override("en"):
        wrong = service_errors(whole)
    for name, error in wrong.items():
        return "invalid", f"{name}: {error}"
    source = values.get("emission_source", found.emission_source if found else "")
    is_estimate = values.get("emission_is_estimate", found.emission_is_estimate if found else True)
    if not is_estimate and not str(source or "").strip():
        with override("en"):
            return "invalid", f"emission_source: {NO_SOURCE}"
    listed = row.get("stock_points")
    unknown = [code for code in listed if code not in points] if isinstance(listed, list) else []
    return ("unknown_stock_point", f"There is no stock point {unknown[0]}.") if unknown else None


def _assign(service: CarrierService, values: Mapping[str, Any]) -> bool:
    differs = False
    for name, value in values.items():
        field = CarrierService._meta.get_field(name)
        given = field.get_default() if value is None and not field.null else value  # type: ignore[union-attr]
        if getattr(service, name) != given:
            setattr(service, name, given)
            differs = True
    return differs
