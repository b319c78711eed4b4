"""Future stock, as purchasing and warehouse systems announce it."""

from collections.abc import Sequence

from rest_framework import serializers

from oms.core.api.bulk import BulkPutView
from oms.core.api.serializers import RowSerializer
from oms.core.api.views import ListView
from oms.core.bulk import BulkResult, Row
from stock.api.config_serializers import LARGEST
from stock.api.fields import CodeField
from stock.api.filters import ExpectedReceiptFilter
from stock.models import ExpectedReceipt, ExpectedReceiptKind
from stock.services.expecting import save_expected_receipts


class ExpectedReceiptRow(RowSerializer):
    reference = serializers.CharField(max_length=100)
    sku = CodeField()
    stock_point = CodeField()
    quantity = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST,
        required=False,
        help_text="All that is announced under the reference, what has come of it included; 0 cancels it.",
    )
    expected_on = serializers.DateField(required=False)
    kind = serializers.ChoiceField(ExpectedReceiptKind.choices, required=False)


class ExpectedReceiptSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku")
    stock_point = serializers.CharField(source="stock_point.code")

    class Meta:
        model = ExpectedReceipt
        fields = (
            "id",
            "reference",
            "sku",
            "stock_point",
            "quantity",
            "received",
            "reserved",
            "outstanding",
            "expected_on",
            "kind",
        )


class ExpectedReceiptsView(BulkPutView, ListView):  # type: ignore[misc]
    """What is to come; a `receipt` or `transfer_in` movement under its reference says what of it has come. Several
    deliveries under one reference are told apart by what follows a `#`: `PO-7`, `PO-7#2`.
    """

    required_scopes = {"GET": "stock:read", "PUT": "stock:write"}
    row_serializer = ExpectedReceiptRow
    natural_key = ("reference", "sku", "stock_point")
    queryset = ExpectedReceipt.objects.select_related("variant", "stock_point")
    serializer_class = ExpectedReceiptSerializer
    filterset_class = ExpectedReceiptFilter

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        return save_expected_receipts(rows=rows, access=self.access)
