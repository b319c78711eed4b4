"""What goes on behind a rule: previews being counted, and levels being given what a saved rule gives them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ReadOnlyAdmin
from stock.admin.protection_previews import ASKED, REFRESH_SECONDS
from stock.models import PendingProtection, ProtectionPreview, StockLevel
from stock.queries.protection_progress import share_walked


@admin.register(ProtectionPreview)
class ProtectionPreviewAdmin(NamedActorsMixin, ReadOnlyAdmin):
    """Counted in the background, kept for a day. Each leads back to its rule's form."""

    actors = ("asked_by",)
    list_display = ("code", "shown", "progressed", "asked_by_named", "asked_at", "counted_at")
    list_display_links = None
    fields = ("code", "asked_by_named", "asked_at", "counted_at", "progressed", "shown")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        file = path(
            "<path:object_id>/file/",
            self.admin_site.admin_view(self.file_view),
            name="stock_protectionpreview_file",
        )
        return [file, *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str) -> FileResponse:
        preview = self.get_object(request, object_id)
        if preview is None or not preview.file or not self.has_view_permission(request, preview):
            raise Http404
        return FileResponse(preview.file.open("rb"), as_attachment=True, filename="protection-preview.csv")

    @admin.display(description=_("progress"))
    def progressed(self, preview: ProtectionPreview) -> SafeString:
        return _bar(preview.progress)

    @admin.display(description=_("what it would take from sale"))
    def shown(self, preview: ProtectionPreview) -> SafeString:
        return format_html('<a class="halles-link" href="{}">{}</a>', rule_page(preview), _("Open"))


def rule_page(preview: ProtectionPreview) -> str:
    """The form of its rule, with the preview above it."""
    rule_id = preview.rule["id"]
    page = "admin:stock_protectionrule_change" if rule_id else "admin:stock_protectionrule_add"
    return f"{reverse(page, args=[rule_id] if rule_id else [])}?{ASKED}={preview.pk}"


@admin.register(PendingProtection)
class PendingProtectionAdmin(ReadOnlyAdmin):
    """Levels that are being given what the rules give them. The page looks again until nothing waits."""

    list_display = ("where", "what", "step", "progressed")
    list_display_links = None
    list_select_related = ("stock_point", "group", "variant", "product")
    ordering = ("pk",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if PendingProtection.objects.exists():
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def get_queryset(self, request: HttpRequest) -> QuerySet[PendingProtection]:
        last = StockLevel.objects.order_by("-pk").values("pk")[:1]
        return super().get_queryset(request).annotate(last_level_id=Subquery(last))

    @admin.display(description=_("where"))
    def where(self, pending: PendingProtection) -> str:
        kind = pending.get_kind_display() if pending.kind else _("everywhere")
        return str(pending.stock_point or pending.group or kind)

    @admin.display(description=_("what"))
    def what(self, pending: PendingProtection) -> str:
        return str(pending.variant or pending.product or pending.category or _("everything"))

    @admin.display(description=_("step"))
    def step(self, pending: PendingProtection) -> str:
        if pending.walked_at is None:
            return str(_("being applied"))
        return str(_("applied; levels created meanwhile are looked for"))

    @admin.display(description=_("progress"))
    def progressed(self, pending: PendingProtection) -> SafeString:
        return _bar(share_walked(pending, last_level_id=pending.last_level_id))  # type: ignore[attr-defined]


def _bar(percent: int) -> SafeString:
    return render_to_string("admin/stock/import_progress.html", {"stock_import": {"progress": percent}})
