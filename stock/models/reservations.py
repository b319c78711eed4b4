"""Stock's hold: units of a level promised to somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access, limited
from oms.core.legal_moves import LegalMoves
from stock.models.allotments import AllotmentCounter
from stock.models.catalogue import Variant
from stock.models.channels import SalesChannel
from stock.models.expected import ExpectedReceipt
from stock.models.stock_points import StockPoint
from stock.states import LIVE_STATES, RESERVATION_MOVES, ReservationState

_IS_LIVE = Q(state__in=[state.value for state in LIVE_STATES])


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def visible_to(self, access: Access) -> Self:
        return limited(  # type: ignore[return-value]
            self, access, stock_point="stock_point_id", channel="channel_id"
        )

    def live(self) -> Self:
        """Those that count in the `reserved` of a level, or of the receipt they wait for."""
        return self.filter(_IS_LIVE)

    def expired(self, *, at: datetime) -> Self:
        """Held beyond their time and not yet given back."""
        return self.filter(_IS_LIVE, state=ReservationState.HELD, expires_at__lte=at)


class Reservation(models.Model):
    """Units of one level kept for an owner, an opaque reference (`order:H2600000017`, `hold:cart-9`).

    With an `expected_receipt` they are units that have still to come: they count in its `reserved` and not in
    the level's, until they arrive and move to the shelf.

    Its variant and stock point never change: goods promised elsewhere are another reservation.
    As for movements, one foreign key to the level's natural key holds both together.
    """

    owner = models.CharField(max_length=120)
    channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    stock_point = models.ForeignKey(
        StockPoint, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    expected_receipt = models.ForeignKey(
        ExpectedReceipt, null=True, blank=True, on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    allotment_counter = models.ForeignKey(
        AllotmentCounter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reservations",
        db_index=False,
        help_text=_("Where its units count as taken."),
    )
    quantity = models.IntegerField()
    state = models.CharField(max_length=12, choices=ReservationState)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, help_text=_("Parts split off keep it."))
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReservationQuerySet.as_manager()
    moves = RESERVATION_MOVES

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_reservation_quantity_positive"),
            models.CheckConstraint(
                condition=Q(state__in=ReservationState.values), name="stock_reservation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(_IS_LIVE, ended_at__isnull=True) | (~_IS_LIVE & Q(ended_at__isnull=False)),
                name="stock_reservation_ended_when_not_live",
            ),
            LegalMoves(RESERVATION_MOVES, name="stock_reservation_legal_moves"),
        ]
        indexes = [
            models.Index(fields=["owner"], name="stock_reservation_by_owner"),
            models.Index(fields=["variant", "stock_point"], name="stock_reservation_live_level", condition=_IS_LIVE),
            models.Index(
                fields=["expires_at"],
                name="stock_reservation_expiring",
                condition=Q(state=ReservationState.HELD, expires_at__isnull=False),
            ),
            models.Index(
                fields=["expected_receipt"],
                name="stock_reservation_awaiting",
                condition=Q(_IS_LIVE, expected_receipt__isnull=False),
            ),
            models.Index(
                fields=["allotment_counter"],
                name="stock_reservation_allotted",
                condition=Q(allotment_counter__isnull=False),
            ),
            BrinIndex(fields=["ended_at"], name="stock_reservation_by_ended_at", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.quantity}"
