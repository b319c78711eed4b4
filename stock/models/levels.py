"""How much there is of a variant at a stock point, and what of it may be sold."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Ceil, Greatest
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access, limited
from stock.models.catalogue import Variant
from stock.models.channels import SalesChannel
from stock.models.stock_points import StockPoint


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="stock_point_id")  # type: ignore[return-value]


class StockLevel(models.Model):
    """A cached sum: `on_hand` is the sum of its movements, `reserved` that of its live reservations;
    `unavailable` is what its unavailabilities come to, entry after entry and never below zero.

    Changed by the services only. No index covers a column that changes and pages keep room
    (fillfactor 70), so that an update stays within its page. `on_hand` may fall below zero or below
    what is reserved: a truth is always recorded. Selling is guarded by the conditional update.
    """

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="levels", db_index=False)
    stock_point = models.ForeignKey(StockPoint, on_delete=models.PROTECT, related_name="levels", db_index=False)
    on_hand = models.IntegerField(default=0, db_default=0)
    reserved = models.IntegerField(default=0, db_default=0)
    unavailable = models.IntegerField(default=0, db_default=0)
    protection_units = models.IntegerField(
        default=0, db_default=0, help_text=_("Of the winning rule that names no channel.")
    )
    protection_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal("0"), db_default=Decimal("0")
    )
    protected = models.GeneratedField(
        expression=Greatest(
            F("protection_units"),
            Cast(
                Ceil(F("protection_percent") * Greatest(F("on_hand"), Value(0)) / Value(100)),
                models.IntegerField(),
            ),
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    as_of = models.DateTimeField(
        null=True, blank=True, help_text=_("The moment its last imported or counted figure speaks of.")
    )

    source = models.ForeignKey(
        "stock.StockSource",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text=_("The feed that owns its figure."),
    )

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "stock_point"], name="stock_level_once_per_variant_and_point"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_level_reserved_not_negative"),
            models.CheckConstraint(condition=Q(unavailable__gte=0), name="stock_level_unavailable_not_negative"),
            models.CheckConstraint(
                condition=Q(protection_units__gte=0, protection_percent__gte=0, protection_percent__lte=100),
                name="stock_level_protection_in_range",
            ),
        ]
        indexes = [models.Index(fields=["stock_point"], name="stock_level_by_stock_point")]

    def __str__(self) -> str:
        return f"{self.variant.sku} @ {self.stock_point.code}"

    @property
    def left_to_set_aside(self) -> int:
        """What is there and not unavailable yet; units that are reserved may be set aside like any other."""
        return max(0, self.on_hand - self.unavailable)


class LevelProtection(models.Model):
    """The winning rule that names one channel: for that channel it replaces the level's own protection."""

    level = models.ForeignKey(StockLevel, on_delete=models.CASCADE, related_name="channel_protections", db_index=False)
    channel = models.ForeignKey(SalesChannel, on_delete=models.CASCADE, related_name="+", db_index=False)
    units = models.IntegerField(default=0, db_default=0)
    percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal("0"), db_default=Decimal("0"))

    class Meta:
        verbose_name = _("protection of a level for a channel")
        verbose_name_plural = _("protections of levels for channels")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["level", "channel"], name="stock_levelprotection_once_per_channel"),
            models.CheckConstraint(
                condition=Q(units__gte=0, percent__gte=0, percent__lte=100),
                name="stock_levelprotection_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} / {self.percent} %"

    def protected_of(self, on_hand: int) -> int:
        """Units kept back of so many, as the statements that guard a level compute it."""
        return max(self.units, ceil(self.percent * max(on_hand, 0) / 100))


class UnavailableReason(models.TextChoices):
    DAMAGED = "damaged", _("damaged")
    DISPLAY = "display", _("on display")
    NOT_FOUND = "not_found", _("not found")
    TO_INSPECT = "to_inspect", _("returned, to be inspected")
    TO_SEND = "to_send", _("to be sent elsewhere")
    TO_REPAIR = "to_repair", _("to be repaired")
    OTHER = "other", _("other")


class UnavailabilityQuerySet(models.QuerySet["Unavailability"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="level__stock_point_id")  # type: ignore[return-value]

    def standing(self) -> Self:
        """Units set aside that nobody has given back."""
        return self.filter(quantity__gt=0, ended_at=None)

    def over(self, *, at: datetime) -> Self:
        """Set aside until a moment that has come."""
        return self.standing().filter(expires_at__lte=at)


class Unavailability(models.Model):
    """Units found unsellable, or sellable again (negative), with the reason: why a level's `unavailable` moved.

    With `expires_at` they are set aside until then: what gives them back is a negative row of its own, and
    `ended_at` says when it was written.
    """

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="unavailabilities", db_index=False)
    quantity = models.IntegerField()
    reason = models.CharField(max_length=20, choices=UnavailableReason)
    reference = models.CharField(max_length=100)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = UnavailabilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("unavailability")
        verbose_name_plural = _("unavailabilities")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "reason", "reference"], name="stock_unavailability_once_per_reference"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=UnavailableReason.values), name="stock_unavailability_reason_known"
            ),
            models.CheckConstraint(condition=~Q(quantity=0), name="stock_unavailability_quantity_not_zero"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(expires_at=None, ended_at=None),
                name="stock_unavailability_only_units_set_aside_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="stock_unavailability_expiring",
                condition=Q(expires_at__isnull=False, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level.variant} · {self.level.stock_point} · {self.quantity} × {self.get_reason_display()}"
