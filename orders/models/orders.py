"""The order, its lines, holds and timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from orders.states import ORDER_MOVES, Mode, OrderState

# However it is written, with a country's prefix or not: its last nine digits tell whose it is.
PHONE_DIGITS = 9


def phone_digits(column: str) -> Right:
    """The last digits of a column of telephone numbers, as they are looked up."""
    bare = Func(F(column), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")
    return Right(bare, PHONE_DIGITS, output_field=models.CharField())


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, access: Access) -> Self:
        """Orders of the channels a principal may see that touch one of its stock points, where it is bound."""
        orders = self
        if access.channels is not None:
            orders = orders.filter(channel_id__in=access.channels)
        if access.stock_points is not None:
            theirs = apps.get_model("orders", "Fulfilment").objects.filter(
                order=OuterRef("pk"), stock_point_id__in=access.stock_points
            )
            collected = OrderLine.objects.filter(order=OuterRef("pk"), pickup_point_id__in=access.stock_points)
            planned = apps.get_model("orders", "Allocation").objects.filter(
                line__order=OuterRef("pk"), stock_point_id__in=access.stock_points
            )
            orders = orders.filter(
                Exists(theirs)
                | Exists(collected)
                | Exists(planned)
                | Q(pickup_point_id__in=access.stock_points)
                | Q(selling_stock_point_id__in=access.stock_points)
            )
        return orders

    def placed(self) -> Self:
        """Without the attempts whose payment was refused: for the channel they never became orders."""
        return self.filter(refused_at__isnull=True)

    def locked(self, order_id: int) -> Order:
        """One order, locked, at once. Raises `Order.DoesNotExist`."""
        return self.select_for_update(no_key=True).get(pk=order_id)

    def open(self) -> Self:
        return self.filter(
            state__in=[
                OrderState.PENDING_PAYMENT,
                OrderState.CONFIRMED,
                OrderState.IN_PROGRESS,
                OrderState.PARTIALLY_FULFILLED,
            ]
        )

    def needing_attention(self) -> Self:
        return self.exclude(needs_attention="")

    def late(self) -> Self:
        """Open, with something owed beyond the day it was promised for."""
        late = apps.get_model("orders", "Allocation").objects.late()
        return self.open().filter(Exists(late.filter(line__order=OuterRef("pk"))))

    def held(self) -> Self:
        return self.filter(pk__in=OrderHold.objects.filter(released_at__isnull=True).values("order_id"))

    def waiting_for_stock(self) -> Self:
        """With a slice that no stock point can serve, or that was never in stock."""
        waiting = apps.get_model("orders", "Allocation").objects.filter(state__in=["backordered", "unfillable"])
        return self.filter(pk__in=waiting.values("line__order_id"))


class Order(models.Model):
    """What a customer bought. Amounts include tax; `total = subtotal + shipping`, `tax` is the part contained."""

    number = models.CharField(max_length=20, unique=True)
    channel = models.ForeignKey("stock.SalesChannel", on_delete=models.PROTECT, related_name="+", db_index=False)
    external_reference = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64, editable=False)
    mode = models.CharField(max_length=20, choices=Mode)
    state = models.CharField(max_length=20, choices=OrderState, default=OrderState.PENDING_PAYMENT)

    customer_name = models.CharField(max_length=200)
    customer_email = models.EmailField(blank=True)
    customer_phone = models.CharField(max_length=40, blank=True)
    customer_class = models.CharField(
        max_length=40, blank=True, help_text=_("As the channel told it; rule sets may ask for it.")
    )
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    shipping_address = models.JSONField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)
    pickup_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    selling_stock_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    relay_point = models.CharField(max_length=60, blank=True)
    slot_from = models.DateTimeField(null=True, blank=True)
    slot_to = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=5, default="en")

    currency = models.CharField(max_length=3)
    subtotal = models.DecimalField(max_digits=12, decimal_places=2)
    shipping = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)
    total = models.DecimalField(max_digits=12, decimal_places=2)

    consolidate = models.BooleanField(default=False)
    promise = models.JSONField(null=True, blank=True)
    is_plan_told = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Placed with the token of a promise: each part leaves from where it was told, while it can."),
    )
    promised_on = models.DateField(null=True, blank=True)
    expected_on = models.DateField(
        null=True, blank=True, help_text=_("The new day, once the promised one can no longer be kept.")
    )
    confirm_by = models.DateTimeField(
        null=True, blank=True, help_text=_("Confirmed after this, it can no longer come on the promised day.")
    )
    release_by = models.DateTimeField(
        null=True, blank=True, help_text=_("Given to a stock point after this, it can no longer come on that day.")
    )
    hops = models.PositiveSmallIntegerField(default=0, help_text=_("Times its work was declined or expired."))
    needs_attention = models.CharField(
        max_length=200, blank=True, help_text=_("Why a person should look at it; empty when nobody needs to.")
    )
    placed_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    pay_by = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When its payment was refused: the external reference is free again for another attempt."),
    )

    objects = OrderQuerySet.as_manager()
    moves = ORDER_MOVES

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_reference"],
                condition=Q(refused_at__isnull=True),
                name="order_reference_once_per_channel",
            ),
            LegalMoves(ORDER_MOVES, name="orders_order_legal_moves"),
            models.CheckConstraint(condition=Q(total=F("subtotal") + F("shipping")), name="order_total_adds_up"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state_known"),
        ]
        indexes = [
            models.Index(fields=["placed_at"], name="order_placed_at"),
            models.Index(fields=["external_reference"], name="order_by_external_reference"),
            models.Index(fields=["customer_email"], name="order_by_customer_email"),
            models.Index(
                phone_digits("customer_phone"), name="order_by_customer_phone", condition=~Q(customer_phone="")
            ),
            models.Index(fields=["channel", "-id"], name="order_by_channel"),
            models.Index(
                fields=["pickup_point", "-id"], name="order_by_pickup_point", condition=Q(pickup_point__isnull=False)
            ),
            models.Index(
                fields=["selling_stock_point", "-id"],
                name="order_by_selling_stock_point",
                condition=Q(selling_stock_point__isnull=False),
            ),
            models.Index(
                fields=["state", "id"],
                name="order_open_by_state",
                condition=Q(state__in=["pending_payment", "confirmed", "in_progress", "partially_fulfilled"]),
            ),
            models.Index(fields=["id"], name="order_needs_attention", condition=~Q(needs_attention="")),
            models.Index(fields=["pay_by"], name="order_unpaid", condition=Q(state="pending_payment")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def slot(self) -> tuple[datetime, datetime] | None:
        """The hours its customer chose, on the retailer's clocks, as they were told; None without any."""
        if self.slot_from is None or self.slot_to is None:
            return None
        here = ZoneInfo(settings.TIME_ZONE)
        return self.slot_from.astimezone(here), self.slot_to.astimezone(here)


class OrderLine(models.Model):
    """One variant of an order. `quantity` is what was ordered and never changes; slices add up to it."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey("stock.Variant", on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64, help_text=_("As ordered."))
    quantity = models.PositiveIntegerField()
    cancelled_quantity = models.PositiveIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("Asked back or come back: these units cannot be returned again.")
    )
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4)
    tax = models.DecimalField(max_digits=12, decimal_places=2)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    mode = models.CharField(max_length=20, choices=Mode)
    pickup_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(cancelled_quantity__lte=F("quantity")), name="order_line_cancelled_within_quantity"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("cancelled_quantity") + F("returned_quantity")),
                name="order_line_returned_within_what_is_not_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(total=F("unit_price") * F("quantity") - F("discount")), name="order_line_total_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderHold(models.Model):
    """A reason not to go on with an order; while one is live nothing is sourced, picked or captured."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=200)
    held_at = models.DateTimeField(default=clock.now)
    held_by = models.CharField(max_length=80)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(released_at__isnull=True), name="order_hold_one_live_per_order"
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class TimelineEntry(models.Model):
    """What happened to an order, in the order it happened, for people. Holds references, no personal data."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField(default=clock.now)
    event = models.CharField(max_length=60)
    actor = models.CharField(max_length=80)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.event
