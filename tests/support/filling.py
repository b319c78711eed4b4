"""Rows of any model, filled in field by field: for lists that only look at them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from oms.core import clock


def filled(model: type[models.Model], number: int, **known: Any) -> models.Model:
    """A row of its own for each number, of other rows' the one with that number; what may be empty is, unless `known`.

    The rules of services are not asked, those of the database are.
    """
    values = {
        field.name: _value(field, number)
        for field in model._meta.concrete_fields
        if not (field.primary_key and isinstance(field, models.AutoField)) and not getattr(field, "generated", False)
    }
    made: models.Model = model._default_manager.create(**{**values, **known})
    return made


def _value(field: Any, number: int) -> Any:
    if field.null:
        return None
    if isinstance(field, models.ForeignKey):
        known = list(field.remote_field.model._default_manager.order_by("pk")[:100])
        return known[number % len(known)] if known else None
    if field.choices:
        return field.choices[0][0]
    if field.has_default():
        return field.get_default()
    if isinstance(field, ArrayField):
        return []
    return _plain(field, number)


def _plain(field: Any, number: int) -> Any:
    now = clock.now() + timedelta(minutes=number)
    by_kind: tuple[tuple[type, Any], ...] = (
        (models.UUIDField, uuid4()),
        (models.DateTimeField, now),
        (models.DateField, date(2026, 1, 1) + timedelta(days=number)),
        (models.TimeField, time(9)),
        (models.JSONField, {}),
        (models.BooleanField, False),
        (models.DecimalField, Decimal(number)),
        (models.FloatField, float(number)),
        (models.IntegerField, number),
        (models.BinaryField, b"x"),
        (models.FileField, ""),
        (models.CharField, f"{number}x"[: field.max_length or 2]),
        (models.TextField, f"{number}x"),
    )
    assert isinstance(now, datetime)
    return next((value for kind, value in by_kind if isinstance(field, kind)), None)
