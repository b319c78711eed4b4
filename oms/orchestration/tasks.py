"""What the schedule asks of orchestration."""

from celery import shared_task

from oms.orchestration.services import learning
from oms.orchestration.services.pacing import refresh_selling_paces
from oms.orchestration.services.rule_sets import activate_due


@shared_task(ignore_result=True)
def activate_rule_sets() -> None:
    """Put scheduled versions in force when their moment comes. Twice is harmless: each version moves once."""
    activate_due()


@shared_task(ignore_result=True)
def refresh_paces() -> None:
    """Count again how fast articles sell where they lie."""
    refresh_selling_paces()


@shared_task(ignore_result=True)
def refresh_learned_times() -> None:
    """Learn again how long preparation and transit take."""
    learning.refresh_learned_times()


@shared_task(ignore_result=True)
def refresh_loads() -> None:
    """Look again how busy stock points are."""
    learning.refresh_loads()
