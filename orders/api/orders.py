"""Orders by API: place, list, read, and what was decided for one."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.filters import MomentFilter
from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.views import ApiView, ListView
from oms.core.errors import NotFound
from oms.orchestration.queries.runs import runs_for
from orders.api.serializers import (
    OrderDetailSerializer,
    OrderDocumentSerializer,
    OrderRequestSerializer,
    SourcingRunDocumentSerializer,
    order_request,
)
from orders.models import Order
from orders.queries.documents import listed_orders, order_document, order_documents
from orders.services.numbering import normalised
from orders.services.placing import find_or_place_order
from orders.states import OrderState


class OrderFilter(django_filters.FilterSet):
    channel = django_filters.CharFilter(field_name="channel__code")
    state = django_filters.MultipleChoiceFilter(choices=OrderState.choices)
    external_reference = django_filters.CharFilter()
    since = MomentFilter(field_name="placed_at", lookup_expr="gte")

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = []


class OrderListView(IdempotentMixin, ListView):  # type: ignore[misc]
    """Orders, newest first; placing one."""

    required_scopes: ClassVar[dict[str, str]] = {"GET": "orders:read", "POST": "orders:write"}
    queryset = Order.objects.placed().select_related("channel", "pickup_point", "selling_stock_point")
    serializer_class = OrderDocumentSerializer
    filterset_class = OrderFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        queryset: QuerySet[Order] = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(queryset)
        return self.get_paginated_response(order_documents(page or []))

    @extend_schema(
        request=OrderRequestSerializer, responses={200: OrderDocumentSerializer, 201: OrderDocumentSerializer}
    )
    def post(self, request: Request) -> Response:
        """Place an order. The same content under the same reference again: 200 with the order."""
        serializer = OrderRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order, is_new = find_or_place_order(request=order_request(serializer.validated_data), access=self.access)
        found = listed_orders().get(pk=order.pk)
        return Response(order_documents([found])[0], status=201 if is_new else 200)


class OrderView(ApiView):
    """What every endpoint of one order needs: the order by its number, where the key may see it."""

    def order(self, number: str) -> Order:
        order = self.visible(listed_orders()).filter(number=normalised(number)).first()
        if order is None:
            raise NotFound("There is no such order.")
        found: Order = order
        return found


class OrderDetailView(OrderView):
    """One order, with its timeline."""

    required_scopes = "orders:read"

    @extend_schema(responses=OrderDetailSerializer)
    def get(self, request: Request, number: str) -> Response:
        return Response(order_document(self.order(number)))


class SourcingRunListView(OrderView):
    """Every decision taken for an order, oldest first, with each candidate's costs or why it was rejected."""

    required_scopes = "orders:read"

    @extend_schema(responses=SourcingRunDocumentSerializer(many=True))
    def get(self, request: Request, number: str) -> Response:
        return Response(runs_for(self.order(number).number))
