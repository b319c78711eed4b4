"""Writing protection rules one by one; the levels they touch are worked out again soon after."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from oms.core.audit import record_audit
from stock.models import ProtectionRule
from stock.services.protecting import queue_protection

_TOLD: Final = (
    "quantity",
    "percent",
    "variant_id",
    "product_id",
    "category",
    "stock_point_id",
    "group_id",
    "kind",
    "channel_id",
    "starts_at",
    "ends_at",
)


@transaction.atomic
def save_rule(*, rule: ProtectionRule) -> ProtectionRule:
    """Create or change a rule. Both what it covered before and what it covers now is worked out again."""
    before = ProtectionRule.objects.filter(pk=rule.pk).select_for_update(no_key=True).first() if rule.pk else None
    # `is_applied` is told anew: whether it is in force may have changed with its dates.
    rule.is_applied = before.is_applied if before is not None else False
    rule.save()
    # One that is not applied yet is queued when it starts, which is at once where it is in force.
    queue_protection([scope for scope in (before, rule) if scope is not None and scope.is_applied])
    record_audit(
        "protection_rule.changed" if before else "protection_rule.created",
        subject=f"protection_rule:{rule.code}",
        changes=_changes(before, rule),
    )
    return rule


def _changes(before: ProtectionRule | None, rule: ProtectionRule) -> dict[str, Any]:
    """What it keeps; of a rule that was there, only what is different now, from what it was."""
    now = {name: _told(getattr(rule, name)) for name in _TOLD}
    if before is None:
        return {name: value for name, value in now.items() if value is not None}
    was = {name: _told(getattr(before, name)) for name in _TOLD}
    return {name: {"from": was[name], "to": value} for name, value in now.items() if value != was[name]}


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return None if value == "" else value


@transaction.atomic
def delete_rule(*, rule: ProtectionRule) -> None:
    """Take a rule away; its levels fall back to the next rule that covers them."""
    queue_protection([rule])
    record_audit("protection_rule.deleted", subject=f"protection_rule:{rule.code}")
    rule.delete()
