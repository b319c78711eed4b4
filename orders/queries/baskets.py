"""A seller's basket: its lines, what they cost, and whether there is still enough of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from oms.orchestration.promises import PART_PICKUP
from orders.models import Basket, BasketLine
from orders.states import Mode
from stock.queries.expected import expected_availability
from stock.queries.whereabouts import Whereabouts, whereabouts


@dataclass(frozen=True, slots=True)
class Content:
    """One line; `available`: what could be had of its article now, the way it is to leave, this line included.

    `coming`: what is to come on top of it, where the channel sells that; None where any number may wait.
    `mode`: how it leaves; empty until that is chosen.
    """

    line: BasketLine
    whereabouts: Whereabouts
    available: int
    wanted: int
    coming: int | None = 0
    mode: str = ""

    @property
    def is_collected(self) -> bool:
        return self.mode in Mode.collected()

    @property
    def total(self) -> Decimal:
        return self.line.variant.price * self.line.quantity

    @property
    def missing(self) -> int:
        """What of it cannot be had now."""
        return max(0, self.wanted - self.available)

    @property
    def is_short(self) -> bool:
        return self.coming is not None and self.missing > self.coming

    @property
    def most(self) -> int:
        """How many the customer may have of a line that is short."""
        return self.available + (self.coming or 0)

    @property
    def waiting(self) -> int:
        """What the customer will have later."""
        return 0 if self.is_short else self.missing


@dataclass(frozen=True)
class Contents:
    """A basket as it is shown."""

    basket: Basket
    lines: Sequence[Content]

    @property
    def carried_out(self) -> list[Content]:
        return [content for content in self.lines if content.line.is_carried_out]

    @property
    def delivered(self) -> list[Content]:
        return [content for content in self.lines if not content.line.is_carried_out]

    @property
    def subtotal(self) -> Decimal:
        return sum((content.total for content in self.lines), Decimal(0))

    @property
    def units(self) -> int:
        return sum(content.line.quantity for content in self.lines)

    @property
    def short(self) -> list[Content]:
        return [content for content in self.lines if content.is_short]


def open_basket_of(*, seller_id: int, stock_point_id: int | None) -> Basket | None:
    """What the seller is putting together at this stock point, or by telephone."""
    baskets = Basket.objects.open().select_related("channel", "stock_point", "pickup_point")
    return baskets.filter(seller_id=seller_id, stock_point_id=stock_point_id).first()


def contents_of(basket: Basket) -> Contents:
    """Two queries, however many lines and stock points there are; one more where what is to come is sold."""
    lines = list(BasketLine.objects.filter(basket=basket).select_related("variant__product").order_by("pk"))
    found = whereabouts(
        channel_id=basket.channel_id,
        variant_ids=[line.variant_id for line in lines],
        own_id=basket.stock_point_id,
        own_hold=basket.hold_reference if basket.held_until else None,
    )
    coming = _coming(basket, lines)
    wanted = _wanted(lines)
    modes = modes_of(basket, lines)
    return Contents(
        basket,
        [
            replace(_content(line, found[line.variant_id], wanted, coming.get(line.variant_id, 0)), mode=modes[line.pk])
            for line in lines
        ],
    )


def contents_without_stock(basket: Basket) -> Contents:
    """The same where nobody can tell what is left: as if there were enough of everything. One query."""
    lines = list(BasketLine.objects.filter(basket=basket).select_related("variant__product").order_by("pk"))
    wanted, modes = _wanted(lines), modes_of(basket, lines)
    units = {line.pk: wanted[line.variant_id, line.is_carried_out] for line in lines}
    return Contents(
        basket,
        [
            Content(line, Whereabouts(), available=units[line.pk], wanted=units[line.pk], mode=modes[line.pk])
            for line in lines
        ],
    )


def _wanted(lines: Sequence[BasketLine]) -> Counter[tuple[int, bool]]:
    """Units by article and by whether they are carried out."""
    wanted = Counter[tuple[int, bool]]()
    for line in lines:
        wanted[line.variant_id, line.is_carried_out] += line.quantity
    return wanted


def modes_of(basket: Basket, lines: Sequence[BasketLine]) -> Mapping[int, str]:
    """How each line leaves, by its key; empty where nothing is chosen yet."""
    ways: dict[str, str] = {}
    if basket.promise and basket.promise.get("choice") == PART_PICKUP:
        ways = {line["sku"]: parcel["mode"] for parcel in basket.promise["parcels"] for line in parcel["lines"]}
    return {
        line.pk: Mode.CARRY_OUT.value if line.is_carried_out else ways.get(line.variant.sku, basket.mode)
        for line in lines
    }


def _coming(basket: Basket, lines: Sequence[BasketLine]) -> Mapping[int, int | None]:
    """By variant: what of it may be sold before it comes."""
    variants = {line.variant_id for line in lines if not line.is_carried_out}
    if basket.channel.allows_backorders:
        return dict.fromkeys(variants)
    if not (basket.channel.allows_preorders and variants):
        return {}
    expected = expected_availability(channel_id=basket.channel_id, variant_ids=variants)
    return {variant: sum(each.available for each in increments) for variant, increments in expected.items()}


def _content(line: BasketLine, found: Whereabouts, wanted: Counter[tuple[int, bool]], coming: int | None) -> Content:
    """What is carried out comes off the own shelf first; what is delivered has to do with the rest."""
    carried = wanted[line.variant_id, True]
    left = found.promised - max(0, carried - max(0, found.shelf - found.own))
    return Content(
        line=line,
        whereabouts=found,
        available=found.shelf if line.is_carried_out else max(0, left),
        wanted=wanted[line.variant_id, line.is_carried_out],
        coming=0 if line.is_carried_out else coming,
    )
