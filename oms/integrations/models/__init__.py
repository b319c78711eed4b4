from oms.integrations.models.mailbox import KeptMail
from oms.integrations.models.notifications import Notification, NotificationKind
from oms.integrations.models.webhooks import WebhookEndpoint, WebhookEvent, WebhookMessage

__all__ = ["KeptMail", "Notification", "NotificationKind", "WebhookEndpoint", "WebhookEvent", "WebhookMessage"]
