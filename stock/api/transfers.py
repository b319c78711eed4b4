"""Replenishment: proposed transfers are decided, sent and received; purchases that fall due are listed."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.api.idempotency import IdempotentMixin
from oms.core.api.serializers import StrictSerializer
from oms.core.api.views import ApiView, ListView
from oms.core.errors import NotFound
from stock.api.config_serializers import LARGEST
from stock.api.filters import PurchaseProposalFilter, TransferFilter
from stock.models import PurchaseProposal, Transfer
from stock.queries.transfer_reasons import reason_of
from stock.services.transferring import (
    accept_transfer,
    cancel_transfer,
    receive_transfer,
    reject_transfer,
    ship_transfer,
)
from stock.states import TransferState

DECIDING = "config:write"


class TransferSerializer(serializers.ModelSerializer):
    """`figures` are those it was proposed by, `why` tells them in words; `unit_cost` in the base currency."""

    sku = serializers.CharField(source="variant.sku")
    giver = serializers.CharField(source="giver.code")
    receiver = serializers.CharField(source="receiver.code")
    state = serializers.ChoiceField(TransferState.choices)
    why = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = (
            "reference",
            "sku",
            "giver",
            "receiver",
            "state",
            "source",
            "quantity",
            "shipped_quantity",
            "received_quantity",
            "is_urgent",
            "unit_cost",
            "why",
            "figures",
            "reason",
            "proposed_at",
            "decided_at",
            "shipped_at",
            "ended_at",
            "expected_on",
        )

    def get_why(self, transfer: Transfer) -> str:
        return reason_of(transfer)


class UnitsSerializer(StrictSerializer):
    quantity = serializers.IntegerField(
        min_value=1, max_value=LARGEST, required=False, allow_null=True, help_text="Absent: all of them."
    )


class TransferReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class TransferReceiptSerializer(StrictSerializer):
    quantity = serializers.IntegerField(min_value=0, max_value=LARGEST)
    is_last = serializers.BooleanField(
        required=False, default=False, help_text="Nothing more comes of it: what is missing is no longer expected."
    )


class PurchaseProposalSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku")

    class Meta:
        model = PurchaseProposal
        fields = (
            "sku",
            "order_by",
            "runs_out_on",
            "quantity",
            "here",
            "incoming",
            "sold",
            "sold_days",
            "lead_days",
            "lead_cases",
            "safety",
            "computed_at",
        )


class TransfersView(ListView):
    """Transfers of what one gives or receives, newest first."""

    required_scopes = "stock:read"
    queryset = Transfer.objects.select_related("variant", "giver", "receiver")
    serializer_class = TransferSerializer
    filterset_class = TransferFilter


class PurchaseProposalsView(ListView):
    """By when what must be ordered, the most pressing first; for keys that are bound to no stock point."""

    required_scopes = "stock:read"
    ordering = ("order_by", "id")
    queryset = PurchaseProposal.objects.select_related("variant")
    serializer_class = PurchaseProposalSerializer
    filterset_class = PurchaseProposalFilter


class _OneTransfer(ApiView):
    def found(self) -> Transfer:
        transfers = self.visible(Transfer.objects.select_related("variant", "giver", "receiver"))
        transfer: Transfer | None = transfers.filter(reference=self.kwargs["reference"]).first()
        if transfer is None:
            raise NotFound("There is no such transfer.")
        return transfer

    def answer(self) -> Response:
        return Response(TransferSerializer(self.found()).data)


class TransferView(_OneTransfer):
    required_scopes = "stock:read"

    @extend_schema(responses=TransferSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Where it stands, and why it was proposed."""
        return self.answer()


class TransferAcceptView(IdempotentMixin, _OneTransfer):  # type: ignore[misc]
    required_scopes: ClassVar[Any] = {"POST": DECIDING}

    @extend_schema(request=UnitsSerializer, responses={200: TransferSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """The giver keeps the units for it, the receiver expects them."""
        asked = _asked(UnitsSerializer, request)
        accept_transfer(transfer_id=self.found().pk, quantity=asked.get("quantity"), access=self.access)
        return self.answer()


class TransferRejectView(IdempotentMixin, _OneTransfer):  # type: ignore[misc]
    required_scopes: ClassVar[Any] = {"POST": DECIDING}

    @extend_schema(request=TransferReasonSerializer, responses={200: TransferSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """It is not proposed again for a while."""
        asked = _asked(TransferReasonSerializer, request)
        reject_transfer(transfer_id=self.found().pk, reason=asked.get("reason", ""), access=self.access)
        return self.answer()


class TransferCancelView(IdempotentMixin, _OneTransfer):  # type: ignore[misc]
    required_scopes: ClassVar[Any] = {"POST": DECIDING}

    @extend_schema(request=TransferReasonSerializer, responses={200: TransferSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Accepted and not sent: the giver may sell its units again."""
        asked = _asked(TransferReasonSerializer, request)
        cancel_transfer(transfer_id=self.found().pk, reason=asked.get("reason", ""), access=self.access)
        return self.answer()


class TransferShipView(IdempotentMixin, _OneTransfer):  # type: ignore[misc]
    required_scopes: ClassVar[Any] = {"POST": "stock:write"}

    @extend_schema(request=UnitsSerializer, responses={200: TransferSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """The units have left the giver; the rest, where they are fewer, is for sale there again."""
        asked = _asked(UnitsSerializer, request)
        ship_transfer(transfer_id=self.found().pk, quantity=asked.get("quantity"), access=self.access)
        return self.answer()


class TransferReceiveView(IdempotentMixin, _OneTransfer):  # type: ignore[misc]
    required_scopes: ClassVar[Any] = {"POST": "stock:write"}

    @extend_schema(request=TransferReceiptSerializer, responses={200: TransferSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """So many have come, on top of those before."""
        asked = _asked(TransferReceiptSerializer, request)
        receive_transfer(
            transfer_id=self.found().pk, quantity=asked["quantity"], is_last=asked["is_last"], access=self.access
        )
        return self.answer()


def _asked(serializer_class: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
