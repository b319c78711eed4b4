"""A stock point's work by API."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.views import ApiView, DetailView, ListView
from oms.core.errors import NotFound
from orders.api.fulfilment_serializers import (
    CollectSerializer,
    DeclineSerializer,
    FulfilmentSerializer,
    NothingSerializer,
    PackSerializer,
    PickSerializer,
    packings,
    sku_quantities,
)
from orders.models import Fulfilment
from orders.queries.fulfilments import fulfilments_with_lines
from orders.services.accepting import accept_fulfilment
from orders.services.collecting import collect_fulfilment, receive_fulfilment
from orders.services.declining import decline_fulfilment
from orders.services.handing_over import hand_over_fulfilment
from orders.services.packing import pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.states import FulfilmentState


class FulfilmentFilter(django_filters.FilterSet):
    stock_point = django_filters.CharFilter(field_name="stock_point__code")
    state = django_filters.MultipleChoiceFilter(choices=FulfilmentState.choices)
    order = django_filters.CharFilter(field_name="order__number")

    class Meta:
        model = Fulfilment
        fields: ClassVar[list[str]] = []


class FulfilmentListView(ListView):
    """Stock points' work, newest first."""

    required_scopes = "fulfilments:write"
    queryset = fulfilments_with_lines()
    serializer_class = FulfilmentSerializer
    filterset_class = FulfilmentFilter


class FulfilmentDetailView(DetailView):
    """One fulfilment."""

    required_scopes = "fulfilments:write"
    queryset = fulfilments_with_lines()
    serializer_class = FulfilmentSerializer


class FulfilmentMoveView(IdempotentMixin, ApiView, ABC):  # type: ignore[misc]
    """One move of a fulfilment: parse, call the service, show the fulfilment as it is now."""

    required_scopes: ClassVar[dict[str, str]] = {"POST": "fulfilments:write"}
    input_serializer: type[Serializer] = NothingSerializer

    @abstractmethod
    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        """Call the service."""

    def post(self, request: Request, pk: int) -> Response:
        serializer = self.input_serializer(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        self.move(pk, serializer.validated_data)
        fulfilment = self.visible(fulfilments_with_lines()).filter(pk=pk).first()
        if fulfilment is None:
            raise NotFound("There is no such fulfilment.")
        return Response(FulfilmentSerializer(fulfilment).data)


def _documented(view: type[FulfilmentMoveView]) -> type[FulfilmentMoveView]:
    request = None if view.input_serializer is NothingSerializer else view.input_serializer
    documented: type[FulfilmentMoveView] = extend_schema(request=request, responses={200: FulfilmentSerializer})(view)
    return documented


@_documented
class AcceptView(FulfilmentMoveView):
    """Accept offered work. Accepting twice is accepting once."""

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        accept_fulfilment(fulfilment_id=fulfilment_id, access=self.access)


@_documented
class ClaimView(AcceptView):
    """Claim work offered to several: the first wins, the others are told who and when (409 `offer_taken`)."""


@_documented
class DeclineView(FulfilmentMoveView):
    """Give work back, all of it or some lines; the stock effect follows the reason."""

    input_serializer = DeclineSerializer

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        decline_fulfilment(
            fulfilment_id=fulfilment_id,
            reason=data["reason"],
            lines=sku_quantities(data.get("lines", [])),
            access=self.access,
        )


@_documented
class PickView(FulfilmentMoveView):
    """Record final totals per SKU; fewer than asked is a short pick."""

    input_serializer = PickSerializer

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        pick_fulfilment(fulfilment_id=fulfilment_id, lines=sku_quantities(data["lines"]), access=self.access)


@_documented
class PackView(FulfilmentMoveView):
    """Put everything picked into parcels; their labels are then made."""

    input_serializer = PackSerializer

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        pack_fulfilment(fulfilment_id=fulfilment_id, parcels=packings(data["parcels"]), access=self.access)


@_documented
class HandOverView(FulfilmentMoveView):
    """The carrier takes the parcels; the stock is spent. 425 `label_pending` while a label is being made."""

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        hand_over_fulfilment(fulfilment_id=fulfilment_id, access=self.access)


@_documented
class ReceiveView(FulfilmentMoveView):
    """Ship to store: the parcels have arrived at the pick-up store."""

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        receive_fulfilment(fulfilment_id=fulfilment_id, access=self.access)


@_documented
class CollectView(FulfilmentMoveView):
    """Hand the goods to the customer who tells the code; five wrong codes lock the pickup."""

    input_serializer = CollectSerializer

    def move(self, fulfilment_id: int, data: dict[str, Any]) -> None:
        collect_fulfilment(fulfilment_id=fulfilment_id, code=data["code"], access=self.access)
