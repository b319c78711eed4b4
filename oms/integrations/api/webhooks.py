"""Where other programs want to be told what happened."""

from collections.abc import Sequence
from typing import cast

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.bulk import BulkPutView
from oms.core.api.serializers import RowSerializer
from oms.core.bulk import BulkResult, Row
from oms.core.models import ApiClient
from oms.integrations.services.webhooking import save_endpoints


class WebhookEndpointRow(RowSerializer):
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    secret = serializers.CharField(
        max_length=200,
        required=False,
        allow_null=True,
        help_text="In the Standard Webhooks form. Absent on create: one is made, and told once under `secrets`.",
    )


class WebhookEndpointBulkView(BulkPutView):
    """Messages go out in the Standard Webhooks form, for days where an endpoint does not answer with 2xx."""

    required_scopes = "webhooks:write"
    row_serializer = WebhookEndpointRow
    natural_key = "url"
    _made: dict[str, str]

    def answer(self, request: Request) -> Response:
        self._made = {}
        response = super().answer(request)
        response.data["secrets"] = self._made
        return response

    def upsert(self, rows: Sequence[Row]) -> BulkResult:
        result, self._made = save_endpoints(rows=rows, client=cast(ApiClient, self.request.user))
        return result
