"""Labels of parcels."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.views import ApiView
from oms.core.errors import Invalid, NotFound
from orders.errors import LabelPending
from orders.models import Parcel
from orders.states import ParcelState

FORMATS = ("pdf", "zpl")


class LabelView(ApiView):
    """The parcel's label, as bought: asking again never buys again."""

    required_scopes = "fulfilments:write"
    # `?format=` names the label's format here, not a renderer.
    format_kwarg = None

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=FORMATS, default="pdf")],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/plain"): OpenApiTypes.STR,
            425: OpenApiResponse(description="The label is being made (`label_pending`)."),
        },
    )
    def get(self, request: Request, pk: int) -> Response | HttpResponse:
        wanted = request.query_params.get("format", "pdf")
        if wanted not in FORMATS:
            raise Invalid("A label is pdf or zpl.", errors={"format": ["Choose pdf or zpl."]})
        parcel = self.visible(Parcel.objects.select_related("label")).filter(pk=pk).first()
        if parcel is None or parcel.state == ParcelState.CANCELLED:
            raise NotFound("There is no such parcel.")
        if parcel.state == ParcelState.LABEL_PENDING:
            raise LabelPending(data={"error": parcel.label_error} if parcel.label_error else None)
        if wanted == "zpl":
            return HttpResponse(parcel.label.zpl, content_type="text/plain; charset=utf-8")
        answer = HttpResponse(bytes(parcel.label.pdf), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{parcel.tracking_number}.pdf"'
        return answer
