"""The ledger: each change of on hand is one immutable row."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access, limited
from oms.core.amounts import signed
from stock.models.catalogue import Variant
from stock.models.stock_points import StockPoint


class MovementKind(models.TextChoices):
    RECEIPT = "receipt", _("receipt")
    SALE = "sale", _("sale")
    RETURN = "return", _("return")
    SHIPMENT = "shipment", _("shipment")
    TRANSFER_IN = "transfer_in", _("transfer in")
    TRANSFER_OUT = "transfer_out", _("transfer out")
    ADJUSTMENT = "adjustment", _("adjustment")
    COUNT = "count", _("count")
    DAMAGE = "damage", _("damage")
    # Written by the product only: a feed's difference, and what a feed had already absorbed.
    FEED = "feed", _("feed")
    ABSORBED = "absorbed", _("absorbed")


REPORTED_KINDS = tuple(kind for kind in MovementKind if kind not in {MovementKind.FEED, MovementKind.ABSORBED})

# The kinds by which goods that were expected arrive.
ARRIVING_KINDS = (MovementKind.RECEIPT, MovementKind.TRANSFER_IN)


class StockMovementQuerySet(models.QuerySet["StockMovement"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="stock_point_id")  # type: ignore[return-value]

    def own(self) -> Self:
        """What happened, without what feeds wrote; worded as the indexes that leave those out."""
        return self.exclude(kind__in=[MovementKind.FEED.value, MovementKind.ABSORBED.value])


class StockMovement(models.Model):
    """One change of on hand. A trigger refuses updates, and deletes of what is not in the archive word for word.

    Variant and stock point are held together by one foreign key to the level's natural key: it
    checks a row that the writer has locked anyway, where two keys would lock two shared rows more.
    """

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    stock_point = models.ForeignKey(
        StockPoint, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=MovementKind)
    reference = models.CharField(max_length=130)
    quantity = models.IntegerField(help_text=_("Signed: what came is positive."))
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=150, blank=True)

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        constraints = [
            # Starts with the level, so that it also finds a level's movements.
            models.UniqueConstraint(
                fields=["variant", "stock_point", "kind", "reference"], name="stock_movement_once_per_reference"
            ),
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="stock_movement_kind_known"),
        ]
        indexes = [
            BrinIndex(fields=["recorded_at"], name="stock_movement_by_recorded_at", autosummarize=True),
            # What happened after a feed's figure was taken; the feeds' own rows do not pay for it.
            models.Index(
                fields=["occurred_at"],
                name="stock_movement_own_occurred",
                condition=~Q(kind__in=[MovementKind.FEED.value, MovementKind.ABSORBED.value]),
            ),
            # A parcel, a till's receipt, a purchase: found by name in however long a ledger.
            models.Index(
                fields=["reference"],
                name="stock_movement_own_reference",
                condition=~Q(kind__in=[MovementKind.FEED.value, MovementKind.ABSORBED.value]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} · {self.stock_point} · {self.get_kind_display()} {signed(self.quantity)}"


class ArchivedMovement(models.Model):
    """An old movement under its own id, out of the way of the new ones. A trigger refuses updates and deletes."""

    id = models.BigIntegerField(primary_key=True)
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    stock_point = models.ForeignKey(
        StockPoint, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=MovementKind)
    reference = models.CharField(max_length=130)
    quantity = models.IntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150, blank=True)

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("archived movement")
        verbose_name_plural = _("archived movements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "stock_point", "kind", "reference"], name="stock_archivedmovement_once_per_reference"
            ),
        ]
        indexes = [BrinIndex(fields=["occurred_at"], name="stock_archivedmovement_occurred", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.variant} · {self.stock_point} · {self.get_kind_display()} {signed(self.quantity)}"


class LedgerMovement(models.Model):
    """Every movement, whether in the archive or not: a view over both tables."""

    id = models.BigIntegerField(primary_key=True)
    variant = models.ForeignKey(Variant, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    stock_point = models.ForeignKey(StockPoint, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=20, choices=MovementKind)
    reference = models.CharField(max_length=130)
    quantity = models.IntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    is_archived = models.BooleanField()

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "stock_ledger"
        verbose_name = _("movement of the whole ledger")
        verbose_name_plural = _("movements of the whole ledger")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.variant} · {self.stock_point} · {self.get_kind_display()} {signed(self.quantity)}"
