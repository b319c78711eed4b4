"""Turns of phrase that mails have in common."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from oms.integrations.mails.news import News
from stock.models import StockPoint


def hello(news: News) -> str:
    return _("Hello %(name)s,") % {"name": news.order.customer_name}


def moment_text(moment: datetime, zone: str = settings.TIME_ZONE) -> str:
    return date_format(moment.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")


def place(point: StockPoint) -> str:
    return ", ".join(part for part in (point.name, point.address) if part)
