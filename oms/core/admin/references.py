"""What a reference names, as a link, in lists and on pages of the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html

from oms.core.queries.references import Reference, named_references


class NamedReferencesMixin:
    """For each field of `references`, `owner`, a column `owner_named`. A page's rows are named at once."""

    references: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.references:
            description = self.opts.get_field(name).verbose_name  # type: ignore[attr-defined]
            setattr(self, f"{name}_named", admin.display(description=description)(_named(name)))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)  # type: ignore[misc]
        self._refer(*changelist.result_list)
        return changelist

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if found is not None:
            self._refer(found)
        return found

    def _refer(self, *rows: Any) -> None:
        named = named_references(getattr(row, field) for row in rows for field in self.references)
        for row in rows:
            row.references_named = named


def reference_link(reference: Reference) -> str:
    """What has no page is told without its kind, which is a program's word."""
    if not reference.url:
        return reference.name.partition(":")[2] or reference.name or "–"
    return format_html('<a class="halles-link" href="{}">{}</a>', reference.url, reference.name)


def _named(field: str) -> Callable[[Model], str]:
    def named(row: Model) -> str:
        return reference_link(row.references_named[getattr(row, field)])  # type: ignore[attr-defined]

    return named
