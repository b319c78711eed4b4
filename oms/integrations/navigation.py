"""Messages to customers in the admin's menu, and those that did not get through."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.core.navigation import Group, count, show
from oms.integrations.models import Notification, WebhookMessage
from oms.integrations.states import NotificationState

show("integrations.Notification", group=Group.ORDERS, icon="mail")
show("integrations.WebhookEndpoint", group=Group.NETWORK, icon="webhook")
show("integrations.WebhookMessage", group=Group.NETWORK, icon="outgoing_mail")


def _failed(access: Access) -> QuerySet[Notification]:
    return Notification.objects.visible_to(access).filter(state=NotificationState.FAILED)


count(
    "failed-messages",
    group=Group.ORDERS,
    title=_("Messages that did not get through"),
    link=("admin:integrations_notification_changelist", "?state__exact=failed"),
    permission="integrations.view_notification",
    counted=_failed,
)


def _dead(access: Access) -> QuerySet[WebhookMessage]:
    return WebhookMessage.objects.dead()


count(
    "dead-webhooks",
    group=Group.NETWORK,
    title=_("Webhook messages given up"),
    link=("admin:integrations_webhookmessage_changelist", "?state__exact=dead"),
    permission="integrations.view_webhookmessage",
    counted=_dead,
)
