"""Payments and what was asked of the gateways."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from orders.models.orders import Order
from orders.states import OPERATION_MOVES, PAYMENT_MOVES, OperationState, PaymentState


class Payment(models.Model):
    """One tender of an order. Never holds a card number: only the gateway's own reference."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    token = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    captured = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    refunded = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    state = models.CharField(max_length=20, choices=PaymentState, default=PaymentState.PENDING)
    gateway_reference = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    moves = PAYMENT_MOVES

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(condition=Q(captured__lte=F("amount")), name="payment_captured_within_amount"),
            models.CheckConstraint(condition=Q(refunded__lte=F("captured")), name="payment_refunded_within_captured"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
        ]
        indexes = [models.Index(fields=["created_at"], name="payment_unknown", condition=Q(state="unknown"))]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.method}"


class PaymentOperation(models.Model):
    """One request to a gateway. Its key is stored before the call and is all that is ever used to ask again."""

    class Kind(models.TextChoices):
        AUTHORISE = "authorise", _("Authorise")
        CAPTURE = "capture", _("Capture")
        VOID = "void", _("Void")
        REFUND = "refund", _("Refund")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="operations")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=80, unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    state = models.CharField(max_length=12, choices=OperationState, default=OperationState.PENDING)
    reference = models.CharField(max_length=100, blank=True, help_text=_("What it is for: a parcel, a return."))
    gateway_reference = models.CharField(max_length=200, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    moves = OPERATION_MOVES

    class Meta:
        verbose_name = _("payment operation")
        verbose_name_plural = _("payment operations")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_operation_amount_not_negative"),
            models.CheckConstraint(condition=Q(state__in=OperationState.values), name="payment_operation_state_known"),
            models.UniqueConstraint(
                fields=["payment", "kind", "reference"],
                condition=Q(state__in=["pending", "unknown", "succeeded"]) & ~Q(reference=""),
                name="payment_operation_once_per_reference",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], name="payment_operation_open", condition=Q(state__in=["pending", "unknown"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
