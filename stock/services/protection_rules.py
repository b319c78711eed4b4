"""Writing protection rules one by one; the levels they touch are worked out again soon after."""

from django.db import transaction

from oms.core.audit import record_audit
from stock.models import ProtectionRule
from stock.services.protecting import queue_protection


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
        changes={"quantity": rule.quantity, "percent": None if rule.percent is None else str(rule.percent)},
    )
    return rule


@transaction.atomic
def delete_rule(*, rule: ProtectionRule) -> None:
    """Take a rule away; its levels fall back to the next rule that covers them."""
    queue_protection([rule])
    record_audit("protection_rule.deleted", subject=f"protection_rule:{rule.code}")
    rule.delete()
