"""The return's page: what comes back from which order, what was found, the money, and what may be done now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.moment_filters import MomentRangeFilter
from returns.admin.asking import ReturnAskView
from returns.admin.moves import MOVES, ReturnMoveView
from returns.models import Disposition, Return, ReturnLabel, ReturnLine
from returns.queries.documents import return_document
from returns.queries.policies import policy_for, reasons_of
from returns.queries.returnable import banner_of
from returns.queries.standing_actions import actions_allowed
from returns.queries.valuing import refund_preview
from returns.roles import HANDLE
from returns.states import ReturnState


@admin.register(Return)
class ReturnAdmin(ReadOnlyMixin, ScopedAdmin):
    """Every return; nothing is typed into one, customer service acts."""

    list_display = ("number", "state", "way", "order", "stock_point", "requested_at", "refund_amount", "settlement")
    list_select_related = ("order", "stock_point")
    list_filter = ("state", "way", "settlement", ("requested_at", MomentRangeFilter))
    list_filter_submit = True
    search_fields = ("number__exact", "order__number__exact", "label__tracking_number__exact")
    search_help_text = _("A whole number: of the return, of its order, or of its parcel.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        return super().get_queryset(request).select_related("order", "channel", "stock_point", "exchange_order")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        moves = [
            path(
                f"<path:object_id>/{move}/",
                wrap(ReturnMoveView.as_view(model_admin=self, move=move)),
                name=f"returns_return_{move}",
            )
            for move in MOVES
        ]
        own = [
            path("order/<int:order_id>/", wrap(ReturnAskView.as_view(model_admin=self)), name="returns_return_ask"),
            path("<path:object_id>/label/", wrap(self.label_view), name="returns_return_label"),
        ]
        return [*own, *moves, *super().get_urls()]

    def may_handle(self, request: HttpRequest) -> bool:
        return request.user.has_perm(HANDLE)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The return's own page; there is no form on it, so nothing can be posted to it."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        returned = self.get_object(request, unquote(object_id))
        if returned is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        is_to_settle = returned.state == ReturnState.INSPECTED
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Return %(number)s") % {"number": returned.number},
            "original": returned,
            "returned": returned,
            "lines": _lines(returned),
            "told": return_document(returned),
            "label": ReturnLabel.objects.filter(returned=returned).defer("pdf", "zpl").first(),
            "preview": refund_preview(returned) if is_to_settle else None,
            "actions": _actions(returned) if self.may_handle(request) else [],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/returns/return.html", context)

    def label_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The label, to be sent to the customer."""
        returned = self.get_object(request, unquote(object_id))
        label = ReturnLabel.objects.filter(returned=returned, pdf__isnull=False).first() if returned else None
        if label is None or not self.has_view_permission(request):
            raise Http404
        answer = HttpResponse(bytes(label.pdf or b""), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{label.tracking_number}.pdf"'
        return answer


def _lines(returned: Return) -> list[ReturnLine]:
    """With `shown_reason`, and `found`: what became of the units."""
    lines = list(ReturnLine.objects.filter(returned=returned).select_related("variant__product").order_by("position"))
    found: dict[int, list[Disposition]] = {}
    for each in Disposition.objects.filter(line__in=lines).select_related("destination").order_by("pk"):
        found.setdefault(each.line_id, []).append(each)
    banner_id = banner_of(returned.order) if returned.order is not None else None
    named = {each.code: each.label for each in reasons_of(policy_for(banner_id), language=get_language() or "en")}
    for line in lines:
        line.shown_reason = named.get(line.reason, line.reason)  # type: ignore[attr-defined]
        line.found = found.get(line.pk, [])  # type: ignore[attr-defined]
    return lines


def _actions(returned: Return) -> list[dict[str, Any]]:
    """The buttons of what may be done now."""
    allowed = actions_allowed(returned)
    return [
        {"move": MOVES[name], "url": reverse(f"admin:returns_return_{name}", args=[returned.pk])} for name in allowed
    ]
