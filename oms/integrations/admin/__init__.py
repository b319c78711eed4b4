from oms.integrations.admin import notifications, webhooks

__all__ = ["notifications", "webhooks"]
