"""What tests of execution start from."""

from __future__ import annotations

import pytest

from tests.factories.retailer import LILLE, LYON, PARIS, Retailer, open_retailer


@pytest.fixture
def retailer(db: None) -> Retailer:
    return furnished()


def furnished() -> Retailer:
    """Two warehouses, Lille nearest to the customer, and a store in Paris; two articles, nothing on the shelves."""
    retailer = open_retailer()
    retailer.add_points(["lille"], kind="warehouse", **LILLE)
    retailer.add_points(["lyon"], kind="warehouse", **LYON)
    retailer.add_points(["paris"], **PARIS)
    retailer.add_articles(["shirt", "hat"])
    return retailer
