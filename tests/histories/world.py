"""The little retailer whose histories are told."""

from __future__ import annotations

from tests.factories.retailer import LILLE, LYON, PARIS, Retailer, open_retailer

SKUS = ("a", "b")
WAREHOUSE, STORES = "wh", ("paris", "lyon")
POINTS = (WAREHOUSE, *STORES)
SELLING = "web"
WAITING = "web-waiting"
CHANNELS = (SELLING, WAITING)


def open_world() -> Retailer:
    """Two articles, a warehouse and two stores; one channel refuses what is not there, the other lets it wait."""
    retailer = open_retailer(channel=SELLING)
    retailer.add_channel(WAITING, allows_backorders=True)
    retailer.add_points([WAREHOUSE], kind="warehouse", **LILLE)
    retailer.add_points([STORES[0]], **PARIS)
    retailer.add_points([STORES[1]], **LYON)
    retailer.add_articles(SKUS)
    return retailer
