"""The day it is, for those who are in no stock point's own zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from oms.core import clock


def today(at: datetime | None = None) -> date:
    """In the retailer's own zone; at another moment than now, the day it is then."""
    return (at or clock.now()).astimezone(ZoneInfo(settings.TIME_ZONE)).date()
