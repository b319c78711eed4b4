"""Opening hours, hours of a day and closed days as forms: nobody types JSON. What is not changed is kept as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from oms.core import clock

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_OF_DAY = "24:00"
PAIRS_SHOWN = 2
BLANK_DAYS = 3
TIMES_SHOWN = 2

Pair = tuple[str, str]
Week = dict[str, list[list[str]]]


@dataclass(frozen=True)
class TypedWeek:
    """The week as it was typed: texts, right or wrong."""

    always: bool
    days: Mapping[str, Sequence[Pair]] = field(default_factory=dict)


class OwnTemplateWidget(forms.Widget):
    """A widget whose template lies with the admin's others; it is posted if any of its names is."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return render_to_string(template_name, context)

    def id_for_label(self, id_: str | None) -> str:
        return ""

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(key == name or key.startswith(f"{name}-") for key in data)


class KeptField(forms.Field):
    """What says the same as `before` is kept as it was: the order of its parts, what is written in two ways."""

    before: Any = None

    def __init__(self, *, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label=label and lazy(capfirst, str)(label), **kwargs)

    def clean(self, value: Any) -> Any:
        if self.before is not None and not self.has_changed(self.before, value):
            return self.before
        return super().clean(value)


def keep_what_was(form: forms.BaseModelForm) -> None:
    """Tell the fields of a form what its object says now."""
    for name, each in form.fields.items():
        if isinstance(each, KeptField) and form.instance.pk:
            each.before = getattr(form.instance, name)


class WeekWidget(OwnTemplateWidget):
    """Always open, or from–to pairs for each day of the week."""

    template_name = "admin/fields/week.html"
    wrong: frozenset[str] = frozenset()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> TypedWeek:
        days = {day: _pairs(data, f"{name}-{day}") for day in DAYS}
        return TypedWeek(always=data.get(f"{name}-when", "always") == "always", days=days)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = value if isinstance(value, TypedWeek) else as_typed(value or {})
        shown = max([PAIRS_SHOWN, *(len(pairs) for pairs in typed.days.values())])
        days = [
            {
                "code": day,
                "name": day_name(place),
                "pairs": _filled_up(typed.days.get(day, ()), shown),
                "is_wrong": day in self.wrong,
            }
            for place, day in enumerate(DAYS)
        ]
        context["widget"] |= {"always": typed.always, "days": days}
        return context


class WeekField(KeptField):
    """`{"mon": [["10:00", "19:00"]], …}`; empty: always open, a day that is not there: closed."""

    widget = WeekWidget

    def prepare_value(self, value: Any) -> TypedWeek:
        return value if isinstance(value, TypedWeek) else as_typed(value or {})

    def to_python(self, value: Any) -> Week:
        typed = self.prepare_value(value)
        if typed.always:
            return {}
        week: Week = {}
        mistakes: dict[str, Any] = {}
        for place, day in enumerate(DAYS):
            try:
                if pairs := in_order(typed.days.get(day, ())):
                    week[day] = pairs
            except ValidationError as error:
                mistakes[day] = _("%(day)s: %(why)s") % {"day": day_name(place), "why": error.message}
        if mistakes:
            self.widget.wrong = frozenset(mistakes)  # type: ignore[attr-defined]
            raise ValidationError(list(mistakes.values()))
        if not week:
            raise ValidationError(_("Write the hours of at least one day, or choose “Always open”."))
        return week

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _said(self.prepare_value(initial)) != _said(self.prepare_value(data))


class HoursWidget(OwnTemplateWidget):
    """From–to pairs of one day."""

    template_name = "admin/fields/hours.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Pair]:
        return _pairs(data, name)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        pairs = value or []
        context["widget"] |= {"pairs": _filled_up(pairs, max(PAIRS_SHOWN, len(pairs) + 1))}
        return context


class HoursField(KeptField):
    """`[["18:00", "20:00"], …]`."""

    widget = HoursWidget

    def prepare_value(self, value: Any) -> list[Pair]:
        return [(_shown(begin), _shown(end)) for begin, end in value or []]

    def to_python(self, value: Any) -> list[list[str]]:
        return in_order(self.prepare_value(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _told(self.prepare_value(initial)) != _told(self.prepare_value(data))


class TimesWidget(OwnTemplateWidget):
    """Times of one day, each on its own."""

    template_name = "admin/fields/times.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [text.strip() for text in data.getlist(name)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        times = [text for text in value or [] if text]
        context["widget"] |= {
            "times": [*times, *[""] * max(TIMES_SHOWN - len(times), 1)],
            "label": self.attrs.get("aria-label", ""),
        }
        return context


class TimesField(KeptField):
    """Times of day in order, each once."""

    widget = TimesWidget

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"aria-label": self.label}

    def prepare_value(self, value: Any) -> list[str]:
        return [each.strftime("%H:%M") if isinstance(each, time) else each for each in value or []]

    def to_python(self, value: Any) -> list[time]:
        return sorted({time.fromisoformat(_clock(text, end=False)) for text in self.prepare_value(value) if text})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {*self.prepare_value(initial)} - {""} != {*self.prepare_value(data)} - {""}


class DaysWidget(OwnTemplateWidget):
    """One field a day, those that are over folded away."""

    template_name = "admin/fields/days.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [text.strip() for text in data.getlist(name)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        days = [str(day) for day in value or [] if day]
        today = str(clock.now().date())
        context["widget"] |= {
            "past": [day for day in days if day < today],
            "days": [*(day for day in days if day >= today), *[""] * BLANK_DAYS],
        }
        return context


class DaysField(KeptField):
    """A list of dates, in order, each once."""

    widget = DaysWidget

    def to_python(self, value: Any) -> list[date]:
        days, mistakes = set(), []
        for text in value or []:
            if not text:
                continue
            try:
                days.add(text if isinstance(text, date) else date.fromisoformat(text))
            except ValueError:
                mistakes.append(_("“%(text)s” is not a date.") % {"text": text})
        if mistakes:
            raise ValidationError(mistakes)
        return sorted(days)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {str(day) for day in initial or []} != {str(day) for day in data or [] if day}


def day_name(place: int) -> str:
    """Monday is 0."""
    return str(WEEKDAYS[place]).capitalize()


def in_order(typed: Iterable[Pair]) -> list[list[str]]:
    """The pairs as they are stored, earliest first. ValidationError with one message where they cannot be."""
    found = []
    for begin, end in typed:
        if not (begin or end):
            continue
        if not (begin and end):
            raise ValidationError(_("from and to belong together."))
        found.append([_clock(begin), END_OF_DAY if _clock(end) == "00:00" else _clock(end)])
    found.sort()
    for begin, end in found:
        if begin >= end:
            raise ValidationError(_("%(begin)s – %(end)s ends before it begins.") % {"begin": begin, "end": end})
    for (_begin, end), (begin, _end) in pairwise(found):
        if begin < end:
            overlap = _("the hours until %(end)s and from %(begin)s overlap.")
            raise ValidationError(overlap % {"begin": begin, "end": end})
    return found


def as_typed(week: Mapping[str, Any]) -> TypedWeek:
    """What is stored, as it would be typed."""
    days = {day: [(_shown(begin), _shown(end)) for begin, end in sorted(pairs or [])] for day, pairs in week.items()}
    return TypedWeek(always=not week, days=days)


def days_told(days: Sequence[date]) -> str:
    """Closed days for people who may only read them."""
    return ", ".join(date_format(day, "SHORT_DATE_FORMAT") for day in sorted(days))


def _clock(text: str, *, end: bool = True) -> str:
    """`end`: whether the end of the day is a time too."""
    if text == END_OF_DAY and end:
        return text
    try:
        return time.fromisoformat(text.zfill(5)).strftime("%H:%M")
    except ValueError:
        raise ValidationError(_("“%(text)s” is not a time of day, like 09:30.") % {"text": text}) from None


def _shown(text: str) -> str:
    """A browser's field for times knows no 24:00."""
    return "00:00" if text == END_OF_DAY else text and text.zfill(5)


def _pairs(data: Any, name: str) -> list[Pair]:
    begins, ends = data.getlist(f"{name}-from"), data.getlist(f"{name}-to")
    return [(begin.strip(), end.strip()) for begin, end in zip(begins, ends, strict=False)]


def _filled_up(pairs: Sequence[Pair], number: int) -> list[Pair]:
    return [*pairs, *[("", "")] * (number - len(pairs))]


def _told(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted((begin, end) for begin, end in pairs if begin or end)


def _said(typed: TypedWeek) -> Any:
    return None if typed.always else {day: told for day, pairs in typed.days.items() if (told := _told(pairs))}
