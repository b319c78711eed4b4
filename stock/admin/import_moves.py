"""The page between a click and its effect on a stock import, or on what is in quarantine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import View
from unfold.widgets import UnfoldAdminTextInputWidget

from oms.core.errors import OmsError
from oms.core.refusals import told
from stock.admin.import_forms import SwingSeenForm, seen_form_for
from stock.admin.import_previews import difference_of_import, preview_of_import
from stock.models import QuarantinedFigure, StockImport
from stock.services.importing import approve_import, confirm_import, refuse_import, retry_quarantined
from stock.states import StockImportState


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, label=_("Reason"), widget=UnfoldAdminTextInputWidget)


def moves_allowed(stock_import: StockImport) -> list[str]:
    """What a person may do with the import as it stands."""
    match stock_import.state:
        case StockImportState.AWAITING_APPROVAL:
            return ["approve", "refuse"]
        case StockImportState.STAGED if is_waiting_for_person(stock_import):
            return ["confirm", "refuse"]
        case StockImportState.QUEUED | StockImportState.STAGED:
            return ["refuse"]
        case _:
            return []


def is_waiting_for_person(stock_import: StockImport) -> bool:
    """Nothing goes on by itself: the page need not look again."""
    if stock_import.state == StockImportState.STAGED:
        is_compared = stock_import.difference is not None
        return stock_import.needs_review and is_compared and stock_import.confirmed_at is None
    return stock_import.state == StockImportState.AWAITING_APPROVAL


class ImportMoveView(View):
    """One import; GET asks, POST does. `move`: approve, confirm or refuse."""

    model_admin: Any = None
    move: str = "approve"
    services: ClassVar[dict[str, Callable[[StockImport, str], None]]] = {
        "approve": lambda stock_import, reason: approve_import(stock_import=stock_import),
        "confirm": lambda stock_import, reason: confirm_import(stock_import=stock_import),
        "refuse": lambda stock_import, reason: refuse_import(
            stock_import=stock_import, code="refused_by_person", reason=reason
        ),
    }
    titles: ClassVar[dict[str, Any]] = {
        "approve": _("Approve stock import %(id)d"),
        "confirm": _("Confirm stock import %(id)d"),
        "refuse": _("Refuse stock import %(id)d"),
    }
    buttons: ClassVar[dict[str, Any]] = {
        "approve": _("Approve"),
        "confirm": _("Confirm"),
        "refuse": _("Refuse"),
    }
    effects: ClassVar[dict[str, Any]] = {
        "approve": _("It is applied although it takes much stock away, with what has happened meanwhile."),
        "confirm": _("The figures are written, with what has happened meanwhile."),
        "refuse": _("Nothing of this file is ever applied."),
    }

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        stock_import = self._import(request, object_id)
        return self._page(request, stock_import, ReasonForm(), self._seen(stock_import))

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        stock_import = self._import(request, object_id)
        form, seen = ReasonForm(request.POST), self._seen(stock_import, request.POST)
        if (self.move == "refuse" and not form.is_valid()) or (seen is not None and not seen.is_valid()):
            return self._page(request, stock_import, form, seen)
        try:
            self.services[self.move](stock_import, form.data.get("reason", ""))
        except OmsError as refused:
            messages.error(request, told(refused.detail))
        else:
            messages.success(request, _("Done: %(what)s") % {"what": self.titles[self.move] % {"id": stock_import.pk}})
        return HttpResponseRedirect(reverse("admin:stock_stockimport_change", args=[stock_import.pk]))

    def _import(self, request: HttpRequest, object_id: str) -> StockImport:
        stock_import: StockImport | None = self.model_admin.get_object(request, object_id)
        if stock_import is None:
            raise Http404
        if not self.model_admin.may_decide(request):
            raise PermissionDenied
        return stock_import

    def _seen(self, stock_import: StockImport, data: Mapping[str, Any] | None = None) -> SwingSeenForm | None:
        """To approve is to answer the warning; to confirm may be a habit."""
        is_asked = self.move == "confirm" and self.move in moves_allowed(stock_import)
        return seen_form_for(difference_of_import(stock_import), data) if is_asked else None

    def _page(
        self, request: HttpRequest, stock_import: StockImport, form: ReasonForm, seen: SwingSeenForm | None
    ) -> HttpResponse:
        preview = preview_of_import(stock_import, with_lines=False)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": StockImport._meta,
            "title": self.titles[self.move] % {"id": stock_import.pk},
            "stock_import": stock_import,
            "is_allowed": self.move in moves_allowed(stock_import),
            "effect": self.effects[self.move],
            "preview": preview,
            "seen_form": seen,
            "is_grave": self.move != "refuse" and preview.difference is not None and preview.difference.is_suspicious,
            "back": reverse("admin:stock_stockimport_change", args=[stock_import.pk]),
            "form": form if self.move == "refuse" else None,
        }
        return render(request, "admin/stock/import_move.html", context)


class RetryQuarantinedView(View):
    """All figures whose SKU and stock point are known by now; GET asks, POST does."""

    model_admin: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        self._refuse_unless_allowed(request)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": QuarantinedFigure._meta,
            "title": _("Try quarantined figures again"),
            "is_allowed": True,
            "effect": _("Figures whose SKU and stock point are known by now are imported, as of their own moment."),
            "back": reverse("admin:stock_quarantinedfigure_changelist"),
        }
        return render(request, "admin/stock/import_move.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        self._refuse_unless_allowed(request)
        count = len(retry_quarantined())
        if not count:
            messages.info(request, _("Still none of their SKUs and stock points is known: nothing was imported."))
            return HttpResponseRedirect(reverse("admin:stock_quarantinedfigure_changelist"))
        messages.success(
            request,
            ngettext("%(count)d import was made of them.", "%(count)d imports were made of them.", count)
            % {"count": count},
        )
        return HttpResponseRedirect(reverse("admin:stock_stockimport_changelist"))

    def _refuse_unless_allowed(self, request: HttpRequest) -> None:
        if not self.model_admin.may_retry(request):
            raise PermissionDenied
