"""Stock in the admin: configuration to be written, facts to be read."""

from stock.admin import (
    allotments,
    banners,
    catalogue,
    catalogue_imports,
    counts,
    differences,
    expected,
    imports,
    levels,
    protection,
    protection_progress,
    replenishment_policies,
    sources,
    stock_points,
    transfers,
    unavailabilities,
)

__all__ = [
    "allotments",
    "banners",
    "catalogue",
    "catalogue_imports",
    "counts",
    "differences",
    "expected",
    "imports",
    "levels",
    "protection",
    "protection_progress",
    "replenishment_policies",
    "sources",
    "stock_points",
    "transfers",
    "unavailabilities",
]
