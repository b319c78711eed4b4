"""What references to the stock's own papers look like to people."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse

from oms.core.queries.references import PLAIN, Namer, Reference, name_references, named_references
from stock.models import (
    Banner,
    CatalogueImport,
    ChannelAllotment,
    ExpectedReceipt,
    Product,
    ProtectionRule,
    Reservation,
    SalesChannel,
    StockCount,
    StockImport,
    StockLevel,
    StockPoint,
    StockPointGroup,
    Transfer,
    Unavailability,
    Variant,
)
from stock.queries.receipts import DELIVERY_MARK


def _by(model: type[Model], field: str, *related: str, name: Callable[[Any], str] = str) -> Namer:
    """Rows by a field that no two of them share, each with its page in the admin."""
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"

    def named(values: list[str]) -> Mapping[str, Reference]:
        asked = [value for value in values if value.isdecimal()] if field == "pk" else values
        rows = model._default_manager.filter(**{f"{field}__in": asked}).select_related(*related)
        return {str(getattr(row, field)): Reference(name(row), reverse(page, args=[row.pk])) for row in rows}

    return named


# What the audit tells by keys.
_KEYS: dict[str, type[Model]] = {
    "banner_id": Banner,
    "channel_id": SalesChannel,
    "group_id": StockPointGroup,
    "pickup_point_id": StockPoint,
    "product_id": Product,
    "stock_point_id": StockPoint,
    "variant_id": Variant,
}

_transfers = _by(Transfer, "reference")


def _receipts(references: list[str]) -> Mapping[str, Reference]:
    """One paper announces several articles, and each delivery of it may have a mark of its own."""
    papers = {reference: reference.partition(DELIVERY_MARK)[0] for reference in references}
    known = set(ExpectedReceipt.objects.filter(reference__in=set(papers.values())).values_list("reference", flat=True))
    page = reverse("admin:stock_expectedreceipt_changelist")
    return {
        reference: Reference(reference, f"{page}?{urlencode({'q': paper})}")
        for reference, paper in papers.items()
        if paper in known
    }


def _without_kind(references: list[str]) -> Mapping[str, Reference]:
    return {**_receipts(references), **_transfers(references)}


def _reservations(keys: list[str]) -> Mapping[str, Reference]:
    """By whose they are."""
    asked = [key for key in keys if key.isdecimal()]
    owners = dict(Reservation.objects.filter(pk__in=asked).values_list("pk", "owner"))
    named = named_references(owners.values())
    return {str(pk): named[owner] for pk, owner in owners.items()}


name_references(PLAIN, _without_kind)
name_references("transfer", _transfers)
name_references("expected_receipt", _receipts)
name_references("reservation", _reservations)
name_references("import", _by(StockImport, "pk", "source"))
name_references("stock_import", _by(StockImport, "pk", "source"))
name_references("catalogue_import", _by(CatalogueImport, "pk"))
name_references("stock_count", _by(StockCount, "reference"))
name_references("count", _by(StockCount, "reference"))
name_references("stock_level", _by(StockLevel, "pk", "variant", "stock_point"))
name_references("unavailability", _by(Unavailability, "pk", "level__variant", "level__stock_point"))
name_references("channel_allotment", _by(ChannelAllotment, "pk", "channel", "variant"))
name_references("protection_rule", _by(ProtectionRule, "code"))
for field, model in _KEYS.items():
    name_references(field, _by(model, "pk"))
name_references("stock_point", _by(StockPoint, "code", name=lambda point: point.name))
