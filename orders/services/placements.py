"""What an order still wants, and where every unit of it goes: plain values, asked and answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from oms.orchestration.baskets import BasketPlan, Destination, Excluded, Kept
from oms.orchestration.deciding import RunToSave
from oms.sourcing.milestones import Milestones
from orders.states import AllocationState

UnitKey = tuple[int, int]
"""(variant id, stock point id)."""
Told = tuple[date | None, date | None]
"""The day promised first, and the one told since."""


@dataclass(frozen=True, slots=True)
class DemandLine:
    """Units of one order line that want a place. `key` is the line's, unique in the demand."""

    key: str
    variant_id: int
    sku: str
    quantity: int
    mode: str
    pickup_point_id: int | None = None


@dataclass(frozen=True, slots=True)
class Awaited:
    """Units of a line that were promised of what will have come by a day, for the day `promised_on`; None: of whatever
    comes."""

    key: str
    variant_id: int
    quantity: int
    available_on: date | None
    promised_on: date | None


@dataclass(frozen=True)
class Demand:
    """`own_units`: what the order (or the cart it comes from) already reserves, by variant and stock point;
    `own_expected`: what it holds of expected receipts, by variant; `own_capacity`: as that of a basket.
    `is_allotted`: the channel may not take all there is;
    `kept`: the parcels of the promise it was given, for what is not carried out; `awaited`: what that promise
    waits for; `promised_on`, `expected_on`: the day its customer was promised it for, and was told since, where it is
    of one day.
    """

    reference: str
    channel_id: int
    lines: tuple[DemandLine, ...]
    destination: Destination | None = None
    selling_stock_point_id: int | None = None
    own_units: Mapping[UnitKey, int] = field(default_factory=dict)
    own_capacity: Mapping[int, int] = field(default_factory=dict)
    own_expected: Mapping[int, int] = field(default_factory=dict)
    is_allotted: bool = False
    excluded: tuple[Excluded, ...] = ()
    promised_on: date | None = None
    expected_on: date | None = None
    order_value: Decimal = Decimal(0)
    kept: tuple[Kept, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    customer_class: str = ""
    tags: tuple[str, ...] = ()
    ordered_at: datetime | None = None

    def after(self, plans: Sequence[BasketPlan]) -> Demand:
        """The same demand when these plans have taken their places at limited stock points."""
        left = Counter(dict(self.own_capacity))
        left.subtract(parcel.stock_point_id for plan in plans for parcel in plan.parcels)
        return replace(self, own_capacity=dict(left))

    def without(self, missing: Mapping[str, int]) -> Demand:
        """The same demand less `missing` units by line; lines left without units fall away."""
        lines = [replace(line, quantity=line.quantity - missing.get(line.key, 0)) for line in self.lines]
        return replace(self, lines=tuple(line for line in lines if line.quantity > 0))


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice to be. `stock_point_id` None: nowhere. `parcel`: index of its plan and of its parcel there;
    `promised_on`, `expected_on`: the day its customer was promised, and was told since."""

    key: str
    variant_id: int
    stock_point_id: int | None
    quantity: int
    state: str
    parcel: tuple[int, int] | None = None
    give_up_at: datetime | None = None
    reason: str = ""
    is_carried_out: bool = False
    promised_on: date | None = None
    expected_on: date | None = None

    @property
    def told(self) -> Told:
        return self.promised_on, self.expected_on


@dataclass(frozen=True)
class Placement:
    """Where every unit of a demand goes. `plans` are the decisions behind it, with the mode each was for."""

    slices: tuple[Slice, ...]
    plans: tuple[BasketPlan, ...]
    modes: tuple[str, ...]
    pickup_points: tuple[int | None, ...]

    @property
    def reserving(self) -> list[Slice]:
        return [piece for piece in self.slices if piece.stock_point_id is not None]

    @property
    def runs(self) -> list[RunToSave]:
        """The decisions to be recorded with what becomes of them."""
        return [RunToSave(plan.run) for plan in self.plans if plan.run is not None]

    @property
    def promised_on(self) -> date | None:
        """The last of its deliveries."""
        dates = [plan.promised_on for plan in self.plans if plan.promised_on is not None]
        return max(dates, default=None)

    @property
    def milestones(self) -> tuple[Milestones, ...]:
        return tuple(parcel.milestones for plan in self.plans for parcel in plan.parcels if parcel.milestones)

    @property
    def confirm_by(self) -> datetime | None:
        """The first of its deliveries that waits for it."""
        return min((each.confirm_by for each in self.milestones), default=None)

    @property
    def release_by(self) -> datetime | None:
        return min((each.release_by for each in self.milestones), default=None)

    @property
    def shipping_price(self) -> Decimal:
        """What the customer pays for transport: once for each way of receiving the goods."""
        dearest = (max((parcel.price for parcel in plan.parcels), default=Decimal(0)) for plan in self.plans)
        return sum(dearest, Decimal(0))

    @property
    def cost(self) -> Decimal:
        return sum((plan.cost for plan in self.plans), Decimal(0))

    def taken(self) -> Counter[UnitKey]:
        """Units by variant and stock point, wherever a slice holds any."""
        taken: Counter[UnitKey] = Counter()
        for piece in self.slices:
            if piece.stock_point_id is not None:
                taken[piece.variant_id, piece.stock_point_id] += piece.quantity
        return taken

    def units(self) -> Counter[tuple[str, int]]:
        """Units by line and stock point, of what is planned: two placements that agree in it are the same."""
        placed: Counter[tuple[str, int]] = Counter()
        for piece in self.slices:
            if piece.stock_point_id is not None and piece.state == AllocationState.RESERVED:
                placed[piece.key, piece.stock_point_id] += piece.quantity
        return placed


def joined(placements: Sequence[Placement]) -> Placement:
    """The placements of the parts of an order as one."""
    slices: list[Slice] = []
    plans: list[BasketPlan] = []
    for each in placements:
        for piece in each.slices:
            place = None if piece.parcel is None else (piece.parcel[0] + len(plans), piece.parcel[1])
            slices.append(replace(piece, parcel=place))
        plans += each.plans
    return Placement(
        slices=tuple(slices),
        plans=tuple(plans),
        modes=tuple(mode for each in placements for mode in each.modes),
        pickup_points=tuple(point for each in placements for point in each.pickup_points),
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of units that are not there: back-ordered, cancelled, else the whole demand is refused.

    A customer's own wish for part of the order (`allow_partial`) goes before the channel's back-orders.
    `allow_preorders`: units that are expected may be back-ordered, and no others.
    `keep_waiting`: an order that stands is never refused: its units wait.
    """

    allow_partial: bool = False
    allow_backorders: bool = False
    allow_preorders: bool = False
    keep_waiting: bool = False

    @property
    def only_expected(self) -> bool:
        """Whether it makes a difference that units are expected."""
        return self.allow_preorders and not self.allow_backorders and (self.keep_waiting or not self.allow_partial)

    @property
    def state_of_missing(self) -> str | None:
        """The state of a slice that cannot be had; None: refuse."""
        if self.keep_waiting:
            return AllocationState.BACKORDERED if self.allow_backorders else AllocationState.UNFILLABLE
        if self.allow_partial:
            return AllocationState.CANCELLED
        return AllocationState.BACKORDERED if self.allow_backorders else None
