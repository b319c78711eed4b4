"""The slices of a line."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.legal_moves import LegalMoves
from oms.core.today import today
from orders.models.fulfilments import Fulfilment
from orders.models.orders import Order, OrderLine
from orders.states import ALLOCATION_MOVES, AllocationState, FulfilmentState

_A = AllocationState
_WAITING = (_A.BACKORDERED, _A.UNFILLABLE)
_OWED = (
    *(_A.RESERVED, _A.OFFERED, _A.ASSIGNED, _A.PICKING, _A.PICKED, _A.PACKED, _A.IN_TRANSFER, _A.SHIPPED),
    *_WAITING,
)


def days_of_slice(
    order: Order, state: str, promised_on: date | None, expected_on: date | None
) -> tuple[date | None, date | None]:
    """The day its customer was promised a slice for first, and the one told since: its own where it has any. What waits
    without a promise has none, whatever the rest of its order was promised for."""
    if promised_on is not None:
        return promised_on, expected_on
    if state in _WAITING:
        return None, None
    return order.promised_on, expected_on or order.expected_on


def _unless_never_told(day: Coalesce) -> Case:
    never_told = Q(promised_on__isnull=True, state__in=_WAITING)
    return Case(When(never_told, then=Value(None)), default=day, output_field=models.DateField())


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def counted(self) -> Self:
        """Slices that make up what was ordered: history left out, cancelled ones included."""
        return self.exclude(state__in=AllocationState.history())

    def not_begun(self) -> Self:
        """Slices in nobody's hands: waiting, reserved, or given to a stock point that has not begun."""
        waiting = [AllocationState.BACKORDERED, AllocationState.UNFILLABLE, AllocationState.RESERVED]
        given = [AllocationState.OFFERED, AllocationState.ASSIGNED]
        asked = [FulfilmentState.OFFERED, FulfilmentState.ACCEPTED]
        return self.filter(
            Q(state__in=waiting, fulfilment__isnull=True) | Q(state__in=[*waiting, *given], fulfilment__state__in=asked)
        )

    def owed(self) -> Self:
        """Slices whose customer cannot have them yet. What is ready to be collected is no longer owed: it only waits
        to be fetched."""
        return self.filter(state__in=_OWED)

    def late(self) -> Self:
        """Owed beyond the day they were promised for: the one meaning of lateness, for lists, counts and filters."""
        return self.owed().with_days().filter(first_promised_on__lt=today())

    def with_days(self) -> Self:
        """`first_promised_on` and `told_on`: what `days_of_slice` says, of many."""
        promised, told = "line__order__promised_on", "line__order__expected_on"
        return self.alias(
            first_promised_on=_unless_never_told(Coalesce("promised_on", promised)),
            told_on=_unless_never_told(Coalesce("expected_on", "promised_on", told, promised)),
        )

    def promised_for(self, day: date) -> Self:
        """What its customer was first promised for this day."""
        return self.with_days().filter(first_promised_on=day)

    def told(self, day: date) -> Self:
        """What its customer counts on by this day."""
        return self.with_days().filter(told_on=day)

    def reserving(self) -> Self:
        return self.filter(state__in=AllocationState.reserving())


class Allocation(models.Model):
    """A slice of a line given to one stock point.

    The counted slices of a line (all but declined and short-picked ones) always add up to what was ordered.
    A back-ordered slice has no stock point. It may hold units of an expected receipt; once they have arrived its
    reservation is on the shelf, and the slice follows when the order is sourced.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="allocations")
    stock_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reservation = models.OneToOneField(
        "stock.Reservation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fulfilment = models.ForeignKey(
        Fulfilment, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations", db_index=False
    )
    quantity = models.PositiveIntegerField()
    picked_quantity = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, choices=AllocationState, default=AllocationState.RESERVED)
    reason = models.CharField(max_length=40, blank=True, help_text=_("Why it was declined, cancelled or parked."))
    give_up_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When an unfillable slice is cancelled, where its rule set says so.")
    )
    promised_on = models.DateField(
        null=True, blank=True, help_text=_("The day its customer was promised it for; empty: the order's.")
    )
    expected_on = models.DateField(
        null=True, blank=True, help_text=_("The new day its customer was told, once that one can no longer be kept.")
    )
    changed_at = models.DateTimeField(default=clock.now)

    objects = AllocationQuerySet.as_manager()
    moves = ALLOCATION_MOVES

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="allocation_quantity_positive"),
            models.CheckConstraint(
                condition=Q(picked_quantity__lte=models.F("quantity")), name="allocation_picked_within_quantity"
            ),
            models.CheckConstraint(condition=Q(state__in=AllocationState.values), name="allocation_state_known"),
            models.CheckConstraint(
                condition=Q(stock_point__isnull=True) | ~Q(state__in=[AllocationState.BACKORDERED]),
                name="allocation_backordered_has_no_stock_point",
            ),
            LegalMoves(ALLOCATION_MOVES, name="orders_allocation_legal_moves"),
        ]
        indexes = [
            models.Index(fields=["fulfilment"], name="allocation_by_fulfilment", condition=Q(fulfilment__isnull=False)),
            models.Index(
                fields=["stock_point"],
                name="allocation_worked_on_at",
                condition=Q(state__in=["picking", "picked", "packed", "ready_for_pickup"]),
            ),
            models.Index(
                fields=["state", "id"],
                name="allocation_waiting",
                condition=Q(state__in=["backordered", "unfillable"]),
            ),
            models.Index(
                fields=["give_up_at"],
                name="allocation_give_up",
                condition=Q(state="unfillable", give_up_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.state}"

    def days(self, order: Order) -> tuple[date | None, date | None]:
        return days_of_slice(order, self.state, self.promised_on, self.expected_on)

    @property
    def is_owed(self) -> bool:
        return self.state in _OWED
