"""Doing one thing to all orders that match a filter, and what became of each."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from oms.core.access import access_for
from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.errors import OmsError
from oms.core.punctuation import with_colon
from oms.core.refusals import show_refusal, told
from oms.core.views import ReplayableMixin
from orders.models import BatchAction, Order, OrderBatch, OrderBatchRow, RowOutcome
from orders.models.batches import OrderBatchQuerySet
from orders.services.batching import start_batch
from stock.models import StockPoint

CHOSEN = "chosen"


class BatchForm(forms.Form):
    """What is to be done with all of them."""

    action = forms.ChoiceField(choices=BatchAction.choices, label=_("Do this"), widget=UnfoldAdminSelectWidget)
    stock_point = forms.ModelChoiceField(
        StockPoint.objects.none(),
        required=False,
        to_field_name="code",
        label=_("Stock point"),
        help_text=_("Only to assign them."),
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        required=False,
        max_length=200,
        label=_("Reason"),
        help_text=_("Needed to assign, hold or cancel. It is kept in the audit: name no customer."),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, points: QuerySet[StockPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stock_point"].queryset = points  # type: ignore[attr-defined]


class BatchView(ReplayableMixin):
    """Its address carries the list's own filters (or the orders chosen): what matches is asked again on POST."""

    model_admin: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.model_admin.may_serve(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, self._form(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request, data=request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            batch = start_batch(orders=self._orders(request), **form.cleaned_data)
        except OmsError as refused:
            show_refusal(form, refused)
            return self._page(request, form)
        messages.success(request, _("%(count)d orders are being done.") % {"count": batch.total})
        return HttpResponseRedirect(reverse("admin:orders_orderbatch_change", args=[batch.pk]))

    def _form(self, request: HttpRequest, **given: Any) -> BatchForm:
        points = StockPoint.objects.visible_to(access_for(request)).filter(is_active=True).order_by("code")
        return BatchForm(**given, points=points)

    def _orders(self, request: HttpRequest) -> QuerySet[Order]:
        """As the list would show them, all pages of it."""
        asked = request.GET.copy()
        chosen = asked.pop(CHOSEN, None)
        listed = copy(request)
        listed.GET = asked  # type: ignore[assignment]
        found: QuerySet[Order] = self.model_admin.get_changelist_instance(listed).get_queryset(listed)
        if chosen:
            found = found.filter(pk__in=[int(pk) for pk in str(chosen[0]).split(",") if pk.isdecimal()])
        return found

    def _page(self, request: HttpRequest, form: BatchForm) -> HttpResponse:
        orders = self._orders(request)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": Order._meta,
            "title": _("Do to all that match"),
            "form": form,
            "count": orders.order_by().values("pk").distinct().count(),
            "some": orders.order_by("pk").values_list("number", flat=True)[:10],
        }
        return render(request, "admin/orders/batch.html", context)


def batch_url(query: str, chosen: list[str] | None) -> str:
    """Where to ask what is to be done: with the orders chosen, or all that the list's filters match."""
    picked = f"{CHOSEN}={','.join(chosen)}" if chosen is not None else ""
    told = "&".join(part for part in (query, picked) if part)
    return reverse("admin:orders_order_batch") + (f"?{told}" if told else "")


@admin.register(OrderBatch)
class OrderBatchAdmin(NamedActorsMixin, ReadOnlyMixin, ScopedAdmin):
    """What was asked for many orders at once."""

    actors = ("asked_by",)
    list_display = (
        "id",
        "action",
        "stock_point",
        "total",
        "done",
        "refused",
        "asked_by_named",
        "asked_at",
        "finished_at",
    )
    list_filter = ("action",)
    list_select_related = ("stock_point",)
    fields = ("action", "stock_point", "reason", "asked_by_named", "asked_at", "finished_at", "progress")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderBatch]:
        batches: OrderBatchQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return batches.counted()

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page looks again by itself until everything is done."""
        response: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        if OrderBatch.objects.filter(pk=object_id, finished_at=None).exists():
            response["Refresh"] = "3"
        return response

    @admin.display(description=_("done"))
    def done(self, batch: OrderBatch) -> int:
        return batch.done_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("refused"))
    def refused(self, batch: OrderBatch) -> int:
        return batch.refused_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("results"))
    def progress(self, batch: OrderBatch) -> SafeString:
        at = reverse("admin:orders_orderbatchrow_changelist")
        outcomes = ((RowOutcome.DONE, self.done(batch)), (RowOutcome.REFUSED, self.refused(batch)))
        known = sum(count for _outcome, count in outcomes)
        told = [(outcome, count) for outcome, count in (*outcomes, (RowOutcome.WAITING, batch.total - known)) if count]
        links = [
            format_html(
                '<li><a class="halles-link" href="{}?batch__id__exact={}&amp;outcome__exact={}">{}</a></li>',
                at, batch.pk, outcome.value, with_colon(outcome.label, count),
            )
            for outcome, count in told
        ]  # fmt: skip
        bar = format_html('<progress class="halles-progress" max="{}" value="{}"></progress>', batch.total, known)
        return format_html("{}<ul>{}</ul>", bar, SafeString("".join(links)))


@admin.register(OrderBatchRow)
class OrderBatchRowAdmin(ReadOnlyMixin, ScopedAdmin):
    """One order of a bulk action each, with its result."""

    list_display = ("id", "batch", "order_link", "outcome", "code", "why", "done_at")
    list_select_related = ("batch", "order")
    list_filter = ("outcome", "batch__action")
    search_fields = ("order__number__exact",)
    search_help_text = _("A whole order number.")
    fields = ("batch", "order_link", "outcome", "code", "why", "done_at")
    readonly_fields = fields
    ordering = ("pk",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "batch__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("detail"))
    def why(self, row: OrderBatchRow) -> str:
        """It was written in the language of nobody in particular."""
        return told(row.detail)

    @admin.display(description=_("order"))
    def order_link(self, row: OrderBatchRow) -> SafeString:
        at = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html('<a class="halles-link" href="{}">{}</a>', at, row.order.number)
