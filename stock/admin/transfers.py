"""Transfers: what the machine proposes, a person accepts here; and purchases that fall due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from oms.core.access import Access, access_for
from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.amounts import grouped
from oms.core.days import day_text
from oms.core.errors import OmsError
from oms.core.money import money_text
from oms.core.punctuation import with_colon
from oms.core.refusals import told
from oms.core.today import today
from stock.admin.articles import FoundByArticle, level_link, levels_link
from stock.models import PurchaseProposal, Transfer
from stock.queries.replenishment_policies import told as decisions_told
from stock.queries.transfer_reasons import reason_of
from stock.roles import ACCEPT_TRANSFERS
from stock.services.transferring import (
    accept_transfer,
    cancel_transfer,
    receive_transfer,
    reject_transfer,
    ship_transfer,
)
from stock.states import TransferState

TOLD_AT_MOST = 20
# Longer than purchases take: what is due later is not looked at yet.
SOON_DAYS = 90

UNSENT: Final = (TransferState.PROPOSED, TransferState.ACCEPTED)

Step = Callable[[Transfer, Access], Any]


@dataclass(frozen=True)
class Move:
    """What a person does with a transfer in one state: who decides about it, or who has it in hand."""

    told: Any
    of: TransferState
    step: Step
    is_decision: bool = True


def _receive_all(transfer: Transfer, access: Access) -> Any:
    return receive_transfer(transfer_id=transfer.pk, quantity=transfer.outstanding, is_last=True, access=access)


MOVES: Final[dict[str, Move]] = {
    "accept": Move(
        _("Accept: keep the units at the giver"),
        TransferState.PROPOSED,
        lambda each, access: accept_transfer(transfer_id=each.pk, access=access),
    ),
    "reject": Move(
        _("Reject: do not propose it again for a while"),
        TransferState.PROPOSED,
        lambda each, access: reject_transfer(transfer_id=each.pk, access=access),
    ),
    "ship": Move(
        _("Sent: all units have left"),
        TransferState.ACCEPTED,
        lambda each, access: ship_transfer(transfer_id=each.pk, access=access),
        is_decision=False,
    ),
    "cancel": Move(
        _("Cancel: accepted and not sent"),
        TransferState.ACCEPTED,
        lambda each, access: cancel_transfer(transfer_id=each.pk, access=access),
    ),
    "receive": Move(
        _("Received: all that was on its way has come"), TransferState.SHIPPED, _receive_all, is_decision=False
    ),
}


@admin.register(Transfer)
class TransferAdmin(NamedActorsMixin, FoundByArticle, ReadOnlyMixin, ScopedAdmin):
    """Nothing is typed: what is chosen in the list, or looked at, is accepted, refused, sent or received."""

    actors = ("decided_by", "shipped_by")
    list_display = (
        "reference",
        "variant",
        "givers_level",
        "receivers_level",
        "quantity",
        "standing",
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
    search_fields = ("reference__exact",)
    # Where a shop has none left and nothing is on its way yet, first.
    ordering = (Case(When(is_urgent=True, state__in=UNSENT, then=0), default=1), "-pk")
    actions = ("accept_chosen", "reject_chosen", "cancel_chosen", "ship_chosen", "receive_chosen")
    change_form_outer_before_template = "admin/stock/transfer_moves.html"
    fieldsets = (
        (None, {"fields": ("reference", "variant", ("giver", "receiver"), "state", "source", "is_urgent", "why")}),
        (
            _("Units"),
            {"fields": ("quantity", ("shipped_quantity", "received_quantity"), "cost", "expected_on")},
        ),
        (
            _("Worked out from"),
            {"fields": ("evidence", ("givers_level", "receivers_level"), "receivers_policy", "givers_policy")},
        ),
        (
            _("Who and when"),
            {
                "fields": (
                    "proposed_at",
                    ("decided_at", "decided_by_named"),
                    ("shipped_at", "shipped_by_named"),
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

    @admin.display(description=_("from"), ordering="giver")
    def givers_level(self, transfer: Transfer) -> SafeString:
        """What lies there, and by which movements."""
        return level_link(transfer.variant, transfer.giver)

    @admin.display(description=_("to"), ordering="receiver")
    def receivers_level(self, transfer: Transfer) -> SafeString:
        return level_link(transfer.variant, transfer.receiver)

    @admin.display(description=_("cost per unit"))
    def cost(self, transfer: Transfer) -> str:
        return money_text(transfer.unit_cost, settings.BASE_CURRENCY)

    @admin.display(description=_("figures"))
    def evidence(self, transfer: Transfer) -> str:
        told = transfer.figures
        names = {
            "need": _("lacking"),
            "urgent": _("of these urgent"),
            "giver_spare": _("the giver can spare"),
            "distance_km": _("kilometres"),
        }
        figures = {name: told[key] for key, name in names.items() if told.get(key) is not None}
        return ", ".join(_("%(name)s: %(figure)d") % {"name": name, "figure": each} for name, each in figures.items())

    @admin.display(description=_("what applies to the receiver"))
    def receivers_policy(self, transfer: Transfer) -> str:
        return " · ".join(decisions_told(transfer.figures.get("receiver_policy", {})))

    @admin.display(description=_("what applies to the giver"))
    def givers_policy(self, transfer: Transfer) -> str:
        return " · ".join(decisions_told(transfer.figures.get("giver_policy", {})))

    # --- what is done with one on its page ----------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        move = self.admin_site.admin_view(self.move_view)
        return [path("<path:object_id>/move/", move, name="stock_transfer_move"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        transfer: Transfer | None = self.get_object(request, object_id)
        moves = [] if transfer is None else self._moves(request, transfer)
        told = {"moves": [(move, MOVES[move].told) for move in moves], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, told)

    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        transfer: Transfer | None = self.get_object(request, object_id)
        if transfer is None:
            raise Http404
        move = request.POST.get("move", "")
        if request.method == "POST" and move in MOVES:
            if not self._may(request, MOVES[move]):
                raise PermissionDenied
            self._each(request, self.get_queryset(request).filter(pk=transfer.pk), MOVES[move].step)
        return HttpResponseRedirect(reverse("admin:stock_transfer_change", args=[transfer.pk]))

    def _moves(self, request: HttpRequest, transfer: Transfer) -> list[str]:
        """What this person may do with it as it stands."""
        return [name for name, move in MOVES.items() if move.of == transfer.state and self._may(request, move)]

    def _may(self, request: HttpRequest, move: Move) -> bool:
        return self.has_accept_permission(request) if move.is_decision else self.has_move_permission(request)

    # --- what is done with the chosen ones ----------------------------------------------------------------

    def has_accept_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ACCEPT_TRANSFERS)

    def has_move_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stock.change_transfer")

    @action(description=MOVES["accept"].told, permissions=["accept"])
    def accept_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, MOVES["accept"].step)

    @action(description=MOVES["reject"].told, permissions=["accept"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, MOVES["reject"].step)

    @action(description=MOVES["cancel"].told, permissions=["accept"])
    def cancel_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, MOVES["cancel"].step)

    @action(description=MOVES["ship"].told, permissions=["move"])
    def ship_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, MOVES["ship"].step)

    @action(description=MOVES["receive"].told, permissions=["move"])
    def receive_chosen(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        self._each(request, queryset, MOVES["receive"].step)

    def _each(self, request: HttpRequest, queryset: QuerySet[Transfer], step: Step) -> None:
        """One transaction each: what cannot be done is told, and keeps no other from being done."""
        access, done, refusals = access_for(request), 0, 0
        for transfer in queryset.order_by("pk"):
            try:
                step(transfer, access)
            except OmsError as refused:
                refusals += 1
                if refusals <= TOLD_AT_MOST:
                    messages.error(request, with_colon(transfer.reference, told(refused.detail)))
            else:
                done += 1
        if done:
            messages.success(
                request, ngettext("%(done)d transfer: done.", "%(done)d transfers: done.", done) % {"done": done}
            )


class DueFilter(admin.SimpleListFilter):
    """What is far away is no purchase yet: it is shown to who asks for everything."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("now", _("to order now")),
            ("soon", _("within %(days)d days") % {"days": SOON_DAYS}),
            ("all", _("everything, what is not to be ordered yet too")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == (self.value() or "soon"), "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[PurchaseProposal]) -> QuerySet[PurchaseProposal]:
        if self.value() == "all":
            return queryset
        last = today() + timedelta(days=0 if self.value() == "now" else SOON_DAYS)
        return queryset.due(on=last)  # type: ignore[attr-defined, no-any-return]


@admin.register(PurchaseProposal)
class PurchaseProposalAdmin(FoundByArticle, ReadOnlyMixin, ScopedAdmin):
    """By when what must be ordered, the most pressing first."""

    list_display = (
        "variant",
        "ordered_by",
        "runs_out_on",
        "quantity",
        "levels",
        "incoming",
        "sold",
        "lead_days",
        "learned_from",
    )
    list_select_related = ("variant",)
    list_filter = (DueFilter, ("variant", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("variant__sku__exact",)
    search_help_text = _("A whole SKU or a scanned GTIN.")
    ordering = ("order_by", "pk")
    actions = None

    @admin.display(description=_("order by"), ordering="order_by")
    def ordered_by(self, proposal: PurchaseProposal) -> SafeString | str:
        told = day_text(proposal.order_by)
        if proposal.order_by >= today():
            return told
        return format_html('{} <span class="halles-badge halles-badge--danger">{}</span>', told, _("late"))

    @admin.display(description=_("lead time learned from"), ordering="lead_cases")
    def learned_from(self, proposal: PurchaseProposal) -> str:
        cases, days = proposal.lead_cases, proposal.lead_days
        if not cases:
            told = ngettext("none yet: %(days)d day assumed", "none yet: %(days)d days assumed", days)
            return told % {"days": days}
        return ngettext("%(count)d purchase", "%(count)d purchases", cases) % {"count": cases}

    @admin.display(description=_("there is"), ordering="here")
    def levels(self, proposal: PurchaseProposal) -> SafeString:
        """What there is, opened into where it lies."""
        return levels_link(proposal.variant, grouped(proposal.here))
