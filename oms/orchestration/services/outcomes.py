"""Being told what became of a decision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oms.orchestration.models import OutcomeKind, RunOutcome


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
    outcome = RunOutcome(
        reference=reference,
        stock_point_id=stock_point_id,
        kind=OutcomeKind(kind),
        at=at,
        began_at=began_at,
        service=service,
        zone=zone,
        data=dict(data or {}),
    )
    RunOutcome.objects.bulk_create([outcome], ignore_conflicts=True)
