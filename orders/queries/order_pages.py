"""Everything customer service sees of one order, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from oms.core.access import Access
from oms.core.queries.actor_names import named_actors
from oms.core.today import today
from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.maps import DecisionMap, decision_map
from oms.orchestration.queries.runs import StoredRun
from orders.models import (
    Allocation,
    CarrierEvent,
    Fulfilment,
    Order,
    OrderHold,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    Pickup,
    PromiseAlert,
    Repromise,
    TimelineEntry,
)
from orders.queries.milestones import milestones_of_work
from orders.queries.told_days import late_since
from orders.states import FulfilmentState, OrderState
from orders.wording import sentence
from stock.models import StockPoint

SHOWN_ENTRIES = 200
SHOWN_RUNS = 20
_PROMISED = FulfilmentState.live() | {FulfilmentState.COMPLETED}
_OVER = frozenset({OrderState.CANCELLED, OrderState.EXPIRED, OrderState.CLOSED, OrderState.FULFILLED})


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the timeline with the names that its references stand for."""

    entry: TimelineEntry
    place: str
    parcel: str
    actor: str
    currency: str

    @property
    def sentence(self) -> str:
        return sentence(self.entry.event, self.entry.data, place=self.place, parcel=self.parcel, currency=self.currency)


@dataclass(frozen=True, slots=True)
class Promise:
    """`days_late` counts from the promised day: negative while there is time, None where nothing is due."""

    on: date | None
    days_late: int | None


@dataclass(frozen=True)
class OrderPage:
    order: Order
    hold: OrderHold | None
    promise: Promise
    lines: Sequence[OrderLine]
    works: Sequence[Fulfilment]
    payments: Sequence[Payment]
    runs: Sequence[SourcingRun]
    map: DecisionMap | None
    timeline: Sequence[Told]
    repromises: Sequence[Repromise]
    alerts: Sequence[PromiseAlert]

    @property
    def promised_works(self) -> list[Fulfilment]:
        """Those that lead, or led, to the promised day."""
        return [work for work in self.works if work.state in _PROMISED and work.lead_id is None]

    @property
    def services(self) -> list[str]:
        """By whom it travels: as stock points have it now, else as it was promised."""
        given = [work.service for work in self.promised_works if work.service]
        promised = [self.order.promise["service"]] if self.order.promise and not self.promised_works else []
        return list(dict.fromkeys(given or promised))


def order_page(order: Order, *, access: Access) -> OrderPage:
    """`lines` carry `shown_slices`, `works` `shown_parcels` (with `shown_lines`, `shown_events`), their pickup and
    their milestones."""
    slices = Allocation.objects.select_related("stock_point", "fulfilment").order_by("pk")
    lines = OrderLine.objects.filter(order=order).select_related("variant__product", "pickup_point")
    runs = SourcingRun.objects.visible_to(access).filter(reference=order.number).defer("facts", "candidates", "plan")
    latest = SourcingRun.objects.visible_to(access).filter(reference=order.number).order_by("-pk").first()
    with_slices = lines.prefetch_related(Prefetch("allocations", queryset=slices, to_attr="shown_slices"))
    ordered = list(with_slices.order_by("position"))
    return OrderPage(
        order=order,
        hold=OrderHold.objects.filter(order=order, released_at__isnull=True).first(),
        promise=_promise(order, ordered),
        lines=ordered,
        works=_works(order),
        payments=list(order.payments.prefetch_related("operations").order_by("pk")),
        runs=list(runs.order_by("-pk")[:SHOWN_RUNS]),
        map=decision_map(StoredRun(latest)) if latest is not None else None,
        timeline=_timeline(order),
        repromises=list(order.repromises.order_by("pk")),
        alerts=list(order.alerts.standing().select_related("stock_point").order_by("due_at", "pk")),
    )


def _promise(order: Order, lines: Sequence[OrderLine]) -> Promise:
    """What waits to be collected is owed no more."""
    pieces = [piece for line in lines for piece in line.shown_slices]  # type: ignore[attr-defined]
    first = late_since(order, pieces)
    if first is None or order.state in _OVER:
        return Promise(order.promised_on, None)
    return Promise(order.promised_on, (today() - first).days)


def _works(order: Order) -> Sequence[Fulfilment]:
    contents = ParcelLine.objects.select_related("allocation__line").order_by("pk")
    parcels = Parcel.objects.order_by("position").prefetch_related(
        Prefetch("lines", queryset=contents, to_attr="shown_lines"),
        Prefetch("events", queryset=CarrierEvent.objects.order_by("-occurred_at", "-pk"), to_attr="shown_events"),
    )
    works = Fulfilment.objects.filter(order=order).select_related("stock_point", "pickup_point").order_by("pk")
    found = list(works.prefetch_related(Prefetch("parcels", queryset=parcels, to_attr="shown_parcels")))
    pickups = {pickup.fulfilment_id: pickup for pickup in Pickup.objects.filter(fulfilment__order=order)}
    for work in found:
        pickup = pickups.get(work.pk)
        work.shown_pickup = pickup  # type: ignore[attr-defined]
        work.shown_milestones = milestones_of_work(  # type: ignore[attr-defined]
            work, order=order, parcels=work.shown_parcels, pickup=pickup
        )
    return found


def _timeline(order: Order) -> list[Told]:
    entries = list(TimelineEntry.objects.filter(order=order).order_by("-pk")[:SHOWN_ENTRIES])
    works = dict(Fulfilment.objects.filter(order=order).values_list("pk", "stock_point__name"))
    codes = {entry.data.get("stock_point") for entry in entries} - {None}
    places = dict(StockPoint.objects.filter(code__in=codes).values_list("code", "name"))
    parcels = dict(Parcel.objects.filter(fulfilment__order=order).values_list("pk", "tracking_number"))
    actors = named_actors(entry.actor for entry in entries)
    return [
        Told(
            entry=entry,
            place=places.get(entry.data.get("stock_point")) or works.get(entry.data.get("fulfilment"), ""),
            parcel=entry.data.get("tracking_number") or parcels.get(entry.data.get("parcel")) or "",
            actor=actors.get(entry.actor, entry.actor),
            currency=order.currency,
        )
        for entry in entries
    ]
