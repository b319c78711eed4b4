"""The configuration: bulk PUTs, and lists of what they wrote."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import uuid4

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.access import Access
from oms.core.api.bulk import BulkPutView, BulkResult, Row
from oms.core.api.views import ApiView, ListView
from oms.core.errors import Forbidden
from stock.api.config_serializers import (
    BannerRow,
    ChannelAllotmentRow,
    HiddenStockSerializer,
    PreviewRow,
    ProtectionRuleRow,
    SalesChannelRow,
    SalesChannelSerializer,
    StockPointRow,
    StockPointSerializer,
    VariantRow,
    VariantSerializer,
)
from stock.api.filters import VariantFilter
from stock.models import SalesChannel, StockPoint, Variant
from stock.services.allotting import save_allotments
from stock.services.cataloguing import save_variants
from stock.services.organising import save_banners, save_channels, save_stock_points
from stock.services.protecting import apply_pending_protection
from stock.services.ruling import preview_protection_rule, save_protection_rules

SCOPE = "config:write"
READ_OR_WRITE = {"GET": "stock:read", "PUT": SCOPE}
# A larger change is finished by the scheduled task, so that no request runs for minutes.
LEVELS_WITHIN_REQUEST = 50_000


def refuse_bound(access: Access) -> None:
    """What belongs to the whole network is not for a key that is bound to a part of it."""
    if not access.is_unlimited:
        raise Forbidden("This key is bound to a part of the network; this belongs to all of it.")


class BannerBulkView(BulkPutView):
    required_scopes = SCOPE
    row_serializer = BannerRow
    natural_key = "code"

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        refuse_bound(self.access)
        return save_banners(rows=rows)


class StockPointsView(BulkPutView, ListView):  # type: ignore[misc]
    required_scopes = READ_OR_WRITE
    queryset = StockPoint.objects.select_related("banner").prefetch_related("groups")
    serializer_class = StockPointSerializer
    row_serializer = StockPointRow
    natural_key = "code"

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        result = save_stock_points(rows=rows, access=self.access)
        apply_pending_protection(max_levels=LEVELS_WITHIN_REQUEST)
        return result


class VariantsView(BulkPutView, ListView):  # type: ignore[misc]
    required_scopes = READ_OR_WRITE
    queryset = Variant.objects.select_related("product")
    serializer_class = VariantSerializer
    row_serializer = VariantRow
    filterset_class = VariantFilter
    natural_key = "sku"

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        refuse_bound(self.access)
        result = save_variants(rows=rows)
        apply_pending_protection(max_levels=LEVELS_WITHIN_REQUEST)
        return result


class SalesChannelsView(BulkPutView, ListView):  # type: ignore[misc]
    required_scopes = READ_OR_WRITE
    queryset = SalesChannel.objects.select_related("banner").prefetch_related("stock_points")
    serializer_class = SalesChannelSerializer
    row_serializer = SalesChannelRow
    natural_key = "code"

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_channels(rows=rows, access=self.access)


class ProtectionRuleBulkView(BulkPutView):
    required_scopes = SCOPE
    row_serializer = ProtectionRuleRow
    natural_key = "code"

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        result = save_protection_rules(rows=rows, access=self.access)
        apply_pending_protection(max_levels=LEVELS_WITHIN_REQUEST)
        return result


class ChannelAllotmentBulkView(BulkPutView):
    required_scopes = SCOPE
    row_serializer = ChannelAllotmentRow
    natural_key = ("channel", "sku", "category")

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_allotments(rows=rows, access=self.access)


class ProtectionRulePreviewView(ApiView):
    required_scopes = SCOPE

    @extend_schema(request=PreviewRow, responses=HiddenStockSerializer)
    def post(self, request: Request) -> Response:
        """What a rule would take from sale; nothing is saved."""
        serializer = PreviewRow(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = Row(0, {"code": f"preview {uuid4()}", **serializer.validated_data})
        return Response(HiddenStockSerializer(asdict(preview_protection_rule(row=row, access=self.access))).data)
