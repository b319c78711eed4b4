"""What a mail is about, read when it is sent: what is told is what is true then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Sum

from oms.core.money import money_text
from oms.integrations.mails.contents import Article
from oms.integrations.models import Notification
from orders.models import (
    Allocation,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    PaymentOperation,
    Pickup,
)
from orders.queries.parts import ways_of
from orders.queries.shops import banner_of, shop_name
from orders.queries.tracking_links import tracking_url
from orders.states import AllocationState, Mode
from returns.models import Return
from returns.queries.replacing import return_replaced_by
from stock.models import StockPoint


@dataclass(frozen=True, slots=True)
class Way:
    """How articles reach their customer: taken along at once, collected in a store, or else delivered."""

    is_taken_along: bool = False
    collected_at: StockPoint | None = None


class News:
    """One notification with what its mail needs of the order."""

    def __init__(self, notification: Notification) -> None:
        self.notification = notification
        self.order: Order = notification.order

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.notification.data)

    @property
    def subject_id(self) -> int:
        return int(self.notification.subject.split(":")[1])

    @property
    def url(self) -> str:
        return tracking_url(self.order.number)

    @property
    def shop_name(self) -> str:
        return shop_name(self.order)

    @property
    def language(self) -> str:
        """The order's, where we speak it; else the first of the banner's that we do."""
        spoken = [code for code, _ in settings.LANGUAGES]
        banner = banner_of(self.order)
        wishes = [self.order.language, *(banner.languages if banner else ())]
        return next((wish[:2] for wish in wishes if wish[:2] in spoken), settings.LANGUAGE_CODE[:2])

    @cached_property
    def lines(self) -> list[OrderLine]:
        return list(self.order.lines.select_related("variant__product", "pickup_point").order_by("position"))

    @cached_property
    def units(self) -> dict[str, int]:
        """Units by the state of their slices."""
        slices = Allocation.objects.counted().filter(line__order=self.order)
        return dict(slices.values_list("state").annotate(Sum("quantity")).order_by())

    def money(self, amount: Decimal) -> str:
        return money_text(amount, self.order.currency)

    def articles(self) -> tuple[Article, ...]:
        """Everything ordered that is not cancelled, with what it costs."""
        return self._kept(self.lines)

    def articles_by_way(self) -> dict[Way, tuple[Article, ...]]:
        """The same by how they reach the customer: what is taken along first."""
        ways: dict[Way, list[OrderLine]] = {}
        for line in sorted(self.lines, key=lambda line: line.mode != Mode.CARRY_OUT):
            ways.setdefault(self._way(line), []).append(line)
        told = {way: self._kept(lines) for way, lines in ways.items()}
        return {way: articles for way, articles in told.items() if articles}

    def _way(self, line: OrderLine) -> Way:
        if line.mode == Mode.CARRY_OUT:
            return Way(is_taken_along=True)
        if line.mode in Mode.collected():
            return Way(collected_at=line.pickup_point or self.order.pickup_point)
        return Way()

    def _kept(self, lines: Sequence[OrderLine]) -> tuple[Article, ...]:
        found = []
        for line in lines:
            quantity = line.quantity - line.cancelled_quantity
            if quantity:
                amount = self.money(line.total) if quantity == line.quantity else ""
                found.append(_article(line, quantity, amount))
        return tuple(found)

    def cancelled_articles(self) -> tuple[Article, ...]:
        return tuple(_article(line, line.cancelled_quantity) for line in self.lines if line.cancelled_quantity)

    def backordered_articles(self) -> tuple[Article, ...]:
        waiting = Allocation.objects.filter(line__order=self.order, state=AllocationState.BACKORDERED)
        return self._by_line(waiting.values_list("line_id", "quantity"))

    def is_collected_late(self, promised: date) -> bool:
        """Whether their customer comes for any of what is late of what was promised for this day."""
        late = Allocation.objects.owed().promised_for(promised)
        return late.filter(line__order=self.order, line__mode__in=Mode.collected()).exists()

    @cached_property
    def replaced(self) -> Return | None:
        """What came back that the order is given for."""
        return return_replaced_by(self.order)

    @cached_property
    def returned(self) -> Return:
        return Return.objects.select_related("exchange_order").get(pk=self.subject_id)

    # --- parcels, pickups, money --------------------------------------------------------------------

    @cached_property
    def parcel(self) -> Parcel:
        return Parcel.objects.select_related("fulfilment").get(pk=self.subject_id)

    def parcel_articles(self) -> tuple[Article, ...]:
        rows = ParcelLine.objects.filter(parcel_id=self.subject_id).order_by("pk")
        return self._by_line(rows.values_list("allocation__line_id", "quantity"))

    @cached_property
    def pickup(self) -> Pickup | None:
        pickups = Pickup.objects.select_related("fulfilment__pickup_point")
        return pickups.filter(fulfilment_id=self.subject_id).first()

    @property
    def pickup_point(self) -> StockPoint:
        assert self.pickup is not None
        assert self.pickup.fulfilment.pickup_point is not None
        return self.pickup.fulfilment.pickup_point

    def pickup_articles(self) -> tuple[Article, ...]:
        here = Allocation.objects.counted().filter(fulfilment_id=self.subject_id)
        kept = here.exclude(state=AllocationState.CANCELLED)
        return self._by_line(kept.order_by("pk").values_list("line_id", "quantity"))

    @cached_property
    def operation(self) -> PaymentOperation:
        return PaymentOperation.objects.select_related("payment").get(pk=self.subject_id)

    def payments(self) -> list[Payment]:
        """Those that were made, oldest first."""
        return list(Payment.objects.made().filter(order=self.order).order_by("pk"))

    def is_pickup_a_part(self) -> bool:
        """Whether more was ordered than what waits there; what was taken along at once does not count."""
        kept = Allocation.objects.counted().filter(line__order=self.order).exclude(line__mode=Mode.CARRY_OUT)
        others = kept.exclude(state=AllocationState.CANCELLED).exclude(fulfilment_id=self.subject_id)
        return others.exists()

    def days_of_deliveries(self) -> list[date]:
        """Those promised for what is brought to the customer, the first one first."""
        days = {coming.on for way in ways_of(self.order) if not way.is_collected for coming in way.comings}
        return sorted(day for day in days if day is not None)

    def _by_line(self, rows: Iterable[tuple[int, int]]) -> tuple[Article, ...]:
        units: dict[int, int] = {}
        for line_id, quantity in rows:
            units[line_id] = units.get(line_id, 0) + quantity
        return _articles(self.lines, units)


def _articles(lines: Sequence[OrderLine], units: dict[int, int]) -> tuple[Article, ...]:
    return tuple(_article(line, units[line.pk]) for line in lines if line.pk in units)


def _article(line: OrderLine, quantity: int, amount: str = "") -> Article:
    variant = line.variant
    details = " · ".join(part for part in (variant.colour, variant.size) if part)
    return Article(quantity, variant.product.name or variant.sku, details, amount)
