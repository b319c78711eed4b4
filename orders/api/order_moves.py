"""What may be done to an order: one endpoint per move, each answering with the order as it is then."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.idempotency import IdempotentMixin
from orders.api.orders import OrderView
from orders.api.serializers import (
    CancelLineSerializer,
    CancelOrderSerializer,
    ChangeAddressSerializer,
    ChangeModeSerializer,
    HoldOrderSerializer,
    NoBodySerializer,
    OrderDetailSerializer,
    address_of,
    mode_change,
)
from orders.models import Order
from orders.queries.documents import order_document
from orders.services.cancelling import cancel_line, cancel_order
from orders.services.changing import change_address, change_mode
from orders.services.holding import hold_order, release_order
from orders.services.recalling import reroute_order


class OrderMoveView(IdempotentMixin, OrderView):  # type: ignore[misc]
    """Parse, call the service, show the order."""

    required_scopes: ClassVar[dict[str, str]] = {"POST": "orders:write"}
    input_serializer: ClassVar[type[serializers.Serializer]] = NoBodySerializer

    def move(self, order: Order, data: dict[str, Any]) -> None:
        raise NotImplementedError(f"{type(self).__name__} makes no move.")

    def post(self, request: Request, number: str, **rest: Any) -> Response:
        order = self.order(number)
        serializer = self.input_serializer(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        self.move(order, {**serializer.validated_data, **rest})
        return Response(order_document(self.order(number)))


def _documented(view: type[OrderMoveView]) -> type[OrderMoveView]:
    request = None if view.input_serializer is NoBodySerializer else view.input_serializer
    documented: type[OrderMoveView] = extend_schema(request=request, responses={200: OrderDetailSerializer})(view)
    return documented


@_documented
class CancelView(OrderMoveView):
    """Cancel the whole order: its stock is free before this answers."""

    input_serializer = CancelOrderSerializer

    def move(self, order: Order, data: dict[str, Any]) -> None:
        cancel_order(order_id=order.pk, reason=data["reason"])


@_documented
class CancelLineView(OrderMoveView):
    """Cancel a line, or so many of its units."""

    input_serializer = CancelLineSerializer

    def move(self, order: Order, data: dict[str, Any]) -> None:
        cancel_line(order_id=order.pk, line_id=data["line_id"], quantity=data["quantity"], reason=data["reason"])


@_documented
class HoldView(OrderMoveView):
    """Hold the order back: nothing of it is sourced, picked or captured until it is released."""

    input_serializer = HoldOrderSerializer

    def move(self, order: Order, data: dict[str, Any]) -> None:
        hold_order(order_id=order.pk, reason=data["reason"])


@_documented
class ReleaseView(OrderMoveView):
    """Let a held order go on."""

    def move(self, order: Order, data: dict[str, Any]) -> None:
        release_order(order_id=order.pk)


@_documented
class ChangeAddressView(OrderMoveView):
    """Send the order elsewhere; it is planned again."""

    input_serializer = ChangeAddressSerializer

    def move(self, order: Order, data: dict[str, Any]) -> None:
        shipping = address_of(data["shipping_address"])
        assert shipping is not None
        change_address(
            order_id=order.pk, shipping_address=shipping, billing_address=address_of(data["billing_address"])
        )


@_documented
class ChangeModeView(OrderMoveView):
    """Receive the order in another way; it is planned again."""

    input_serializer = ChangeModeSerializer

    def move(self, order: Order, data: dict[str, Any]) -> None:
        change_mode(order_id=order.pk, change=mode_change(data))


@_documented
class RerouteView(OrderMoveView):
    """Ask for another decision: work nobody has begun is taken back and the order sourced again."""

    def move(self, order: Order, data: dict[str, Any]) -> None:
        reroute_order(order_id=order.pk)
