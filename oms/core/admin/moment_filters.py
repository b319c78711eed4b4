"""Lists narrowed to the days or the time between two, as they are typed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeDateTimeFilter


def _read(request: HttpRequest, day: str, at: str = "") -> tuple[date, time | None] | None:
    """As the reader's language writes them; what cannot be read is said and passed over."""
    try:
        typed = forms.DateField(required=False).clean(day), forms.TimeField(required=False).clean(at)
    except ValidationError:
        told = _("The list is not narrowed by “%(text)s”: that is no date.") % {"text": f"{day} {at}".strip()}
        messages.warning(request, told)
        return None
    return None if typed[0] is None else typed


class DayRangeFilter(RangeDateFilter):
    """From one day to another, both included, as the reader's language writes them (unfold: as the server's)."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for side, lookup in (("from", "gte"), ("to", "lte")):
            found = _read(request, str(self.used_parameters.get(f"{self.parameter_name}_{side}") or ""))
            if found is not None:
                queryset = queryset.filter(**{f"{self.field_path}__{lookup}": found[0]})
        return queryset


class MomentRangeFilter(RangeDateTimeFilter):
    """From one moment to another, in the zone the list shows them in and as the reader's language writes them.

    A day without a time is the whole day. (unfold reads days as the server's language does, American ones
    among them, without a zone, and passes over a day without a time.)
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.begin is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": self.begin})
        if self.end is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": self.end})
        return queryset

    @cached_property
    def begin(self) -> datetime | None:
        found = self._typed("from")
        return None if found is None else timezone.make_aware(datetime.combine(found[0], found[1] or time.min))

    @cached_property
    def end(self) -> datetime | None:
        """The first moment that is not meant any more: what is typed without seconds means the whole minute."""
        found = self._typed("to")
        if found is None:
            return None
        day, at = found
        if at is None:
            return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        step = timedelta(seconds=1) if at.second else timedelta(minutes=1)
        return timezone.make_aware(datetime.combine(day, at) + step)

    def _typed(self, side: str) -> tuple[date, time | None] | None:
        day, at = (str(self.used_parameters.get(f"{self.parameter_name}_{side}_{part}") or "") for part in (0, 1))
        return _read(self.request, day, at)
