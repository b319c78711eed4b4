"""Articles in by file."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import ApiView
from oms.core.errors import NotFound
from stock.api.config import SCOPE, refuse_bound
from stock.api.imports import MULTIPART_OVERHEAD
from stock.feeds.profiles import DECIMAL_SIGNS, ENCODINGS
from stock.feeds.reading import DELIMITERS
from stock.models import CatalogueImport
from stock.queries.catalogue_rejects import catalogue_rejects_csv
from stock.services.catalogue_importing import create_catalogue_import
from stock.states import CatalogueImportState


class CatalogueFileSerializer(StrictSerializer):
    """A CSV with the column `sku` and any of `gtin`, `size`, `colour`, `price`, `currency`, `weight_g`, `is_active`,
    `is_hot`, `product`, `name`, `brand`, `category` and `season_ends_on`.
    """

    file = serializers.FileField(allow_empty_file=False)
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), default=",")
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), default="utf-8")
    decimal_sign = serializers.ChoiceField(choices=list(DECIMAL_SIGNS), default=".")


class CatalogueImportSerializer(serializers.ModelSerializer):
    status = serializers.ChoiceField(choices=CatalogueImportState.choices, source="state")

    class Meta:
        model = CatalogueImport
        fields = (
            "id",
            "status",
            "rows",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "progress",
            "reason",
            "created_at",
            "finished_at",
        )


class CatalogueImportsView(IdempotentMixin, ApiView):  # type: ignore[misc]
    required_scopes: ClassVar[dict[str, str]] = {"POST": SCOPE}
    parser_classes = (MultiPartParser,)

    @property
    def max_body_bytes(self) -> int:
        return int(settings.STOCK_IMPORT_MAX_BYTES) + MULTIPART_OVERHEAD

    @extend_schema(request={"multipart/form-data": CatalogueFileSerializer}, responses={202: CatalogueImportSerializer})
    def post(self, request: Request) -> Response:
        """Send a file of articles: lines that can be used are written as by `PUT /variants/`, the others are told."""
        refuse_bound(self.access)
        serializer = CatalogueFileSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = dict(serializer.validated_data)
        made = create_catalogue_import(**asked, file_name=asked["file"].name or "")
        return Response(CatalogueImportSerializer(made).data, status=202)


class _OneCatalogueImport(ApiView):
    def found(self, pk: int) -> CatalogueImport:
        """The catalogue belongs to all of the network: its files are not for a key that is bound to a part of it."""
        found = CatalogueImport.objects.filter(pk=pk).first() if self.access.is_unlimited else None
        if found is None:
            raise NotFound("There is no such catalogue import.")
        return found


class CatalogueImportView(_OneCatalogueImport):
    required_scopes = SCOPE

    @extend_schema(responses=CatalogueImportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far it is, and what became of its lines."""
        return Response(CatalogueImportSerializer(self.found(pk)).data)


class CatalogueRejectsView(_OneCatalogueImport):
    required_scopes = SCOPE

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """Every line that was not used, each with its number and the reason."""
        answer = StreamingHttpResponse(catalogue_rejects_csv(self.found(pk)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="catalogue-import-{pk}-rejects.csv"'
        return answer
