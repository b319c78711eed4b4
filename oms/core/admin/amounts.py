"""Amounts in the admin's lists are read by thousands; numbers that name something stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, IntegerField, Model

from oms.core.amounts import grouped

# Numbers of a place in a file or in a sequence.
_NAMES: Final = {"line", "line_number", "number", "position", "sequence", "version", "year"}


def amount_columns(model: type[Model], columns: Any) -> list[Any]:
    """The columns of a list, each field that holds an amount by a function that shows it."""
    return [_shown(model, column) if isinstance(column, str) else column for column in columns]


def _shown(model: type[Model], name: str) -> Any:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    is_amount = isinstance(field, IntegerField) and not (field.primary_key or field.choices or name in _NAMES)
    return _column(field) if is_amount else name  # type: ignore[arg-type]


def _column(field: Field[Any, Any]) -> Callable[[Model], Any]:
    def amount(row: Model) -> Any:
        return grouped(getattr(row, field.attname))

    amount.__name__ = field.name
    amount.short_description = field.verbose_name  # type: ignore[attr-defined]
    amount.admin_order_field = field.name  # type: ignore[attr-defined]
    return amount
