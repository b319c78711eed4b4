"""The levels, to look at, and to be explained at any moment."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core import clock
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import ApiView, ListView
from oms.core.errors import NotFound
from stock.api.filters import LevelFilter
from stock.models import LedgerMovement, StockLevel
from stock.queries.explaining import explain_level


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


class KindSumSerializer(serializers.Serializer):
    kind = serializers.CharField()
    movements = serializers.IntegerField()
    units = serializers.IntegerField()


class ExplainedMovementSerializer(serializers.ModelSerializer):
    class Meta:
        model = LedgerMovement
        fields = ("id", "kind", "reference", "quantity", "occurred_at", "recorded_at", "is_archived")


class ExplanationSerializer(serializers.Serializer):
    """`on_hand` is the sum of `kinds`; `movements`: the newest of that moment, newest first."""

    at = serializers.DateTimeField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    unavailable = serializers.IntegerField()
    told_later = serializers.IntegerField(help_text="Units that had moved by then and were recorded afterwards.")
    kinds = KindSumSerializer(many=True)
    movements = ExplainedMovementSerializer(many=True)
    has_older = serializers.BooleanField()


class LevelExplanationView(ApiView):
    required_scopes = "stock:read"

    @extend_schema(
        parameters=[
            OpenApiParameter("sku", str, required=True),
            OpenApiParameter("stock_point", str, required=True),
            OpenApiParameter("at", {"type": "string", "format": "date-time"}),
        ],
        responses=ExplanationSerializer,
    )
    def get(self, request: Request) -> Response:
        """A level as its books said at a moment, now where it is not told, and by which movements."""
        asked = _Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        named = asked.validated_data
        levels = StockLevel.objects.visible_to(self.access).select_related("variant", "stock_point")
        level = levels.filter(variant__sku=named["sku"], stock_point__code=named["stock_point"]).first()
        if level is None:
            raise NotFound("There is no such stock level.")
        return Response(ExplanationSerializer(explain_level(level, at=named.get("at") or clock.now())).data)


class _Asked(StrictSerializer):
    sku = serializers.CharField()
    stock_point = serializers.CharField()
    at = serializers.DateTimeField(required=False)
