"""The audit in people's words: who, what, of which object, and what changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ReadOnlyAdmin
from oms.core.admin.references import NamedReferencesMixin
from oms.core.audit_texts import action_text, changes_texts, keys_told
from oms.core.models import AuditEntry
from oms.core.queries.references import named_references


@admin.register(AuditEntry)
class AuditEntryAdmin(NamedActorsMixin, NamedReferencesMixin, ReadOnlyAdmin):
    """Who changed what and when. Search by the exact subject, e.g. `order:H2600001`."""

    actors = ("actor",)
    references = ("subject",)
    list_display = ("id", "at", "actor_named", "action_told", "subject_named", "changes_told", "seal")
    search_fields = ("subject__exact", "actor__exact", "action__exact")
    search_help_text = _("A whole subject, action or actor as programs call it: order:H2600001, order.held, user:12.")
    fields = (
        "at",
        "actor_named",
        "action_told",
        "subject_named",
        "changes_told",
        "actor",
        "action",
        "subject",
        "changes",
        "position",
        "sealing_hash",
    )
    readonly_fields = ("actor_named", "action_told", "subject_named", "changes_told", "sealing_hash")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        named = named_references(key for row in rows for key in keys_told(row.changes))
        for row in rows:
            row.keys_named = named
        return changelist

    @admin.display(description=_("action"), ordering="action")
    def action_told(self, entry: AuditEntry) -> str:
        return action_text(entry.action)

    @admin.display(description=_("what is told"))
    def changes_told(self, entry: AuditEntry) -> SafeString | str:
        texts = changes_texts(entry.changes, about=entry.subject, named=getattr(entry, "keys_named", None))
        return format_html_join("", '<span class="block">{}</span>', ((text,) for text in texts)) or "–"

    @display(description=_("seal"), label={"sealed": "success", "waiting": ""})
    def seal(self, entry: AuditEntry) -> tuple[str, Any]:
        return ("waiting", _("waiting for it")) if entry.position is None else ("sealed", _("sealed"))

    @admin.display(description=_("hash"))
    def sealing_hash(self, entry: AuditEntry) -> str:
        return bytes(entry.hash or b"").hex()
