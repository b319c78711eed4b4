"""What `POST /orders/` and its moves take, strictly, and what they answer."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from oms.core.api.serializers import StrictSerializer
from orders.services.changing import ModeChange
from orders.services.requests import (
    Address,
    Customer,
    OrderRequest,
    RequestedLine,
    RequestedPayment,
    Slot,
)
from orders.states import AllocationState, Mode, OrderState, PaymentState

MOST_LINES = 200
_CARD_NUMBER = re.compile(r"(?:\d[ -]?){12,18}\d")


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, **options)


def _is_card_number(text: str) -> bool:
    """Whether a text holds what could be the number of a payment card (Luhn): it must not come near us."""
    for found in _CARD_NUMBER.findall(text):
        digits = [int(sign) for sign in re.sub(r"\D", "", found)][::-1]
        odd = sum(digits[::2])
        even = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
        if (odd + even) % 10 == 0:
            return True
    return False


_WORDS = frozenset({"line1", "line2", "postcode", "city", "country"})


class AddressSerializer(StrictSerializer):
    """Whether it can be delivered to is judged by the service, which answers `bad_address`."""

    line1 = serializers.CharField(max_length=200, allow_blank=True, allow_null=True, default="")
    line2 = serializers.CharField(max_length=200, allow_blank=True, allow_null=True, default="")
    postcode = serializers.CharField(max_length=20, allow_blank=True, allow_null=True, default="")
    city = serializers.CharField(max_length=100, allow_blank=True, allow_null=True, default="")
    country = serializers.CharField(max_length=60, allow_blank=True, allow_null=True, default="")
    latitude = serializers.FloatField(min_value=-90, max_value=90, allow_null=True, default=None)
    longitude = serializers.FloatField(min_value=-180, max_value=180, allow_null=True, default=None)

    def validate_country(self, value: str | None) -> str:
        return (value or "").upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: "" if value is None and name in _WORDS else value for name, value in attrs.items()}


class CustomerSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200)
    email = serializers.CharField(max_length=254, allow_blank=True, allow_null=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, allow_null=True, default="")

    def get_fields(self) -> dict[str, serializers.Field]:
        told = "The retailer's own word for a sort of customer; rule sets may ask for it."
        kind = serializers.CharField(max_length=40, allow_blank=True, allow_null=True, default="", help_text=told)
        return {**super().get_fields(), "class": kind}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: value or "" for name, value in attrs.items()}


class SlotSerializer(StrictSerializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}


class RequestedLineSerializer(StrictSerializer):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=100_000)
    unit_price = money(allow_null=True, default=None)
    discount = money(default=Decimal(0))
    mode = serializers.ChoiceField(choices=Mode.choices, allow_null=True, default=None)
    pickup_point = serializers.CharField(max_length=64, allow_null=True, default=None)


class RequestedPaymentSerializer(StrictSerializer):
    gateway = serializers.CharField(max_length=40)
    method = serializers.CharField(max_length=40)
    amount = money(allow_null=True, default=None)
    token = serializers.CharField(max_length=200, allow_blank=True, default="")

    def validate_token(self, value: str) -> str:
        if _is_card_number(value):
            raise serializers.ValidationError(_("This looks like a card number: send the gateway's token."))
        return value


class OrderRequestSerializer(StrictSerializer):
    channel = serializers.CharField(max_length=64)
    external_reference = serializers.CharField(max_length=100)
    mode = serializers.ChoiceField(choices=Mode.choices)
    promise_token = serializers.CharField(max_length=8000, allow_blank=True, default="")
    reservation = serializers.CharField(max_length=100, allow_blank=True, default="")
    selling_stock_point = serializers.CharField(max_length=64, allow_null=True, default=None)
    pickup_point = serializers.CharField(max_length=64, allow_null=True, default=None)
    relay_point = serializers.CharField(max_length=60, allow_blank=True, default="")
    slot = SlotSerializer(allow_null=True, default=None)
    customer = CustomerSerializer()
    shipping_address = AddressSerializer(allow_null=True, default=None)
    billing_address = AddressSerializer(allow_null=True, default=None)
    lines = RequestedLineSerializer(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]
    shipping_price = money(allow_null=True, default=None)
    payments = RequestedPaymentSerializer(many=True, default=list, max_length=10)  # type: ignore[call-arg]
    consolidate = serializers.BooleanField(default=False)
    allow_partial = serializers.BooleanField(default=False)
    language = serializers.CharField(max_length=5, allow_blank=True, default="")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=20, default=list, help_text="Rule sets may ask for them."
    )


def order_request(data: dict[str, Any]) -> OrderRequest:
    """The validated body as the service takes it."""
    slot = data["slot"]
    return OrderRequest(
        **{
            **data,
            "customer": customer_of(data["customer"]),
            "shipping_address": address_of(data["shipping_address"]),
            "billing_address": address_of(data["billing_address"]),
            "slot": Slot(from_=slot["from"], to=slot["to"]) if slot else None,
            "lines": tuple(RequestedLine(**line) for line in data["lines"]),
            "payments": tuple(RequestedPayment(**payment) for payment in data["payments"]),
            "tags": tuple(dict.fromkeys(data["tags"])),
        }
    )


def customer_of(data: dict[str, Any]) -> Customer:
    return Customer(name=data["name"], email=data["email"], phone=data["phone"], class_=data["class"])


def address_of(data: dict[str, Any] | None) -> Address | None:
    return Address(**data) if data else None


class AllocationDocumentSerializer(serializers.Serializer):
    stock_point = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AllocationState.choices)
    promised_on = serializers.DateField(
        allow_null=True, help_text="The day it was promised for; null where none was told of it."
    )
    expected_on = serializers.DateField(
        allow_null=True, help_text="The new day it was told since, where the promised one can no longer be kept."
    )


class LineDocumentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField(help_text="What was ordered; never changes.")
    cancelled = serializers.IntegerField()
    returned = serializers.IntegerField(
        help_text="Units asked back or come back, by returns that are not over in vain."
    )
    backordered = serializers.IntegerField()
    unit_price = serializers.CharField()
    discount = serializers.CharField()
    total = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    pickup_point = serializers.CharField(allow_null=True)
    allocations = AllocationDocumentSerializer(many=True)


class PaymentDocumentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    gateway = serializers.CharField()
    method = serializers.CharField()
    amount = serializers.CharField()
    captured = serializers.CharField()
    refunded = serializers.CharField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=PaymentState.choices)


class PromiseDocumentSerializer(serializers.Serializer):
    mode = serializers.ChoiceField(choices=Mode.choices)
    service = serializers.CharField()
    promised_from = serializers.DateField()
    promised_on = serializers.DateField()
    price = serializers.CharField()
    currency = serializers.CharField()
    co2e_g = serializers.IntegerField()
    is_split = serializers.BooleanField()
    degraded = serializers.BooleanField(help_text="Whether the destination's place had to be guessed.")
    choice = serializers.CharField(
        required=False, help_text="Where its days count on what has still to come: `now_and_later`, `when_complete`."
    )


class CustomerDocumentSerializer(serializers.Serializer):
    name = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "class": serializers.CharField(allow_blank=True)}


class OrderDocumentSerializer(serializers.Serializer):
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    external_reference = serializers.CharField()
    channel = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    placed_at = serializers.DateTimeField()
    pay_by = serializers.DateTimeField(allow_null=True)
    is_on_hold = serializers.BooleanField()
    needs_attention = serializers.CharField(allow_blank=True)
    customer = CustomerDocumentSerializer()
    shipping_address = serializers.JSONField(allow_null=True)
    billing_address = serializers.JSONField(allow_null=True)
    pickup_point = serializers.CharField(allow_null=True)
    selling_stock_point = serializers.CharField(allow_null=True)
    lines = LineDocumentSerializer(many=True)
    promise = PromiseDocumentSerializer(allow_null=True)
    expected_on = serializers.DateField(
        allow_null=True, help_text="The new day, where the promised one can no longer be kept; else null."
    )
    payments = PaymentDocumentSerializer(many=True)
    subtotal = serializers.CharField()
    shipping = serializers.CharField()
    tax = serializers.CharField(help_text="The part of the total that is tax.")
    total = serializers.CharField()
    currency = serializers.CharField()
    tracking_url = serializers.CharField(allow_null=True)


class TimelineDocumentSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    event = serializers.CharField()
    actor = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]


class OrderDetailSerializer(OrderDocumentSerializer):
    timeline = TimelineDocumentSerializer(many=True)


class PlanLineSerializer(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()


class PlanParcelSerializer(serializers.Serializer):
    stock_point = serializers.CharField()
    service = serializers.CharField()
    lines = PlanLineSerializer(many=True)


class CandidateSerializer(serializers.Serializer):
    stock_point = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["chosen", "eligible", "rejected"])
    reason = serializers.CharField(allow_blank=True)
    costs = serializers.DictField(child=serializers.CharField())
    total = serializers.CharField(allow_null=True)


class SourcingRunDocumentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    trigger = serializers.CharField()
    rule_set = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    rule = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    duration_ms = serializers.FloatField()
    candidates = CandidateSerializer(many=True)
    plan = PlanParcelSerializer(many=True)
    outcome = serializers.ChoiceField(choices=["planned", "unfillable", "kept"])


class NoBodySerializer(StrictSerializer):
    """A move that needs to be told nothing more."""


class CancelOrderSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class CancelLineSerializer(StrictSerializer):
    quantity = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class HoldOrderSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class ChangeAddressSerializer(StrictSerializer):
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer(allow_null=True, default=None)


class ChangeModeSerializer(StrictSerializer):
    mode = serializers.ChoiceField(choices=Mode.choices)
    pickup_point = serializers.CharField(max_length=64, allow_null=True, default=None)
    relay_point = serializers.CharField(max_length=60, allow_blank=True, default="")
    slot = SlotSerializer(allow_null=True, default=None)
    shipping_address = AddressSerializer(allow_null=True, default=None)


def mode_change(data: dict[str, Any]) -> ModeChange:
    slot = data["slot"]
    return ModeChange(
        mode=data["mode"],
        pickup_point=data["pickup_point"],
        relay_point=data["relay_point"],
        slot=Slot(from_=slot["from"], to=slot["to"]) if slot else None,
        shipping_address=address_of(data["shipping_address"]),
    )
