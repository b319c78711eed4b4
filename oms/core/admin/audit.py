from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from oms.core.admin.base import ReadOnlyAdmin
from oms.core.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who changed what and when. Search by the exact subject, e.g. `order:H2600001`."""

    list_display = ("id", "at", "actor", "action", "subject", "changes", "is_sealed")
    search_fields = ("subject__exact", "actor__exact", "action__exact")
    fields = ("at", "actor", "action", "subject", "changes", "position", "sealing_hash")
    readonly_fields = ("sealing_hash",)

    @admin.display(description=_("sealed"), boolean=True)
    def is_sealed(self, entry: AuditEntry) -> bool:
        return entry.position is not None

    @admin.display(description=_("hash"))
    def sealing_hash(self, entry: AuditEntry) -> str:
        return bytes(entry.hash or b"").hex()
