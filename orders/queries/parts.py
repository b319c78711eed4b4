"""An order by the ways it is received and the days it comes on, as its customer was told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orders.models import Allocation, Order, OrderLine
from orders.queries.told_days import day_told
from orders.states import AllocationState, Mode
from stock.models import StockPoint


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes on one day; `on` None: nobody knows when. `origins`: from how many stock points it leaves."""

    on: date | None
    articles: tuple[tuple[OrderLine, int], ...]
    origins: int


@dataclass(frozen=True, slots=True)
class Way:
    """What is received in one way: the store where it is collected, its lines, and its parts, the first day first."""

    mode: Mode
    point: StockPoint | None
    lines: tuple[OrderLine, ...]
    comings: tuple[Coming, ...]

    @property
    def is_collected(self) -> bool:
        return self.point is not None

    @property
    def arrives_in_several(self) -> bool:
        """What is collected is no parcel to its customer."""
        return not self.is_collected and sum(each.origins for each in self.comings) > 1


def ways_of(order: Order) -> list[Way]:
    """Of all that is not carried out; two queries."""
    found = order.lines.select_related("variant__product", "pickup_point").order_by("position")
    lines = {line.pk: line for line in found if line.mode != Mode.CARRY_OUT}
    slices = Allocation.objects.counted().filter(line__in=lines).exclude(state=AllocationState.CANCELLED)
    pieces: dict[int, list[Allocation]] = defaultdict(list)
    for piece in slices.order_by("pk"):
        pieces[piece.line_id].append(piece)
    ways: dict[tuple[str, int | None], list[OrderLine]] = defaultdict(list)
    for line in lines.values():
        ways[line.mode, _point_id(order, line)].append(line)
    return [_way(order, own, [piece for line in own for piece in pieces[line.pk]]) for own in ways.values()]


def _point_id(order: Order, line: OrderLine) -> int | None:
    return (line.pickup_point_id or order.pickup_point_id) if line.mode in Mode.collected() else None


def _way(order: Order, lines: Sequence[OrderLine], pieces: Sequence[Allocation]) -> Way:
    first = lines[0]
    by_id = {line.pk: line for line in lines}
    days: dict[date | None, list[Allocation]] = defaultdict(list)
    for piece in pieces:
        days[day_told(order, [piece])].append(piece)
    comings = []
    for on, own in sorted(days.items(), key=lambda part: part[0] or date.max):
        units = Counter[int]()
        for piece in own:
            units[piece.line_id] += piece.quantity
        articles = tuple((by_id[pk], quantity) for pk, quantity in units.items())
        comings.append(Coming(on, articles, _origins(order, own)))
    is_collected = first.mode in Mode.collected()
    point = (first.pickup_point or order.pickup_point) if is_collected else None
    return Way(Mode(first.mode), point, tuple(lines), tuple(comings))


def _origins(order: Order, pieces: Sequence[Allocation]) -> int:
    """What has still to come counts as one more place, unless it leaves with the rest."""
    places = {piece.stock_point_id for piece in pieces}
    return max(1, len(places - {None})) if order.consolidate else len(places)
