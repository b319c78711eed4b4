"""Dead letters: deliveries given up, kept to be looked at and replayed."""

from django.db import transaction

from oms.core.audit import record_audit
from oms.core.delivery_states import DELIVERY_MOVES, DeliveryState
from oms.core.kicking import kick_after_commit
from oms.core.models.outbox import DeliveryQuerySet
from oms.core.queries.machine_time import ago


@transaction.atomic
def replay_dead_letters(*, deliveries: DeliveryQuerySet) -> int:
    """Give the dead letters among them a fresh set of attempts, starting now; how many."""
    replayed = DELIVERY_MOVES.move_all(
        deliveries, frm=DeliveryState.DEAD, to=DeliveryState.PENDING, attempts=0, sends=0, next_attempt_at=ago(0)
    )
    if replayed:
        record_audit("dead_letters.replayed", subject="outbox", changes={"deliveries": replayed})
        kick_after_commit()
    return replayed
