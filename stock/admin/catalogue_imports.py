"""Files of articles: sent, looked at, confirmed, watched."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from oms.core.access import access_for
from oms.core.admin.base import OmsAdmin
from oms.core.errors import OmsError
from oms.core.refusals import told, told_in
from stock.feeds.articles import COLUMNS
from stock.models import CatalogueImport
from stock.queries.catalogue_rejects import catalogue_rejects_csv
from stock.services.catalogue_importing import (
    confirm_catalogue_import,
    create_catalogue_import,
    refuse_catalogue_import,
)
from stock.services.importing import refuse_too_large
from stock.states import CatalogueImportState

REFRESH_SECONDS = 3
RUNNING = (CatalogueImportState.CHECKING, CatalogueImportState.APPLYING)
REJECTS_SHOWN = 100


class CatalogueFileForm(forms.ModelForm):
    sent = forms.FileField(label=capfirst(_("file")), widget=UnfoldAdminFileFieldWidget)

    class Meta:
        model = CatalogueImport
        fields = ("delimiter", "encoding", "decimal_sign")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sent" in self.fields:
            self.fields["sent"].help_text = _("Columns: sku, and any of %(columns)s.") % {
                "columns": ", ".join(COLUMNS[1:])
            }

    def clean_sent(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["sent"]
        try:
            refuse_too_large(file.size)
        except OmsError as refused:
            raise ValidationError(told(refused.detail)) from refused
        return file


@admin.register(CatalogueImport)
class CatalogueImportAdmin(OmsAdmin):
    """Products, variants, prices and GTINs by file. Nothing is written before somebody confirms it."""

    form = CatalogueFileForm
    list_display = ("id", "file_name", "state", "rows", "created", "updated", "unchanged", "rejected", "created_at")
    list_filter = ("state",)
    search_fields = ("file_name__icontains",)
    search_help_text = _("A part of the file's name.")
    fields = ("sent", "delimiter", "encoding", "decimal_sign")
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """The catalogue is everybody's: nobody who is bound to a part of the network writes it."""
        return super().has_add_permission(request) and access_for(request).is_unlimited

    def save_model(self, request: HttpRequest, obj: CatalogueImport, form: forms.ModelForm, change: bool) -> None:
        told = form.cleaned_data
        made = create_catalogue_import(
            file=told["sent"],
            file_name=told["sent"].name,
            delimiter=told["delimiter"],
            encoding=told["encoding"],
            decimal_sign=told["decimal_sign"],
            needs_review=True,
        )
        obj.pk = made.pk

    def response_add(self, request: HttpRequest, obj: CatalogueImport, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_page(obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How far it is and what it does or would do; the buttons of what may be done now."""
        found: CatalogueImport | None = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        may_decide = self.has_add_permission(request)
        if request.method == "POST":
            return self._decide(request, found, may_decide)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(found),
            "found": found,
            "rejects": found.rejects.values_list("line", "code", "detail")[:REJECTS_SHOWN],
            "is_running": found.state in RUNNING,
            "may_confirm": may_decide and found.state == CatalogueImportState.CHECKED,
            "refresh_seconds": REFRESH_SECONDS,
        }
        response = TemplateResponse(request, "admin/stock/catalogue_import.html", {**context, **(extra_context or {})})
        if found.state in RUNNING:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def get_urls(self) -> list[URLPattern]:
        rejects = path(
            "<path:object_id>/rejects/",
            self.admin_site.admin_view(self.rejects),
            name="stock_catalogueimport_rejects",
        )
        return [rejects, *super().get_urls()]

    def rejects(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """Every line that is not used, as a file."""
        found: CatalogueImport | None = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        rows = catalogue_rejects_csv(found, tell=told_in(get_language()))
        response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="catalogue-import-{found.pk}-rejects.csv"'
        return response

    def _decide(self, request: HttpRequest, found: CatalogueImport, may_decide: bool) -> HttpResponse:
        if not may_decide:
            raise PermissionDenied
        try:
            if request.POST.get("move") == "refuse":
                refuse_catalogue_import(catalogue_import=found, reason=str(_("Refused by a person.")))
            else:
                confirm_catalogue_import(catalogue_import=found)
                messages.success(request, _("Confirmed. The articles are being written."))
        except OmsError as refused:
            messages.error(request, told(refused.detail))
        return _to_page(found)


def _to_page(found: CatalogueImport) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:stock_catalogueimport_change", args=[found.pk]))
