"""What people decide about replenishing."""

from typing import Any

from django.db import transaction

from oms.core.audit import record_audit
from stock.models import ReplenishmentPolicy
from stock.queries.replenishment_policies import GIVING, NEEDING


@transaction.atomic
def save_replenishment_policy(*, policy: ReplenishmentPolicy) -> None:
    """Make or change it: the next run of the replenishment goes by it."""
    policy.save()
    record_audit("replenishment_policy.saved", subject=_subject(policy), changes=_summary(policy))


@transaction.atomic
def delete_replenishment_policy(*, policy: ReplenishmentPolicy) -> None:
    """Take it away: the next wider one decides."""
    record_audit("replenishment_policy.deleted", subject=_subject(policy), changes=_summary(policy))
    policy.delete()


def _subject(policy: ReplenishmentPolicy) -> str:
    return f"replenishment_policy:{policy.pk}"


def _summary(policy: ReplenishmentPolicy) -> dict[str, Any]:
    scope = {name: getattr(policy, name) for name in ("stock_point_id", "group_id", "banner_id")}
    return scope | {name: getattr(policy, name) for name in (*NEEDING, *GIVING)}
