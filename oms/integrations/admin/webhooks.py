"""Programs that are told what happened: their endpoints, and what did not get through."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oms.core.admin.base import OmsAdmin, ReadOnlyAdmin
from oms.core.errors import StateConflict
from oms.integrations.models import WebhookEndpoint, WebhookMessage
from oms.integrations.services.webhook_delivering import send_message_again


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(OmsAdmin):
    """Made by the programs themselves; here one can be taken out of service."""

    list_display = ("url", "client", "events", "is_active", "created_at")
    list_select_related = ("client",)
    list_filter = ("is_active",)
    search_fields = ("url",)
    fields = ("url", "client", "events", "is_active", "created_at")
    readonly_fields = ("url", "client", "events", "created_at")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin):
    """One row for each message; the dead ones were tried for days."""

    list_display = ("id", "endpoint", "event", "state", "attempts", "next_attempt_at", "delivered_at", "last_error")
    list_select_related = ("endpoint",)
    list_filter = ("state", "event")
    ordering = ("-created_at",)
    actions = ("send_again",)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("integrations.change_webhookmessage")

    @admin.action(description=_("Send again what did not get through"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookMessage]) -> None:
        sent = 0
        for pk in queryset.values_list("pk", flat=True):
            try:
                send_message_again(message_id=pk)
            except StateConflict:
                continue  # delivered, or under way: told by the number
            sent += 1
        told = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", sent)
        messages.success(request, told % {"count": sent})
