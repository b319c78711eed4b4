"""What tests of orders start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from oms.core.clock import SetClock
from stock.models import SalesChannel, StockPoint, Variant
from tests.factories.network import make_channel, make_stock_point, make_store, make_variants
from tests.factories.retailer import Retailer
from tests.orders.punctual import punctual_retailer
from tests.stock.making import receive


@dataclass
class Shop:
    """A web channel, a warehouse near the customer, one far away, a store in Paris, three articles at 10 euros.

    Five units of each article at the near warehouse, five at the far one, none in the store.
    """

    channel: SalesChannel
    near: StockPoint
    far: StockPoint
    store: StockPoint
    variants: list[Variant]

    @property
    def skus(self) -> list[str]:
        return [variant.sku for variant in self.variants]


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


def open_shop() -> Shop:
    near = make_stock_point(latitude=50.63, longitude=3.06, postcode="59000")
    far = make_stock_point(latitude=43.3, longitude=5.4, postcode="13001")
    store = make_store()
    variants = make_variants(3)
    shop = Shop(make_channel(stock_points=[near, far, store]), near, far, store, variants)
    for variant in variants:
        receive(variant, near, 5)
        receive(variant, far, 5)
    return shop


@pytest.fixture
def punctual(db: None) -> Iterator[tuple[Retailer, SetClock]]:
    """A retailer whose promises are told to the minute, and the hands of its clock."""
    with punctual_retailer() as found:
        yield found


@pytest.fixture
def now(punctual: tuple[Retailer, SetClock]) -> SetClock:
    return punctual[1]
