"""Transfers: what the machine proposes, a person accepts here; and purchases that fall due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from oms.core import clock
from oms.core.access import Access, access_for
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.errors import OmsError
from stock.models import PurchaseProposal, Transfer
from stock.queries.transfer_reasons import reason_of
from stock.roles import ACCEPT_TRANSFERS
from stock.services.transferring import (
    accept_transfer,
    cancel_transfer,
    receive_transfer,
    reject_transfer,
    ship_transfer,
)

TOLD_AT_MOST = 20

Step = Callable[[Transfer, Access], Any]


@admin.register(Transfer)
class TransferAdmin(ReadOnlyMixin, ScopedAdmin):
    """Nothing is typed: what is chosen in the list is accepted, refused, sent or received."""

    list_display = (
        "reference",
        "variant",
        "giver",
        "receiver",
        "quantity",
        "standing",
        "source",
        "is_urgent",
        "why",
        "expected_on",
    )
    list_select_related = ("variant", "giver", "receiver")
    list_filter = (
        "state",
        "source",
        "is_urgent",
        ("giver", AutocompleteSelectFilter),
        ("receiver", AutocompleteSelectFilter),
        ("variant", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = ("reference__exact", "variant__sku__exact")
    search_help_text = _("A whole reference or SKU.")
    actions = ("accept_chosen", "reject_chosen", "cancel_chosen", "ship_chosen", "receive_chosen")
    fieldsets = (
        (None, {"fields": ("reference", "variant", ("giver", "receiver"), "state", "source", "is_urgent", "why")}),
        (
            _("Units"),
            {"fields": ("quantity", ("shipped_quantity", "received_quantity"), "unit_cost", "expected_on")},
        ),
        (_("Worked out from"), {"fields": ("evidence",)}),
        (
            _("Who and when"),
            {
                "fields": (
                    "proposed_at",
                    ("decided_at", "decided_by"),
                    ("shipped_at", "shipped_by"),
                    "ended_at",
                    "reason",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        return super().get_queryset(request).select_related("variant", "giver", "receiver")

    @display(
        description=_("state"),
        label={"proposed": "info", "accepted": "warning", "shipped": "warning", "received": "success"},
    )
    def standing(self, transfer: Transfer) -> tuple[str, Any]:
        return transfer.state, transfer.get_state_display()

    @admin.display(description=_("why"))
    def why(self, transfer: Transfer) -> str:
        return reason_of(transfer)

    @admin.display(description=_("figures"))
    def evidence(self, transfer: Transfer) -> str:
        told = transfer.figures
        names = {
            "need": _("lacking"),
            "urgent": _("of these urgent"),
            "giver_spare": _("the giver can spare"),
            "distance_km": _("kilometres"),
        }
        return ", ".join(f"{name}: {told[key]}" for key, name in names.items() if told.get(key) is not None)

    # --- what is done with the chosen ones ----------------------------------------------------------------

    def has_accept_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ACCEPT_TRANSFERS)

    def has_move_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stock.change_transfer")

    @action(description=_("Accept: keep the units at the giver"), permissions=["accept"])
    def accept_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, lambda each, access: accept_transfer(transfer_id=each.pk, access=access))

    @action(description=_("Reject: do not propose it again for a while"), permissions=["accept"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, lambda each, access: reject_transfer(transfer_id=each.pk, access=access))

    @action(description=_("Cancel: accepted and not sent"), permissions=["accept"])
    def cancel_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, lambda each, access: cancel_transfer(transfer_id=each.pk, access=access))

    @action(description=_("Sent: all units have left"), permissions=["move"])
    def ship_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, lambda each, access: ship_transfer(transfer_id=each.pk, access=access))

    @action(description=_("Received: all that was on its way has come"), permissions=["move"])
    def receive_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(
            request,
            queryset,
            lambda each, access: receive_transfer(
                transfer_id=each.pk, quantity=each.outstanding, is_last=True, access=access
            ),
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[Transfer], step: Step) -> None:
        """One transaction each: what cannot be done is told, and keeps no other from being done."""
        access, done, told = access_for(request), 0, 0
        for transfer in queryset.order_by("pk"):
            try:
                step(transfer, access)
            except OmsError as refused:
                told += 1
                if told <= TOLD_AT_MOST:
                    messages.error(request, f"{transfer.reference}: {refused.detail}")
            else:
                done += 1
        if done:
            messages.success(
                request, ngettext("%(done)d transfer: done.", "%(done)d transfers: done.", done) % {"done": done}
            )


class DueFilter(admin.SimpleListFilter):
    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("to order now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PurchaseProposal]) -> QuerySet[PurchaseProposal]:
        if self.value() == "now":
            return queryset.due(on=clock.now().date())  # type: ignore[attr-defined, no-any-return]
        return queryset


@admin.register(PurchaseProposal)
class PurchaseProposalAdmin(ReadOnlyMixin, ScopedAdmin):
    """By when what must be ordered, the most pressing first."""

    list_display = (
        "variant",
        "order_by",
        "runs_out_on",
        "quantity",
        "here",
        "incoming",
        "sold",
        "sold_days",
        "lead_days",
        "lead_cases",
        "safety",
    )
    list_select_related = ("variant",)
    list_filter = (DueFilter, ("variant", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("variant__sku__exact",)
    search_help_text = _("A whole SKU.")
    ordering = ("order_by", "pk")
    actions = None
