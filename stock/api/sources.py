"""The systems that send stock files, and how they write them."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from oms.core.api.bulk import BulkPutView
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.core.bulk import BulkResult, Row
from stock.api.config import SCOPE, refuse_bound
from stock.api.fields import CodeField
from stock.feeds.profiles import DECIMAL_SIGNS, ENCODINGS
from stock.feeds.reading import DELIMITERS
from stock.models import ImportBasis
from stock.services.profiling import save_sources


class ColumnsSerializer(StrictSerializer):
    """The file's name of each of our columns, where it has another. Then columns that are not ours are passed over."""

    sku = serializers.CharField(max_length=100, required=False)
    stock_point = serializers.CharField(max_length=100, required=False)
    quantity = serializers.CharField(max_length=100, required=False)
    unavailable = serializers.CharField(max_length=100, required=False)


class StockSourceRow(RowSerializer):
    name = CodeField()
    basis = serializers.ChoiceField(ImportBasis.choices, required=False, help_text="Of a new source; it never changes.")
    # A tab is a delimiter, not an empty text.
    delimiter = serializers.ChoiceField(list(DELIMITERS), required=False)
    encoding = serializers.ChoiceField(list(ENCODINGS), required=False)
    decimal_sign = serializers.ChoiceField(
        list(DECIMAL_SIGNS), required=False, allow_null=True, help_text="null: figures are whole."
    )
    columns = ColumnsSerializer(required=False)

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if "decimal_sign" in value and value["decimal_sign"] is None:
            value["decimal_sign"] = ""
        return value


class StockSourcesView(BulkPutView):
    """How each source writes its files: used whenever a file of it comes, through the admin, the API or the command."""

    required_scopes = SCOPE
    row_serializer = StockSourceRow
    natural_key = "name"

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        refuse_bound(self.access)
        return save_sources(rows=rows)
