"""What a seller finds: articles with what is here, in the warehouses and elsewhere, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from oms.sourcing.distances import great_circle_km
from stock.models import Product, SalesChannel, StockPoint, Variant
from stock.queries.availability import Waterfall, available_by_point
from stock.queries.catalogue import product_ids_matching, sold_variants
from stock.queries.expected import Increment, expected_availability
from stock.queries.whereabouts import Whereabouts, whereabouts
from stock.sizes import size_order

PRODUCTS_PER_PAGE = 24
MOST_POINTS = 60
# Those within reach are shown at once, the others unfolded.
NEAREST = 8


@dataclass(frozen=True)
class Found:
    """A product in the list of results; `places` adds its variants up."""

    product: Product
    variant: Variant
    price: Decimal
    has_one_price: bool
    currency: str
    places: Whereabouts
    colours: int
    sizes: int


@dataclass(frozen=True)
class Results:
    found: Sequence[Found]
    page: int
    has_more: bool

    @property
    def previous_page(self) -> int:
        return self.page - 1

    @property
    def next_page(self) -> int:
        return self.page + 1


def search_results(*, text: str, channel: SalesChannel, own_id: int | None, page: int = 1) -> Results:
    """One page of the products that match, by name. Three queries."""
    ids = product_ids_matching(text, limit=PRODUCTS_PER_PAGE + 1, offset=(page - 1) * PRODUCTS_PER_PAGE)
    shown = ids[:PRODUCTS_PER_PAGE]
    variants: dict[int, list[Variant]] = defaultdict(list)
    for variant in sold_variants(shown):
        variants[variant.product_id].append(variant)
    everywhere = whereabouts(
        channel_id=channel.pk, variant_ids=[one.pk for of in variants.values() for one in of], own_id=own_id
    )
    found = [_found(variants[pk], everywhere) for pk in shown if variants[pk]]
    return Results(found, page, len(ids) > len(shown))


def _found(variants: Sequence[Variant], everywhere: dict[int, Whereabouts]) -> Found:
    prices = {variant.price for variant in variants}
    return Found(
        product=variants[0].product,
        variant=variants[0],
        price=min(prices),
        has_one_price=len(prices) == 1,
        currency=variants[0].currency,
        places=added_up(everywhere[variant.pk] for variant in variants),
        colours=len({variant.colour for variant in variants if variant.colour}),
        sizes=len({variant.size for variant in variants if variant.size}),
    )


def added_up(places: Iterable[Whereabouts]) -> Whereabouts:
    all_of_them = list(places)
    return Whereabouts(
        shelf=sum(each.shelf for each in all_of_them),
        own=sum(each.own for each in all_of_them),
        warehouses=sum(each.warehouses for each in all_of_them),
        elsewhere=sum(each.elsewhere for each in all_of_them),
    )


@dataclass(frozen=True)
class Cell:
    """One size in one colour; None where there is no such variant."""

    size: str
    variant: Variant | None
    places: Whereabouts | None
    is_chosen: bool = False
    is_coming: bool = False


@dataclass(frozen=True)
class Row:
    colour: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class PointStock:
    """What one stock point has of the chosen variant."""

    point: StockPoint
    waterfall: Waterfall
    is_own: bool
    km: int | None


@dataclass(frozen=True)
class Sheet:
    """A product with the variant that is looked at. `points`: the nearest that have any, the own one first."""

    product: Product
    chosen: Variant
    places: Whereabouts
    sizes: Sequence[str]
    rows: Sequence[Row]
    points: Sequence[PointStock]
    more_points: int
    coming: Sequence[Increment]

    @property
    def nearest(self) -> Sequence[PointStock]:
        return self.points[:NEAREST]

    @property
    def is_any_coming(self) -> bool:
        return any(cell.is_coming for row in self.rows for cell in row.cells)

    @property
    def farther(self) -> Sequence[PointStock]:
        return self.points[NEAREST:]


def product_sheet(*, product: Product, sku: str, channel: SalesChannel, own: StockPoint | None) -> Sheet | None:
    """None where nothing of the product is sold. Five queries, however many stock points there are."""
    variants = sold_variants([product.pk])
    if not variants:
        return None
    own_id = own.pk if own else None
    everywhere = whereabouts(channel_id=channel.pk, variant_ids=[one.pk for one in variants], own_id=own_id)
    coming = expected_availability(channel_id=channel.pk, variant_ids=[one.pk for one in variants])
    chosen = next((one for one in variants if one.sku == sku), None) or _first_to_be_had(variants, everywhere, coming)
    levels = available_by_point(channel_id=channel.pk, variant_ids=[chosen.pk])
    names = StockPoint.objects.in_bulk({point for _, point in levels})
    kms = _kms_from(own, list(names.values()))
    points = [PointStock(names[point], level, point == own_id, kms.get(point)) for (_, point), level in levels.items()]
    points.sort(key=_nearest_first)
    sizes = sorted({variant.size for variant in variants}, key=size_order)
    return Sheet(
        product=product,
        chosen=chosen,
        places=everywhere[chosen.pk],
        sizes=sizes,
        rows=_grid(variants, sizes, everywhere, chosen, coming),
        points=points[:MOST_POINTS],
        more_points=max(0, len(points) - MOST_POINTS),
        coming=coming[chosen.pk],
    )


def _first_to_be_had(
    variants: Sequence[Variant], everywhere: dict[int, Whereabouts], coming: dict[int, list[Increment]]
) -> Variant:
    """Now, else later, else the first."""
    now = (one for one in variants if everywhere[one.pk].promised or everywhere[one.pk].shelf)
    later = (one for one in variants if coming[one.pk])
    return next(now, None) or next(later, variants[0])


def _nearest_first(each: PointStock) -> tuple[bool, bool, int, int, str]:
    """The own one, then those that have any by distance; seen from nowhere, those that have most."""
    available = each.waterfall.available
    return (not each.is_own, not available, each.km or 0, -available, each.point.name)


def _kms_from(own: StockPoint | None, points: Sequence[StockPoint]) -> dict[int, int]:
    """By stock point, where both have a place."""
    if own is None or own.latitude is None or own.longitude is None:
        return {}
    placed = [point for point in points if point.latitude is not None and point.longitude is not None]
    latitudes = np.array([point.latitude for point in placed], dtype=np.float64)
    longitudes = np.array([point.longitude for point in placed], dtype=np.float64)
    kms = great_circle_km(latitudes, longitudes, own.latitude, own.longitude)
    return {point.pk: round(km) for point, km in zip(placed, kms.tolist(), strict=True)}


def _grid(
    variants: Sequence[Variant],
    sizes: Sequence[str],
    everywhere: dict[int, Whereabouts],
    chosen: Variant,
    coming: dict[int, list[Increment]],
) -> list[Row]:
    by_place = {(variant.colour, variant.size): variant for variant in reversed(variants)}
    colours = list(dict.fromkeys(variant.colour for variant in variants))
    return [
        Row(
            colour,
            [
                Cell(size, variant, everywhere[variant.pk], variant.pk == chosen.pk, bool(coming[variant.pk]))
                if variant
                else Cell(size, None, None)
                for size, variant in ((size, by_place.get((colour, size))) for size in sizes)
            ],
        )
        for colour in colours
    ]
