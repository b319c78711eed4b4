"""Movements told by other systems, and the ledger."""

from collections.abc import Sequence

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.bulk import BulkView
from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.serializers import RowSerializer
from oms.core.api.views import ListView
from oms.core.bulk import BulkResult, Row
from stock.api.config_serializers import LARGEST
from stock.api.fields import CodeField
from stock.api.filters import MovementFilter
from stock.models import REPORTED_KINDS, StockMovement
from stock.services.moving import record_movements


class MovementRow(RowSerializer):
    sku = CodeField()
    stock_point = CodeField()
    quantity = serializers.IntegerField(min_value=-LARGEST, max_value=LARGEST, help_text="What came is positive.")
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in REPORTED_KINDS])
    reference = serializers.CharField(max_length=100)
    occurred_at = serializers.DateTimeField()


class MovementSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku")
    stock_point = serializers.CharField(source="stock_point.code")

    class Meta:
        model = StockMovement
        fields = ("id", "sku", "stock_point", "quantity", "kind", "reference", "occurred_at", "recorded_at")


class MovementsView(IdempotentMixin, BulkView, ListView):  # type: ignore[misc]
    """The ledger, newest first; and facts from other systems, answered as a bulk PUT."""

    required_scopes = {"GET": "stock:read", "POST": "stock:write"}
    row_serializer = MovementRow
    queryset = StockMovement.objects.select_related("variant", "stock_point")
    serializer_class = MovementSerializer
    filterset_class = MovementFilter

    def post(self, request: Request) -> Response:
        return self.answer(request)

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return record_movements(rows=rows, access=self.access)
