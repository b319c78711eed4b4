"""Units that are there and not for sale: set aside for a reason, perhaps until a moment, and given back."""

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
from stock.api.filters import UnavailabilityFilter
from stock.models import Unavailability, UnavailableReason
from stock.services.setting_aside import set_aside


class UnavailabilityRow(RowSerializer):
    sku = CodeField()
    stock_point = CodeField()
    quantity = serializers.IntegerField(
        min_value=-LARGEST, max_value=LARGEST, help_text="Positive: set aside; negative: given back."
    )
    reason = serializers.ChoiceField(UnavailableReason.choices)
    reference = serializers.CharField(max_length=100)
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When units set aside are given back by themselves."
    )


class UnavailabilitySerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="level.variant.sku")
    stock_point = serializers.CharField(source="level.stock_point.code")

    class Meta:
        model = Unavailability
        fields = (
            "id",
            "sku",
            "stock_point",
            "quantity",
            "reason",
            "reference",
            "recorded_at",
            "expires_at",
            "ended_at",
        )


class UnavailabilitiesView(IdempotentMixin, BulkView, ListView):  # type: ignore[misc]
    """Every change of a level's unavailable units, newest first; and units set aside or given back, answered as a
    bulk PUT: unique by reason, reference, SKU and stock point. No more are set aside than are on hand there.
    """

    required_scopes = {"GET": "stock:read", "POST": "stock:write"}
    row_serializer = UnavailabilityRow
    queryset = Unavailability.objects.select_related("level__variant", "level__stock_point")
    serializer_class = UnavailabilitySerializer
    filterset_class = UnavailabilityFilter

    def post(self, request: Request) -> Response:
        return self.answer(request)

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return set_aside(rows=rows, access=self.access)
