"""Parcels, their labels and what carriers tell about them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from orders.models.allocations import Allocation
from orders.models.fulfilments import Fulfilment
from orders.states import PARCEL_MOVES, ParcelState


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(fulfilment__in=Fulfilment.objects.visible_to(access))


class Parcel(models.Model):
    """A box on its way. `label_key` is stored before a label is bought, so that a retry never buys twice."""

    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.PROTECT, related_name="parcels")
    position = models.PositiveSmallIntegerField(default=1)
    weight_g = models.PositiveIntegerField()
    carrier = models.CharField(max_length=40, default="house")
    service = models.CharField(max_length=60, default="house")
    label_key = models.UUIDField(unique=True)
    tracking_number = models.CharField(max_length=60, null=True, blank=True, unique=True)
    state = models.CharField(max_length=20, choices=ParcelState, default=ParcelState.LABEL_PENDING)
    label_error = models.CharField(max_length=200, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(
        _("received at"),
        null=True,
        blank=True,
        help_text=_("When the store in which its goods are collected took it in, whatever its carrier says."),
    )
    created_at = models.DateTimeField(default=clock.now)

    objects = ParcelQuerySet.as_manager()
    moves = PARCEL_MOVES

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["fulfilment", "position"], name="parcel_position_once"),
            models.CheckConstraint(condition=Q(state__in=ParcelState.values), name="parcel_state_known"),
            LegalMoves(PARCEL_MOVES, name="orders_parcel_legal_moves"),
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"P{self.pk}"


class ParcelLine(models.Model):
    """How much of a slice is in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="lines")
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="parcel_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("parcel line")
        verbose_name_plural = _("parcel lines")
        constraints = [
            models.UniqueConstraint(fields=["parcel", "allocation"], name="parcel_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return str(self.quantity)


class Label(models.Model):
    """A bought label, kept so that a reprint never buys again."""

    parcel = models.OneToOneField(Parcel, on_delete=models.PROTECT, related_name="label")
    pdf = models.BinaryField()
    zpl = models.TextField()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")

    def __str__(self) -> str:
        return f"L{self.pk}"


class CarrierEvent(models.Model):
    """One message of a carrier, kept once by its own id, whatever the order of arrival."""

    carrier = models.CharField(max_length=40)
    event_id = models.CharField(max_length=100)
    parcel = models.ForeignKey(Parcel, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    tracking_number = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("carrier event")
        verbose_name_plural = _("carrier events")
        ordering = ["occurred_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["carrier", "event_id"], name="carrier_event_once"),
        ]
        indexes = [models.Index(fields=["tracking_number"], name="carrier_event_tracking_number")]

    def __str__(self) -> str:
        return f"{self.tracking_number} {self.kind}"
