"""What `POST /returns/` and its moves take, strictly, and what they answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from oms.core.api.serializers import StrictSerializer
from orders.api.serializers import AddressSerializer, RequestedPaymentSerializer, address_of
from orders.services.requests import RequestedPayment
from orders.services.work import SkuQuantity
from orders.states import Mode, OperationState
from returns.models import Return
from returns.services.exchanging import Replacement
from returns.services.requests import GradedUnits, ReturnRequest, WantedLine
from returns.states import DispositionKind, Grade, ReturnState, Way

MOST_LINES = 200


class ReturnedUnitsSerializer(StrictSerializer):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=100_000)


class ReturnedLineSerializer(ReturnedUnitsSerializer):
    reason = serializers.CharField(max_length=40, help_text=_("A code of GET /return-reasons/."))


class ReturnRequestSerializer(StrictSerializer):
    order = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text=_("The order's number."))
    receipt = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text=_("What is printed on the receipt: the order's number, or the channel's own reference."),
    )
    way = serializers.ChoiceField(choices=Way.choices)
    stock_point = serializers.CharField(max_length=64, required=False, allow_null=True)
    lines = ReturnedLineSerializer(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]
    is_exception = serializers.BooleanField(
        default=False, help_text=_("Customer service takes it back although the policy would not.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["is_exception"] and attrs["way"] != Way.CUSTOMER_SERVICE:
            raise serializers.ValidationError({"is_exception": [_("Only customer service makes exceptions.")]})
        return attrs


def return_request(data: dict[str, Any]) -> ReturnRequest:
    return ReturnRequest(
        way=data["way"],
        lines=tuple(WantedLine(**line) for line in data["lines"]),
        order=data.get("order") or "",
        receipt=data.get("receipt") or "",
        stock_point=data.get("stock_point") or "",
        is_exception=data["is_exception"],
    )


class ReceiveSerializer(StrictSerializer):
    stock_point = serializers.CharField(max_length=64, required=False, allow_null=True)
    lines = ReturnedUnitsSerializer(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_LINES, help_text=_("Final totals; absent: everything asked.")
    )


def received_lines(data: dict[str, Any]) -> list[SkuQuantity]:
    return [SkuQuantity(**line) for line in data.get("lines") or []]


class GradedSerializer(ReturnedUnitsSerializer):
    grade = serializers.ChoiceField(choices=Grade.choices)
    disposition = serializers.ChoiceField(
        choices=DispositionKind.choices, required=False, help_text=_("Absent: as the banner's rules say.")
    )


class InspectSerializer(StrictSerializer):
    lines = GradedSerializer(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]


def graded_units(data: dict[str, Any]) -> list[GradedUnits]:
    return [GradedUnits(**line) for line in data["lines"]]


class MatchSerializer(StrictSerializer):
    order = serializers.CharField(max_length=100, help_text=_("The order's number, or its channel's reference."))


class RefundSerializer(StrictSerializer):
    is_paid_elsewhere = serializers.BooleanField(
        default=False, help_text=_("For an order that was not paid here: whoever took the money gives it back.")
    )


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class ExchangeSerializer(StrictSerializer):
    lines = ReturnedUnitsSerializer(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_LINES, help_text=_("Absent: the same articles once more.")
    )
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    channel = serializers.CharField(max_length=64, required=False)
    pickup_point = serializers.CharField(max_length=64, required=False)
    selling_stock_point = serializers.CharField(max_length=64, required=False)
    shipping_address = AddressSerializer(required=False, allow_null=True)
    payments = RequestedPaymentSerializer(  # type: ignore[call-arg]
        many=True, required=False, max_length=10, help_text=_("For what it costs more than was given back.")
    )


def replacement(data: dict[str, Any]) -> Replacement:
    units: dict[str, int] = {}
    for line in data.get("lines") or []:
        units[line["sku"]] = units.get(line["sku"], 0) + line["quantity"]
    return Replacement(
        lines=tuple(units.items()),
        mode=data.get("mode") or "",
        channel=data.get("channel") or "",
        pickup_point=data.get("pickup_point") or "",
        selling_stock_point=data.get("selling_stock_point") or "",
        shipping_address=address_of(data.get("shipping_address")),
        payments=tuple(RequestedPayment(**payment) for payment in data.get("payments") or []),
    )


class DispositionDocumentSerializer(serializers.Serializer):
    quantity = serializers.IntegerField()
    grade = serializers.ChoiceField(choices=Grade.choices)
    disposition = serializers.ChoiceField(choices=DispositionKind.choices)
    destination = serializers.CharField(allow_null=True, help_text="The stock point the units are to be sent to.")


class ReturnLineDocumentSerializer(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    received = serializers.IntegerField()
    reason = serializers.CharField()
    dispositions = DispositionDocumentSerializer(many=True)


class TenderSerializer(serializers.Serializer):
    payment = serializers.IntegerField()
    gateway = serializers.CharField()
    method = serializers.CharField()
    amount = serializers.CharField()


class RefundDocumentSerializer(TenderSerializer):
    state = serializers.ChoiceField(choices=OperationState.choices)


class ReturnDocumentSerializer(serializers.Serializer):
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=ReturnState.choices)
    label_url = serializers.CharField(required=False, help_text="By post only; 425 while the label is being made.")
    tracking_number = serializers.CharField(allow_null=True)
    way = serializers.ChoiceField(choices=Way.choices)
    order = serializers.CharField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    stock_point = serializers.CharField(allow_null=True)
    is_exception = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome_reason = serializers.CharField()
    lines = ReturnLineDocumentSerializer(many=True)
    settlement = serializers.ChoiceField(choices=Return.Settlement.choices, allow_null=True)
    goods_amount = serializers.CharField()
    shipping_amount = serializers.CharField()
    return_shipping_fee = serializers.CharField()
    refund_amount = serializers.CharField()
    credit_amount = serializers.CharField()
    currency = serializers.CharField()
    exchange_order = serializers.CharField(allow_null=True)
    refunds = RefundDocumentSerializer(many=True)


class RefundPreviewSerializer(serializers.Serializer):
    goods = serializers.CharField()
    shipping = serializers.CharField()
    return_shipping_fee = serializers.CharField()
    total = serializers.CharField(help_text="What the goods are worth, with shipping, less the fee.")
    amount = serializers.CharField(help_text="What goes back: never more than was captured and not given back.")
    currency = serializers.CharField()
    is_captured = serializers.BooleanField(help_text="False while money for these goods is still to be captured.")
    is_paid_elsewhere = serializers.BooleanField()
    tenders = TenderSerializer(many=True)


class ReasonDocumentSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_retailers_fault = serializers.BooleanField()
