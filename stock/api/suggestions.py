"""Protection that history suggests, beside what is kept now."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from oms.core.api.views import ListView
from stock.api.filters import LevelFilter
from stock.models import StockLevel
from stock.queries.protection_suggestions import suggested_for


class ProtectionSuggestionSerializer(serializers.Serializer):
    """`suggested` = `for_demand` + `for_missing`; what follows is what they are worked out from."""

    sku = serializers.CharField()
    stock_point = serializers.CharField()
    protected = serializers.IntegerField(help_text="Kept back now, for channels without a rule of their own.")
    suggested = serializers.IntegerField()
    for_demand = serializers.IntegerField()
    for_missing = serializers.IntegerField()
    sold = serializers.IntegerField(help_text="In the shop, in `sold_days` days with stock.")
    sold_days = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="At the stock point, of the units `looked_for`.")
    looked_for = serializers.IntegerField()
    receipts = serializers.IntegerField(help_text="That came to the stock point.")
    late_days = serializers.FloatField(help_text="How late they came on average.")


class ProtectionSuggestionsView(ListView):
    """For each level what its history suggests to keep back; nothing of it is applied by itself."""

    required_scopes = "stock:read"
    queryset = StockLevel.objects.select_related("variant", "stock_point")
    serializer_class = ProtectionSuggestionSerializer
    filterset_class = LevelFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page of levels, each with its suggestion."""
        return _told(super().paginate_queryset(queryset) or [])


def _told(levels: Sequence[StockLevel]) -> list[dict[str, Any]]:
    found = suggested_for([level.pk for level in levels])
    return [
        {
            "sku": level.variant.sku,
            "stock_point": level.stock_point.code,
            "protected": told.protected,
            "suggested": told.suggested,
            "for_demand": told.suggestion.for_demand,
            "for_missing": told.suggestion.for_missing,
            "sold": told.sold,
            "sold_days": told.sold_days,
            "missing": told.missing,
            "looked_for": told.looked_for,
            "receipts": told.receipts,
            "late_days": round(told.experience.late_days, 2),
        }
        for level in levels
        for told in [found[level.pk]]
    ]
