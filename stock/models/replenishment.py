"""Goods moved between stock points: proposed by the machine, accepted by a person; and purchases that fall due."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from stock.models.catalogue import Variant
from stock.models.stock_points import StockPoint
from stock.states import TRANSFER_MOVES, TransferState


class TransferSource(models.TextChoices):
    """Why the giver can do without."""

    WAREHOUSE = "warehouse", _("from the warehouse")
    RETURNED = "returned", _("from returns")
    SLOW = "slow", _("from slow stock")


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, access: Access) -> Self:
        """Whoever gives and whoever receives."""
        if access.stock_points is None:
            return self
        return self.filter(Q(giver_id__in=access.stock_points) | Q(receiver_id__in=access.stock_points))

    def proposed(self) -> Self:
        return self.filter(state=TransferState.PROPOSED)

    def to_send(self) -> Self:
        return self.filter(state=TransferState.ACCEPTED)

    def on_the_way(self) -> Self:
        return self.filter(state=TransferState.SHIPPED)


class Transfer(models.Model):
    """Units of one article from one stock point to another.

    `quantity` is what was proposed, and with the acceptance what the giver keeps for it. `figures` are those it
    was proposed by, as they were then: `stock.queries.transfer_reasons` says what they mean.
    """

    reference = models.CharField(_("reference"), max_length=40)
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    giver = models.ForeignKey(
        StockPoint, verbose_name=_("from"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    receiver = models.ForeignKey(
        StockPoint, verbose_name=_("to"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(_("state"), max_length=12, choices=TransferState, default=TransferState.PROPOSED)
    source = models.CharField(_("source"), max_length=12, choices=TransferSource)
    quantity = models.PositiveIntegerField(_("quantity"))
    shipped_quantity = models.PositiveIntegerField(_("sent"), default=0, db_default=0)
    received_quantity = models.PositiveIntegerField(_("received"), default=0, db_default=0)
    is_urgent = models.BooleanField(_("urgent"), default=False, help_text=_("The receiver has none left."))
    unit_cost = models.DecimalField(_("cost per unit"), max_digits=12, decimal_places=4)
    figures = models.JSONField(_("figures"), default=dict)
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why it was rejected or cancelled."))
    proposed_at = models.DateTimeField(_("proposed at"), default=clock.now)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    shipped_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    shipped_by = models.CharField(_("sent by"), max_length=150, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True, help_text=_("In the receiver's own zone."))

    objects = TransferQuerySet.as_manager()
    moves = TRANSFER_MOVES

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        permissions = [("accept_transfer", _("Can accept, reject and cancel transfers"))]
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="stock_transfer_reference_unique"),
            models.UniqueConstraint(
                fields=["variant", "giver", "receiver"],
                condition=Q(state="proposed"),
                name="stock_transfer_proposed_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_transfer_moves_something"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="stock_transfer_between_two"),
            models.CheckConstraint(
                condition=Q(shipped_quantity__lte=F("quantity"), received_quantity__lte=F("shipped_quantity")),
                name="stock_transfer_never_more_than_before",
            ),
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="stock_transfer_state_known"),
            models.CheckConstraint(condition=Q(source__in=TransferSource.values), name="stock_transfer_source_known"),
            LegalMoves(TRANSFER_MOVES, name="stock_transfer_legal_moves"),
        ]
        indexes = [
            models.Index(fields=["giver", "state"], name="stock_transfer_by_giver"),
            models.Index(fields=["receiver", "state"], name="stock_transfer_by_receiver"),
            models.Index(fields=["variant"], name="stock_transfer_by_variant"),
            # A run looks for what people have refused lately, whatever the years before hold.
            models.Index(
                fields=["decided_at"], name="stock_transfer_refused", condition=Q(state__in=["rejected", "cancelled"])
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def owner(self) -> str:
        """Of its reservation at the giver."""
        return f"transfer:{self.reference}"

    @property
    def outstanding(self) -> int:
        """Units on their way."""
        return self.shipped_quantity - self.received_quantity if self.state == TransferState.SHIPPED else 0


class PurchaseProposalQuerySet(models.QuerySet["PurchaseProposal"]):
    def visible_to(self, access: Access) -> Self:
        """The whole network speaks in them: whoever is bound to stock points sees none."""
        return self if access.stock_points is None else self.none()

    def due(self, *, on: date) -> Self:
        """Those to be ordered by that day."""
        return self.filter(order_by__lte=on)


class PurchaseProposal(models.Model):
    """By when an article must be ordered again, worked out nightly; replaced as a whole by the next night's."""

    variant = models.OneToOneField(Variant, verbose_name=_("variant"), on_delete=models.CASCADE, related_name="+")
    order_by = models.DateField(_("order by"), help_text=_("In the past: later than it should have been."))
    runs_out_on = models.DateField(_("runs out on"))
    quantity = models.PositiveIntegerField(_("quantity"))
    here = models.IntegerField(_("there is"))
    incoming = models.IntegerField(_("to come"))
    sold = models.PositiveIntegerField(_("sold"))
    sold_days = models.PositiveIntegerField(_("in days"))
    lead_days = models.PositiveIntegerField(_("lead time in days"))
    lead_cases = models.PositiveIntegerField(
        _("lead time learned from"), help_text=_("Purchases that have come; 0: the setting.")
    )
    safety = models.PositiveIntegerField(_("safety stock"))
    computed_at = models.DateTimeField(_("worked out at"))

    objects = PurchaseProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase to order")
        verbose_name_plural = _("purchases to order")
        ordering = ["order_by", "id"]
        indexes = [models.Index(fields=["order_by", "id"], name="stock_purchase_by_day")]

    def __str__(self) -> str:
        return str(self.variant)
