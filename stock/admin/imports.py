"""Stock imports: uploaded, looked at, confirmed, watched; their sources, and what is in quarantine."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportMixin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.access import access_for
from oms.core.admin.base import OmsAdmin, ReadOnlyMixin, ScopedAdmin, visible
from oms.core.admin.moment_filters import MomentRangeFilter
from oms.core.errors import OmsError
from oms.core.refusals import told, told_in
from stock.admin.import_forms import ConfirmImportForm, StockImportForm, seen_form_for
from stock.admin.import_moves import ImportMoveView, RetryQuarantinedView, is_waiting_for_person, moves_allowed
from stock.admin.import_previews import (
    BEFORE_WRITING,
    ImportPreview,
    difference_of_import,
    preview_of_import,
    preview_of_result,
)
from stock.admin.import_resources import (
    BYTES_AT_MOST,
    ROWS_AT_MOST,
    BarCsv,
    ProfileCsv,
    RequestStorage,
    SemicolonCsv,
    StockCsv,
    StockFileResource,
    StockFileResult,
    TabCsv,
)
from stock.feeds.profiles import Profile
from stock.feeds.rejects import rejects_csv
from stock.models import QuarantinedFigure, StockImport, StockSource
from stock.services.importing import confirm_import, create_import
from stock.services.profiling import profile_of
from stock.states import StockImportState

REFRESH_SECONDS = 3
ENDS = (StockImportState.APPLIED, StockImportState.REFUSED)


@admin.register(StockImport)
class StockImportAdmin(ImportMixin, ReadOnlyMixin, ScopedAdmin):
    """Every file that told stock figures, whichever way it came."""

    list_display = (
        "id",
        "state",
        "source",
        "kind",
        "as_of",
        "rows",
        "applied",
        "unchanged",
        "rejected",
        "quarantined",
        "progressed",
    )
    list_select_related = ("source",)
    list_filter = (
        "state",
        "kind",
        ("source", AutocompleteSelectFilter),
        ("created_at", MomentRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("file_name__icontains",)
    search_help_text = _("A part of the file's name.")
    change_form_before_template = "admin/stock/import_actions.html"
    readonly_fields = ("standing", "counters", "difference_shown", "rejects", "described")

    import_form_class = StockImportForm
    confirm_form_class = ConfirmImportForm
    import_template_name = "admin/stock/import.html"
    resource_classes = (StockFileResource,)
    import_formats = (StockCsv, SemicolonCsv, TabCsv, BarCsv, ProfileCsv)
    tmp_storage_class = RequestStorage

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockImport]:
        return super().get_queryset(request).select_related("source")

    def get_fieldsets(self, request: HttpRequest, obj: StockImport | None = None) -> Any:
        """Each line is counted once: by what would become of it, and once it is written by what did."""
        lines = (_("Lines"), {"fields": ("counters",)})
        if obj is not None and obj.state in BEFORE_WRITING:
            lines = (_("What it would do"), {"fields": ("difference_shown",)})
        return (
            (None, {"fields": ("standing",)}),
            lines,
            (_("Lines that are not used"), {"fields": ("rejects",)}),
            (_("File"), {"fields": ("described",)}),
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        moves = [
            path(
                f"<path:object_id>/{move}/",
                wrap(ImportMoveView.as_view(model_admin=self, move=move)),
                name=f"stock_stockimport_{move}",
            )
            for move in ImportMoveView.services
        ]
        rejects = path("<path:object_id>/rejects/", wrap(self.rejects_file), name="stock_stockimport_rejects")
        return [*moves, rejects, *super().get_urls()]

    # --- who may --------------------------------------------------------------------------------------

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stock.add_stockimport")

    def may_decide(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stock.change_stockimport")

    # --- upload, preview, confirm ---------------------------------------------------------------------

    def get_import_form_initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"format": str(self.import_formats.index(ProfileCsv)), "kind": "delta"}

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        return {}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {"file_request": self._file_request(kwargs["request"], kwargs["form"])}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, OmsError):
            raise e
        form.add_error("import_file", told(e.detail))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Look at a small file at once; hand a large one to a task and show how it gets on."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            form = self.create_import_form(request)
            if form.is_valid() and self._is_for_a_task(form):
                return self._hand_over(request, form)
        response: TemplateResponse = super().import_action(request, **kwargs)
        context: dict[str, Any] = response.context_data or {}
        context.update(title=_("Upload a stock file"), rows_at_most=ROWS_AT_MOST, fields_list=[])
        result = context.get("result")
        if isinstance(result, StockFileResult) and (stock_import := result.stock_import) is not None:
            # Lines that cannot be used are left out; they keep nobody from confirming the others.
            context["confirm_form"] = ConfirmImportForm(initial={"stock_import": stock_import.pk})
            context["preview"] = preview = preview_of_result(result, stock_import)
            context["seen_form"] = seen_form_for(preview.difference)
            context["title"] = _("Look at stock import %(id)d") % {"id": stock_import.pk}
            context["refuse_url"] = reverse("admin:stock_stockimport_refuse", args=[stock_import.pk])
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """What was looked at is written by a task. A second click finds it confirmed."""
        if request.method != "POST" or not self.has_import_permission(request):
            raise PermissionDenied
        form = ConfirmImportForm(request.POST)
        found = self.get_object(request, str(form.cleaned_data["stock_import"])) if form.is_valid() else None
        if found is None:
            raise Http404
        seen = seen_form_for(difference_of_import(found), request.POST)
        if seen is not None and not seen.is_valid():
            messages.error(request, seen.refusal)
            return _to_page(found)
        try:
            confirm_import(stock_import=found)
        except OmsError as refused:
            messages.error(request, told(refused.detail))
        else:
            messages.success(request, _("Confirmed. The figures are being written."))
        return _to_page(found)

    def _hand_over(self, request: HttpRequest, form: StockImportForm) -> HttpResponse:
        try:
            stock_import = create_import(**self._file_request(request, form), needs_review=True)
        except OmsError as refused:
            for sentence in refused.sentences():
                messages.error(request, told(sentence))
            return HttpResponseRedirect(reverse("admin:stock_stockimport_import"))
        if not _is_large(form.cleaned_data["import_file"]):
            messages.info(
                request,
                _(
                    "This file is read in the background by its source's profile. "
                    "Nothing is written before you confirm it."
                ),
            )
            return _to_page(stock_import)
        messages.info(
            request,
            _(
                "This file has more than %(rows)d rows or %(bytes)s: it is being read in the background. "
                "Nothing is written before you confirm it here."
            )
            % {"rows": ROWS_AT_MOST, "bytes": filesizeformat(BYTES_AT_MOST)},
        )
        return _to_page(stock_import)

    def _is_for_a_task(self, form: StockImportForm) -> bool:
        """Large, or written as no reader of the page's would understand."""
        if _is_large(form.cleaned_data["import_file"]):
            return True
        source = StockSource.objects.filter(name=form.cleaned_data["source"]).first()
        is_by_profile = self._chosen_format(form) is ProfileCsv
        return is_by_profile and source is not None and profile_of(source) != Profile()

    def _chosen_format(self, form: StockImportForm) -> type[StockCsv]:
        chosen: type[StockCsv] = self.get_import_formats()[int(form.cleaned_data["format"])]
        return chosen

    def _file_request(self, request: HttpRequest, form: StockImportForm) -> dict[str, Any]:
        chosen = self._chosen_format(form)
        points = access_for(request).stock_points
        return {
            **form.request(),
            "delimiter": None if chosen is ProfileCsv else chosen.delimiter,
            "bound_to": None if points is None else sorted(points),
        }

    # --- one import -----------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        stock_import = self.get_object(request, object_id)
        is_decided_here = stock_import is not None and self.may_decide(request)
        actions = _actions(stock_import) if is_decided_here else []
        context = {**(extra_context or {}), "import_actions": actions}
        response = super().change_view(request, object_id, form_url, context)
        if stock_import is not None and is_running(stock_import):
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def rejects_file(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        stock_import = self.get_object(request, object_id)
        if stock_import is None:
            raise Http404
        if not self.has_view_permission(request, stock_import):
            raise PermissionDenied
        rows = rejects_csv(stock_import, tell=told_in(get_language()))
        response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="stock-import-{stock_import.pk}-rejects.csv"'
        return response

    @admin.display(description=_("progress"))
    def progressed(self, stock_import: StockImport) -> SafeString:
        return render_to_string("admin/stock/import_progress.html", {"stock_import": stock_import})

    @admin.display(description=_("standing"))
    def standing(self, stock_import: StockImport) -> SafeString:
        context = {
            "stock_import": stock_import,
            "is_running": is_running(stock_import),
            "is_waiting": is_waiting_for_person(stock_import),
            "refresh_seconds": REFRESH_SECONDS,
        }
        return render_to_string("admin/stock/import_standing.html", context)

    @admin.display(description=_("counters"))
    def counters(self, stock_import: StockImport) -> SafeString:
        return render_to_string("admin/stock/import_counters.html", {"stock_import": stock_import})

    @admin.display(description=_("difference"))
    def difference_shown(self, stock_import: StockImport) -> SafeString:
        preview: ImportPreview = preview_of_import(stock_import)
        return render_to_string("admin/stock/import_difference.html", {"preview": preview})

    @admin.display(description=_("lines"))
    def rejects(self, stock_import: StockImport) -> SafeString:
        preview = preview_of_import(stock_import, with_lines=False)
        return render_to_string("admin/stock/import_rejects.html", {"preview": preview})

    @admin.display(description=_("file"))
    def described(self, stock_import: StockImport) -> SafeString:
        return render_to_string("admin/stock/import_file.html", {"stock_import": stock_import})


def is_running(stock_import: StockImport) -> bool:
    return stock_import.state not in ENDS and not is_waiting_for_person(stock_import)


def _is_large(file: UploadedFile) -> bool:
    """More than is looked at while a person waits; the header is one line more."""
    if file.size is None or file.size > BYTES_AT_MOST:
        return True
    return sum(chunk.count(b"\n") for chunk in file.chunks()) > ROWS_AT_MOST + 1


def _to_page(stock_import: StockImport) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:stock_stockimport_change", args=[stock_import.pk]))


def _actions(stock_import: StockImport) -> list[dict[str, Any]]:
    """The buttons of what may be done now."""
    return [
        {
            "title": ImportMoveView.buttons[move],
            "url": reverse(f"admin:stock_stockimport_{move}", args=[stock_import.pk]),
            "variant": "danger" if move == "refuse" else "primary",
        }
        for move in moves_allowed(stock_import)
    ]


@admin.register(QuarantinedFigure)
class QuarantinedFigureAdmin(ReadOnlyMixin, OmsAdmin):
    """Figures for SKUs and stock points that are not known yet."""

    list_display = ("id", "sku", "stock_point", "quantity", "unavailable", "as_of", "source", "line_number")
    list_select_related = ("source",)
    list_filter = (("source", AutocompleteSelectFilter),)
    list_filter_submit = True
    search_fields = ("sku__exact", "stock_point__exact")
    search_help_text = _("A whole SKU, or the whole code of a stock point.")
    list_before_template = "admin/stock/quarantine_actions.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedFigure]:
        figures: QuerySet[QuarantinedFigure] = super().get_queryset(request)
        if access_for(request).stock_points is None:
            return figures
        return figures.filter(stock_import__in=visible(StockImport.objects.all(), request))

    def get_urls(self) -> list[URLPattern]:
        retry = path(
            "retry/",
            self.admin_site.admin_view(RetryQuarantinedView.as_view(model_admin=self)),
            name="stock_quarantinedfigure_retry",
        )
        return [retry, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {**(extra_context or {}), "may_retry": self.may_retry(request)}
        return super().changelist_view(request, context)

    def may_retry(self, request: HttpRequest) -> bool:
        """It concerns the figures of everybody."""
        return access_for(request).stock_points is None and request.user.has_perm("stock.add_stockimport")
