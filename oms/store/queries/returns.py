"""Returns as the store's screens show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet, Sum

from oms.core import clock
from oms.core.access import Access, limited
from oms.core.errors import OmsError
from oms.core.models import User
from oms.store.queries.codes import known_article
from orders.models import Order, OrderLine
from orders.services.numbering import normalised
from orders.states import AllocationState
from returns.errors import AmbiguousReceipt
from returns.models import Disposition, Return, ReturnLine
from returns.models.policies import ReturnPolicy
from returns.queries.disposing import Proposal, proposals
from returns.queries.finding import order_on_receipt
from returns.queries.units import uninspected_units
from returns.roles import APPROVE_BLIND
from returns.states import DispositionKind, Grade, ReturnState
from stock.models import StockPoint, Variant

SHOWN = 50
# An article alone is looked for among what this store sold or handed over lately.
_LATELY = timedelta(days=100)
_IN_HAND = (ReturnState.RECEIVED, ReturnState.RECEIVED_UNMATCHED, ReturnState.INSPECTED)
_EXPECTED = (ReturnState.AUTHORISED, ReturnState.IN_TRANSIT)


@dataclass(frozen=True)
class Found:
    """What was scanned: a return, an order, or an article with the orders it may be from."""

    returned: Return | None = None
    order: Order | None = None
    article: Variant | None = None
    orders: Sequence[Order] = ()
    numbers: Sequence[str] = ()


def found_by(text: str, *, point: StockPoint, access: Access) -> Found:
    """A return's number or label, an order's number or receipt, or an article's code."""
    named = Q(number=normalised(text)) | Q(label__tracking_number=text.strip().upper())
    returned = Return.objects.filter(named).filter(_receivable_at(point)).first()
    if returned is not None:
        return Found(returned=returned)
    try:
        return Found(order=order_on_receipt(text, access=Access(stock_points=None, channels=access.channels)))
    except AmbiguousReceipt as error:
        return Found(numbers=list((error.data or {}).get("orders", [])))
    except OmsError:
        pass
    article = known_article(text)
    if article is None:
        return Found()
    return Found(article=article, orders=_orders_with(article, point, access))


def _receivable_at(point: StockPoint) -> Q:
    """What is here or expected here, and what the customer may bring to any store."""
    return Q(stock_point=point) | Q(stock_point__isnull=True, state=ReturnState.AUTHORISED)


def _orders_with(article: Variant, point: StockPoint, access: Access) -> list[Order]:
    """Orders of this store's own that have the article with a customer, the latest first."""
    lines = OrderLine.objects.filter(
        variant=article,
        allocations__state__in=AllocationState.done(),
        order__placed_at__gte=clock.now() - _LATELY,
        returned_quantity__lt=F("quantity"),
    ).filter(Q(allocations__stock_point=point) | Q(order__pickup_point=point) | Q(order__selling_stock_point=point))
    orders = limited(Order.objects.filter(pk__in=lines.values("order_id")), access, channel="channel_id")
    return list(orders.order_by("-pk")[:SHOWN])


def returns_at(point: StockPoint, *, shown: str) -> QuerySet[Return]:
    """`open`: in hand here; `expected`: announced; `done`: settled, the latest first."""
    states = {"expected": _EXPECTED, "done": [ReturnState.SETTLED, ReturnState.CLOSED]}.get(shown, _IN_HAND)
    found = Return.objects.filter(stock_point=point, state__in=states).select_related("order")
    return found.annotate(units=Sum("lines__quantity")).order_by("-pk" if shown == "done" else "pk")[:SHOWN]


@dataclass(frozen=True, slots=True)
class Counted:
    """Returns of one stock point: here and not finished; announced, to be taken in."""

    in_hand: int
    expected: int


def counted_returns(point: StockPoint) -> Counted:
    """One query."""
    found = Return.objects.filter(stock_point=point).aggregate(
        in_hand=Count("pk", filter=Q(state__in=_IN_HAND)), expected=Count("pk", filter=Q(state__in=_EXPECTED))
    )
    return Counted(**found)


@dataclass(frozen=True)
class Piece:
    """Units that are graded together. `proposed` by grade."""

    key: str
    line: ReturnLine
    units: int
    proposed: Mapping[str, Proposal] = field(default_factory=dict)

    @property
    def choices(self) -> list[tuple[str, str, Proposal]]:
        return [(grade.value, str(grade.label), self.proposed[grade.value]) for grade in Grade]


# More units than this of one line are graded together.
_ONE_BY_ONE = 6


def pieces_to_inspect(returned: Return, policy: ReturnPolicy, point: StockPoint) -> list[Piece]:
    """What has to be looked at, one unit at a time where there are few; before reception everything asked."""
    if returned.received_at is None:
        units = {line: line.quantity for line in ReturnLine.objects.filter(returned=returned).order_by("position")}
    else:
        units = uninspected_units(returned)
    ids = [line.variant_id for line in units]
    variants = {each.pk: each for each in Variant.objects.filter(pk__in=ids).select_related("product")}
    proposed = proposals(
        policy=policy, point=point, pairs={(variant_id, grade.value) for variant_id in ids for grade in Grade}
    )
    pieces = []
    for line, count in units.items():
        line.variant = variants[line.variant_id]
        by_grade = {grade.value: proposed[line.variant_id, grade.value] for grade in Grade}
        sizes = [1] * count if count <= _ONE_BY_ONE else [count]
        pieces += [Piece(f"{line.pk}-{place}", line, size, by_grade) for place, size in enumerate(sizes)]
    return pieces


@dataclass(frozen=True)
class Inspected:
    """What was found of a line's units, as the receipt and the page tell it."""

    line: ReturnLine
    dispositions: Sequence[Disposition]


def inspected_lines(returned: Return) -> list[Inspected]:
    lines = ReturnLine.objects.filter(returned=returned).select_related("variant__product").order_by("position")
    found: dict[int, list[Disposition]] = {}
    for each in Disposition.objects.filter(line__returned=returned).select_related("destination").order_by("pk"):
        found.setdefault(each.line_id, []).append(each)
    return [Inspected(line, found.get(line.pk, [])) for line in lines]


def managers_at(point: StockPoint) -> list[User]:
    """Who can stand for a blind return here: managers of this store, and head office's, who have set a PIN."""
    permission = APPROVE_BLIND.partition(".")[2]
    able = User.objects.filter(is_active=True, return_pin__isnull=False).filter(
        Q(groups__permissions__codename=permission) | Q(user_permissions__codename=permission) | Q(is_superuser=True)
    )
    here = able.filter(Q(stock_point_members__stock_point=point) | Q(stock_point_members__isnull=True))
    return list(here.order_by("last_name", "first_name", "username").distinct())


def disposition_choices() -> list[tuple[str, str]]:
    return [(kind.value, str(kind.label)) for kind in DispositionKind]
