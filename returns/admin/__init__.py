"""Returns in the admin: the list and page of customer service, policies, and their section on the order's page."""

from returns.admin import order_section, policies, returns

__all__ = ["order_section", "policies", "returns"]
