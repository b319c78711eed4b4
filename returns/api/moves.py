"""What may be done to a return: one endpoint per move, each answering with the return as it is then."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.idempotency import IdempotentMixin
from oms.core.errors import Forbidden
from orders.api.serializers import NoBodySerializer
from returns.api.returns import ReturnView, documents
from returns.api.serializers import (
    ExchangeSerializer,
    InspectSerializer,
    MatchSerializer,
    ReasonSerializer,
    ReceiveSerializer,
    RefundSerializer,
    ReturnDocumentSerializer,
    graded_units,
    received_lines,
    replacement,
)
from returns.models import Return
from returns.queries.documents import listed_returns
from returns.services.ending import authorise_return, cancel_return, reject_return
from returns.services.exchanging import exchange_return
from returns.services.inspecting import inspect_return
from returns.services.matching import match_return
from returns.services.receiving import receive_return
from returns.services.settling import refund_return

PLACES_ORDERS = "orders:write"


class ReturnMoveView(IdempotentMixin, ReturnView):  # type: ignore[misc]
    """Parse, call the service, show the return."""

    required_scopes: ClassVar[dict[str, str]] = {"POST": "returns:write"}
    input_serializer: ClassVar[type[serializers.Serializer]] = NoBodySerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        raise NotImplementedError(f"{type(self).__name__} makes no move.")

    def post(self, request: Request, number: str) -> Response:
        returned = self.returned(number)
        serializer = self.input_serializer(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        self.move(returned, serializer.validated_data)
        return Response(documents(request, [listed_returns().get(pk=returned.pk)])[0])


def _documented(view: type[ReturnMoveView]) -> type[ReturnMoveView]:
    request = None if view.input_serializer is NoBodySerializer else view.input_serializer
    documented: type[ReturnMoveView] = extend_schema(request=request, responses={200: ReturnDocumentSerializer})(view)
    return documented


@_documented
class ReceiveView(ReturnMoveView):
    """The goods are here: on hand at once, for sale once they are inspected."""

    input_serializer = ReceiveSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        receive_return(
            return_id=returned.pk,
            stock_point=data.get("stock_point") or "",
            lines=received_lines(data),
            access=self.access,
        )


@_documented
class InspectView(ReturnMoveView):
    """Grade the received units; what is sellable is for sale when this answers."""

    input_serializer = InspectSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        inspect_return(return_id=returned.pk, lines=graded_units(data))


@_documented
class MatchView(ReturnMoveView):
    """Name the order of a blind return."""

    input_serializer = MatchSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        match_return(return_id=returned.pk, order=data["order"], access=self.access)


@_documented
class RefundView(ReturnMoveView):
    """Give the money back to the original tenders, once, never more than was captured."""

    input_serializer = RefundSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        refund_return(return_id=returned.pk, is_paid_elsewhere=data["is_paid_elsewhere"])


@_documented
class ExchangeView(ReturnMoveView):
    """A replacement instead of the money: a new order, paid with what the returned goods were worth.

    It places an order, so the key needs the scope `orders:write` as well.
    """

    input_serializer = ExchangeSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        client: Any = self.request.user
        if not client.has_scope(PLACES_ORDERS):
            raise Forbidden(f"This key lacks the scope {PLACES_ORDERS}.", data={"scope": PLACES_ORDERS})
        exchange_return(return_id=returned.pk, replacement=replacement(data), access=self.access)


@_documented
class CancelView(ReturnMoveView):
    """Nothing comes back after all."""

    input_serializer = ReasonSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        cancel_return(return_id=returned.pk, reason=data["reason"])


@_documented
class AuthoriseView(ReturnMoveView):
    """The customer may send the goods."""

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        authorise_return(return_id=returned.pk)


@_documented
class RejectView(ReturnMoveView):
    """The goods are not taken back; the customer is told why."""

    input_serializer = ReasonSerializer

    def move(self, returned: Return, data: dict[str, Any]) -> None:
        reject_return(return_id=returned.pk, reason=data["reason"])
