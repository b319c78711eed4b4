"""Stock counts: a sheet is opened, filled in and submitted; who may configure applies or rejects it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.bulk import BulkPutView
from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.core.api.views import ApiView, ListView
from oms.core.bulk import BulkResult, Row
from oms.core.errors import NotFound
from stock.api.config_serializers import LARGEST
from stock.api.fields import CodeField
from stock.api.filters import StockCountFilter
from stock.errors import UnknownStockPoint
from stock.models import CountLine, StockCount, StockPoint
from stock.queries.counts import count_totals, counted_lines
from stock.services.counting import (
    approve_count,
    open_count,
    reject_count,
    reopen_count,
    submit_count,
    write_counted,
)
from stock.states import StockCountState

DECIDING = "config:write"


class OpenCountSerializer(StrictSerializer):
    reference = CodeField()
    stock_point = CodeField()
    category = serializers.CharField(
        max_length=100, required=False, allow_blank=True, allow_null=True, help_text="Absent: everything there."
    )


class CountReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200)


class CountTotalsSerializer(serializers.Serializer):
    """Of the articles priced in one currency; what was lost is negative."""

    currency = serializers.CharField()
    lines = serializers.IntegerField()
    counted = serializers.IntegerField()
    differing = serializers.IntegerField()
    found_units = serializers.IntegerField()
    lost_units = serializers.IntegerField()
    found_value = serializers.DecimalField(16, 2)
    lost_value = serializers.DecimalField(16, 2)


class StockCountSerializer(serializers.ModelSerializer):
    stock_point = serializers.CharField(source="stock_point.code")
    state = serializers.ChoiceField(StockCountState.choices)

    class Meta:
        model = StockCount
        fields = ("reference", "stock_point", "category", "state", "reason", "started_at", "submitted_at", "decided_at")


class CountDetailSerializer(StockCountSerializer):
    totals = serializers.SerializerMethodField()

    class Meta(StockCountSerializer.Meta):
        fields = (*StockCountSerializer.Meta.fields, "totals")  # type: ignore[assignment]

    @extend_schema(responses=CountTotalsSerializer(many=True))
    def get_totals(self, stock_count: StockCount) -> list[dict[str, Any]]:
        return list(CountTotalsSerializer(count_totals(stock_count), many=True).data)


class CountedRow(RowSerializer):
    """Either `sku` or `gtin`."""

    sku = CodeField(required=False, allow_null=True)
    gtin = serializers.CharField(max_length=14, required=False, allow_null=True)
    counted = serializers.IntegerField(min_value=0, max_value=LARGEST, allow_null=True)
    counted_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Absent: now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("sku")) == bool(attrs.get("gtin")):
            raise serializers.ValidationError({"sku": "Either a SKU or a GTIN is needed."})
        return attrs


class CountedLineSerializer(serializers.Serializer):
    """`difference`: what applying it now would change, or has changed; null where nobody has counted."""

    sku = serializers.CharField()
    expected = serializers.IntegerField(help_text="On hand by the books when the count began.")
    counted = serializers.IntegerField(allow_null=True)
    moved = serializers.IntegerField(help_text="Units that came and went since it was counted.")
    difference = serializers.IntegerField(allow_null=True)
    value = serializers.DecimalField(16, 2, allow_null=True, help_text="Of the difference, at the selling price.")
    currency = serializers.CharField()


class StockCountsView(IdempotentMixin, ListView):  # type: ignore[misc]
    """Stock counts, newest first."""

    required_scopes = {"GET": "stock:read", "POST": "stock:write"}
    queryset = StockCount.objects.select_related("stock_point")
    serializer_class = StockCountSerializer
    filterset_class = StockCountFilter

    @extend_schema(request=OpenCountSerializer, responses={201: CountDetailSerializer})
    def post(self, request: Request) -> Response:
        """Open a sheet with every article that has a level at the point, of one category where given."""
        serializer = OpenCountSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        point = StockPoint.objects.visible_to(self.access).filter(code=asked["stock_point"]).first()
        if point is None:
            raise UnknownStockPoint(f"There is no stock point {asked['stock_point']}.")
        opened = open_count(reference=asked["reference"], stock_point=point, category=asked.get("category") or "")
        return Response(CountDetailSerializer(opened).data, status=201)


class _OneCount(ApiView):
    def found(self) -> StockCount:
        counts = self.visible(StockCount.objects.select_related("stock_point"))
        stock_count: StockCount | None = counts.filter(reference=self.kwargs["reference"]).first()
        if stock_count is None:
            raise NotFound("There is no such stock count.")
        return stock_count


class StockCountView(_OneCount):
    required_scopes = "stock:read"

    @extend_schema(responses=CountDetailSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Where the count stands, and what its differences are worth."""
        return Response(CountDetailSerializer(self.found()).data)


class CountLinesView(BulkPutView, _OneCount, ListView):  # type: ignore[misc]
    """The sheet; and what was found, line by line. The last figure of an article holds, null takes it back."""

    required_scopes = {"GET": "stock:read", "PUT": "stock:write"}
    row_serializer = CountedRow
    queryset = CountLine.objects.all()
    serializer_class = CountedLineSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return CountLine.objects.none()
        return CountLine.objects.filter(stock_count=self.found())

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page of lines, with what their levels say now."""
        page = super().paginate_queryset(queryset)
        return counted_lines(self.found(), line_ids=[line.pk for line in page or []])

    def put(self, request: Request, reference: str) -> Response:  # type: ignore[override]
        return self.answer(request)

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return write_counted(stock_count=self.found(), rows=rows)


class CountMoveView(IdempotentMixin, _OneCount):  # type: ignore[misc]
    def answer(self, stock_count: StockCount) -> Response:
        return Response(CountDetailSerializer(stock_count).data)


class CountSubmitView(CountMoveView):
    required_scopes: ClassVar[Any] = {"POST": "stock:write"}

    @extend_schema(request=None, responses={200: CountDetailSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """It is counted; the differences wait for whoever approves."""
        stock_count = self.found()
        submit_count(stock_count=stock_count)
        return self.answer(stock_count)


class CountApproveView(CountMoveView):
    required_scopes: ClassVar[Any] = {"POST": DECIDING}

    @extend_schema(request=None, responses={200: CountDetailSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Write the differences as `count` movements."""
        stock_count = self.found()
        approve_count(stock_count=stock_count)
        return self.answer(stock_count)


class CountRejectView(CountMoveView):
    required_scopes: ClassVar[Any] = {"POST": DECIDING}

    @extend_schema(request=CountReasonSerializer, responses={200: CountDetailSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Nothing of it is applied."""
        stock_count = self.found()
        reject_count(stock_count=stock_count, reason=_reason(request))
        return self.answer(stock_count)


class CountReopenView(CountMoveView):
    required_scopes: ClassVar[Any] = {"POST": DECIDING}

    @extend_schema(request=CountReasonSerializer, responses={200: CountDetailSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Some of it is to be counted again."""
        stock_count = self.found()
        reopen_count(stock_count=stock_count, reason=_reason(request))
        return self.answer(stock_count)


def _reason(request: Request) -> str:
    serializer = CountReasonSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return str(serializer.validated_data["reason"])
