"""Goods that wait here for their customers, or are on their way here."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q

from oms.core import clock
from oms.store.queries.codes import known_article
from orders.models import Allocation, Fulfilment, Parcel
from orders.models.fulfilments import FulfilmentQuerySet
from orders.services.collecting import pickup_code
from orders.states import AllocationState, FulfilmentState, Mode, ParcelState
from stock.models import StockPoint

MOST = 100
_QR = re.compile(r"H:(?P<number>[0-9A-Za-z]+):(?P<code>\d{6})")
_CODE = re.compile(r"\d{6}")
_NOT_DIGITS = re.compile(r"\D")
# What a telephone number is known by, however it was written.
_PHONE_DIGITS = 8
# A lost one that turns up after all is found by its label all the same.
_NOT_COMING = (ParcelState.LOST, ParcelState.RETURNED_TO_SENDER, ParcelState.CANCELLED)
COMING = Exists(Parcel.objects.filter(fulfilment=OuterRef("pk")).exclude(state__in=_NOT_COMING))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One customer's goods. `left_days` until they are kept no longer, below zero once they are overdue."""

    fulfilment: Fulfilment
    units: int
    left_days: int | None

    @property
    def is_overdue(self) -> bool:
        return self.left_days is not None and self.left_days < 0

    @property
    def is_reserved(self) -> bool:
        """Put aside and not paid: it is paid at the till."""
        return self.fulfilment.mode == Mode.E_RESERVATION

    @property
    def to_pay(self) -> Decimal:
        """What the goods that wait cost, where they are paid at the till."""
        goods = self.fulfilment.goods  # type: ignore[attr-defined]
        return sum((each.line.total * each.quantity / each.line.quantity for each in goods), Decimal(0))


@dataclass(frozen=True, slots=True)
class Found:
    """What the one field of the counter found; `code` where a customer's own code was read."""

    waiting: list[Waiting]
    code: str = ""


def ready_at(stock_point: StockPoint, *, is_expiring: bool = False) -> list[Waiting]:
    """What waits on the shelf, the longest first; `is_expiring`: what is kept until today or before."""
    found = _ready(stock_point)
    if is_expiring:
        found = found.filter(pickup__expires_on__lte=stock_point.local_day(clock.now()))
    return _told(found.order_by("pickup__ready_at", "pk")[:MOST], stock_point)


def arriving_at(stock_point: StockPoint) -> list[Waiting]:
    """What other stock points have sent to be collected here, the earliest first; not what will not come."""
    found = Fulfilment.objects.filter(
        COMING, pickup_point=stock_point, state=FulfilmentState.HANDED_OVER, mode=Mode.SHIP_TO_STORE
    )
    return _told(_with_goods(found).order_by("promised_on", "pk")[:MOST], stock_point)


def found_at(stock_point: StockPoint, text: str) -> Found:
    """By QR code, pickup code, order number, tracking number, an article that waits, name or telephone."""
    text = text.strip()
    ready = _ready(stock_point)
    if match := _QR.fullmatch(text):
        # An order that came in several parts has a code for each.
        of_order = _told(ready.filter(order__number__iexact=match["number"]), stock_point)
        of_code = [each for each in of_order if pickup_code(each.fulfilment.pickup) == match["code"]]
        return Found(of_code or of_order, match["code"])
    by_number = _told(
        ready.filter(Q(order__number__iexact=text) | Q(parcels__tracking_number__iexact=text)).distinct(), stock_point
    )
    if by_number:
        return Found(by_number)
    if _CODE.fullmatch(text):
        # Codes are kept nowhere: each is computed from what waits here, of which there is never much.
        of_code = [each for each in _told(ready, stock_point) if pickup_code(each.fulfilment.pickup) == text]
        if of_code:
            return Found(of_code, text)
    if article := known_article(text):
        mine = ready.filter(allocations__line__variant=article, allocations__state=AllocationState.READY_FOR_PICKUP)
        if with_article := _told(mine.distinct().order_by("pickup__ready_at", "pk")[:MOST], stock_point):
            return Found(with_article)
    digits = _NOT_DIGITS.sub("", text)
    if len(digits) >= _PHONE_DIGITS:
        return Found([each for each in _told(ready, stock_point) if _is_phone(each.fulfilment, digits)])
    if len(text) < 2:
        return Found([])
    return Found(_told(ready.filter(order__customer_name__icontains=text).order_by("pk")[:MOST], stock_point))


def waiting_for(stock_point: StockPoint, fulfilment_id: int) -> Waiting | None:
    """One customer's goods, whether they still wait or were collected or put back."""
    states = (FulfilmentState.READY_FOR_PICKUP, FulfilmentState.COMPLETED, FulfilmentState.CANCELLED)
    found = Fulfilment.objects.filter(pickup_point=stock_point, pk=fulfilment_id, state__in=states)
    told = _told(_with_goods(found), stock_point)
    return told[0] if told else None


def arriving_parcel(stock_point: StockPoint, tracking_number: str) -> Parcel | None:
    """A parcel sent here to be collected, by what its label says; received ones are found, too."""
    parcels = Parcel.objects.filter(
        fulfilment__pickup_point=stock_point,
        fulfilment__mode=Mode.SHIP_TO_STORE,
        tracking_number__iexact=tracking_number.strip(),
        handed_over_at__isnull=False,
    )
    return parcels.select_related("fulfilment__order").first()


def _ready(stock_point: StockPoint) -> FulfilmentQuerySet:
    return _with_goods(Fulfilment.objects.filter(pickup_point=stock_point, state=FulfilmentState.READY_FOR_PICKUP))


def _with_goods(fulfilments: FulfilmentQuerySet) -> FulfilmentQuerySet:
    goods = Allocation.objects.filter(
        state__in=[AllocationState.READY_FOR_PICKUP, AllocationState.COLLECTED, AllocationState.IN_TRANSFER]
    ).select_related("line__variant__product")
    return fulfilments.select_related("order__channel", "stock_point", "pickup").prefetch_related(
        Prefetch("allocations", queryset=goods, to_attr="goods"), "parcels"
    )


def _told(fulfilments: FulfilmentQuerySet, stock_point: StockPoint) -> list[Waiting]:
    today = stock_point.local_day(clock.now())
    return [
        Waiting(
            fulfilment=each,
            units=sum(allocation.quantity for allocation in each.goods),  # type: ignore[attr-defined]
            left_days=_days(_expires_on(each), today),
        )
        for each in fulfilments
    ]


def _expires_on(fulfilment: Fulfilment) -> date | None:
    pickup = getattr(fulfilment, "pickup", None)
    return pickup.expires_on if pickup else None


def _days(until: date | None, today: date) -> int | None:
    return (until - today) // timedelta(days=1) if until else None


def _is_phone(fulfilment: Fulfilment, digits: str) -> bool:
    return _NOT_DIGITS.sub("", fulfilment.order.customer_phone)[-_PHONE_DIGITS:] == digits[-_PHONE_DIGITS:]


def units_by_sku(fulfilment: Fulfilment) -> list[tuple[Allocation, int]]:
    """One row per article: a slice of it, and how many units wait in all."""
    units: Counter[str] = Counter()
    first: dict[str, Allocation] = {}
    for allocation in fulfilment.goods:  # type: ignore[attr-defined]
        sku = allocation.line.variant.sku
        units[sku] += allocation.quantity
        first.setdefault(sku, allocation)
    return [(first[sku], units[sku]) for sku in sorted(units)]
