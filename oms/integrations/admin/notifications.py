"""What customers were told, to be read; what did not get through can be sent again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.errors import StateConflict
from oms.integrations.models import Notification
from oms.integrations.roles import RESEND
from oms.integrations.services.sending import send_again


@admin.register(Notification)
class NotificationAdmin(ReadOnlyMixin, ScopedAdmin):
    """Mails to customers, one row for each piece of news."""

    list_display = ("id", "order", "kind", "state", "created_at", "sent_at", "attempts", "last_error")
    list_select_related = ("order",)
    list_filter = ("state", "kind")
    search_fields = ("order__number__exact",)
    search_help_text = _("A whole order number.")
    fields = ("order", "kind", "state", "created_at", "sent_at", "attempts", "last_error")
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        return super().get_queryset(request).select_related("order")

    def get_readonly_fields(self, request: HttpRequest, obj: Notification | None = None) -> tuple[str, ...]:
        return self.fields

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RESEND)

    @admin.action(description=_("Send again what did not get through"), permissions=["resend"])
    def send_again(self, request: HttpRequest, notifications: QuerySet[Notification]) -> None:
        sent = 0
        for pk in notifications.values_list("pk", flat=True):
            try:
                send_again(notification_id=pk)
            except StateConflict:
                continue  # sent, or under way: told by the number
            sent += 1
        told = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", sent)
        messages.success(request, told % {"count": sent})
