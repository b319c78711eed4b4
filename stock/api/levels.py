"""The levels, to look at."""

from rest_framework import serializers

from oms.core.api.views import ListView
from stock.api.filters import LevelFilter
from stock.models import StockLevel


class LevelSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku")
    stock_point = serializers.CharField(source="stock_point.code")
    available = serializers.SerializerMethodField(help_text="For channels without a protection rule of their own.")

    class Meta:
        model = StockLevel
        fields = ("id", "sku", "stock_point", "on_hand", "reserved", "unavailable", "protected", "available", "as_of")

    def get_available(self, level: StockLevel) -> int:
        return max(0, level.on_hand - level.reserved - level.unavailable - level.protected)


class LevelsView(ListView):
    required_scopes = "stock:read"
    queryset = StockLevel.objects.select_related("variant", "stock_point")
    serializer_class = LevelSerializer
    filterset_class = LevelFilter
