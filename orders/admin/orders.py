"""The order page: what was bought, where each slice stands, the money, the decisions, and what may be done now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.orchestration.models import SourcingRun
from orders.admin.moves import OrderMoveView
from orders.models import Allocation, Fulfilment, Order, OrderHold, Parcel, TimelineEntry
from orders.queries.standing_actions import actions_allowed, money_actions_allowed
from orders.roles import SERVE
from stock.states import ReservationState

SHOWN_ENTRIES = 200


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


@admin.register(Order)
class OrderAdmin(ReadOnlyMixin, ScopedAdmin):
    """Every order; nothing is typed into one, customer service acts."""

    list_display = (
        "number",
        "state",
        "channel",
        "mode",
        "customer_name",
        "total",
        "currency",
        "promised_on",
        "placed_at",
        "needs_attention",
    )
    list_select_related = ("channel",)
    list_filter = (
        "state",
        ("channel", AutocompleteSelectFilter),
        "mode",
        AttentionFilter,
        ("placed_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("number__exact", "external_reference__exact", "customer_email__exact")
    search_help_text = _("A whole order number, the channel's reference, or the customer's e-mail.")
    change_form_before_template = "admin/orders/actions.html"
    fieldsets = (
        (None, {"fields": ("standing",)}),
        (_("Articles"), {"fields": ("slices",)}),
        (_("Work and parcels"), {"fields": ("works",)}),
        (_("Money"), {"fields": ("money", "payments")}),
        (_("Customer"), {"fields": ("customer", "address")}),
        (_("Decisions"), {"fields": ("decisions",)}),
        (_("Timeline"), {"fields": ("timeline",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("channel", "pickup_point", "selling_stock_point")

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> tuple[str, ...]:
        return tuple(name for _title, options in self.fieldsets for name in options["fields"])

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        moves = [
            path(
                f"<path:object_id>/{move}/",
                wrap(OrderMoveView.as_view(model_admin=self, move=move)),
                name=f"orders_order_{move}",
            )
            for move in OrderMoveView.services
        ]
        return [*moves, *super().get_urls()]

    def may_serve(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SERVE)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        order = self.get_object(request, object_id) if self.may_serve(request) else None
        context = {**(extra_context or {}), "order_actions": _actions(order) if order is not None else []}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("standing"))
    def standing(self, order: Order) -> SafeString:
        hold = OrderHold.objects.filter(order=order, released_at__isnull=True).first()
        return render_to_string("admin/orders/standing.html", {"order": order, "hold": hold})

    @admin.display(description=_("slices"))
    def slices(self, order: Order) -> SafeString:
        rows = (
            Allocation.objects.filter(line__order=order)
            .select_related("line__variant__product", "stock_point", "fulfilment")
            .order_by("line__position", "pk")
        )
        return render_to_string("admin/orders/slices.html", {"rows": rows})

    @admin.display(description=_("stock points' work"))
    def works(self, order: Order) -> SafeString:
        works = Fulfilment.objects.filter(order=order).select_related("stock_point", "pickup_point").order_by("pk")
        parcels: dict[int, list[Parcel]] = {}
        for parcel in Parcel.objects.filter(fulfilment__order=order).order_by("pk"):
            parcels.setdefault(parcel.fulfilment_id, []).append(parcel)
        rows = [(work, parcels.get(work.pk, [])) for work in works]
        return render_to_string("admin/orders/works.html", {"rows": rows})

    @admin.display(description=_("amounts"))
    def money(self, order: Order) -> SafeString:
        return render_to_string("admin/orders/money.html", {"order": order})

    @admin.display(description=_("payments"))
    def payments(self, order: Order) -> SafeString:
        rows = order.payments.prefetch_related("operations").order_by("pk")
        return render_to_string("admin/orders/payments.html", {"rows": rows})

    @admin.display(description=_("customer"))
    def customer(self, order: Order) -> SafeString:
        return render_to_string("admin/orders/customer.html", {"order": order})

    @admin.display(description=_("delivery"))
    def address(self, order: Order) -> SafeString:
        return render_to_string("admin/orders/address.html", {"order": order})

    @admin.display(description=_("sourcing runs"))
    def decisions(self, order: Order) -> SafeString:
        runs = SourcingRun.objects.filter(reference=order.number).order_by("pk")
        return render_to_string("admin/orders/decisions.html", {"runs": runs})

    @admin.display(description=_("what happened"))
    def timeline(self, order: Order) -> SafeString:
        rows = TimelineEntry.objects.filter(order=order).order_by("pk")[:SHOWN_ENTRIES]
        return render_to_string("admin/orders/timeline.html", {"rows": rows})


def _actions(order: Order) -> list[dict[str, Any]]:
    """The buttons of what may be done now."""
    slices = Allocation.objects.filter(line__order=order)
    states = slices.values_list("state", flat=True)
    has_left = slices.counted().filter(reservation__state=ReservationState.CONSUMED).exists()
    is_held = OrderHold.objects.filter(order=order, released_at__isnull=True).exists()
    return [
        {
            "title": OrderMoveView.buttons[name],
            "url": reverse(f"admin:orders_order_{name}", args=[order.pk]),
            "variant": "danger" if name == "cancel" else "default",
        }
        for name in (
            *actions_allowed(order, slice_states=list(states), is_held=is_held, has_left=has_left),
            *money_actions_allowed(order, is_held=is_held),
        )
    ]
