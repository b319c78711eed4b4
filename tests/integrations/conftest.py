"""What tests of messages start from."""

from __future__ import annotations

import pytest

from tests.factories.retailer import LILLE, PARIS, Retailer, open_retailer


@pytest.fixture
def retailer(db: None) -> Retailer:
    """A warehouse near the customer and a store in Paris, two articles in both, coats in the warehouse."""
    retailer = open_retailer()
    retailer.add_points(["lille"], kind="warehouse", **LILLE)
    hours = {"mon": [["10:00", "19:00"]], "tue": [["10:00", "19:00"]], "sat": [["09:00", "20:00"]]}
    retailer.add_points(["paris"], name="Paris Marais", opening_hours=hours, **PARIS)
    retailer.add_articles(["shirt", "hat", "coat"])
    retailer.report("receipt", {(sku, point): 20 for sku in ("shirt", "hat") for point in ("lille", "paris")})
    retailer.report("receipt", {("coat", "lille"): 20})
    return retailer
