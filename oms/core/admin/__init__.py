from oms.core.admin import audit, clients, outbox, users

__all__ = ["audit", "clients", "outbox", "users"]
