"""What orders does when something happened, or when time passes. Each task hands over to its service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from celery import shared_task

from oms.core.tasking import event_task
from orders.services import (
    alerting,
    basketing,
    batching,
    capturing,
    declining,
    expecting,
    labelling,
    lowering,
    reconciling,
    repromising,
    repromising_awaited,
    reviving,
    sourcing,
    sweeping,
    waiting,
)
from orders.services.sourcing_many import source_orders
from orders.services.triggers import REROUTED


def _source_orders(payloads: Sequence[Mapping[str, Any]]) -> None:
    source_orders(order_ids=[payload["order_id"] for payload in payloads])


@event_task(queue="sourcing", atomic=False, batch=50, together=_source_orders)
def source_order(*, order_id: int) -> None:
    sourcing.source_order(order_id=order_id)


@event_task(queue="sourcing", atomic=False, lease_s=45, batch=1)
def work_off_batch(*, batch_id: int) -> None:
    batching.work_off_batch(batch_id=batch_id)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def reroute_order(*, order_id: int) -> None:
    sourcing.source_order(order_id=order_id, trigger=REROUTED)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def resource_short_level(*, level_id: int, variant_id: int, stock_point_id: int, shortfall: int) -> None:
    waiting.resource_short_level(variant_id=variant_id, stock_point_id=stock_point_id)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def withdraw_offers(*, stock_point_id: int) -> None:
    waiting.withdraw_offers(stock_point_id=stock_point_id)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def retry_after_reopening(*, stock_point_id: int) -> None:
    waiting.retry_waiting_orders()


@event_task(queue="sourcing", atomic=False, lease_s=20)
def retry_waiting_orders(*, variant_ids: list[int]) -> None:
    waiting.retry_waiting_orders(variant_ids=variant_ids)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def promise_what_is_to_come(*, variant_ids: list[int]) -> None:
    waiting.promise_what_is_to_come(variant_ids=variant_ids)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def take_received(*, reservation_ids: list[int], rests: dict[str, int]) -> None:
    expecting.take_received(reservation_ids=reservation_ids, rests=rests)


@event_task()
def note_rescheduled(*, receipt_id: int, **_: object) -> None:
    expecting.note_rescheduled(receipt_id=receipt_id)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def replan_shrunk(*, receipt_id: int, **_: object) -> None:
    expecting.replan_shrunk(receipt_id=receipt_id)


@event_task(queue="labels", atomic=False)
def make_label(*, parcel_id: int, **_: object) -> None:
    labelling.make_label(parcel_id=parcel_id)


@event_task(atomic=False)
def capture_shipment(*, order_id: int, **_: object) -> None:
    capturing.capture_due(order_id=order_id)


@event_task(atomic=False)
def lower_awaited_payment(*, order_id: int, **_: object) -> None:
    lowering.lower_awaited_payment(order_id=order_id)


@event_task(atomic=False)
def void_payments(*, order_id: int, **_: object) -> None:
    capturing.void_rest(order_id=order_id)


@event_task(atomic=False)
def ask_refund(*, operation_id: int) -> None:
    capturing.ask_and_record(operation_id=operation_id)


@event_task(atomic=False)
def reconcile_payment(*, operation_id: int, order_id: int) -> None:
    reconciling.reconcile_payment(operation_id=operation_id)


@event_task(queue="sourcing", atomic=False, lease_s=20)
def revive_order(*, order_id: int) -> None:
    reviving.revive_order(order_id=order_id)


@shared_task(ignore_result=True)
def expire_unpaid_orders() -> None:
    sweeping.expire_unpaid_orders()


@shared_task(ignore_result=True)
def expire_e_reservations() -> None:
    sweeping.expire_e_reservations()


@shared_task(ignore_result=True)
def sweep_payments() -> None:
    sweeping.sweep_payments()


@shared_task(ignore_result=True)
def forget_idle_baskets() -> None:
    basketing.forget_idle_baskets()


@shared_task(ignore_result=True)
def sweep_waiting_orders() -> None:
    sweeping.give_up_unfillable()
    waiting.retry_waiting_orders()


@shared_task(ignore_result=True)
def expire_overdue_offers() -> None:
    declining.expire_overdue_offers()


@shared_task(ignore_result=True)
def watch_milestones() -> None:
    alerting.watch_milestones()


@shared_task(ignore_result=True)
def keep_promises() -> None:
    repromising.keep_promises()
    repromising_awaited.repromise_awaited()
