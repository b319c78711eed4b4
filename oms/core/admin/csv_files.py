"""Tables that go out as CSV and come in again: the same form, the same refusals, whichever table it is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource
from import_export.results import Error, Result
from import_export.widgets import (
    BooleanWidget,
    ForeignKeyWidget,
    JSONWidget,
    ManyToManyWidget,
    SimpleArrayWidget,
    Widget,
)
from tablib import Dataset
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from oms.core.formulas import as_it_was, harmless


class HarmlessCsv(CSV):
    """CSV in which no cell is a formula, and which is read back as it was written."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        return super().export_data(_mapped(dataset, _harmless), **kwargs)

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Dataset:
        return _mapped(super().create_dataset(in_stream, **kwargs), _as_meant)


def _mapped(dataset: Dataset, each: Callable[[Any], Any]) -> Dataset:
    return Dataset(*([each(cell) for cell in row] for row in dataset), headers=dataset.headers)


def _harmless(cell: Any) -> Any:
    return harmless(cell) if isinstance(cell, str) and not _is_number(cell) else cell


def _as_meant(cell: Any) -> Any:
    return as_it_was(cell) if isinstance(cell, str) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class CsvResource(ModelResource):
    """Rows by their natural key. A column that is not there leaves what is known; one nobody knows is refused."""

    class Meta:
        clean_model_instances = True
        skip_unchanged = True

    def export(self, *args: Any, **kwargs: Any) -> Dataset:
        """Numbers as programs write them, whoever asks: a file goes from a French desk to an English one."""
        with override("en"):
            return super().export(*args, **kwargs)

    def import_data(self, dataset: Dataset, *args: Any, **kwargs: Any) -> Result:
        reason = self._refusal(dataset)
        if not reason:
            return super().import_data(dataset, *args, **kwargs)
        result: Result = self.get_result_class()()
        result.append_base_error(Error(ValueError(reason)))
        return result

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Codes nobody has are told with the row, before anything of it is written."""
        for name, field in self.fields.items():
            if isinstance(field.widget, CodesWidget) and field.column_name in row:
                try:
                    field.widget.clean(row[field.column_name])
                except ValueError as error:
                    raise ValidationError({name: str(error)}) from error

    def _refusal(self, dataset: Dataset) -> str:
        headers = [str(header) for header in dataset.headers or ()]
        known = {field.column_name for field in self.get_import_fields()}
        unknown = [header for header in headers if header not in known]
        if unknown:
            return _("There is no column %(name)s.") % {"name": unknown[0]}
        missing = [name for name in self._meta.import_id_fields if self.fields[name].column_name not in headers]
        return _("The column %(name)s is missing.") % {"name": missing[0]} if missing else ""


class CsvMixin(ImportExportMixin):
    """For an admin of such a table: who may change its rows may bring a file, who sees them may take one."""

    import_form_class = ImportForm
    export_form_class = ExportForm
    formats: ClassVar[list[Any]] = [HarmlessCsv]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))


class WordsWidget(SimpleArrayWidget):
    """Words separated by commas."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return [word.strip() for word in super().clean(value, row, **kwargs) if word.strip()]


class WholeNumbersWidget(WordsWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[int]:  # type: ignore[override]
        return [int(number) for number in super().clean(value, row, **kwargs)]


class DaysWidget(WordsWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[date]:  # type: ignore[override]
        return [date.fromisoformat(day) for day in super().clean(value, row, **kwargs)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ",".join(day.isoformat() for day in value or ())


class DocumentWidget(JSONWidget):
    """JSON; an empty cell is an empty one of its kind."""

    def __init__(self, empty: Callable[[], Any] = list) -> None:
        super().__init__()
        self.empty = empty

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Nothing for an empty one, also in the preview, which would write `None`."""
        return super().render(value, obj, **kwargs) or ""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return super().clean(value, row, **kwargs) or self.empty()
        except ValueError as error:
            raise ValueError(_("This is not JSON.")) from error


class FlagWidget(BooleanWidget):
    """1 or 0, true or false: anything else is refused rather than taken for no."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        value = value.strip() if isinstance(value, str) else value
        if value not in (*self.TRUE_VALUES, *self.FALSE_VALUES, *self.NULL_VALUES):
            raise ValueError(_("1 or 0, please."))
        return super().clean(value, row, **kwargs)


class CodeWidget(ForeignKeyWidget):
    """The code of something that exists."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(model, field="code")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist as error:
            raise ValueError(_("There is no %(code)s.") % {"code": value}) from error


class CodesWidget(ManyToManyWidget):
    """Codes separated by commas, each of something that exists."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(model, field="code")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        wanted = [code.strip() for code in str(value or "").split(",") if code.strip()]
        found = self.model._default_manager.filter(code__in=wanted)
        unknown: Collection[str] = set(wanted) - set(found.values_list("code", flat=True))
        if unknown:
            raise ValueError(_("There is no %(code)s.") % {"code": min(unknown)})
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ",".join(sorted(each.code for each in value.all())) if value is not None else ""


def column(name: str, widget: Widget, **kwargs: Any) -> Field:
    """A column of the attribute's name."""
    return Field(column_name=name, attribute=name, widget=widget, **kwargs)
