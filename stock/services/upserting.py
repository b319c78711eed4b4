"""Writing many rows by their natural key in few statements: what every bulk PUT of the configuration does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Field, Model
from django.db.models.fields import NOT_PROVIDED

from oms.core.bulk import BulkResult, Row

M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Upsert(Generic[M]):
    """Rows become objects: what is absent keeps its value, or its default where the object is new.

    Objects that exist are locked in the order of their keys before they are compared.
    """

    model: type[M]
    key: str
    result: BulkResult
    required: Sequence[str] = ()
    objects: dict[str, M] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def load(self, keys: Iterable[str]) -> None:
        """Read and lock those that exist."""
        found = self.model._default_manager.filter(**{f"{self.key}__in": set(keys)})
        self.objects = {
            getattr(one, self.key): one for one in found.order_by("pk").select_for_update(no_key=True, of=("self",))
        }

    def put(self, row: Row, values: Mapping[str, Any]) -> M | None:
        """Give the object of the row's key its values; None when the row is refused."""
        key = row[self.key]
        known = self.objects.get(key)
        missing = [] if known else [name for name in self.required if values.get(name) in (None, "")]
        if missing:
            self.result.refuse(row.index, "invalid", f"{missing[0]}: This field is required.")
            return None
        instance = known or self.model(**{self.key: key})
        differing = assign(instance, values)
        if known is None:
            self.new.add(key)
        elif differing:
            self.changed.add(key)
        self.objects[key] = instance
        self.rows[key] = row
        return instance

    def touch(self, key: str) -> None:
        """Something that belongs to the object has changed, though no column of it."""
        if key not in self.new:
            self.changed.add(key)

    def refuse(self, key: str, code: str, detail: str) -> None:
        """Take a row back that turned out to be wrong beside the others."""
        self.result.refuse(self.rows.pop(key).index, code, detail)
        del self.objects[key]
        self.new.discard(key)
        self.changed.discard(key)

    def write(self) -> None:
        """Insert the new and overwrite the changed, in one statement each. Then they all have their ids."""
        columns = [f.name for f in self.model._meta.concrete_fields if not f.primary_key and not f.generated]
        columns.remove(self.key)
        for keys in (self.new, self.changed):
            if keys:
                self.model._default_manager.bulk_create(
                    [self.objects[key] for key in sorted(keys)],
                    update_conflicts=True,
                    unique_fields=[self.key],
                    update_fields=columns,
                )

    def count(self) -> None:
        """Once everything is written, `touch`ed objects included."""
        self.result.created += len(self.new)
        self.result.updated += len(self.changed)
        self.result.unchanged += len(self.rows) - len(self.new) - len(self.changed)


def assign(instance: Model, values: Mapping[str, Any]) -> bool:
    """Set the attributes; whether any differed. None means none: the empty value where a column has no null."""
    differs = False
    for name, value in values.items():
        column = instance._meta.get_field(name)
        wanted = _none_of(column) if value is None else value
        if getattr(instance, column.attname) != wanted:  # type: ignore[union-attr]
            setattr(instance, column.attname, wanted)  # type: ignore[union-attr]
            differs = True
    return differs


def _none_of(column: Any) -> Any:
    if column.null:
        return None
    if isinstance(column, Field) and column.default is not NOT_PROVIDED:
        return column.get_default()
    return ""
