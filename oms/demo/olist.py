"""Reading the Olist marketplace data set: its sellers, products and orders, joined and in time order.

The files are read as they are published. Times are local to São Paulo and are read as such.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
UNKNOWN_CATEGORY = "sem_categoria"


@dataclass(frozen=True, slots=True)
class Place:
    """A zip prefix and its centroid."""

    prefix: str
    city: str
    latitude: float
    longitude: float

    @property
    def region(self) -> str:
        """The first digit of a Brazilian postcode."""
        return self.prefix[0]


@dataclass(frozen=True, slots=True)
class Seller:
    key: str
    place: Place


@dataclass(frozen=True, slots=True)
class Product:
    key: str
    category: str
    weight_g: int


@dataclass(frozen=True, slots=True)
class Item:
    """`quantity` units of one product, at the price of one."""

    product: str
    seller: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class OlistOrder:
    key: str
    purchased_at: datetime
    place: Place
    items: tuple[Item, ...]
    freight: Decimal
    days_on_road: int | None


@dataclass(frozen=True)
class DataSet:
    sellers: tuple[Seller, ...]
    products: tuple[Product, ...]
    orders: tuple[OlistOrder, ...]
    skipped: int


class Centroids:
    """The place of a zip prefix; an unknown one stands at the nearest known prefix by number."""

    def __init__(self, folder: Path) -> None:
        rows = sorted(_rows(folder / "zip_prefix_centroids.csv"), key=lambda row: row["zip_code_prefix"])
        self._prefixes = [row["zip_code_prefix"] for row in rows]
        self._points = [(float(row["latitude"]), float(row["longitude"])) for row in rows]

    def place(self, prefix: str, city: str) -> Place:
        after = min(bisect_left(self._prefixes, prefix), len(self._prefixes) - 1)
        near = min((max(after - 1, 0), after), key=lambda index: (abs(int(self._prefixes[index]) - int(prefix)), index))
        latitude, longitude = self._points[near]
        return Place(prefix, city, latitude, longitude)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)


def _days(handed_over: str, delivered: str) -> int | None:
    """Days from one date to the other; None where one of them is missing or they are in the wrong order."""
    if not handed_over or not delivered or delivered < handed_over:
        return None
    return (_time(delivered).astimezone(ZONE).date() - _time(handed_over).astimezone(ZONE).date()).days


def _items_by_order(folder: Path) -> dict[str, list[dict[str, str]]]:
    items: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(folder / "olist_order_items_dataset.csv"):
        items[row["order_id"]].append(row)
    return items


def _merged(rows: list[dict[str, str]]) -> tuple[Item, ...]:
    """One line per product and price: the data set writes one row per unit."""
    merged: dict[tuple[str, str, Decimal], int] = defaultdict(int)
    for row in rows:
        merged[row["product_id"], row["seller_id"], Decimal(row["price"])] += 1
    return tuple(
        Item(product, seller, quantity, price) for (product, seller, price), quantity in sorted(merged.items())
    )


def read(folder: Path) -> DataSet:
    """The whole data set. Orders without any item are counted in `skipped`, not returned."""
    centroids = Centroids(folder)
    customers = {row["customer_id"]: row for row in _rows(folder / "olist_customers_dataset.csv")}
    items = _items_by_order(folder)
    orders, skipped = [], 0
    for row in _rows(folder / "olist_orders_dataset.csv"):
        bought = items.get(row["order_id"])
        if not bought:
            skipped += 1
            continue
        customer = customers[row["customer_id"]]
        orders.append(
            OlistOrder(
                key=row["order_id"],
                purchased_at=_time(row["order_purchase_timestamp"]),
                place=centroids.place(customer["customer_zip_code_prefix"], customer["customer_city"]),
                items=_merged(bought),
                freight=sum((Decimal(line["freight_value"]) for line in bought), Decimal(0)),
                days_on_road=_days(row["order_delivered_carrier_date"], row["order_delivered_customer_date"]),
            )
        )
    return DataSet(
        sellers=tuple(
            Seller(row["seller_id"], centroids.place(row["seller_zip_code_prefix"], row["seller_city"]))
            for row in sorted(_rows(folder / "olist_sellers_dataset.csv"), key=lambda row: row["seller_id"])
        ),
        products=tuple(
            Product(
                row["product_id"],
                row["product_category_name"] or UNKNOWN_CATEGORY,
                round(float(row["product_weight_g"] or 0)),
            )
            for row in sorted(_rows(folder / "olist_products_dataset.csv"), key=lambda row: row["product_id"])
        ),
        orders=tuple(sorted(orders, key=lambda order: (order.purchased_at, order.key))),
        skipped=skipped,
    )
