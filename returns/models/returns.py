"""The return, its lines, the order lines they are claimed from, and what became of the units."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from orders.models import Order, OrderLine
from returns.states import RETURN_MOVES, DispositionKind, Grade, ReturnState, Way

_BLIND_OR_UNMATCHED = Q(order__isnull=False) | Q(way="blind")


class ReturnQuerySet(models.QuerySet["Return"]):
    def visible_to(self, access: Access) -> Self:
        """Returns at a principal's own stock points, and of the channels it may see.

        One that is expected nowhere in particular belongs to the stock points its order belongs to.
        """
        found = self
        if access.channels is not None:
            found = found.filter(Q(order__channel_id__in=access.channels) | Q(channel_id__in=access.channels))
        if access.stock_points is not None:
            of_orders = Order.objects.visible_to(access).values("pk")
            found = found.filter(
                Q(stock_point_id__in=access.stock_points) | Q(stock_point__isnull=True, order__in=of_orders)
            )
        return found

    def locked(self, return_id: int) -> Return:
        """One return, locked, at once. Raises `Return.DoesNotExist`."""
        return self.select_for_update(no_key=True, of=("self",)).get(pk=return_id)

    def open(self) -> Self:
        over = [*ReturnState.in_vain(), ReturnState.SETTLED, ReturnState.CLOSED]
        return self.exclude(state__in=over)


class Return(models.Model):
    """What a customer gives back, or wants to. Amounts are what was decided when it was settled."""

    class Settlement(models.TextChoices):
        REFUND = "refund", pgettext_lazy("settlement", "Refund")
        EXCHANGE = "exchange", pgettext_lazy("settlement", "Exchange")
        ELSEWHERE = "elsewhere", _("Paid back by the channel that was paid")

    number = models.CharField(max_length=20, unique=True)
    way = models.CharField(max_length=20, choices=Way)
    state = models.CharField(max_length=20, choices=ReturnState)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="returns", db_index=False
    )
    channel = models.ForeignKey(
        "stock.SalesChannel", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stock_point = models.ForeignKey(
        "stock.StockPoint",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text=_("Where the goods were received, or are expected."),
    )
    is_exception = models.BooleanField(
        default=False, help_text=_("Taken back although the policy would not, by customer service.")
    )
    approved_by = models.CharField(max_length=80, blank=True, help_text=_("Whose PIN opened a blind return."))
    outcome_reason = models.CharField(max_length=200, blank=True, help_text=_("Why it was rejected or cancelled."))
    requested_at = models.DateTimeField(default=clock.now)
    requested_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("The goods must have come by then."))
    received_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    settlement = models.CharField(max_length=12, choices=Settlement, blank=True)
    return_shipping_fee = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    exchanging_since = models.DateTimeField(null=True, blank=True)
    goods_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    shipping_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    refund_amount = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, help_text=_("Asked of the payments; never above what was captured.")
    )
    credit_amount = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, help_text=_("What a replacement may be paid with.")
    )
    exchange_order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ReturnQuerySet.as_manager()
    moves = RETURN_MOVES

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-id"]
        permissions = [("approve_blind_return", "Can stand for a blind return by PIN")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReturnState.values), name="return_state_known"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="return_way_known"),
            models.CheckConstraint(condition=_BLIND_OR_UNMATCHED, name="return_has_an_order_unless_blind"),
            models.CheckConstraint(
                condition=Q(order__isnull=False) | ~Q(state__in=["inspected", "settled"]),
                name="return_is_settled_for_a_known_order",
            ),
            models.CheckConstraint(
                condition=Q(refund_amount__gte=0, credit_amount__gte=0, goods_amount__gte=0, shipping_amount__gte=0),
                name="return_amounts_not_negative",
            ),
            LegalMoves(RETURN_MOVES, name="returns_return_legal_moves"),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="return_by_order", condition=Q(order__isnull=False)),
            models.Index(fields=["stock_point", "-id"], name="return_by_stock_point"),
            models.Index(
                fields=["state", "id"],
                name="return_open_by_state",
                condition=Q(
                    state__in=[
                        "requested",
                        "authorised",
                        "in_transit",
                        "received_unmatched",
                        "received",
                        "inspected",
                        "settled",
                    ]
                ),
            ),
            models.Index(
                fields=["expires_at"], name="return_awaited", condition=Q(state__in=["requested", "authorised"])
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def reference(self) -> str:
        """How stock and payments know it."""
        return f"return:{self.number}"


class ReturnLine(models.Model):
    """So many units of a variant, given back for one reason."""

    returned = models.ForeignKey(
        Return, on_delete=models.PROTECT, related_name="lines", db_index=False, verbose_name=_("return")
    )
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey("stock.Variant", on_delete=models.PROTECT, related_name="+", db_index=False)
    sku = models.CharField(max_length=64)
    quantity = models.PositiveIntegerField(help_text=_("Asked to be given back."))
    received_quantity = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ["returned_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["returned", "position"], name="return_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(received_quantity__lte=F("quantity")), name="return_line_received_within_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class ReturnClaim(models.Model):
    """Units of a return line as units of an order line: what they cost tells what is refunded."""

    line = models.ForeignKey(ReturnLine, on_delete=models.PROTECT, related_name="claims")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(help_text=_("Counted on the order line; given back where they never came."))
    refunded_quantity = models.PositiveIntegerField(default=0)
    refund_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("claim on an order line")
        verbose_name_plural = _("claims on order lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["line", "order_line"], name="return_claim_once_per_order_line"),
            models.CheckConstraint(
                condition=Q(refunded_quantity__lte=F("quantity")), name="return_claim_refunded_within_quantity"
            ),
            models.CheckConstraint(condition=Q(refund_amount__gte=0), name="return_claim_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.quantity)


class Disposition(models.Model):
    """What inspection found of some units, and what becomes of them."""

    line = models.ForeignKey(ReturnLine, on_delete=models.PROTECT, related_name="dispositions")
    quantity = models.PositiveIntegerField()
    grade = models.CharField(max_length=20, choices=Grade)
    kind = models.CharField(_("disposition"), max_length=20, choices=DispositionKind)
    destination = models.ForeignKey(
        "stock.StockPoint",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Where the units are to be sent, where they do not stay."),
    )
    reference = models.CharField(max_length=100, help_text=_("How stock knows the inspection."))
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("disposition")
        verbose_name_plural = _("dispositions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_disposition_quantity_positive"),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="return_disposition_grade_known"),
            models.CheckConstraint(condition=Q(kind__in=DispositionKind.values), name="return_disposition_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.kind}"
