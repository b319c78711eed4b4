"""Cart holds, and the list of all reservations."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import ApiView, ListView
from stock.api.availability import channel_named
from stock.api.config_serializers import LARGEST
from stock.api.fields import CodeField
from stock.api.filters import ReservationFilter
from stock.errors import UnknownSkuGiven, UnknownStockPoint
from stock.models import Reservation, StockPoint, Variant
from stock.queries.codes import stock_points_by_code, variants_by_sku
from stock.services.holding import Hold, delete_hold, hold_cart


class HoldLineSerializer(StrictSerializer):
    sku = CodeField()
    quantity = serializers.IntegerField(min_value=1, max_value=LARGEST)


class HoldSerializer(StrictSerializer):
    reference = serializers.CharField(max_length=100)
    channel = CodeField()
    stock_point = CodeField(required=False, allow_null=True)
    lines = HoldLineSerializer(many=True, allow_empty=False, max_length=500)  # type: ignore[call-arg]
    expires_at = serializers.DateTimeField()


class HeldUnitsSerializer(serializers.Serializer):
    code = serializers.CharField()
    quantity = serializers.IntegerField()


class HeldLineSerializer(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    stock_points = HeldUnitsSerializer(many=True)


class HeldSerializer(serializers.Serializer):
    reference = serializers.CharField()
    lines = HeldLineSerializer(many=True)
    expires_at = serializers.DateTimeField()


class ReservationSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku")
    stock_point = serializers.CharField(source="stock_point.code")
    channel = serializers.CharField(source="channel.code", allow_null=True, default=None)

    class Meta:
        model = Reservation
        fields = (
            "id",
            "owner",
            "channel",
            "sku",
            "stock_point",
            "quantity",
            "state",
            "expires_at",
            "created_at",
            "ended_at",
        )


class ReservationsView(IdempotentMixin, ListView):  # type: ignore[misc]
    """Reservations, newest first; and cart holds."""

    required_scopes = {"GET": "stock:read", "POST": "stock:write"}
    queryset = Reservation.objects.select_related("variant", "stock_point", "channel")
    serializer_class = ReservationSerializer
    filterset_class = ReservationFilter

    @extend_schema(request=HoldSerializer, responses={201: HeldSerializer})
    def post(self, request: Request) -> Response:
        """Hold a cart's units. The same reference replaces its hold in the same moment."""
        serializer = HoldSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        channel = channel_named(asked["channel"], self.access)
        hold = hold_cart(
            reference=asked["reference"],
            channel_id=channel.pk,
            stock_point_id=self._stock_point(asked.get("stock_point")),
            lines=_lines(asked["lines"]),
            expires_at=asked["expires_at"],
            access=self.access,
        )
        return Response(HeldSerializer(_held(hold)).data, status=201)

    def _stock_point(self, code: str | None) -> int | None:
        if code is None:
            return None
        known = stock_points_by_code([code], self.access)
        if code not in known:
            raise UnknownStockPoint(f"There is no stock point {code}.")
        return known[code]


class HoldView(ApiView):
    required_scopes = "stock:write"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Give a cart's units back."""
        delete_hold(reference=reference, access=self.access)
        return Response(status=204)


def _lines(asked: list[dict[str, Any]]) -> list[tuple[int, int]]:
    known = variants_by_sku(line["sku"] for line in asked)
    unknown = [line["sku"] for line in asked if line["sku"] not in known]
    if unknown:
        raise UnknownSkuGiven(f"There is no SKU {unknown[0]}.", data={"skus": unknown})
    return [(known[line["sku"]], line["quantity"]) for line in asked]


def _held(hold: Hold) -> dict[str, Any]:
    skus = dict(Variant.objects.filter(pk__in={want.variant_id for want in hold.wants}).values_list("pk", "sku"))
    points = {want.stock_point_id for want in hold.wants}
    codes = dict(StockPoint.objects.filter(pk__in=points).values_list("pk", "code"))
    lines: dict[int, dict[str, Any]] = {}
    for want in hold.wants:
        line = lines.setdefault(want.variant_id, {"sku": skus[want.variant_id], "quantity": 0, "stock_points": []})
        line["quantity"] += want.quantity
        line["stock_points"].append({"code": codes[want.stock_point_id], "quantity": want.quantity})
    return {"reference": hold.reference, "lines": list(lines.values()), "expires_at": hold.expires_at}
