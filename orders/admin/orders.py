"""The order page: what was bought, where each slice stands, the money, the decisions, and what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.views import ChangeList

from oms.core import clock
from oms.core.access import access_for
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.moment_filters import MomentRangeFilter
from oms.core.money import money_text
from orders.admin.batches import BatchView, batch_url
from orders.admin.kept_promises import KeptPromisesView
from orders.admin.moves import MOVES, OrderMoveView
from orders.models import Allocation, Order, OrderHold
from orders.queries.order_pages import order_page
from orders.queries.payment_links import awaited_payment_url, is_mailed
from orders.queries.queues import AGES, ATTENTION, BACKORDERED, HELD, OFFERED, UNFILLABLE, orders_waiting, queues
from orders.queries.standing_actions import (
    actions_allowed,
    change_actions_allowed,
    money_actions_allowed,
    parcels_on_their_way,
)
from orders.roles import SERVE
from orders.services.numbering import normalised
from orders.wording import attention
from stock.states import ReservationState

QUEUE_TITLES = {
    UNFILLABLE: _("No stock point can serve it"),
    BACKORDERED: _("Waiting for stock to come"),
    OFFERED: _("Offered, not accepted"),
    HELD: _("On hold"),
    ATTENTION: _("Needs a person"),
}

# What apps above this one add to the page: each answers a section, as safe text, for this request.
SECTIONS: list[Callable[[HttpRequest, Order], SafeString]] = []


class AttentionFilter(admin.SimpleListFilter):
    """What customer service looks for; each answer is found by an index."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", _("Needs a person")),
            ("late", _("Past its promise")),
            ("held", _("On hold")),
            ("stock", _("Waiting for stock")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Order]:
        found: QuerySet[Order] = {
            "yes": queryset.needing_attention,
            "late": queryset.late,
            "held": queryset.held,
            "stock": queryset.waiting_for_stock,
        }.get(self.value() or "", queryset.all)()
        return found


class QueueFilter(admin.SimpleListFilter):
    """One queue, the first in first."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(QUEUE_TITLES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Order]:
        found: QuerySet[Order] = queryset
        return orders_waiting(str(self.value()), queryset) if self.value() in QUEUE_TITLES else found


class AgeFilter(admin.SimpleListFilter):
    """How long they wait in the queue that is looked at."""

    title = _("waits in the queue for")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if QueueFilter.parameter_name not in request.GET:
            return []
        return [(str(age.days), ngettext("over %d day", "over %d days", age.days) % age.days) for age in AGES]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Order]:
        found: QuerySet[Order] = queryset
        days = {str(age.days): age for age in AGES}.get(self.value() or "")
        if days is None or "waits_since" not in found.query.annotations:
            return found
        older: QuerySet[Order] = queryset.filter(waits_since__lt=clock.now() - days)
        return older


class FirstInFirst(ChangeList):
    """In a queue whoever waits longest comes first."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        if "waits_since" in queryset.query.annotations:
            return ["waits_since", "pk"]
        return list(super().get_ordering(request, queryset))


@admin.register(Order)
class OrderAdmin(ReadOnlyMixin, ScopedAdmin):
    """Every order; nothing is typed into one, customer service acts."""

    list_display = (
        "number",
        "standing",
        "channel",
        "mode",
        "customer_name",
        "amount",
        "promised_on",
        "placed_at",
        "attention_told",
    )
    list_select_related = ("channel",)
    list_filter = (
        "state",
        ("channel", AutocompleteSelectFilter),
        "mode",
        AttentionFilter,
        QueueFilter,
        AgeFilter,
        ("placed_at", MomentRangeFilter),
    )
    list_filter_submit = True
    actions = ("do_to_all",)
    search_fields = ("number__exact", "external_reference__exact", "customer_email__exact")
    search_help_text = _("A whole order number, the channel's reference, or the customer's e-mail.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        held = OrderHold.objects.filter(order=OuterRef("pk"), released_at__isnull=True).values("reason")
        orders: QuerySet[Order] = super().get_queryset(request).annotate(held_for=Subquery(held[:1]))
        return orders.select_related("channel", "pickup_point", "selling_stock_point")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        moves = [
            path(
                f"<path:object_id>/{move}/",
                wrap(OrderMoveView.as_view(model_admin=self, move=move)),
                name=f"orders_order_{move}",
            )
            for move in MOVES
        ]
        own = [
            path("batch/", wrap(BatchView.as_view(model_admin=self)), name="orders_order_batch"),
            path("queues/", wrap(self.queues_view), name="orders_order_queues"),
            path("kept-promises/", wrap(KeptPromisesView.as_view(model_admin=self)), name="kept-promises"),
        ]
        return [*own, *moves, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FirstInFirst

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return (*shown[:1], "waits", *shown[1:]) if request.GET.get("queue") in QUEUE_TITLES else shown

    @admin.display(description=_("state"), ordering="state")
    def standing(self, order: Order) -> str:
        """What nobody may go on with is told with the reason."""
        held: str | None = order.held_for  # type: ignore[attr-defined]
        if not held:
            return order.get_state_display()
        return gettext("%(state)s, on hold: %(reason)s") % {"state": order.get_state_display(), "reason": held}

    @admin.display(description=_("total"), ordering="total")
    def amount(self, order: Order) -> str:
        return money_text(order.total, order.currency)

    @admin.display(description=_("needs attention"), ordering="needs_attention")
    def attention_told(self, order: Order) -> str:
        return attention(order.needs_attention) if order.needs_attention else ""

    @admin.display(description=_("waits"))
    def waits(self, order: Order) -> str:
        return timesince(order.waits_since, clock.now(), depth=1)  # type: ignore[attr-defined]

    @admin.action(description=_("Do to all that match…"), permissions=["serve"])
    def do_to_all(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse:
        """Leads to the page that asks what: for the orders ticked, or all of every page."""
        ticked = None if request.POST.get("select_across") == "1" else request.POST.getlist(ACTION_CHECKBOX_NAME)
        return HttpResponseRedirect(batch_url(request.GET.urlencode(), ticked))

    def has_serve_permission(self, request: HttpRequest) -> bool:
        return self.may_serve(request)

    def queues_view(self, request: HttpRequest) -> HttpResponse:
        """What waits, since when, and the way to each."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            # Without `opts` the heading is this page, not the list it lies below.
            "title": _("Queues"),
            "content_title": _("Queues"),
            "queues": [(queue, QUEUE_TITLES[queue.name]) for queue in queues(access_for(request))],
            "ages": [age.days for age in AGES],
        }
        return TemplateResponse(request, "admin/orders/queues.html", context)

    def may_serve(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SERVE)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A whole order number leads to the order."""
        if list(request.GET) == ["q"] and self.has_view_permission(request):
            found = self.get_queryset(request).filter(number=normalised(request.GET["q"])).first()
            if found is not None:
                return HttpResponseRedirect(reverse("admin:orders_order_change", args=[found.pk]))
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The order's own page; there is no form on it, so nothing can be posted to it."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        order = self.get_object(request, unquote(object_id))
        if order is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Order %(number)s") % {"number": order.number},
            "original": order,
            "order": order,
            "page": order_page(order, access=access_for(request)),
            "order_actions": _actions(order) if self.may_serve(request) else [],
            "sections": [section(request, order) for section in SECTIONS],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/orders/order.html", context)


def _actions(order: Order) -> list[dict[str, Any]]:
    """The buttons of what may be done now."""
    slices = Allocation.objects.filter(line__order=order)
    states = slices.values_list("state", flat=True)
    has_left = slices.counted().filter(reservation__state=ReservationState.CONSUMED).exists()
    is_held = OrderHold.objects.filter(order=order, released_at__isnull=True).exists()
    allowed = {
        *actions_allowed(order, slice_states=list(states), is_held=is_held, has_left=has_left),
        *money_actions_allowed(order, is_held=is_held),
        *change_actions_allowed(order),
        *(["link"] if is_mailed(order) and awaited_payment_url(order) else []),
        *(["lost"] if parcels_on_their_way(order) else []),
    }
    return [
        {"move": move, "url": reverse(f"admin:orders_order_{name}", args=[order.pk])}
        for name, move in MOVES.items()
        if name in allowed
    ]
