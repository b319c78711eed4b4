"""What a seller puts together with a customer, until it has become an order."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from orders.models.orders import Order
from orders.states import Mode


class BasketQuerySet(models.QuerySet["Basket"]):
    def open(self) -> Self:
        return self.filter(order__isnull=True)

    def locked(self, basket_id: int) -> Basket:
        """One basket, locked, at once. Raises `Basket.DoesNotExist`."""
        return self.select_for_update(no_key=True, of=("self",)).get(pk=basket_id)


class Basket(models.Model):
    """One seller's sale at one stock point, kept by the server. Without a stock point it is made by telephone.

    `attempt` counts the orders it was placed as: one that came to nothing gives the basket back.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    attempt = models.PositiveSmallIntegerField(default=1)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    stock_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.ForeignKey("stock.SalesChannel", on_delete=models.PROTECT, related_name="+", db_index=False)

    mode = models.CharField(max_length=20, choices=Mode, blank=True, help_text=_("How its delivered lines travel."))
    pickup_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    promise = models.JSONField(null=True, blank=True, help_text=_("The delivery chosen, as it was told."))
    shipping_address = models.JSONField(null=True, blank=True)
    relay_point = models.CharField(max_length=60, blank=True)
    slot_from = models.DateTimeField(null=True, blank=True)
    slot_to = models.DateTimeField(null=True, blank=True)
    customer_name = models.CharField(max_length=200, blank=True)
    customer_email = models.EmailField(blank=True)
    customer_phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, blank=True)
    consented_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the customer agreed that these details are kept.")
    )
    held_until = models.DateTimeField(null=True, blank=True, help_text=_("Its delivered lines are kept so long."))
    order = models.OneToOneField(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="basket")
    opened_at = models.DateTimeField(default=clock.now)

    objects = BasketQuerySet.as_manager()

    class Meta:
        verbose_name = _("basket")
        verbose_name_plural = _("baskets")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slot_from__isnull=True, slot_to__isnull=True) | Q(slot_to__gt=F("slot_from")),
                name="basket_slot_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["seller", "stock_point"],
                condition=Q(order__isnull=True),
                nulls_distinct=False,
                name="basket_one_open_per_seller_and_point",
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def order_reference(self) -> str:
        """The external reference of the order it is placed as: the same however often the button is pressed."""
        return f"basket-{self.reference.hex[:12]}-{self.attempt}"

    @property
    def is_reservation(self) -> bool:
        """Only put aside: it is paid in the shop."""
        return self.mode == Mode.E_RESERVATION

    @property
    def lacks_details(self) -> bool:
        """The chosen way still has to be told where or when."""
        if self.mode == Mode.RELAY:
            return not self.relay_point
        return self.mode == Mode.SLOT and self.slot_from is None

    @property
    def hold_reference(self) -> str:
        """How stock knows what is kept for it."""
        return f"basket:{self.reference.hex}"


class BasketLine(models.Model):
    """Units of one variant: carried out of the shop now, or delivered."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines", db_index=False)
    variant = models.ForeignKey("stock.Variant", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    is_carried_out = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("basket line")
        verbose_name_plural = _("basket lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["basket", "variant", "is_carried_out"], name="basket_line_once_per_variant_and_way"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="basket_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
