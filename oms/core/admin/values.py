"""Values as the admin's lists and read-only pages show them.

Amounts are read by thousands, numbers that name something stay as they are; days are written as people write
them; yes and no are words, where neither is better than the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateField, DateTimeField, Field, IntegerField, Model
from django.utils.translation import gettext

from oms.core.amounts import grouped
from oms.core.days import day_text

# Numbers of a place in a file or in a sequence.
_NAMES: Final = {"line", "line_number", "number", "position", "sequence", "version", "year"}
# A green sign or a red one says that this is well or not.
_GOOD_OR_BAD: Final = {"is_active"}

Shower = Callable[[Any], Any]


def shown_columns(model: type[Model], columns: Any) -> list[Any]:
    """The columns of a list, each field whose values are not shown as they are by a function that shows them."""
    return [_shown(model, column) if isinstance(column, str) else column for column in columns]


def shown_fields(model: type[Model], fields: Any) -> list[Any]:
    """The same for the fields of a page, of which several may stand in one line."""
    return [
        shown_columns(model, field) if isinstance(field, list | tuple) else _shown(model, field) for field in fields
    ]


def _shown(model: type[Model], name: Any) -> Any:
    if not isinstance(name, str):
        return name
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    shower = _shower_of(field)
    return _column(field, shower) if shower else name  # type: ignore[arg-type]


def _shower_of(field: Any) -> Shower | None:
    if isinstance(field, IntegerField):
        return None if field.primary_key or field.choices or field.name in _NAMES else grouped
    if isinstance(field, DateField) and not isinstance(field, DateTimeField):
        return lambda day: day and day_text(day)
    if isinstance(field, BooleanField) and field.name not in _GOOD_OR_BAD:
        return _yes_or_no
    return None


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else gettext("yes") if value else gettext("no")


def _column(field: Field[Any, Any], shower: Shower) -> Callable[[Model], Any]:
    def column(row: Model) -> Any:
        return shower(getattr(row, field.attname))

    column.__name__ = field.name
    column.short_description = field.verbose_name  # type: ignore[attr-defined]
    column.admin_order_field = field.name  # type: ignore[attr-defined]
    return column
