from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oms.core.admin.base import ReadOnlyAdmin
from oms.core.models import EventDelivery, IdempotencyRecord, OutboxEvent
from oms.core.models.outbox import DeliveryQuerySet
from oms.core.services.dead_letters import replay_dead_letters


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """What happened, and whether it was told."""

    list_display = ("id", "name", "payload", "created_at", "relayed_at", "fan_out")
    search_fields = ("name__exact", "id__exact")
    list_filter = (("relayed_at", admin.EmptyFieldListFilter),)


@admin.register(EventDelivery)
class EventDeliveryAdmin(ReadOnlyAdmin):
    """Deliveries; those in the state "dead letter" wait for somebody to replay them."""

    list_display = ("id", "event_name", "subscription", "state", "attempts", "next_attempt_at", "done_at", "last_error")
    list_filter = ("state",)
    search_fields = ("subscription__exact", "id__exact")
    actions = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventDelivery]:
        return super().get_queryset(request).select_related("event")

    @admin.display(description=_("event"))
    def event_name(self, delivery: EventDelivery) -> str:
        return str(delivery.event)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_eventdelivery")

    @admin.action(description=_("Replay dead letters"), permissions=["replay"])
    def replay(self, request: HttpRequest, deliveries: DeliveryQuerySet) -> None:
        ids = list(deliveries.values_list("pk", flat=True))
        replayed = replay_dead_letters(deliveries=EventDelivery.objects.filter(pk__in=ids))
        told = ngettext("%d dead letter will be delivered again.", "%d dead letters will be delivered again.", replayed)
        messages.success(request, told % replayed)


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Requests that brought an idempotency key, and the status they were answered with."""

    list_display = ("key", "client", "status", "created_at", "leased_until")
    list_select_related = ("client",)
    search_fields = ("key__exact",)
    fields = ("client", "key", "status", "content_type", "created_at", "leased_until")
