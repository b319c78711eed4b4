"""Stock files in: accepted at once, staged and applied by a task, watched and approved here."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.parsers import JsonParser
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import ApiView, DetailView, ListView
from oms.core.errors import BodyTooLarge, NotFound
from stock.api.config_serializers import LARGEST
from stock.api.fields import CodeField
from stock.feeds.reading import DELIMITERS
from stock.feeds.rejects import rejects_csv
from stock.models import ImportBasis, ImportKind, StockImport
from stock.services.importing import approve_import, create_import
from stock.states import StockImportState

# Room for the fields and boundaries of a multipart body around the file itself.
MULTIPART_OVERHEAD = 64 * 1024


class FigureSerializer(StrictSerializer):
    """One figure as JSON; what a file may hold is judged line by line by the feed itself."""

    sku = serializers.CharField(max_length=200)
    stock_point = serializers.CharField(max_length=200)
    quantity = serializers.IntegerField(min_value=-LARGEST, max_value=LARGEST)
    unavailable = serializers.IntegerField(min_value=-LARGEST, max_value=LARGEST, required=False, allow_null=True)


class ImportRequestSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=ImportKind.choices)
    as_of = serializers.DateTimeField()
    source = CodeField()  # type: ignore[assignment]
    sequence = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**63 - 1)
    basis = serializers.ChoiceField(choices=ImportBasis.choices, required=False, allow_null=True)


class JsonImportSerializer(ImportRequestSerializer):
    rows = FigureSerializer(many=True, allow_empty=False)


class FileImportSerializer(ImportRequestSerializer):
    """As form fields beside the file, a CSV as the source's profile says: where it has none, in UTF-8 with the columns
    `sku,stock_point,quantity[,unavailable]`, separated by commas.
    """

    file = serializers.FileField(allow_empty_file=False)
    delimiter = serializers.ChoiceField(
        choices=list(DELIMITERS), required=False, help_text="Instead of the profile: UTF-8 with the columns above."
    )


class AcceptedImportSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=StockImportState.choices)


class ImportSerializer(serializers.ModelSerializer):
    status = serializers.ChoiceField(choices=StockImportState.choices, source="state")
    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    rejects_url = serializers.SerializerMethodField()

    class Meta:
        model = StockImport
        fields = (
            "id",
            "status",
            "kind",
            "source",
            "as_of",
            "sequence",
            "basis",
            "rows",
            "applied",
            "unchanged",
            "rejected",
            "quarantined",
            "closed",
            "progress",
            "code",
            "reason",
            "created_at",
            "finished_at",
            "rejects_url",
        )

    def get_rejects_url(self, stock_import: StockImport) -> str | None:
        if not stock_import.rejected and not stock_import.quarantined:
            return None
        return reverse("stock:stock-import-rejects", args=[stock_import.pk])


class ImportsView(IdempotentMixin, ListView):  # type: ignore[misc]
    """Stock imports, newest first; sending one, as a file or as JSON rows."""

    required_scopes: ClassVar[dict[str, str]] = {"GET": "stock:read", "POST": "stock:write"}
    queryset = StockImport.objects.select_related("source")
    serializer_class = ImportSerializer
    parser_classes = (JsonParser, MultiPartParser)

    @property
    def max_body_bytes(self) -> int:
        """A file is streamed to disk; JSON is held in memory and so has a limit of its own."""
        request = getattr(self, "request", None)
        if request is not None and str(request.content_type or "").startswith("multipart/"):
            return int(settings.STOCK_IMPORT_MAX_BYTES) + MULTIPART_OVERHEAD
        return int(settings.STOCK_IMPORT_JSON_MAX_BYTES)

    @extend_schema(
        request={"application/json": JsonImportSerializer, "multipart/form-data": FileImportSerializer},
        responses={202: AcceptedImportSerializer},
    )
    def post(self, request: Request) -> Response:
        given = self._file_import(request) if "file" in request.FILES else self._json_import(request)
        points = self.access.stock_points
        stock_import = create_import(**given, bound_to=None if points is None else sorted(points))
        return Response({"id": stock_import.pk, "status": stock_import.state}, status=status.HTTP_202_ACCEPTED)

    def _file_import(self, request: Request) -> dict[str, Any]:
        data = _validated(FileImportSerializer(data=request.data))
        file: File = data.pop("file")
        return {**data, "file": file, "file_name": file.name or ""}

    def _json_import(self, request: Request) -> dict[str, Any]:
        if isinstance(request.data, dict) and isinstance(request.data.get("rows"), list):
            _refuse_too_many(request.data["rows"])
        data = _validated(JsonImportSerializer(data=request.data))
        rows = data.pop("rows")
        return {**data, "file": _as_csv(rows), "file_name": "rows.csv", "expected_rows": len(rows), "delimiter": ","}


class ImportDetailView(DetailView):
    """How far an import is, and what became of its rows."""

    required_scopes = "stock:read"
    queryset = StockImport.objects.select_related("source")
    serializer_class = ImportSerializer


class _OneImportView(ApiView):
    def found(self, pk: int) -> StockImport:
        stock_import: StockImport | None = (
            self.visible(StockImport.objects.select_related("source")).filter(pk=pk).first()
        )
        if stock_import is None:
            raise NotFound("There is no such stock import.")
        return stock_import


class ImportApproveView(IdempotentMixin, _OneImportView):  # type: ignore[misc]
    """Let an import that the swing guard holds be applied."""

    required_scopes: ClassVar[dict[str, str]] = {"POST": "stock:write"}

    @extend_schema(request=None, responses={200: ImportSerializer})
    def post(self, request: Request, pk: int) -> Response:
        stock_import = self.found(pk)
        approve_import(stock_import=stock_import)
        return Response(ImportSerializer(stock_import).data)


class ImportRejectsView(_OneImportView):
    """The lines that were not used, each with its number and the reason, as CSV."""

    required_scopes = "stock:read"

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        answer = StreamingHttpResponse(rejects_csv(self.found(pk)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="stock-import-{pk}-rejects.csv"'
        return answer


def _validated(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _refuse_too_many(rows: Sequence[object]) -> None:
    """Each row becomes objects in memory; a file has no such limit."""
    if len(rows) > settings.STOCK_IMPORT_JSON_MAX_ROWS:
        raise BodyTooLarge(
            f"At most {settings.STOCK_IMPORT_JSON_MAX_ROWS} rows as JSON; send a file.",
            data={"max_rows": settings.STOCK_IMPORT_JSON_MAX_ROWS},
        )


def _as_csv(rows: Sequence[dict[str, Any]]) -> ContentFile:
    """The rows as the file they could have been sent as: one road for all of them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    has_unavailable = any(row.get("unavailable") is not None for row in rows)
    columns = ["sku", "stock_point", "quantity", *(["unavailable"] if has_unavailable else [])]
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row.get(column) is None else row[column] for column in columns])
    return ContentFile(buffer.getvalue().encode(), name="rows.csv")
