"""Who did it, by their names, in lists and on pages of the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from oms.core.queries.actor_names import named_actors


class NamedActorsMixin:
    """For each field of `actors`, `asked_by`, a column `asked_by_named`. One query names everybody of a page."""

    actors: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.actors:
            description = self.opts.get_field(name).verbose_name  # type: ignore[attr-defined]
            setattr(self, f"{name}_named", admin.display(description=description)(_named(name)))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)  # type: ignore[misc]
        self._name(*changelist.result_list)
        return changelist

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if found is not None:
            self._name(found)
        return found

    def _name(self, *rows: Any) -> None:
        names = named_actors(actor for row in rows for field in self.actors if (actor := getattr(row, field)))
        for row in rows:
            row.actor_names = names


def _named(field: str) -> Callable[[Model], str]:
    def named(row: Model) -> str:
        return row.actor_names.get(getattr(row, field), "–")  # type: ignore[attr-defined, no-any-return]

    return named
