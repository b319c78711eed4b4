from oms.integrations.admin import notifications

__all__ = ["notifications"]
