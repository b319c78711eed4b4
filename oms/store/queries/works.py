"""A stock point's work, as its screens show it: a fixed number of queries for any number of works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Case, F, OuterRef, Prefetch, Subquery, When
from django.db.models.functions import Coalesce, Least
from django.utils.functional import cached_property
from django.utils.translation import pgettext

from oms.core import clock
from orders.models import Allocation, Fulfilment, OrderHold, Parcel, ParcelLine
from orders.models.fulfilments import FulfilmentQuerySet
from orders.states import AllocationState, FulfilmentState, Milestone, Mode, ParcelState
from stock.models import StockPoint, Variant

_A, _F = AllocationState, FulfilmentState

SHOWN_AT_MOST: Final = 60
# What each list of the preparation screen holds, by the name its address has.
STATES: Final = {"offered": _F.OFFERED, "accepted": _F.ACCEPTED, "picked": _F.PICKING, "packed": _F.PACKED}
_TO_PICK = frozenset({_A.ASSIGNED, _A.PICKING})


@dataclass(frozen=True, slots=True)
class Article:
    """Units of one variant in a work: all that is asked, and what of it was picked."""

    variant: Variant
    quantity: int
    picked: int

    @property
    def is_picked(self) -> bool:
        return self.picked >= self.quantity


class Work:
    """A fulfilment for its page. What cannot be done now has no button."""

    def __init__(self, fulfilment: Fulfilment) -> None:
        self.fulfilment = fulfilment
        self.pk = fulfilment.pk
        self.order = fulfilment.order
        self.state = fulfilment.state
        # Why its order is on hold; None where it is not.
        self.held_for: str | None = fulfilment.held_for  # type: ignore[attr-defined]
        self.is_held = self.held_for is not None
        # What is offered to several stores lies in the hands of the work that leads the offer.
        self.slices: list[Allocation] = (
            fulfilment.lead.led_slices  # type: ignore[union-attr]
            if fulfilment.stands_by
            else fulfilment.shown_slices  # type: ignore[attr-defined]
        )
        self.parcels: list[Parcel] = fulfilment.shown_parcels  # type: ignore[attr-defined]

    @property
    def slot(self) -> tuple[datetime, datetime] | None:
        """The hours that the customer chose."""
        return self.order.slot if self.fulfilment.mode == Mode.SLOT else None

    @cached_property
    def articles(self) -> list[Article]:
        asked: dict[int, int] = defaultdict(int)
        picked: dict[int, int] = defaultdict(int)
        variants: dict[int, Variant] = {}
        for piece in self.slices:
            variant = piece.line.variant
            variants[variant.pk] = variant
            asked[variant.pk] += piece.quantity
            if piece.state not in _TO_PICK and piece.state != _A.OFFERED:
                picked[variant.pk] += piece.quantity
        return [Article(variants[pk], asked[pk], picked[pk]) for pk in variants]

    @property
    def units(self) -> int:
        return sum(article.quantity for article in self.articles)

    @property
    def due_at(self) -> datetime | None:
        """The next milestone: to accept it (while offered, in time to be prepared), else to hand over."""
        if self.state == _F.OFFERED:
            answers = [at for at in (self.fulfilment.accept_by, self.fulfilment.begin_by) if at is not None]
            return min(answers, default=self.fulfilment.due_at)
        return self.fulfilment.due_at

    @property
    def milestone(self) -> Milestone:
        return Milestone.ACCEPT if self.state == _F.OFFERED else Milestone.HAND_OVER

    @property
    def left(self) -> timedelta | None:
        return self.due_at - clock.now() if self.due_at else None

    @property
    def is_late(self) -> bool:
        return self.left is not None and self.left < timedelta(0)

    @property
    def late_by(self) -> timedelta | None:
        return -self.left if self.left is not None and self.is_late else None

    @property
    def is_collected_here(self) -> bool:
        return self.fulfilment.pickup_point_id == self.fulfilment.stock_point_id

    @property
    def to_pick(self) -> bool:
        return self.state in (_F.ACCEPTED, _F.PICKING) and any(piece.state in _TO_PICK for piece in self.slices)

    @property
    def to_pack(self) -> bool:
        return self.state == _F.PICKING and not self.to_pick and not self.is_collected_here

    @property
    def state_said(self) -> str:
        """Its state in words; what is all picked is not being picked any more."""
        if self.state == _F.PICKING and not self.to_pick:
            return pgettext("work", "Picked")
        return self.fulfilment.get_state_display()

    @property
    def may_decline(self) -> bool:
        return self.state in (_F.OFFERED, _F.ACCEPTED, _F.PICKING)

    @property
    def labels_are_pending(self) -> bool:
        return any(parcel.state == ParcelState.LABEL_PENDING and not parcel.label_error for parcel in self.parcels)

    @property
    def may_hand_over(self) -> bool:
        return self.state == _F.PACKED and all(parcel.state != ParcelState.LABEL_PENDING for parcel in self.parcels)

    @property
    def step(self) -> str:
        """Where in its way through the shop it is."""
        if self.state == _F.OFFERED:
            return "accept"
        if self.to_pick or self.state == _F.ACCEPTED:
            return "pick"
        if self.state == _F.PICKING:
            return "pack"
        return "hand_over" if self.state == _F.PACKED else "done"

    @property
    def weight_g(self) -> int:
        """Of the picked articles, without packaging."""
        return sum(article.variant.weight_g * article.picked for article in self.articles)


@dataclass(frozen=True, slots=True)
class Section:
    """The works in one state, the most urgent first; `number` counts those that are not shown, too."""

    name: str
    works: list[Work]
    number: int


def works_of(stock_point: StockPoint) -> FulfilmentQuerySet:
    """What is prepared at the stock point, its slices, parcels and hold loaded with it."""
    slices = (
        Allocation.objects.counted()
        .exclude(state=_A.CANCELLED)
        .select_related("line__variant__product")
        .order_by("line__position", "pk")
    )
    contents = ParcelLine.objects.select_related("allocation__line__variant__product").order_by("pk")
    parcels = (
        Parcel.objects.exclude(state=ParcelState.CANCELLED)
        .order_by("position")
        .prefetch_related(Prefetch("lines", queryset=contents, to_attr="shown_lines"))
    )
    held = OrderHold.objects.filter(order_id=OuterRef("order_id"), released_at__isnull=True)
    return (
        Fulfilment.objects.filter(stock_point=stock_point)
        .select_related("order", "stock_point", "pickup_point", "lead")
        .annotate(held_for=Subquery(held.values("reason")[:1]))
        .prefetch_related(
            Prefetch("allocations", queryset=slices, to_attr="shown_slices"),
            Prefetch("lead__allocations", queryset=slices, to_attr="led_slices"),
            Prefetch("parcels", queryset=parcels, to_attr="shown_parcels"),
        )
    )


def work_at(stock_point: StockPoint, pk: int) -> Work | None:
    found = works_of(stock_point).filter(pk=pk).first()
    return Work(found) if found else None


def works_to_pick(stock_point: StockPoint, ids: Collection[int]) -> list[Work]:
    """Those of the works in which something is to be picked and may be, the most urgent first."""
    found = by_urgency(works_of(stock_point).filter(pk__in=ids, state__in=[_F.ACCEPTED, _F.PICKING]))
    return [work for work in map(Work, found) if work.to_pick and not work.is_held]


def sections(stock_point: StockPoint, names: Iterable[str]) -> list[Section]:
    """The lists of the preparation screen."""
    found = []
    for name in names:
        rows = works_of(stock_point).filter(state=STATES[name])
        works = [Work(row) for row in by_urgency(rows)[: SHOWN_AT_MOST + 1]]
        number = len(works) if len(works) <= SHOWN_AT_MOST else rows.count()
        found.append(Section(name, works[:SHOWN_AT_MOST], number))
    return found


def by_urgency(works: FulfilmentQuerySet) -> FulfilmentQuerySet:
    """What is due first; what has no deadline last, oldest first. An offer's deadline is the one for its answer."""
    answer = Case(When(state=_F.OFFERED, then=Least("accept_by", "begin_by")))
    return works.order_by(Coalesce(answer, F("due_at")).asc(nulls_last=True), F("pk"))
