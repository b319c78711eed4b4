"""The Celery application: queues and the schedule. Tasks live in each app's `tasks.py`."""

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from kombu.entity import Queue

from oms.core.broker import use_patient_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")

QUEUES = ("sourcing", "labels", "deliveries", "imports", "default")

use_patient_transport()
app = Celery("oms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]
app.autodiscover_tasks()


def _every(task: str, seconds: float, queue: str = "default") -> dict[str, Any]:
    """A periodic entry; it expires rather than pile up while no worker is listening."""
    return {
        "task": task,
        "schedule": timedelta(seconds=seconds),
        "options": {"queue": queue, "expires": max(seconds * 2, 10)},
    }


app.conf.beat_schedule = {
    "relay-outbox": _every("oms.core.tasks.relay_outbox", 1),
    "sweep-deliveries": _every("oms.core.tasks.sweep_deliveries", 2),
    "beat-heartbeat": _every("oms.core.tasks.record_heartbeat", 5),
    "seal-audit": _every("oms.core.tasks.seal_audit", 5),
    "purge-old-records": _every("oms.core.tasks.purge_old_records", 3600),
    "expire-unpaid-orders": _every("orders.tasks.expire_unpaid_orders", 30),
    "expire-e-reservations": _every("orders.tasks.expire_e_reservations", 60),
    "sweep-payments": _every("orders.tasks.sweep_payments", 30),
    "sweep-waiting-orders": _every("orders.tasks.sweep_waiting_orders", 60, "sourcing"),
    "forget-idle-baskets": _every("orders.tasks.forget_idle_baskets", 3600),
    "sweep-returns": _every("returns.tasks.sweep_returns", 60),
    "expire-overdue-offers": _every("orders.tasks.expire_overdue_offers", 10),
    "watch-milestones": _every("orders.tasks.watch_milestones", 30),
    "keep-promises": _every("orders.tasks.keep_promises", 60, "sourcing"),
    "tell-delays": _every("oms.integrations.tasks.tell_delays", 300),
    "tell-expiring-pickups": _every("oms.integrations.tasks.tell_expiring_pickups", 300),
    "apply-protection": _every("stock.tasks.apply_protection", 2),
    "turn-allotments": _every("stock.tasks.turn_allotments", 5),
    "publish-availability": _every("oms.integrations.tasks.publish_availability", 2, "deliveries"),
    "deliver-webhooks": _every("oms.integrations.tasks.deliver_webhooks", 2, "deliveries"),
    "purge-webhook-messages": _every("oms.integrations.tasks.purge_webhook_messages", 3600),
    "expire-reservations": _every("stock.tasks.expire_reservations", 5),
    "give-expired-units-back": _every("stock.tasks.give_expired_back", 15),
    "resume-stock-points": _every("stock.tasks.resume_stock_points", 60),
    "refresh-learned-times": _every("oms.orchestration.tasks.refresh_learned_times", 3600),
    "refresh-loads": _every("oms.orchestration.tasks.refresh_loads", 300),
    "refresh-selling-paces": _every("oms.orchestration.tasks.refresh_paces", 3600),
    "reconcile-stock": _every("stock.tasks.reconcile_stock", 1800, "imports"),
    "replenish-stock": _every("stock.tasks.replenish_stock", 1800, "imports"),
    "summarise-availability": _every("stock.tasks.summarise_availability", 2),
    "compact-changes": _every("stock.tasks.compact_changes", 300),
    "resume-stock-imports": _every("stock.tasks.resume_stock_imports", 20, "imports"),
    "tidy-stock-imports": _every("stock.tasks.tidy_stock_imports", 300, "imports"),
    "demo-trickle": _every("oms.demo.tasks.trickle_orders", 120),
    "activate-rule-sets": _every("oms.orchestration.tasks.activate_rule_sets", 5),
}
