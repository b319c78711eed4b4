"""The day it is, for those who are in no stock point's own zone."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings

from oms.core import clock


def today() -> date:
    """In the retailer's own zone."""
    return clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
