"""Amounts, numbers and days of a decision in the reader's own format."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import date_format, number_format

from oms.sourcing.explaining import Form


def _money(amount: Decimal) -> str:
    # Django's own would cut the rest off.
    return number_format(amount.quantize(Decimal("0.01"), ROUND_HALF_UP), 2, use_l10n=True, force_grouping=True)


def _number(number: float) -> str:
    """One decimal where it is small and not whole."""
    short = round(number, 1) if number < 10 else round(number)
    return number_format(int(short) if short == int(short) else short, use_l10n=True, force_grouping=True)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


READERS = Form(money=_money, number=_number, day=_day)
