"""Small tables inside a form: lists of like rows that are stored as JSON. What is not changed is kept as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from oms.core.admin.hours_and_days import KeptField, OwnTemplateWidget

BLANK_ROWS = 2
TEXT, WHOLE, AMOUNT, WORDS = "text", "whole", "amount", "words"
_INPUT_MODES = {WHOLE: "numeric", AMOUNT: "decimal"}

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One value of each row: how it is stored (`kind`), what it is called, what an empty one says."""

    key: str
    label: Any
    kind: str = TEXT
    empty: Any = ""
    is_required: bool = False

    @property
    def inputmode(self) -> str:
        return _INPUT_MODES.get(self.kind, "text")

    def shown(self, value: Any) -> str:
        if value is None:
            return ""
        if self.kind == WORDS:
            return ", ".join(str(each) for each in value)
        if self.kind == AMOUNT:
            return str(value).replace(".", str(get_format("DECIMAL_SEPARATOR")))
        return str(value)

    def stored(self, text: str) -> Any:
        """ValidationError with one message where it cannot be."""
        if self.kind == WORDS:
            return [word for each in text.split(",") if (word := each.strip())]
        if not text:
            if self.is_required:
                raise ValidationError(_("%(label)s is missing.") % {"label": self.label})
            return None
        reading: Mapping[str, Callable[[str], Any]] = {TEXT: str, WHOLE: self._whole, AMOUNT: self._amount}
        return reading[self.kind](text)

    def _whole(self, text: str) -> int:
        try:
            return int("".join(text.split()))
        except ValueError:
            raise ValidationError(_("%(label)s: “%(text)s” is not a whole number.") % self._about(text)) from None

    def _amount(self, text: str) -> str:
        plain = "".join(text.split()).replace(",", ".")
        try:
            Decimal(plain)
        except InvalidOperation:
            raise ValidationError(_("%(label)s: “%(text)s” is not an amount.") % self._about(text)) from None
        return plain

    def _about(self, text: str) -> dict[str, Any]:
        return {"label": self.label, "text": text}


class TableWidget(OwnTemplateWidget):
    """One line of inputs a row, and blank ones for more."""

    template_name = "admin/fields/table.html"
    columns: Sequence[Column] = ()
    wrong: frozenset[int] = frozenset()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Cells]:
        columns = [data.getlist(f"{name}-{column.key}") for column in self.columns]
        return [tuple(cell.strip() for cell in cells) for cells in zip(*columns, strict=False)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [
            {"number": number, "cells": list(zip(self.columns, cells, strict=True)), "is_wrong": number in self.wrong}
            for number, cells in enumerate(_with_blank_ones(value or [], len(self.columns)), start=1)
        ]
        context["widget"] |= {"columns": self.columns, "rows": rows}
        return context


class TableField(KeptField):
    """A list of objects, one a row."""

    widget = TableWidget

    def __init__(self, *, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = tuple(columns)
        self.widget.columns = self.columns  # type: ignore[attr-defined]

    def prepare_value(self, value: Any) -> list[Cells]:
        """Of what is stored, or of what was typed."""
        return [each if isinstance(each, tuple) else self._cells(each) for each in self.rows_of(value)]

    def rows_of(self, value: Any) -> Sequence[Any]:
        return value or []

    def to_python(self, value: Any) -> Any:
        rows, mistakes, wrong = [], [], set()
        for number, cells in enumerate(value or [], start=1):
            if not any(cells):
                continue
            try:
                rows.append({column.key: column.stored(cell) for column, cell in zip(self.columns, cells, strict=True)})
            except ValidationError as error:
                wrong.add(number)
                mistakes.append(_("Row %(number)d: %(why)s") % {"number": number, "why": error.message})
        if mistakes:
            self.widget.wrong = frozenset(wrong)  # type: ignore[attr-defined]
            raise ValidationError(mistakes)
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _filled(self.prepare_value(initial)) != _filled(self.prepare_value(data))

    def _cells(self, row: Mapping[str, Any]) -> Cells:
        return tuple(column.shown(row.get(column.key, column.empty)) for column in self.columns)


class MappingField(TableField):
    """An object of values by a name: two columns."""

    @cached_property
    def _keys(self) -> tuple[str, str]:
        name, value = self.columns
        return name.key, value.key

    def rows_of(self, value: Any) -> Sequence[Any]:
        if not isinstance(value, Mapping):
            return value or []
        name_key, value_key = self._keys
        return [{name_key: name, value_key: each} for name, each in value.items()]

    def to_python(self, value: Any) -> dict[str, Any]:
        name_key, value_key = self._keys
        rows = super().to_python(value)
        found = {row[name_key]: row[value_key] for row in rows}
        if len(found) < len(rows):
            raise ValidationError(_("Two rows have the same name."))
        return found


def _with_blank_ones(rows: Sequence[Cells], width: int) -> list[Cells]:
    return [*_filled(rows), *[("",) * width] * BLANK_ROWS]


def _filled(rows: Sequence[Cells]) -> list[Cells]:
    return [cells for cells in rows if any(cells)]
