"""One stock point's work on one order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from oms.orchestration.queries.capacity import Place
from orders.models.orders import Order, OrderLine
from orders.states import FULFILMENT_MOVES, FulfilmentState, Mode


def first_promised_on() -> Coalesce:
    """The day the customer of a work was promised first: of its own slices, of the order where they have none (no work
    has slices that wait without a promise). It groups what it is annotated to."""
    return Coalesce(Max("allocations__promised_on"), "order__promised_on")


def told_on() -> Coalesce:
    """The day its customer was told last."""
    slices = apps.get_model("orders", "Allocation").objects.filter(fulfilment=OuterRef("pk")).order_by()
    last = slices.values("fulfilment").annotate(day=Max(Coalesce("expected_on", "promised_on"))).values("day")
    return Coalesce(Subquery(last), "order__expected_on", "order__promised_on")


class FulfilmentQuerySet(models.QuerySet["Fulfilment"]):
    def visible_to(self, access: Access) -> Self:
        """The work of a principal's own stock points, and what is on its way to them to be collected."""
        work = self
        if access.stock_points is not None:
            work = work.filter(Q(stock_point_id__in=access.stock_points) | Q(pickup_point_id__in=access.stock_points))
        if access.channels is not None:
            work = work.filter(order__channel_id__in=access.channels)
        return work

    def live(self) -> Self:
        return self.filter(state__in=FulfilmentState.live())

    def locked(self, ids: list[int]) -> list[Fulfilment]:
        """Rows locked in primary-key order, at once."""
        return list(self.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",)))

    def overdue_for_acceptance(self) -> Self:
        """Those that hold the goods; the others of an offer end with them."""
        return self.filter(state=FulfilmentState.OFFERED, accept_by__lt=clock.now(), lead__isnull=True)

    def standing_by(self, lead_ids: Iterable[int]) -> Self:
        """The other offers of works that are offered to several stock points."""
        return self.filter(lead__in=list(lead_ids), state=FulfilmentState.OFFERED)


class Fulfilment(models.Model):
    """The slices of one order that one stock point prepares together.

    Offered to several stock points, the work is one fulfilment at each of them. The `lead` is at the planned
    point and has the slices; the others have none until theirs is claimed, and then the goods are theirs.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="fulfilments")
    stock_point = models.ForeignKey("stock.StockPoint", on_delete=models.PROTECT, related_name="+")
    pickup_point = models.ForeignKey(
        "stock.StockPoint",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Where the customer collects it, for pickup, ship to store and e-reservation."),
    )
    mode = models.CharField(max_length=20, choices=Mode)
    service = models.CharField(max_length=60, default="house")
    zone = models.CharField(
        max_length=60, blank=True, help_text=_("Of the service: with the stock point, the lane it travels.")
    )
    state = models.CharField(max_length=20, choices=FulfilmentState)
    promised_on = models.DateField(null=True, blank=True)
    ships_on = models.DateField(null=True, blank=True)
    confirm_by = models.DateTimeField(null=True, blank=True)
    release_by = models.DateTimeField(null=True, blank=True)
    begin_by = models.DateTimeField(
        null=True, blank=True, help_text=_("Accept it and begin by, so that the promised day is kept.")
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text=_("Hand over by."))
    accept_by = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=20, blank=True)
    lead = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="alternatives",
        db_index=False,
        help_text=_("The work this one is offered beside: it holds the goods until one of them is claimed."),
    )
    capacity_on = models.DateField(null=True, blank=True, help_text=_("The day whose capacity it took."))
    capacity_hour = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The opening hour of that day whose capacity it took.")
    )
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = FulfilmentQuerySet.as_manager()
    moves = FULFILMENT_MOVES

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FulfilmentState.values), name="fulfilment_state_known"),
            LegalMoves(FULFILMENT_MOVES, name="orders_fulfilment_legal_moves"),
        ]
        indexes = [
            models.Index(
                fields=["stock_point", "state"],
                name="fulfilment_live_by_stock_point",
                condition=Q(state__in=["offered", "accepted", "picking", "packed", "ready_for_pickup", "handed_over"]),
            ),
            models.Index(fields=["lead"], name="fulfilment_offered_beside", condition=Q(lead__isnull=False)),
            models.Index(fields=["accept_by"], name="fulfilment_accept_by", condition=Q(state="offered")),
            models.Index(fields=["begin_by"], name="fulfilment_begin_by", condition=Q(state="offered")),
            models.Index(
                fields=["due_at"],
                name="fulfilment_hand_over_by",
                condition=Q(state__in=["accepted", "picking", "packed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"F{self.pk}"

    @property
    def capacity(self) -> tuple[int, Place] | None:
        """What it took of its stock point, to be given back by; None where nothing is limited."""
        if self.capacity_on is None:
            return None
        return self.stock_point_id, Place(self.capacity_on, self.capacity_hour)

    @property
    def stands_by(self) -> bool:
        """Offered beside another work that holds the goods."""
        return self.lead_id is not None and self.state == FulfilmentState.OFFERED


class Exclusion(models.Model):
    """A stock point that may not be asked again for a line: it declined, came up short or never answered."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="exclusions")
    stock_point = models.ForeignKey("stock.StockPoint", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = [
            models.UniqueConstraint(fields=["line", "stock_point"], name="exclusion_once_per_line_and_stock_point"),
        ]

    def __str__(self) -> str:
        return self.reason
