"""Endpoints of the tests: one of each form the API kit knows."""

from django.contrib import admin
from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from oms.core import health
from oms.core.api.bulk import BulkPutView, BulkResult
from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.serializers import RowSerializer, StrictSerializer
from oms.core.api.views import ApiView, ListView, SignedView
from oms.core.audit import record_audit
from oms.core.errors import Invalid, NotFound, Retryable, StateConflict
from oms.core.models import AuditEntry

# What the next request should meet inside its handler.
during = []


class LineSerializer(StrictSerializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField(min_value=1)


class ThingSerializer(StrictSerializer):
    name = serializers.CharField()
    lines = LineSerializer(many=True, required=False)
    number = serializers.IntegerField(read_only=True)


class ThingRowSerializer(RowSerializer):
    code = serializers.CharField()
    colour = serializers.CharField(required=False, allow_null=True)
    size = serializers.IntegerField(required=False)


class ThingsView(IdempotentMixin, ApiView):
    required_scopes = {"GET": "stock:read", "POST": "orders:write"}

    @extend_schema(responses=ThingSerializer)
    def get(self, request):
        return Response({"actor": request.user.name})

    @extend_schema(request=ThingSerializer, responses={201: ThingSerializer})
    def post(self, request):
        serializer = ThingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            record_audit("thing.made", subject=f"thing:{serializer.validated_data['name']}")
        if during:
            during.pop(0)()
        return Response({"number": AuditEntry.objects.filter(action="thing.made").count()}, status=201)


class RefusalsView(ApiView):
    required_scopes = {"GET": "stock:read"}

    @extend_schema(exclude=True)
    def get(self, request, kind):
        errors = {
            "missing": NotFound(),
            "conflict": StateConflict("It is shipped.", data={"state": "shipped"}),
            "invalid": Invalid("No.", errors={"quantity": ["Too many."]}),
            "later": Retryable(),
            "bug": ZeroDivisionError("a bug"),
        }
        raise errors[kind]


class ThingRowsView(BulkPutView):
    required_scopes = {"PUT": "config:write"}
    row_serializer = ThingRowSerializer
    natural_key = "code"
    max_rows = 10

    def upsert(self, rows):
        result = BulkResult()
        for row in rows:
            if row["code"] == "forbidden":
                result.refuse(row.index, "forbidden_code", "This code may not be used.")
            else:
                result.created += 1
        with transaction.atomic():
            for row in rows:
                record_audit("row.written", subject=f"row:{row['code']}", changes=dict(row.data))
        return result


class ForgottenView(ApiView):
    """Whoever wrote it forgot to say which scope it needs."""

    @extend_schema(exclude=True)
    def get(self, request):
        return Response({"secret": 42})


class FilesView(IdempotentMixin, ApiView):
    required_scopes = "stock:write"
    parser_classes = [MultiPartParser]
    max_body_bytes = 20_000

    @extend_schema(exclude=True)
    def post(self, request):
        with transaction.atomic():
            record_audit("file.received", subject=f"file:{request.data['source']}")
        return Response({"bytes": request.data["file"].size})


class EntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = AuditEntry
        fields = ("id", "subject")


class EntriesView(ListView):
    required_scopes = "stock:read"
    serializer_class = EntrySerializer
    queryset = AuditEntry.objects.all()

    def visible(self, queryset):
        return queryset


class EventsView(SignedView):
    def secret_name(self):
        return f"carrier:{self.kwargs['carrier']}"

    @extend_schema(request=ThingSerializer, responses={200: ThingSerializer})
    def post(self, request, carrier):
        with transaction.atomic():
            record_audit("event.received", subject=f"event:{request.data['event_id']}")
        return Response({"heard": request.data["event_id"]})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view()),
    path("api/v1/things/", ThingsView.as_view()),
    path("api/v1/refusals/<str:kind>/", RefusalsView.as_view()),
    path("api/v1/thing-rows/", ThingRowsView.as_view()),
    path("api/v1/forgotten/", ForgottenView.as_view()),
    path("api/v1/files/", FilesView.as_view()),
    path("api/v1/entries/", EntriesView.as_view()),
    path("api/v1/carriers/<str:carrier>/events/", EventsView.as_view()),
    path("livez", health.livez),
    path("readyz", health.readyz),
]
handler404 = "oms.core.error_views.page_not_found"
handler500 = "oms.core.error_views.server_error"
