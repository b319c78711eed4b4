"""What an audit entry says, for people: its action, and each thing it tells as “name: old → new”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext

from oms.core.amounts import grouped
from oms.core.days import day_text
from oms.core.punctuation import with_colon
from oms.core.queries.references import Reference, named_references
from oms.core.refusals import told

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_BEFORE_AFTER: Final = {"from", "to"}

Named = Mapping[str, Reference]


def action_text(action: str) -> str:
    """In words; one nobody has a word for as it reads."""
    known = _words().ACTIONS.get(action)
    return str(known or capfirst(re.sub(r"[._]", " ", action)))


def keys_told(changes: Mapping[str, Any]) -> list[str]:
    """References to the rows that the changes name by their keys, for `named_references`."""
    return [f"{name}:{each}" for name, value in changes.items() if name.endswith("_id") for each in _sides(value)]


def changes_texts(changes: Mapping[str, Any], *, about: str = "", named: Named | None = None) -> list[str]:
    """One text for each thing told. `about`: the entry's subject; `named`: what `keys_told` stand for, if known."""
    kind = about.partition(":")[0]
    names = named if named is not None else named_references(keys_told(changes))
    return [with_colon(str(capfirst(_name(name))), _value(name, value, kind, names)) for name, value in changes.items()]


def _words() -> Any:
    return import_module(settings.AUDIT_WORDS)


def _name(name: str) -> str:
    known = _words().NAMES.get(name) or import_string(settings.FIELD_NAMES).get(name)
    return str(known or name.removesuffix("_id").replace("_", " "))


def _sides(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else (value,)


def _value(name: str, value: Any, kind: str, named: Named) -> str:
    if isinstance(value, Mapping):
        if value.keys() == _BEFORE_AFTER:
            return f"{_value(name, value['from'], kind, named)} → {_value(name, value['to'], kind, named)}"
        told = {key: each for key, each in value.items() if each is not None}
        return ", ".join(with_colon(_name(key), _value(key, each, kind, named)) for key, each in told.items()) or "–"
    if isinstance(value, list):
        return ", ".join(_value(name, each, kind, named) for each in value) or "–"
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name.endswith("_id") and (row := named.get(f"{name}:{value}")) is not None:
        return row.name.removeprefix(f"{name}:")
    return str(grouped(value)) if isinstance(value, int) else _text(name, str(value), kind)


def _text(name: str, text: str, kind: str) -> str:
    if name == "reference":
        return text.rpartition(":")[2]
    if _DAY.fullmatch(text):
        return day_text(date.fromisoformat(text))
    if _MOMENT.fullmatch(text):
        return date_format(timezone.localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")
    labels = _choices()
    label = labels.get((kind.replace("_", ""), name, text)) or labels.get(("", name, text))
    return str(label or _words().VALUES.get(text) or told(text))


@cache
def _choices() -> dict[tuple[str, str, str], Any]:
    """The label of each choice, by model, field and value; without a model where every model says the same field."""
    found: dict[tuple[str, str, str], Any] = {}
    for model in apps.get_models():
        for field in model._meta.local_fields:
            for value, label in field.choices or ():
                if isinstance(value, str):
                    found[model._meta.model_name or "", field.name, value] = label
                    found.setdefault(("", field.name, value), label)
    return found
