"""The probes: `/livez` says the process answers, `/readyz` that the whole product can work."""

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from oms.core.queries.heartbeats import PARTS, silent_parts

_migrated = False


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when nothing is missing, else 503; `missing` names what is."""
    missing = missing_parts()
    status = "not ready" if missing else "ready"
    return JsonResponse({"status": status, "missing": missing}, status=503 if missing else 200)


def missing_parts() -> list[str]:
    """Of `database`, `migrations`, `relay`, `worker` and `beat`, those that do not answer."""
    try:
        connection.ensure_connection()
        if not _is_migrated():
            return ["migrations"]
        return silent_parts(max_age_s=getattr(settings, "READY_HEARTBEAT_AGE_S", 30))
    except Error:
        return ["database", *PARTS]


def _is_migrated() -> bool:
    """Remembered once true: a running process cannot lose a migration."""
    global _migrated  # noqa: PLW0603
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
