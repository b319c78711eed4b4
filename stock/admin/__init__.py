"""Stock in the admin: configuration to be written, facts to be read."""

from stock.admin import allotments, banners, catalogue, expected, imports, levels, protection, stock_points

__all__ = ["allotments", "banners", "catalogue", "expected", "imports", "levels", "protection", "stock_points"]
