from oms.core.models.actions import PersonsAction
from oms.core.models.audit import AuditEntry, AuditHead
from oms.core.models.clients import ApiClient, WebhookSecret
from oms.core.models.idempotency import IdempotencyRecord
from oms.core.models.logins import LoginFailure
from oms.core.models.outbox import EventDelivery, OutboxEvent
from oms.core.models.running import Heartbeat, TaskSlot
from oms.core.models.users import User

__all__ = [
    "ApiClient",
    "AuditEntry",
    "AuditHead",
    "EventDelivery",
    "Heartbeat",
    "IdempotencyRecord",
    "LoginFailure",
    "OutboxEvent",
    "PersonsAction",
    "TaskSlot",
    "User",
    "WebhookSecret",
]
