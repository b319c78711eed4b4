"""Filters of the stock lists: sku, stock_point, kind, since."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from oms.core.api.filters import MomentFilter
from stock.models import (
    ExpectedReceipt,
    ExpectedReceiptKind,
    MovementKind,
    PurchaseProposal,
    Reservation,
    StockCount,
    StockLevel,
    StockMovement,
    StockPoint,
    StockPointKind,
    Transfer,
    TransferSource,
    Unavailability,
    UnavailableReason,
    Variant,
)
from stock.queries.codes import variants_by_gtin
from stock.states import ReservationState, StockCountState, TransferState


class BySkuAndPoint(filters.FilterSet):
    """Codes are resolved first: the database then sees two ids and an index, not two joins."""

    sku = filters.CharFilter(method="by_sku")
    stock_point = filters.CharFilter(method="by_stock_point")

    def by_sku(self, rows: QuerySet, name: str, sku: str) -> QuerySet:
        return rows.filter(variant_id=Variant.objects.filter(sku=sku).values("pk")[:1])

    def by_stock_point(self, rows: QuerySet, name: str, code: str) -> QuerySet:
        return rows.filter(stock_point_id=StockPoint.objects.filter(code=code).values("pk")[:1])


class VariantFilter(filters.FilterSet):
    """A whole SKU; a GTIN with or without its leading zeros, as a scanner or a spreadsheet tells it."""

    sku = filters.CharFilter()
    gtin = filters.CharFilter(method="by_gtin")

    def by_gtin(self, rows: QuerySet, name: str, gtin: str) -> QuerySet:
        return rows.filter(pk__in=variants_by_gtin([gtin]).values())

    class Meta:
        model = Variant
        fields: tuple[str, ...] = ()


class LevelFilter(BySkuAndPoint):
    """`kind` is the stock point's."""

    kind = filters.ChoiceFilter(choices=StockPointKind.choices, field_name="stock_point__kind")
    since = MomentFilter(field_name="as_of", lookup_expr="gte")

    class Meta:
        model = StockLevel
        fields: tuple[str, ...] = ()


class MovementFilter(BySkuAndPoint):
    kind = filters.ChoiceFilter(choices=MovementKind.choices)
    since = MomentFilter(field_name="recorded_at", lookup_expr="gte")

    class Meta:
        model = StockMovement
        fields: tuple[str, ...] = ()


class UnavailabilityFilter(filters.FilterSet):
    """`kind` is the reason; `standing` are units set aside that nobody has given back."""

    sku = filters.CharFilter(field_name="level__variant__sku")
    stock_point = filters.CharFilter(field_name="level__stock_point__code")
    kind = filters.ChoiceFilter(choices=UnavailableReason.choices, field_name="reason")
    standing = filters.BooleanFilter(method="by_standing")
    since = MomentFilter(field_name="recorded_at", lookup_expr="gte")

    def by_standing(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        return rows.standing() if wanted else rows  # type: ignore[attr-defined, no-any-return]

    class Meta:
        model = Unavailability
        fields: tuple[str, ...] = ()


class StockCountFilter(filters.FilterSet):
    stock_point = filters.CharFilter(field_name="stock_point__code")
    state = filters.ChoiceFilter(choices=StockCountState.choices)
    since = MomentFilter(field_name="started_at", lookup_expr="gte")

    class Meta:
        model = StockCount
        fields: tuple[str, ...] = ()


class ReservationFilter(BySkuAndPoint):
    """`kind` is the reservation's state; `owner` whom it is for."""

    kind = filters.ChoiceFilter(choices=ReservationState.choices, field_name="state")
    state = filters.ChoiceFilter(choices=ReservationState.choices)
    owner = filters.CharFilter()
    since = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Reservation
        fields: tuple[str, ...] = ()


class ExpectedReceiptFilter(BySkuAndPoint):
    kind = filters.ChoiceFilter(choices=ExpectedReceiptKind.choices)
    reference = filters.CharFilter()
    since = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = ExpectedReceipt
        fields: tuple[str, ...] = ()


class TransferFilter(filters.FilterSet):
    """`kind` is where the units come from: the warehouse, returns, slow stock."""

    sku = filters.CharFilter(field_name="variant__sku")
    giver = filters.CharFilter(field_name="giver__code")
    receiver = filters.CharFilter(field_name="receiver__code")
    state = filters.ChoiceFilter(choices=TransferState.choices)
    kind = filters.ChoiceFilter(choices=TransferSource.choices, field_name="source")
    since = MomentFilter(field_name="proposed_at", lookup_expr="gte")

    class Meta:
        model = Transfer
        fields: tuple[str, ...] = ()


class PurchaseProposalFilter(filters.FilterSet):
    """`order_by`: at this day or before."""

    sku = filters.CharFilter(field_name="variant__sku")
    order_by = filters.DateFilter(field_name="order_by", lookup_expr="lte")

    class Meta:
        model = PurchaseProposal
        fields: tuple[str, ...] = ()
