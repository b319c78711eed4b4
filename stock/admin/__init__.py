"""Stock in the admin: configuration to be written, facts to be read."""

from stock.admin import banners, catalogue, expected, imports, levels, protection, stock_points

__all__ = ["banners", "catalogue", "expected", "imports", "levels", "protection", "stock_points"]
