"""The database's clock, for the machinery's own leases, back-offs and ages (the business has `clock`)."""

from datetime import timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.functions import Now


def within(seconds: float) -> ExpressionWrapper:
    """That many seconds after the statement."""
    lapse = Value(timedelta(seconds=seconds), output_field=DurationField())
    return ExpressionWrapper(Now() + lapse, output_field=DateTimeField())


def ago(seconds: float) -> ExpressionWrapper:
    """That many seconds before the statement."""
    return within(-seconds)
