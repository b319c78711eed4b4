"""Orders in the admin: to be read, and served by the actions that are allowed now."""

from orders.admin import alerts, batches, fulfilments, orders, payments

__all__ = ["alerts", "batches", "fulfilments", "orders", "payments"]
