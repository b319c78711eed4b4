"""Being told what became of a decision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oms.core.encoding import to_json
from oms.core.prepared import prepared
from oms.orchestration.models import OutcomeKind

_RECORD = """
INSERT INTO orchestration_runoutcome (reference, stock_point_id, kind, at, began_at, service, zone, data)
VALUES (%s, %s::bigint, %s, %s::timestamptz, %s::timestamptz, %s, %s, %s::jsonb)
ON CONFLICT DO NOTHING
"""


def record_outcome(
    *,
    reference: str,
    stock_point_id: int,
    kind: str,
    at: datetime,
    began_at: datetime | None = None,
    service: str = "",
    zone: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Keep one outcome, in the caller's transaction; telling the same one twice keeps one.

    `kind` is an `OutcomeKind`; `began_at`, `service` and `zone` as `RunOutcome` says; `data` holds references,
    quantities and reasons, never personal data.
    """
    told = to_json(dict(data or {})).decode()
    prepared(_RECORD, [reference, stock_point_id, OutcomeKind(kind).value, at, began_at, service, zone, told])
