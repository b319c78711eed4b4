"""What returns do when something happened, or when time passes. Each task hands over to its service."""

from __future__ import annotations

from celery import shared_task

from oms.core.tasking import event_task
from returns.services import ending, exchanging, labelling, settling


@event_task(queue="labels", atomic=False)
def make_return_label(*, return_id: int) -> None:
    labelling.make_return_label(return_id=return_id)


@event_task(atomic=False)
def track_return(*, carrier: str, tracking_number: str) -> None:
    labelling.track_return(carrier=carrier, tracking_number=tracking_number)


@event_task(atomic=False)
def refund_returned_credit(*, entry_id: int) -> None:
    settling.refund_returned_credit(entry_id=entry_id)
    exchanging.give_free_after(entry_id=entry_id)


@shared_task(ignore_result=True)
def sweep_returns() -> None:
    ending.expire_returns()
    exchanging.resume_exchanges()
    settling.close_settled_returns()
