"""What the scheduler does for the demonstration."""

from celery import shared_task
from django.conf import settings

from oms.demo import trickle


@shared_task
def trickle_orders() -> None:
    """Nothing where the demo's passwords are not welcome either."""
    if settings.DEBUG and settings.DEMO_TRICKLE:
        trickle.trickle()
