"""Which protection rules cover an article at a stock point, and which of them wins."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core import clock
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import ApiView
from oms.core.errors import NotFound
from stock.models import StockLevel, StockPoint, Variant
from stock.queries.protection_chain import Outcome, protection_chain


class ChainedRuleSerializer(serializers.Serializer):
    """A rule with its scopes; null means all."""

    code = serializers.CharField(source="rule.code")
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome])
    quantity = serializers.IntegerField(source="rule.quantity", allow_null=True)
    percent = serializers.DecimalField(source="rule.percent", max_digits=5, decimal_places=2, allow_null=True)
    channel = serializers.CharField(source="rule.channel.code", default=None, allow_null=True)
    stock_point = serializers.CharField(source="rule.stock_point.code", default=None, allow_null=True)
    group = serializers.CharField(source="rule.group.code", default=None, allow_null=True)
    kind = serializers.SerializerMethodField()
    category = serializers.SerializerMethodField()
    product = serializers.CharField(source="rule.product.code", default=None, allow_null=True)
    sku = serializers.CharField(source="rule.variant.sku", default=None, allow_null=True)
    starts_at = serializers.DateTimeField(source="rule.starts_at", allow_null=True)
    ends_at = serializers.DateTimeField(source="rule.ends_at", allow_null=True)

    def get_kind(self, link: object) -> str | None:
        return link.rule.kind or None  # type: ignore[attr-defined, no-any-return]

    def get_category(self, link: object) -> str | None:
        return link.rule.category or None  # type: ignore[attr-defined, no-any-return]


class ProtectionChainSerializer(serializers.Serializer):
    sku = serializers.CharField()
    stock_point = serializers.CharField()
    rules = ChainedRuleSerializer(many=True)


class ProtectionChainView(ApiView):
    required_scopes = "stock:read"

    @extend_schema(
        parameters=[OpenApiParameter("sku", str, required=True), OpenApiParameter("stock_point", str, required=True)],
        responses=ProtectionChainSerializer,
    )
    def get(self, request: Request) -> Response:
        """Every rule that covers the article there, the strongest first, whether or not any of it has ever lain there.

        Those for one channel come after those for all, and are judged beside them; those for channels the key
        may not see are not told.
        """
        asked = _Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        named = asked.validated_data
        variant = Variant.objects.select_related("product").filter(sku=named["sku"]).first()
        point = StockPoint.objects.visible_to(self.access).filter(code=named["stock_point"]).first()
        if variant is None or point is None:
            raise NotFound("There is no such article, or no such stock point.")
        chain = protection_chain(StockLevel(variant=variant, stock_point=point), at=clock.now())
        told = [link for link in chain if link.is_told(self.access)]
        return Response(ProtectionChainSerializer({**named, "rules": told}).data)


class _Asked(StrictSerializer):
    sku = serializers.CharField()
    stock_point = serializers.CharField()
