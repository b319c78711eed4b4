from oms.integrations.models.mailbox import KeptMail
from oms.integrations.models.notifications import Notification, NotificationKind

__all__ = ["KeptMail", "Notification", "NotificationKind"]
