"""Filters that several lists have in common."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField
from django_filters.filters import IsoDateTimeFilter


class MomentField(IsoDateTimeField):
    """A moment in ISO 8601, told in UTC: the database does not take every offset that the standard has."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return None if moment is None else moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(_("This moment is too far away.")) from error


class MomentFilter(IsoDateTimeFilter):
    field_class = MomentField
