"""Payments and what was asked of the gateways."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from oms.core.money import money_text
from orders.models.orders import Order
from orders.states import OPERATION_MOVES, PAYMENT_MOVES, OperationState, PaymentState

_NOT_MADE = (PaymentState.PENDING, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.VOIDED, PaymentState.UNKNOWN)
_HAS_A_REST = Q(
    state__in=[PaymentState.AUTHORISED, PaymentState.PARTIALLY_CAPTURED, PaymentState.PARTIALLY_REFUNDED],
    amount__gt=F("captured") + F("voided"),
)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, access: Access) -> Self:
        if access.is_unlimited:
            return self
        return self.filter(order__in=Order.objects.visible_to(access).values("pk"))

    def with_rest(self) -> Self:
        """Those with money authorised that is neither captured nor given back."""
        return self.filter(_HAS_A_REST)

    def unsettled(self) -> Self:
        """Those with a rest where no refusal waits for a person."""
        refused = PaymentOperation.objects.refused().filter(payment__order=OuterRef("order"))
        return self.with_rest().exclude(Exists(refused))

    def made(self) -> Self:
        """Those by which anything was paid: not those refused, given up or still asked for."""
        return self.exclude(state__in=_NOT_MADE)

    def unasked(self) -> Self:
        """Those that follow a refused card: no gateway has been asked for them yet."""
        asked = PaymentOperation.objects.filter(payment=OuterRef("pk"))
        return self.filter(~Exists(asked), state=PaymentState.PENDING)

    def locked(self, order_id: int) -> list[Payment]:
        """An order's payments, locked in primary-key order, at once."""
        return list(self.filter(order_id=order_id).order_by("pk").select_for_update(no_key=True))


class Payment(models.Model):
    """One tender of an order. Never holds a card number: only the gateway's own reference."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    token = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    captured = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    voided = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, help_text=_("Authorised and given back, never captured.")
    )
    refunded = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    transferred = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=0,
        db_default=0,
        help_text=_("Captured, and spent since on the order that replaces returned goods."),
    )
    state = models.CharField(max_length=20, choices=PaymentState, default=PaymentState.PENDING)
    gateway_reference = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = PaymentQuerySet.as_manager()
    moves = PAYMENT_MOVES

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(amount__gte=F("captured") + F("voided")), name="payment_captured_and_voided_within_amount"
            ),
            models.CheckConstraint(condition=Q(refunded__lte=F("captured")), name="payment_refunded_within_captured"),
            models.CheckConstraint(
                condition=Q(transferred__gte=0, captured__gte=F("refunded") + F("transferred")),
                name="payment_transferred_within_what_is_not_refunded",
            ),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            LegalMoves(PAYMENT_MOVES, name="orders_payment_legal_moves"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="payment_unknown", condition=Q(state="unknown")),
            models.Index(fields=["order"], name="payment_unsettled", condition=_HAS_A_REST),
        ]

    def __str__(self) -> str:
        return money_text(self.amount, self.currency)


class PaymentOperationQuerySet(models.QuerySet["PaymentOperation"]):
    def live(self) -> Self:
        """Those that moved money, or may have."""
        return self.exclude(state=OperationState.FAILED)

    def refused(self) -> Self:
        """Captures and voids that were refused and not asked for again since."""
        again = self.model.objects.live().filter(
            payment=OuterRef("payment"),
            kind=OuterRef("kind"),
            reference=OuterRef("reference"),
            pk__gt=OuterRef("pk"),
        )
        kinds = [self.model.Kind.CAPTURE, self.model.Kind.VOID]
        return self.filter(state=OperationState.FAILED, kind__in=kinds).exclude(Exists(again))

    def open(self) -> Self:
        """Those whose outcome is not known yet."""
        return self.filter(state__in=[OperationState.PENDING, OperationState.UNKNOWN])


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

    objects = PaymentOperationQuerySet.as_manager()
    moves = OPERATION_MOVES

    class Meta:
        verbose_name = _("payment operation")
        verbose_name_plural = _("payment operations")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_operation_amount_not_negative"),
            models.CheckConstraint(condition=Q(state__in=OperationState.values), name="payment_operation_state_known"),
            LegalMoves(OPERATION_MOVES, name="orders_paymentoperation_legal_moves"),
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
        return f"{self.get_kind_display()} {self.amount}"
