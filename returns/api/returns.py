"""Returns by API: ask for one, list, read; its label; the reasons a banner knows."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.filters import MomentFilter
from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.views import ApiView, ListView
from oms.core.errors import Invalid, NotFound
from orders.errors import LabelPending, UnknownChannel
from orders.services.numbering import normalised
from returns.api.serializers import (
    ReasonDocumentSerializer,
    RefundPreviewSerializer,
    ReturnDocumentSerializer,
    ReturnRequestSerializer,
    return_request,
)
from returns.models import Return, ReturnLabel
from returns.queries.documents import listed_returns, preview_document, return_documents
from returns.queries.policies import policy_for, reasons_of
from returns.queries.valuing import refund_preview
from returns.services.requesting import request_return
from returns.states import ReturnState, Way
from stock.models import SalesChannel

LABEL_FORMATS = ("pdf", "zpl")
READ = ("orders:read", "returns:write")


def documents(request: Request, returns: list[Return]) -> list[dict[str, Any]]:
    """As the queries tell them, with the address of the label where there is one, or will be."""
    found = []
    for document in return_documents(returns):
        if document.pop("has_label"):
            path = reverse("returns:return-label", args=[document["number"]])
            document["label_url"] = request.build_absolute_uri(path)
        found.append(document)
    return found


class ReturnFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=ReturnState.choices)
    way = django_filters.MultipleChoiceFilter(choices=Way.choices)
    order = django_filters.CharFilter(field_name="order__number")
    stock_point = django_filters.CharFilter(field_name="stock_point__code")
    since = MomentFilter(field_name="requested_at", lookup_expr="gte")

    class Meta:
        model = Return
        fields: ClassVar[list[str]] = []


class ReturnListView(IdempotentMixin, ListView):  # type: ignore[misc]
    """Returns, newest first; asking for one."""

    required_scopes: ClassVar[dict[str, Any]] = {"GET": READ, "POST": "returns:write"}
    queryset = Return.objects.select_related("order", "channel", "stock_point", "exchange_order")
    serializer_class = ReturnDocumentSerializer
    filterset_class = ReturnFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        queryset: QuerySet[Return] = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(queryset)
        return self.get_paginated_response(documents(request, page or []))

    @extend_schema(request=ReturnRequestSerializer, responses={201: ReturnDocumentSerializer})
    def post(self, request: Request) -> Response:
        """Ask for a return: by post with a label to be fetched, blind ones received by this."""
        serializer = ReturnRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        returned = request_return(request=return_request(serializer.validated_data), access=self.access)
        return Response(documents(request, [listed_returns().get(pk=returned.pk)])[0], status=201)


class ReturnView(ApiView):
    """What every endpoint of one return needs: the return by its number, where the key may see it."""

    def returned(self, number: str) -> Return:
        found = self.visible(listed_returns()).filter(number=normalised(number)).first()
        if found is None:
            raise NotFound("There is no such return.")
        returned: Return = found
        return returned


class ReturnDetailView(ReturnView):
    """One return."""

    required_scopes = READ

    @extend_schema(responses=ReturnDocumentSerializer)
    def get(self, request: Request, number: str) -> Response:
        return Response(documents(request, [self.returned(number)])[0])


class RefundPreviewView(ReturnView):
    """What a refund would give back now, by original tender; before inspection as if all were found refundable."""

    required_scopes = READ

    @extend_schema(responses=RefundPreviewSerializer)
    def get(self, request: Request, number: str) -> Response:
        returned = self.returned(number)
        if returned.order is None:
            raise NotFound("The order of this return is not known yet.")
        return Response(preview_document(refund_preview(returned)))


class ReturnLabelView(ReturnView):
    """The label the customer sends the goods with, as bought: asking again never buys again."""

    required_scopes = READ
    # `?format=` names the label's format here, not a renderer.
    format_kwarg = None

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=LABEL_FORMATS, default="pdf")],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/plain"): OpenApiTypes.STR,
            425: OpenApiResponse(description="The label is being made (`label_pending`)."),
        },
    )
    def get(self, request: Request, number: str) -> Response | HttpResponse:
        wanted = request.query_params.get("format", "pdf")
        if wanted not in LABEL_FORMATS:
            raise Invalid("A label is pdf or zpl.", errors={"format": ["Choose pdf or zpl."]})
        label = ReturnLabel.objects.filter(returned=self.returned(number)).first()
        if label is None:
            raise NotFound("This return has no label.")
        return label_answer(label, wanted)


def label_answer(label: ReturnLabel, wanted: str = "pdf") -> HttpResponse:
    """The label as a file; raises `LabelPending` while it is being made."""
    if label.pdf is None:
        raise LabelPending(data={"error": label.error} if label.error else None)
    if wanted == "zpl":
        return HttpResponse(label.zpl, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(bytes(label.pdf), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{label.tracking_number}.pdf"'
    return answer


class ReasonListView(ApiView):
    """Why something may be given back, in the language asked for, as the channel's banner says."""

    required_scopes = READ

    @extend_schema(
        parameters=[OpenApiParameter("channel", str, required=True)], responses=ReasonDocumentSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        code = request.query_params.get("channel", "")
        channel = SalesChannel.objects.visible_to(self.access).filter(code=code).first()
        if channel is None:
            raise UnknownChannel(errors={"channel": [f"There is no sales channel {code}."]})
        reasons = reasons_of(policy_for(channel.banner_id), language=get_language() or "en")
        return Response(
            [
                {"code": each.code, "label": each.label, "is_retailers_fault": each.is_retailers_fault}
                for each in reasons
            ]
        )
