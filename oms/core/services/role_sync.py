"""Groups that say exactly what the code says each role may do."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from oms.core.errors import Invalid
from oms.core.roles import REGISTRY, ROLES


@transaction.atomic
def sync_roles() -> dict[str, int]:
    """Role → how many permissions it now has. Raises `Invalid` when the code names one that does not exist."""
    wanted = set().union(*REGISTRY.values()) if REGISTRY else set()
    known = {
        f"{label}.{codename}": id
        for id, label, codename in Permission.objects.values_list("id", "content_type__app_label", "codename")
    }
    unknown = sorted(wanted - known.keys())
    if unknown:
        raise Invalid(f"Unknown permissions: {', '.join(unknown)}.")
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([known[permission] for permission in REGISTRY[role]])
    return {role: len(REGISTRY[role]) for role in ROLES}
